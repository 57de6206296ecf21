"""package.xml names every ROS package that is imported."""

import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

ROOT: Final = Path(__file__).parents[2]
IMPORT: Final = re.compile(r"^\s*(?:from|import) ([a-z0-9_]+)", re.MULTILINE)
ROS: Final = re.compile(r"rclpy|launch|launch_ros|ament_index_python|\w+_(msgs|srvs|interfaces)")
OPTIONAL: Final = {"vision_msgs"}
"""Used where it is installed."""


def test_every_ros_package_that_is_imported_is_a_dependency() -> None:
    sources = [
        path
        for folder in ("culture_perception", "sim_bridge")
        for path in (ROOT / folder).rglob("*.py")
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    imported = {name for name in IMPORT.findall(text) if ROS.fullmatch(name)}
    package = ElementTree.parse(ROOT / "package.xml").getroot()
    named = {one.text for one in package if one.tag in ("depend", "exec_depend")}
    assert {"rclpy", "sensor_msgs"} <= imported
    assert imported - OPTIONAL <= named
