"""Reading systems: what a file may say, and how what is wrong is named."""

from pathlib import Path

import pytest

from culture_perception.system import SystemFileError, load_description

EYE = "processes:\n- {name: eye, package: b, executable: c, module: d"
OK = EYE + "}\n"


def described(folder: Path, text: str) -> object:
    path = folder / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    return load_description(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "has no list of processes"),
        ("processes: 3", "has no list of processes"),
        ("processes: [eye]", "'eye' is no process"),
        ("processes:\n- name: eye\n", "process eye lacks package, executable, module"),
        (EYE + ", paramters: {}}", "process eye has paramters, which nothing reads"),
        (EYE + ", parameters: [1]}", "parameters of process eye must be"),
        (EYE + ", services: one}", "process eye needs a list of services"),
        (OK + "- {name: eye, package: b, executable: c, module: d}", "eye is there twice"),
        (OK + "argument: []", "it has argument, which nothing reads"),
        ("processes: [", "while parsing"),
        (OK + "arguments: [x]", "'x' is no argument"),
        (OK + "arguments: [{name: a b}]", "use letters, digits and _"),
        (OK + "arguments: [{name: a, description: b}]", "argument a has no default"),
        (OK + "arguments: [{name: a, default: [1], description: b}]", "argument a has no default"),
        (OK + "arguments: [{name: a, default: b}]", "argument a has no description"),
        (OK + "arguments: [{name: a, default: b, description: c, set: []}]", "argument a has set"),
        (
            OK + "arguments: [{name: a, default: b, description: c, choices: [d]}]",
            "its default 'b' is none of its choices",
        ),
        (
            OK + "arguments: [{name: a, default: b, description: c, choices: [b, true]}]",
            "are not all text; one that YAML takes for something else, such as true, needs quotes",
        ),
        (
            OK + "arguments: [{name: a, default: b, description: c, sets: [ear.x]}]",
            "argument a sets ear.x; write process.parameter, with * or one of eye",
        ),
        (
            OK + "arguments: [{name: a, default: b, description: c, sets: [eye]}]",
            "argument a sets eye; write process.parameter",
        ),
        (
            OK + "arguments: [{name: respawn, default: b, description: c}]",
            "argument respawn is there twice",
        ),
        (EYE + ", when: sim}", "process eye: write `when: {argument: value}`"),
        (EYE + ", when: {source: sim}}", "`when` names source, which is no argument"),
        (EYE + ", when: {respawn: sometimes}}", "`when` respawn is 'sometimes', which"),
        (EYE + ", when: {log_level: loud}}", "`when` log_level is 'loud', which"),
        ("like: none", "none.yaml"),
        ("like: wrong", "wrong is like this file itself"),
        (OK + "defaults: {source: sim}", "there is no argument source"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(SystemFileError) as caught:
        described(tmp_path, text)
    assert str(tmp_path / "wrong.yaml") in str(caught.value)
    assert expected in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemFileError, match=r"none\.yaml"):
        load_description(tmp_path / "none.yaml")


BASE = """
arguments:
  - {name: source, default: sim, choices: [sim, camera], description: where from}
  - {name: count, default: 3, description: how many, sets: [eye.count]}
processes:
  - name: eye
    package: p
    executable: eye_node
    module: m.eye
    when: {source: sim}
    parameters: {x: 1, y: 2}
    services: [look]
  - {name: ear, package: p, executable: ear_node, module: m.ear}
"""


def test_a_system_may_be_like_another(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "own.yaml").write_text(
        """
like: base
defaults: {count: 5}
arguments:
  - {name: loud, default: false, description: aloud, sets: [mouth.loud]}
processes:
  - {name: eye, module: m.better_eye, parameters: {y: 3}, services: [blink], lifecycle: true}
  - {name: mouth, package: p, executable: mouth_node, module: m.mouth, when: {loud: true}}
""",
        encoding="utf-8",
    )
    own = load_description(tmp_path / "own.yaml")
    assert [one.name for one in own.own_arguments] == ["source", "count", "loud"]
    system = own.resolve({"loud": "true"})
    assert [one.name for one in system.processes] == ["eye", "ear", "mouth"]
    eye = system.processes[0]
    assert (eye.executable, eye.module, eye.lifecycle) == ("eye_node", "m.better_eye", True)
    assert dict(eye.parameters) == {"x": 1, "y": 3, "count": 5}
    assert system.services == ("look", "blink")
    assert [one.name for one in own.resolve({"source": "camera"}).processes] == ["ear"]


@pytest.mark.parametrize(
    ("default", "message"),
    [("{count: many}", "count is 'many'; give a int"), ("{source: moon}", "source is 'moon'; use")],
)
def test_another_default_is_checked(tmp_path: Path, default: str, message: str) -> None:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    with pytest.raises(SystemFileError, match=message):
        described(tmp_path, f"like: base\ndefaults: {default}\n")
