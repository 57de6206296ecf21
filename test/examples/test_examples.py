"""All examples are whole: they compile, import only what exists, and keep to their promises."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.rglob("*.py"))
NOT_ON_PYPI = ("moveit_msgs", "shape_msgs")
ROS = ("rclpy", "culture_interfaces", "sensor_msgs", "std_msgs", "std_srvs", "geometry_msgs")


def _imports(path: Path) -> set[str]:
    """Modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _is_there(module: str, folder: Path) -> bool:
    if (folder / f"{module}.py").is_file() or module.partition(".")[0] in NOT_ON_PYPI:
        return True
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return module.partition(".")[0] in ROS  # on a machine without ROS


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_it_compiles_and_what_it_imports_exists(path: Path) -> None:
    compile(path.read_text(encoding="utf-8"), str(path), "exec")
    assert [name for name in _imports(path) if not _is_there(name, path.parent)] == []


@pytest.mark.parametrize("name", ["minimal_subscriber.py", "find_object_client.py"])
def test_the_short_ones_are_short(name: str) -> None:
    assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) <= 30


def test_the_planner_knows_nothing_of_a_simulator() -> None:
    for path in (EXAMPLES / "pick_by_name").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "sim_bridge" not in text
        assert "ground_truth" not in text
