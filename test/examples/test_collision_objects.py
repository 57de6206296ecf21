"""Boxes for MoveIt. moveit_msgs is in no package index: where it is missing, the fields of its
CollisionObject (moveit_msgs 2.6, read from its repository) are those of the records below."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

pytest.importorskip("rclpy")
culture_msgs = pytest.importorskip("culture_interfaces.msg")
geometry = pytest.importorskip("geometry_msgs.msg")
Header = pytest.importorskip("std_msgs.msg").Header
EXAMPLE = Path(__file__).parents[2] / "examples" / "collision_objects.py"


@dataclass
class SolidPrimitive:
    """shape_msgs/SolidPrimitive."""

    BOX: ClassVar[int] = 1
    type: int = 0
    dimensions: list[float] = field(default_factory=list)


@dataclass
class CollisionObject:
    """moveit_msgs/CollisionObject."""

    ADD: ClassVar[bytes] = b"\x00"
    REMOVE: ClassVar[bytes] = b"\x01"
    header: Any = None
    pose: Any = field(default_factory=geometry.Pose)
    id: str = ""
    type: Any = None
    primitives: list[Any] = field(default_factory=list)
    primitive_poses: list[Any] = field(default_factory=list)
    operation: bytes = b"\x00"


@pytest.fixture
def types() -> Any:
    try:
        from moveit_msgs.msg import CollisionObject as Real
        from shape_msgs.msg import SolidPrimitive as RealPrimitive
    except ImportError:
        return SimpleNamespace(CollisionObject=CollisionObject, SolidPrimitive=SolidPrimitive)
    return SimpleNamespace(CollisionObject=Real, SolidPrimitive=RealPrimitive)


def _objects() -> Any:
    seen = culture_msgs.LabelledObject(track_id=7, concept_id="ycb.sponge")
    seen.pose.pose.position.x = 0.4
    seen.size.x, seen.size.y, seen.size.z = 0.1, 0.05, 0.0
    return culture_msgs.LabelledObjectArray(header=Header(frame_id="world"), objects=[seen])


def test_a_box_has_the_objects_name_place_and_size(
    load: Callable[[str], ModuleType], types: Any
) -> None:
    (box,) = load("collision_objects.py").collision_objects(_objects(), set(), types)
    assert (box.id, box.header.frame_id) == ("ycb.sponge#7", "world")
    assert box.pose.position.x == 0.4
    (shape,) = box.primitives
    assert shape.type == types.SolidPrimitive.BOX
    assert list(shape.dimensions) == [0.1, 0.05, 0.005]  # flat things keep a thickness
    assert len(box.primitive_poses) == 1
    assert box.operation == types.CollisionObject.ADD


def test_what_is_gone_is_removed(load: Callable[[str], ModuleType], types: Any) -> None:
    module = load("collision_objects.py")
    nothing = culture_msgs.LabelledObjectArray(header=Header(frame_id="world"))
    (box,) = module.collision_objects(nothing, {"ycb.sponge#7"}, types)
    assert (box.id, box.operation) == ("ycb.sponge#7", types.CollisionObject.REMOVE)


def test_without_moveit_it_says_what_to_install() -> None:
    script = (
        "import sys, runpy; sys.modules['moveit_msgs'] = None; "
        f"runpy.run_path({str(EXAMPLE)!r}, run_name='__main__')"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "install MoveIt" in done.stderr
    assert "Traceback" not in done.stderr
