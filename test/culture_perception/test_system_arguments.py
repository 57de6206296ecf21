"""Arguments: what their texts mean, and what they set."""

from pathlib import Path

import pytest

from culture_perception.process import SystemFileError, Value
from culture_perception.system_arguments import Argument, parameter_file, values_of

NAME = Argument("name", "ycb", "of something", sets=("eye.label", "hand.label"))
FLAG = Argument("flag", False, "yes or no", sets=("*.use_flag",))
COUNT = Argument("count", 3, "how many", sets=("eye.count",))
RATE = Argument("rate", 2.5, "how often")
STYLE = Argument("style", "plain", "how", choices=("plain", "brand"))
TOPIC = Argument("topic", "camera/image", "where", remaps="camera/image")


@pytest.mark.parametrize(
    ("argument", "text", "expected"),
    [
        (NAME, "1", "1"),  # text stays text
        (NAME, "", ""),
        (FLAG, "true", True),
        (FLAG, "False", False),  # as Python writes it, and people with it
        (COUNT, "4", 4),
        (RATE, "4", 4.0),
        (STYLE, "brand", "brand"),
    ],
)
def test_a_text_becomes_a_value(argument: Argument, text: str, expected: Value) -> None:
    value = argument.parse(text)
    assert value == expected
    assert type(value) is type(argument.default)
    assert argument.parse(argument.default_text) == argument.default


@pytest.mark.parametrize(
    ("argument", "text", "message"),
    [
        (FLAG, "yes", "argument flag is 'yes'; use one of: true, false"),
        (COUNT, "4.5", "argument count is '4.5'; give a whole number such as 3"),
        (RATE, "often", "argument rate is 'often'; give a number such as 2.5"),
        (STYLE, "bold", "argument style is 'bold'; use one of: plain, brand"),
    ],
)
def test_what_means_nothing_is_refused(argument: Argument, text: str, message: str) -> None:
    with pytest.raises(SystemFileError, match=message):
        argument.parse(text)


def test_a_value_goes_to_the_parameters_that_are_named() -> None:
    assert NAME.parameters_of("eye", "x") == {"label": "x"}
    assert NAME.parameters_of("ear", "x") == {}
    assert NAME.parameters_of("eye", "") == {}  # an empty text leaves things as they are
    assert FLAG.parameters_of("anything", True) == {"use_flag": True}
    assert RATE.parameters_of("eye", 1.0) == {}


def test_a_value_is_another_name_of_a_topic() -> None:
    assert TOPIC.remappings_of("/x") == {"camera/image": "/x"}
    assert TOPIC.remappings_of("camera/image") == {}
    assert TOPIC.remappings_of("") == {}
    assert NAME.remappings_of("/x") == {}


def test_what_is_left_out_is_as_by_default_and_what_is_unknown_is_refused() -> None:
    assert values_of((NAME, FLAG), {"flag": "true"}) == {"name": "ycb", "flag": True}
    with pytest.raises(SystemFileError, match="no argument 'labels'; there is name, flag"):
        values_of((NAME, FLAG), {"labels": "x"})


@pytest.mark.parametrize(
    "text",
    [
        "/**:\n  ros__parameters: {x: 1}\n",
        "eye:\n  ros__parameters: {x: 1}\n/**/ear:\n  ros__parameters:\n    y: {z: 2}\n",
        "robot1:\n  eye:\n    ros__parameters: {x: 1}\n",  # by namespace
    ],
)
def test_parameter_files_of_ros_are_taken(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    assert parameter_file(str(path)) == path
    assert parameter_file("") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "below it `ros__parameters:`"),
        ("x: 1", "below it `ros__parameters:`"),
        ("eye: {x: 1}", "below it `ros__parameters:`"),
        ("/**:\n  ros__parameters: {x: 1}\neye: {x: 1}\n", "below it `ros__parameters:`"),
        ("eye: [", "while parsing"),
        (None, "No such file"),
    ],
)
def test_other_files_are_refused_with_their_name(
    tmp_path: Path, text: str | None, message: str
) -> None:
    path = tmp_path / "mine.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemFileError, match=message) as caught:
        parameter_file(str(path))
    assert str(path) in str(caught.value)


def test_an_empty_topic_lies_beside_another() -> None:
    info = Argument("info", "", "calibration", remaps="camera/camera_info", beside="topic")
    assert values_of((TOPIC, info), {})["info"] == "camera/camera_info"
    assert values_of((TOPIC, info), {"topic": "/eye/image"})["info"] == "/eye/camera_info"
    assert values_of((TOPIC, info), {"topic": "image"})["info"] == "camera_info"
    assert values_of((TOPIC, info), {"topic": "/eye/image", "info": "/x"})["info"] == "/x"
