"""The pure modules import on a machine that has no ROS, no torch and no simulator."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = sorted(
    f"culture_perception.{path.stem}"
    for path in (ROOT / "culture_perception").glob("*.py")
    if path.stem != "__init__"
)
# Of culture_bench: what they import, scipy.stats, looks into a torch that is there, but None.
STATISTICS = ("comparing", "record", "results", "tables", "transfer_cells", "transfer_report")
ALSO_PURE = (
    "sim_bridge.camera",
    *sorted(
        f"culture_perception.{folder}.{path.stem}"
        for folder in ("bags", "cameras", "culture_bench", "linting")
        for path in (ROOT / "culture_perception" / folder).glob("*.py")
        if path.stem not in ("__init__", *STATISTICS)
    ),
)
BLOCKED = ("rclpy", "sensor_msgs", "culture_interfaces", "torch", "torchvision", "pybullet")
SCRIPT = f"""
import importlib, sys
for name in {BLOCKED}:
    sys.modules[name] = None  # an import of it now raises ModuleNotFoundError
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(f"{{name}}: {{error}}")
"""


def _failures(*modules: str) -> str:
    command = [sys.executable, "-c", SCRIPT, *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def test_pure_modules_need_neither_ros_nor_torch_nor_pybullet() -> None:
    assert _failures(*CORE, *ALSO_PURE) == ""


@pytest.mark.parametrize(
    ("module", "library"),
    [
        ("culture_perception.nodes.running", "rclpy"),
        ("culture_perception.models.torchvision_compat", "torch"),
        ("sim_bridge.renderer", "pybullet"),
    ],
)
def test_the_blocking_blocks(module: str, library: str) -> None:
    failures = _failures(module)
    assert failures.startswith(f"{module}: ")
    assert library in failures
