import re
from pathlib import Path

import pytest

from tools.pins import pins_with_ros

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("line", "pins", "reason"),
    [
        ("# a comment", [], "no pin"),
        ("", [], "no pin"),
        ("tqdm==4.70.1", ["tqdm==4.70.1"], "the same with ROS"),
        ("ros-rclpy==9.1.2", [], "ROS is the installation's"),
        (
            'numpy==2.2.6 ; python_version < "3.11"  # with ROS: 1.26.4',
            ['numpy==1.26.4 ; python_version < "3.11"'],
            "another version, the same marker",
        ),
    ],
)
def test_pins_with_ros(line: str, pins: list[str], reason: str) -> None:
    assert list(pins_with_ros([line])) == pins, reason


def test_beside_a_ros_installation_numpy_is_the_one_it_was_compiled_against() -> None:
    pins = list(pins_with_ros(LINES))
    numpy = [pin for pin in pins if pin.startswith("numpy==")]
    assert numpy
    assert all(pin.startswith("numpy==1.") for pin in numpy)
    assert not [pin for pin in pins if pin.startswith("ros-")]


def test_every_pin_is_exact() -> None:
    exact = re.compile(r"[a-z0-9.-]+==[0-9][^\s;#]*( ; python_version (<|>=) \"3\.11\")?($|  #)")
    pins = [line for line in LINES if line and not line.startswith("#")]
    assert not [line for line in pins if not exact.match(line)]
