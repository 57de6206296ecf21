"""The examples of the README and of the pages in docs, as a reader would try them."""

import importlib
import re
import shlex
from pathlib import Path

import pytest
import yaml

from culture_perception.cli import build_parser
from culture_perception.labels import load_label_set
from culture_perception.resources import share_path
from culture_perception.system import find_system, load_description
from culture_perception.up_command import options_parser, system_of

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    shells = [block for page in PAGES for block in blocks(page, "sh")]
    lines = "\n".join(shells).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("culture-perception ")]


def links() -> list[tuple[Path, str]]:
    """(page, target) of every link that does not lead out of the repository."""
    return [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8"))
    ]


def test_there_are_commands() -> None:
    assert len(commands()) >= 4


@pytest.mark.parametrize("command", commands())
def test_the_command_line_takes_every_command(command: str) -> None:
    arguments = build_parser().parse_args(shlex.split(command, comments=True)[1:])
    assert callable(arguments.run)


@pytest.mark.parametrize(
    "command",
    [one for one in commands() if one.split()[1] == "up" and "--help" not in one],
)
def test_a_system_takes_the_options_of_up(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("perception:\n  ros__parameters: {top_k: 3}\n")
    _, _, name, *options = shlex.split(command, comments=True)
    description = load_description(find_system(name))
    assert system_of(description, options_parser(description).parse_args(options)).processes


def test_every_message_service_and_action_that_the_pages_name_is_there() -> None:
    named = {
        kind
        for page in PAGES
        for kind in re.findall(r"culture_interfaces/(?:\w+/)?(\w+)", page.read_text("utf-8"))
    }
    there_is = {path.stem for path in (ROOT / "culture_interfaces").rglob("*.*") if path.is_file()}
    assert named - there_is - {"msg", "srv", "action"} == set()
    assert {"FindObject", "LabelledMaskArray"} <= named


@pytest.mark.parametrize(
    "line",
    [
        line
        for page in PAGES
        for block in blocks(page, "sh")
        for line in block.splitlines()
        if line.startswith("ros2 action send_goal")
    ],
)
def test_goals_of_the_pages_have_the_fields_of_their_actions(line: str) -> None:
    pytest.importorskip("culture_interfaces.action")
    words = [word for word in shlex.split(line) if not word.startswith("-")]
    kind, text = words[4].rpartition("/")[2], words[5]
    action = importlib.import_module("culture_interfaces.action")
    goal = getattr(action, kind).Goal(**yaml.safe_load(text))
    assert goal is not None


def test_the_label_set_loads_and_speaks_both_languages(tmp_path: Path) -> None:
    (example,) = blocks(README, "yaml")
    path = tmp_path / "bakery.yaml"
    path.write_text(example, encoding="utf-8")
    labels = load_label_set(path)
    assert labels.select("en", "plain").labels[0].label == "round sweet bun"
    assert labels.select("ja", "brand").labels[0].label == "木村屋のメロンパン"


@pytest.mark.parametrize(("page", "target"), links())
def test_every_link_leads_somewhere(page: Path, target: str) -> None:
    assert (page.parent / target).exists()


def test_the_list_of_processes_is_where_the_readme_says() -> None:
    assert share_path("config", "systems", "sim.yaml").is_file()
