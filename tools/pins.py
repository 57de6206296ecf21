"""Reads constraints.txt: the versions beside a ROS installation differ in a few places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?P<marker>[^#]*)(?P<comment>#.*)?")
_WITH_ROS = re.compile(r"#\s*with ROS:\s*(\S+)")


def pins_with_ros(lines: Iterable[str]) -> Iterator[str]:
    """Rewrites the pins for an environment that borrows rclpy from a ROS installation.

    Args:
        lines: Those of constraints.txt.

    Yields:
        The pins without the ROS wheels, each at its "with ROS" version where it names one.
    """
    for line in lines:
        pin = _PIN.match(line)
        if pin is None or pin["name"].startswith("ros-"):
            continue
        other = _WITH_ROS.match(pin["comment"] or "")
        version = other[1] if other else pin["version"]
        yield f"{pin['name']}=={version}{pin['marker'].rstrip()}"
