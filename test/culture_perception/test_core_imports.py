"""The core must run where there is no ROS, no torch and no simulator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = (
    "assignment",
    "concepts",
    "crops",
    "fonts",
    "images",
    "labels",
    "located_yaml",
    "masks",
    "matching",
    "metrics",
    "overlay",
    "protocols",
    "recognition",
    "resources",
    "results",
    "zero_shot",
)
WITHOUT = """
import importlib, sys

BLOCKED = {"rclpy", "torch", "torchvision", "pybullet", "sensor_msgs", "open_clip"}

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocker())
for module in sys.argv[1:]:
    importlib.import_module(f"culture_perception.{module}")
"""


def imported(*modules: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT, *modules]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_core_needs_no_ros_torch_or_simulator() -> None:
    result = imported(*CORE)

    assert result.returncode == 0, result.stderr


def test_the_blocker_blocks() -> None:
    result = imported("models.sam")

    assert result.returncode != 0
    assert "is blocked" in result.stderr


@pytest.mark.parametrize("name", CORE)
def test_the_list_of_core_modules_is_not_out_of_date(name: str) -> None:
    assert (ROOT / "culture_perception" / f"{name}.py").is_file()
