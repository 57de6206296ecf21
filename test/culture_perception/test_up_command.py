"""The verb `up`: its options are the arguments of the system, and what it prints fits the mode."""

from pathlib import Path

import pytest

from culture_perception.process import System
from culture_perception.system import find_system, load_description
from culture_perception.up_command import has_labels, hints, options_parser, system_of

SIM = load_description(find_system("sim"))
CAMERA = load_description(find_system("camera"))


def started(*options: str) -> System:
    return system_of(CAMERA, options_parser(CAMERA).parse_args(options))


def test_every_argument_is_an_option_with_its_description_and_default() -> None:
    text = " ".join(options_parser(SIM).format_help().split())
    for argument in SIM.arguments:
        assert f"--{argument.name.replace('_', '-')} " in text
        shown = f"{argument.description} ({argument.default_text or 'none'})"
        assert shown.replace(" ", "") in text.replace(" ", "")  # argparse breaks at hyphens
        for choice in argument.choices:
            assert choice in text


def test_options_are_arguments() -> None:
    system = started("--image-topic", "/x", "--label-set", "konbini", "--namespace", "robot1")
    assert system == CAMERA.resolve(
        {"image_topic": "/x", "label_set": "konbini", "namespace": "robot1"}
    )


@pytest.mark.parametrize("options", [("--respawn",), ("--respawn", "true")])
def test_a_truth_needs_no_value(options: tuple[str, ...]) -> None:
    assert started(*options).respawn
    assert not started().respawn
    assert not started("--respawn", "false").respawn


def test_set_goes_over_arguments() -> None:
    system = started("--device", "cpu", "--set", "perception.device=cuda")
    perception = system.process("perception")
    assert perception is not None
    assert perception.parameters["device"] == "cuda"


def test_nothing_is_said_of_what_is_not_started() -> None:
    sim = hints(SIM.resolve({}), {"ROS_DOMAIN_ID": "7"}, Path("logs"))
    assert sim.startswith("sim runs. ROS_DOMAIN_ID is 7, logs are in logs. Ctrl-C stops all.\n")
    for text in ("/evaluator/scores", "/camera/color/image_raw", "culture-perception scene"):
        assert text in sim
    camera = hints(CAMERA.resolve({}), {}, Path("logs"))
    for text in ("/evaluator", "/camera/color", "/ground_truth", "culture-perception scene"):
        assert text not in camera
    assert "/perception/labelled_masks" in camera
    assert "culture-perception select" in camera


def test_names_are_those_of_the_namespace_and_the_remapping() -> None:
    given = {"namespace": "robot1", "image_topic": "/eye"}
    text = hints(SIM.resolve(given), {}, Path("logs"))
    assert "  /robot1/perception/overlay " in text
    assert "  /eye " in text
    assert text.endswith("--namespace /robot1")


def test_a_start_waits_for_what_there_is() -> None:
    assert CAMERA.resolve({}).services == ("labels/select",)
    assert "sim_bridge/new_scene" in SIM.resolve({}).services
    assert has_labels(CAMERA.resolve({}))
    assert not has_labels(CAMERA.resolve({"autostart": "false"}))
    assert not has_labels(System("s", ()))
