"""The command line: what it takes, and what it says to mistakes."""

import subprocess
import sys
from pathlib import Path

import pytest

from culture_perception.cli import build_parser, main


@pytest.mark.parametrize("verb", ["demo", "up", "select", "scene", "train", "models", "param"])
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])
    assert ended.value.code == 0
    assert f"culture-perception {verb}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "VERB"),
        (["dance"], "invalid choice: 'dance'"),
        (["demo", "--scenes", "0"], "'0' is not a whole number of 1 or more"),
        (["demo", "--scenes", "many"], "'many' is not a whole number of 1 or more"),
        (["demo", "--seconds", "-1"], "'-1' is not a number above 0"),
        (["demo", "--seconds", "soon"], "'soon' is not a number above 0"),
        (["demo", "--profile", "huge"], "invalid choice: 'huge'"),
        (["demo", "--count", "0"], "'0' is not a whole number from 1 to 4294967295"),
        (["scene", "--count", "-1"], "'-1' is not a whole number from 1 to 4294967295"),
        (["scene", "--count", "4294967296"], "from 1 to 4294967295"),  # above uint32
        (["scene", "--seed", "-1"], "'-1' is not a whole number from 0 to 18446744073709551615"),
        (["scene", "--seed", "18446744073709551616"], "from 0 to 18446744073709551615"),
        (["scene", "--seed", "one"], "'one' is not a whole number"),
        (["up", "sim", "--source", "moon"], "invalid choice: 'moon'"),
        (["up", "camera", "--images", "/x"], "unrecognized arguments: --images /x"),
        (["up", "camera", "--image", "/x"], "unrecognized arguments: --image /x"),  # not shortened
        (["select", "--namespace", "1st"], "namespace '1st': use words of letters"),
        (["param", "get", "perception"], "the following arguments are required: name"),
        (["train", "cat"], "invalid choice: 'cat'"),
        (["train", "encoder", "--seed", "500"], "'500' is not a whole number from 0 to 199"),
        (["train", "encoder", "--seed", "-1"], "'-1' is not a whole number from 0 to 199"),
        (["train", "encoder", "--frames", "0"], "'0' is not a whole number of 1 or more"),
    ],
)
def test_wrong_arguments_are_named(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["up", "moon"], "no system 'moon'; there is camera, "),
        (["up", "missing.yaml"], "missing.yaml"),
        (["up", "sim", "--namespace", "1st"], "namespace '1st': use words of letters"),
        (["up", "sim", "--params-file", "none.yaml"], "none.yaml: [Errno 2] No such file"),
        (["up", "sim", "--set", "rate=3"], "--set rate=3: write process.parameter=value"),
        (["up", "sim", "--set", "eye.rate=3"], "no process 'eye' in sim; it has sim_bridge"),
        (["demo", "--label-sets", "garden"], "no label set garden; there is konbini, ycb"),
    ],
)
def test_a_users_mistake_is_one_message_without_traceback(
    arguments: list[str],
    expected: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert expected in said
    assert said.startswith(f"culture-perception {arguments[0]}: ")
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []  # a mistake leaves no folder behind


def test_values_of_set_keep_their_yaml_type() -> None:
    from culture_perception.arguments import assignments

    changes = assignments(["sim_bridge.rate_hz=5.0", "sim_bridge.seed=3", "perception.encoder=x=y"])
    assert changes == {"sim_bridge": {"rate_hz": 5.0, "seed": 3}, "perception": {"encoder": "x=y"}}


def test_the_demo_has_the_documented_defaults() -> None:
    given = build_parser().parse_args(["demo"])
    assert (given.scenes, given.seconds, given.json) == (10, None, None)
    assert given.label_sets == ["ycb", "konbini"]


def test_the_largest_values_of_a_scene_are_taken() -> None:
    given = build_parser().parse_args(["scene", "--seed", str(2**64 - 1), "--count", "4294967295"])
    assert (given.seed, given.count) == (2**64 - 1, 2**32 - 1)


def test_heavy_modules_are_not_imported_for_help() -> None:
    code = (
        "import sys\n"
        "from culture_perception.cli import build_parser\n"
        "build_parser()\n"
        "heavy = {'torch', 'rclpy', 'pybullet', 'cv2', 'scipy', 'open_clip'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
