"""The systems that are installed, and where they are found."""

from pathlib import Path

import pytest

from culture_perception.system import (
    SystemFileError,
    find_system,
    load_description,
    load_system,
    system_names,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sim", ["sim_bridge", "label_service", "perception", "evaluator"]),
        ("camera", ["label_service", "perception"]),
    ],
)
def test_what_a_shipped_system_starts(name: str, expected: list[str]) -> None:
    assert [process.name for process in load_system(find_system(name)).processes] == expected


@pytest.mark.parametrize("name", system_names())
def test_every_process_of_a_shipped_system_can_be_started_by_both_ways(name: str) -> None:
    scripts = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    for part in load_description(find_system(name)).parts:
        module = part.process.module
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file()
        assert f"{part.process.executable} = {module}:main" in scripts


@pytest.mark.parametrize("name", system_names())
def test_every_shipped_system_has_its_launch_file(name: str) -> None:
    text = (ROOT / "launch" / f"{name}.launch.py").read_text(encoding="utf-8")
    assert f'return describe("{name}")' in text


def test_a_file_of_ones_own_is_found_by_its_ending(tmp_path: Path) -> None:
    assert find_system(str(tmp_path / "own.yaml")) == tmp_path / "own.yaml"
    with pytest.raises(SystemFileError, match=r"no system 'moon'; there is camera, .*sim, or"):
        find_system("moon")
