"""What becomes of the shipped systems by each of their arguments, as command lines."""

from itertools import pairwise
from pathlib import Path

import pytest

from culture_perception.process import SystemFileError
from culture_perception.system import find_system, load_description
from culture_perception.system_description import Description

SIM = load_description(find_system("sim"))
CAMERA = load_description(find_system("camera"))
EVERYWHERE = ["sim_bridge", "label_service", "perception", "evaluator"]


def lines(description: Description, **given: str) -> dict[str, list[str]]:
    """Process name to its command line."""
    return {one.name: one.command() for one in description.resolve(given).processes}


def words(line: list[str], flag: str) -> set[str]:
    return {word for before, word in pairwise(line) if before == flag}


# What each argument adds to which process's words after -p, -r or --log-level.
EFFECTS: list[tuple[str, str, str, dict[str, str]]] = [
    ("segmenter", "vit_b", "-p", {"perception": 'segmenter:="vit_b"'}),
    ("segmenter_checkpoint", "x.pth", "-p", {"perception": 'segmenter_checkpoint:="x.pth"'}),
    ("encoder", "ViT-B-32", "-p", {"perception": 'encoder:="ViT-B-32"'}),
    ("encoder_pretrained", "webli", "-p", {"perception": 'encoder_pretrained:="webli"'}),
    ("device", "cuda:0", "-p", {"perception": 'device:="cuda:0"'}),
    ("target_frame", "world", "-p", {"perception": 'target_frame:="world"'}),
    ("autostart", "false", "-p", {"perception": "autostart:=false"}),
    ("image_reliability", "best_effort", "-p", {"perception": 'image_reliability:="best_effort"'}),
    (
        "label_set",
        "konbini",
        "-p",
        {"label_service": 'label_set:="konbini"', "sim_bridge": 'label_set:="konbini"'},
    ),
    ("language", "ja", "-p", {"label_service": 'language:="ja"'}),
    ("style", "brand", "-p", {"label_service": 'style:="brand"'}),
    ("labels_dir", "mine", "-p", {"label_service": 'labels_dir:="mine"'}),
    ("products", "konbini", "-p", {"sim_bridge": 'label_set:="konbini"'}),
    ("use_sim_time", "true", "-p", dict.fromkeys(EVERYWHERE, "use_sim_time:=true")),
    ("depth_topic", "/x", "-r", dict.fromkeys(EVERYWHERE, "camera/depth/image_rect:=/x")),
    ("camera_info_topic", "/x", "-r", dict.fromkeys(EVERYWHERE, "camera/color/camera_info:=/x")),
    ("namespace", "robot1", "-r", dict.fromkeys(EVERYWHERE, "__ns:=/robot1")),
    ("log_level", "debug", "--log-level", dict.fromkeys(EVERYWHERE, "debug")),
]
# Those that change which processes there are, or how they are run.
TESTED_BELOW = {
    "image_topic",
    "view_language",
    "source",
    "play",
    "play_as",
    "evaluate",
    "view",
    "params_file",
    "respawn",
}


@pytest.mark.parametrize(
    ("given", "info"),
    [
        ({"image_topic": "/eye/image"}, "/eye/camera_info"),
        ({"image_topic": "/eye/image", "camera_info_topic": "/other"}, "/other"),
        ({"image_topic": "image"}, "camera_info"),
    ],
)
def test_camera_info_moves_with_the_image(given: dict[str, str], info: str) -> None:
    system = load_description(find_system("camera")).resolve(given)
    perception = system.process("perception")
    assert perception is not None
    assert perception.remappings["camera/color/image_raw"] == given["image_topic"]
    assert perception.remappings["camera/color/camera_info"] == info


@pytest.mark.parametrize(("name", "text", "flag", "effect"), EFFECTS, ids=[e[0] for e in EFFECTS])
def test_an_argument_changes_these_words_of_the_command_lines_and_no_others(
    name: str, text: str, flag: str, effect: dict[str, str]
) -> None:
    before, after = lines(SIM), lines(SIM, **{name: text})
    assert list(after) == list(before) == EVERYWHERE
    for process in EVERYWHERE:
        added = words(after[process], flag) - words(before[process], flag)
        assert added == ({effect[process]} if process in effect else set())
        for other in {"-p", "-r", "--log-level", "-m"} - {flag}:
            assert words(after[process], other) == words(before[process], other)


def test_every_argument_is_tested() -> None:
    tested = {effect[0] for effect in EFFECTS} | TESTED_BELOW
    missing = {argument.name for argument in SIM.arguments} - tested
    # An argument that sets parameters of one process and nothing else needs no more than that.
    plain = {one.name for one in SIM.arguments if one.sets and not one.remaps}
    assert missing <= plain


@pytest.mark.parametrize("argument", [a for a in SIM.arguments if a.sets], ids=lambda a: a.name)
def test_parameters_are_those_that_the_nodes_have(argument: object) -> None:
    pytest.importorskip("rclpy")
    from tools.node_settings import settings_of_nodes

    known = {name: {one.name for one in settings} for name, settings in settings_of_nodes()}
    for target in getattr(argument, "sets"):  # noqa: B009
        process, parameter = target.split(".", 1)
        assert process == "*" or process not in known or parameter in known[process]


@pytest.mark.parametrize(
    ("description", "given", "expected"),
    [
        (SIM, {}, EVERYWHERE),
        (SIM, {"source": "camera"}, ["label_service", "perception"]),
        (SIM, {"source": "player"}, ["camera_player", "label_service", "perception"]),
        (SIM, {"evaluate": "false"}, EVERYWHERE[:3]),
        (SIM, {"view": "true"}, [*EVERYWHERE, "viewer"]),
        (CAMERA, {}, ["label_service", "perception"]),
        (CAMERA, {"evaluate": "true"}, ["label_service", "perception", "evaluator"]),
        (CAMERA, {"source": "sim"}, EVERYWHERE),
    ],
)
def test_which_processes_are_started(
    description: Description, given: dict[str, str], expected: list[str]
) -> None:
    assert list(lines(description, **given)) == expected


def test_one_argument_is_all_that_differs_between_simulation_and_camera() -> None:
    assert lines(SIM, source="camera") == lines(CAMERA)
    assert lines(CAMERA, source="sim") == lines(SIM)


def test_what_is_played() -> None:
    line = lines(SIM, source="player", play="/dev/video0", play_as="video")["camera_player"]
    assert {'path:="/dev/video0"', 'source:="video"'} <= words(line, "-p")


def test_products_go_over_the_label_set() -> None:
    line = lines(SIM, products="ycb", label_set="konbini")["sim_bridge"]
    assert 'label_set:="ycb"' in words(line, "-p")


def test_respawn_is_of_the_system() -> None:
    assert not SIM.resolve({}).respawn
    assert SIM.resolve({"respawn": "true"}).respawn


def test_a_parameter_file_goes_over_defaults_and_under_what_is_given(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("/**:\n  ros__parameters: {top_k: 3}\n", encoding="utf-8")
    system = SIM.resolve({"params_file": str(path), "language": "ja"})
    assert {process.params_file for process in system.processes} == {path}
    chosen = {process.name: dict(process.chosen) for process in system.processes if process.chosen}
    assert chosen == {"label_service": {"language": "ja"}}


def test_a_namespace_may_be_below_one_of_an_outer_launch_file() -> None:
    assert SIM.resolve({"namespace": "robot1"}, "/fleet").namespace == "/fleet/robot1"
    assert {p.namespace for p in SIM.resolve({}, "/fleet").processes} == {"/fleet"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"camera": "x"}, "no argument 'camera'; there is source, "),
        ({"source": "moon"}, "argument source is 'moon'; use one of: sim, camera, player"),
        ({"namespace": "1st"}, "namespace '1st'"),
        ({"params_file": "/none.yaml"}, "parameter file /none.yaml"),
        ({"view": "maybe"}, "argument view is 'maybe'; use one of: true, false"),
    ],
)
def test_a_wrong_argument_is_named(given: dict[str, str], message: str) -> None:
    with pytest.raises(SystemFileError, match=message):
        SIM.resolve(given)
