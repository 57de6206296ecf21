from pathlib import Path

import pytest

from tools import make_venv
from tools.make_venv import Setup, SetupError, check_machine
from tools.needs import Need
from tools.ros_installation import RosInstallation

ROOT = Path(__file__).parents[2]
ROS = RosInstallation("jazzy", (Path("/opt/ros/jazzy"),))


def _setup(ros: RosInstallation | None = None, torch_index_url: str = "") -> Setup:
    return Setup(ROOT, ROOT / ".venv", ros, torch_index_url)


def _keys(setup: Setup) -> list[str]:
    return [step.key for step in setup.steps()]


def test_the_steps_and_their_order() -> None:
    names = [step.name for step in _setup().steps()]
    assert names == ["venv", "tools", "package", "interfaces", "links"]


def test_another_ros_means_another_environment() -> None:
    assert _keys(_setup())[0] != _keys(_setup(ROS))[0]


def test_where_torch_came_from_does_not_matter_once_it_is_there() -> None:
    assert _keys(_setup()) == _keys(_setup(torch_index_url="https://example.org/cpu"))


def test_wheels_are_asked_for_only_without_a_ros_installation() -> None:
    assert _setup().package_requirement() == f"{ROOT}[build,dev,ros,view]"
    assert _setup(ROS).package_requirement() == f"{ROOT}[dev]"


def test_every_install_is_constrained() -> None:
    arguments = _setup().pip_arguments()
    assert arguments[:2] == ["--constraint", str(ROOT / "constraints.txt")]
    assert "--extra-index-url" not in arguments
    assert _setup(ROS).pip_arguments()[1] == str(ROOT / ".venv" / "constraints.txt")


def test_the_index_for_torch_is_an_extra_one() -> None:
    url = "https://example.org/cpu"
    assert _setup(torch_index_url=url).pip_arguments()[-2:] == ["--extra-index-url", url]


def test_interfaces_are_built_by_pip_with_wheels_and_by_colcon_with_ros() -> None:
    assert _setup().interfaces_command()[1:4] == ["-m", "pip", "install"]
    colcon = _setup(ROS).interfaces_command()
    assert colcon[1:3] == ["-m", "colcon"]
    assert colcon[colcon.index("--install-base") + 1] == str(ROOT / ".venv")


def _with_missing(monkeypatch: pytest.MonkeyPatch, required: bool) -> None:
    need = Need("g++", "building", "g++", lambda: False, required)
    monkeypatch.setattr(make_venv.needs, "system_needs", lambda *_: iter([need]))
    monkeypatch.setattr(make_venv.needs, "current_problem", lambda _: None)


def test_a_missing_requirement_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    _with_missing(monkeypatch, required=True)
    with pytest.raises(SetupError, match=r"(?s)g\+\+.*apt-get install -y g\+\+"):
        check_machine(None)


def test_a_missing_extra_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _with_missing(monkeypatch, required=False)
    check_machine(None)
    assert "apt-get install -y g++" in capsys.readouterr().err


def test_an_unsupported_interpreter_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_venv.needs, "current_problem", lambda _: "Python 3.13 is not")
    with pytest.raises(SetupError, match=r"Python 3\.13"):
        check_machine(None)
