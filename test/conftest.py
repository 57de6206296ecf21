"""What holds for every test, set before anything reads it."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# One thread each: the tests may run beside each other on two cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Nothing may be fetched; whatever would ask a model hub fails at once.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# The wheels' package index; beside a ROS installation its setup file has set it.
os.environ.setdefault("AMENT_PREFIX_PATH", sys.prefix)
os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
os.environ.setdefault("ROS_LOG_DIR", tempfile.mkdtemp(prefix="culture_perception_ros_log_"))
# How long an example takes depends on what else runs on the machine: it proves nothing.
settings.register_profile(
    "any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any_machine")

ROOT = Path(__file__).parents[1]
# What an installation is made from: neither the tests nor what builds and runs leave behind.
SOURCES = (
    "LICENSE",
    "README.md",
    "colcon_defaults.yaml",
    "package.xml",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "config",
    "culture_interfaces",
    "culture_perception",
    "launch",
    "models",
    "resource",
    "sim_bridge",
)


@pytest.fixture(scope="session")
def source_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, to build in without touching the repository."""
    tree = tmp_path_factory.mktemp("source") / "culture_perception"
    tree.mkdir()
    ignore = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    for source in (ROOT / name for name in SOURCES):
        if source.is_dir():
            shutil.copytree(source, tree / source.name, ignore=ignore)
        elif source.is_file():
            shutil.copy2(source, tree)
    return tree
