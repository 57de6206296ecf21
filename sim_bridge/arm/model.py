"""The arm: pybullet_data's Franka Panda on a rail, a suction cup in place of its hand.

The rail runs along y on the near edge of the table, behind what the front camera sees, so that the
arm reaches all of RAVENS's workspace (a Panda that stands still does not) and can get out of the
picture. Everything is in metres and radians.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

import pybullet_data

BASE_POSITION: Final = (0.9, 0.0, 0.0)
"""Where frame arm_base is in the world: the middle of the rail, on the table."""
BASE_QUATERNION_XYZW: Final = (0.0, 0.0, 1.0, 0.0)
"""Its x axis points at the workspace, away from the camera."""

RAIL_LIMIT_M: Final = 0.5
TOOL_LENGTH_M: Final = 0.10
"""From the flange to the cup's rim."""
CUP_RADIUS_M: Final = 0.006
_TUBE_RADIUS_M: Final = 0.012
_TUBE_LENGTH_M: Final = 0.08

BASE_LINK: Final = "arm_base"
TOOL_LINK: Final = "arm_tool"
RAIL_JOINT: Final = "arm_rail"
JOINT_NAMES: Final = (RAIL_JOINT, *(f"panda_joint{number}" for number in range(1, 8)))

# The soft limits of the URDF's safety controllers.
JOINT_LIMITS: Final = (
    (-RAIL_LIMIT_M, RAIL_LIMIT_M),
    (-2.8973, 2.8973),
    (-1.7628, 1.7628),
    (-2.8973, 2.8973),
    (-3.0718, -0.0698),
    (-2.8973, 2.8973),
    (-0.0175, 3.7525),
    (-2.8973, 2.8973),
)
JOINT_SPEEDS: Final = (0.8, 2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61)
JOINT_FORCES: Final = (2000.0, 87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0)
COMFORTABLE: Final = (0.0, -math.pi / 4, 0.0, -3 * math.pi / 4, 0.0, math.pi / 2, math.pi / 4)
"""Panda's ready pose, joints 1 to 7: what the inverse kinematics leans to."""

_HAND: Final = ("panda_hand", "panda_leftfinger", "panda_rightfinger", "panda_grasptarget")
_MESHES: Final = Path(pybullet_data.getDataPath()) / "franka_panda"


def write_arm_urdf(folder: Path, rail: bool) -> Path:
    """Writes the arm as a URDF file; its meshes stay in pybullet_data.

    Args:
        folder: where.
        rail: whether the Panda's base moves along the rail. Without it the Panda's own base is
            the root, as the inverse kinematics wants it.
    """
    robot = ET.parse(_MESHES / "panda.urdf").getroot()
    _remove_hand(robot)
    for mesh in robot.iter("mesh"):
        mesh.set("filename", str(_MESHES / mesh.get("filename", "").removeprefix("package://")))
    _lighten(robot)
    robot.extend(_tool())
    if rail:
        robot.extend(_rail())
    else:
        _centre_mass(robot)
    path = folder / ("arm_on_rail.urdf" if rail else "arm.urdf")
    path.write_text(ET.tostring(robot, encoding="unicode"), encoding="utf-8")
    return path


def link_meshes() -> dict[str, Path]:
    """Link name to the OBJ file of its light mesh (200 to 1308 triangles), in the link's frame."""
    return {f"panda_link{n}": _MESHES / "meshes/collision" / f"link{n}.obj" for n in range(8)}


def tool_parts() -> tuple[tuple[float, float], ...]:
    """Tube and cup of the tool: radius and length, one after the other from the flange."""
    return (
        (_TUBE_RADIUS_M, _TUBE_LENGTH_M),
        (CUP_RADIUS_M, TOOL_LENGTH_M - _TUBE_LENGTH_M),
    )


def _remove_hand(robot: ET.Element) -> None:
    for element in list(robot):
        child = element.find("child")
        name = element.get("name", "") if child is None else child.get("link", "")
        if name in _HAND:
            robot.remove(element)


def _lighten(robot: ET.Element) -> None:
    """Drops what is drawn: the physics needs none of it, and the detailed meshes load slowly."""
    for link in robot.iter("link"):
        for visual in link.findall("visual"):
            link.remove(visual)


def _centre_mass(robot: ET.Element) -> None:
    """PyBullet moves a base by its centre of mass; here that is to be the link's frame."""
    origin = robot.find("link[@name='panda_link0']/inertial/origin")
    if origin is not None:
        origin.set("xyz", "0 0 0")


def _tool() -> list[ET.Element]:
    """Tube and cup below the flange, and the frame of the cup's rim, z pointing out of it."""
    shapes, start = "", 0.0
    for radius, length in tool_parts():
        shapes += (
            f'<collision><origin xyz="0 0 {start + length / 2}"/><geometry>'
            f'<cylinder radius="{radius}" length="{length}"/></geometry></collision>'
        )
        start += length
    return [
        _fixed("suction", "panda_link8", 0.0),
        ET.fromstring(f'<link name="suction">{_inertial(0.2)}{shapes}</link>'),
        _fixed(TOOL_LINK, "suction", TOOL_LENGTH_M),
        ET.fromstring(f'<link name="{TOOL_LINK}">{_inertial(0.01)}</link>'),
    ]


def _rail() -> list[ET.Element]:
    limit = f'lower="-{RAIL_LIMIT_M}" upper="{RAIL_LIMIT_M}" effort="2000" velocity="0.8"'
    return [
        ET.fromstring(f'<link name="{BASE_LINK}">{_inertial(10.0)}</link>'),
        ET.fromstring(
            f'<joint name="{RAIL_JOINT}" type="prismatic"><parent link="{BASE_LINK}"/>'
            f'<child link="panda_link0"/><axis xyz="0 1 0"/><limit {limit}/></joint>'
        ),
    ]


def _fixed(child: str, parent: str, z: float) -> ET.Element:
    return ET.fromstring(
        f'<joint name="{child}_joint" type="fixed"><origin xyz="0 0 {z}"/>'
        f'<parent link="{parent}"/><child link="{child}"/></joint>'
    )


def _inertial(mass_kg: float) -> str:
    inertia = " ".join(f'i{a}="{0.001 * mass_kg}"' for a in ("xx", "yy", "zz"))
    return (
        f'<inertial><mass value="{mass_kg}"/>'
        f'<inertia {inertia} ixy="0" ixz="0" iyz="0"/></inertial>'
    )
