"""Where a camera stands: body and optical frame by REP-103."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from culture_perception.cameras.frames import Pose

OPTICAL_FRAME: Final = "camera_color_optical_frame"
OPTICAL_IN_BODY: Final = (-0.5, 0.5, -0.5, 0.5)
"""Rotation, x y z w: the optical axes (z forward, x right, y down) in a body's (x forward, y left,
z up), which is roll -pi/2, pitch 0, yaw -pi/2."""


def mounting(
    base_frame: str, link_frame: str, optical_frame: str, mount: Sequence[float]
) -> tuple[Pose, ...]:
    """The static transforms of a camera, as a driver publishes them.

    Args:
        base_frame: what it is mounted on; empty: nothing is known of it.
        link_frame: its body.
        optical_frame: of its images.
        mount: x, y, z (metres), roll, pitch, yaw (radians) of the body in `base_frame`.
    """
    optical = Pose(link_frame, optical_frame, (0.0, 0.0, 0.0), OPTICAL_IN_BODY)
    if not base_frame:
        return (optical,)
    x, y, z, *angles = mount
    body = Pose(base_frame, link_frame, (x, y, z), quaternion_xyzw(*angles))
    return body, optical


def quaternion_xyzw(roll: float, pitch: float, yaw: float) -> tuple[float, float, float, float]:
    """Unit quaternion of fixed-axis angles, radians (REP-103: roll about x, then y, then z)."""
    (sr, cr), (sp, cp), (sy, cy) = (
        (math.sin(angle / 2), math.cos(angle / 2)) for angle in (roll, pitch, yaw)
    )
    return (
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
        cr * cp * cy + sr * sp * sy,
    )
