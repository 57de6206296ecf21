"""Which module may import what, read from the source without running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("culture_perception", "sim_bridge")
MODULES = sorted(p.relative_to(ROOT) for name in PACKAGES for p in (ROOT / name).rglob("*.py"))

# Library -> where it may be imported: a folder or a file.
HOMES = {
    "rclpy": (
        "culture_perception/nodes",
        "sim_bridge/arm_commands.py",
        "sim_bridge/arm_node.py",
        "sim_bridge/bridge_node.py",
        "sim_bridge/ravens_node.py",
    ),
    "torch": (
        "culture_perception/adapt",
        "culture_perception/models",
        "culture_perception/training",
        "culture_perception/bench",
        "culture_perception/experiments/mask_metrics.py",
    ),
    "torchvision": ("culture_perception/models",),
    "open_clip": (
        "culture_perception/adapt",
        "culture_perception/models",
        "culture_perception/training",
        "culture_perception/bench",
    ),
    "segment_anything": (
        "culture_perception/models",
        "culture_perception/training",
        "culture_perception/bench",
    ),
    "transformers": ("culture_perception/adapt/vlm", "culture_perception/models"),
    "peft": ("culture_perception/adapt/vlm", "culture_perception/models"),
    "trl": ("culture_perception/adapt/vlm",),
    "datasets": ("culture_perception/adapt/vlm",),
    "pybullet": ("sim_bridge",),
    "sim_bridge": ("sim_bridge",),
    "rosbags": (
        "culture_perception/bags",
        "culture_perception/images.py",
        "culture_perception/nodes/recorder.py",
    ),
    "mcap": ("culture_perception/bags",),
    "apsw": ("culture_perception/bags",),
    # Extras: what needs them is told when it is asked for.
    "openvino": ("culture_perception/models",),
    "ray": ("culture_perception/bags/ray_pool.py",),
    "rerun": ("culture_perception/nodes/rerun_view.py", "culture_perception/nodes/rerun_sink.py"),
    "pycocotools": ("culture_perception/experiments/mask_metrics.py",),
    "torchmetrics": ("culture_perception/experiments/mask_metrics.py",),
    "matplotlib": ("culture_perception/soak/chart.py", "culture_perception/report"),
    "jinja2": ("culture_perception/report",),
    # In no package index, so nothing on the way without a ROS installation may need them.
    "launch": ("culture_perception/launching",),
    "launch_ros": ("culture_perception/launching",),
    "tf2_ros": (),
    "message_filters": (),
    "ament_index_python": (),
}
# Used where it is installed, inside a function that does without it where it is not.
OPTIONAL = {
    "cv_bridge": "culture_perception/images.py",
    "vision_msgs": "culture_perception/nodes/detection_messages.py",
}


def _imports(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """Yields the top-level package of every import, wherever it stands in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node


def _lies_in(module: Path, homes: tuple[str, ...]) -> bool:
    return any(module == Path(home) or Path(home) in module.parents for home in homes)


def _strays(module: Path, source: str) -> list[str]:
    return sorted(
        {
            name
            for name, _ in _imports(ast.parse(source))
            if name in HOMES and not _lies_in(module, HOMES[name])
        }
    )


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_libraries_stay_in_their_layer(module: Path) -> None:
    assert _strays(module, (ROOT / module).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "strays"),
    [
        ("culture_perception/masks.py", "import torch.nn as nn", ["torch"]),
        ("culture_perception/masks.py", "def f():\n    from rclpy.node import Node", ["rclpy"]),
        ("culture_perception/nodes/evaluator.py", "import rclpy", []),
        ("culture_perception/nodes/evaluator.py", "from sim_bridge import camera", ["sim_bridge"]),
        ("sim_bridge/bridge_node.py", "import rclpy, launch", ["launch"]),
        ("sim_bridge/world.py", "import rclpy, pybullet", ["rclpy"]),
        ("culture_perception/models/sam.py", "from .. import masks", []),
    ],
)
def test_the_rule_itself(module: str, source: str, strays: list[str]) -> None:
    assert _strays(Path(module), source) == strays


@pytest.mark.parametrize("name", OPTIONAL)
def test_optional_libraries_are_imported_late_and_in_one_place(name: str) -> None:
    for module in MODULES:
        tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
        found = [node for imported, node in _imports(tree) if imported == name]
        at_import = [node for node in found if node in tree.body]
        assert not at_import
        assert not found or module == Path(OPTIONAL[name])
