"""The examples of the README and of the pages in docs, as a reader would try them."""

import re
import shlex
from pathlib import Path

import pytest

from culture_perception.cli import build_parser
from culture_perception.labels import load_label_set
from culture_perception.resources import share_path

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
