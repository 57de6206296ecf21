"""Writes the tables of docs/parameters.md: `python -m tools.write_parameters`.

What stands between a pair of markers is replaced, all else is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from culture_perception.system import find_system, load_description
from culture_perception.system_arguments import Argument
from tools.node_settings import ROOT, settings_of_nodes

if TYPE_CHECKING:
    from culture_perception.nodes.parameters import Setting

PAGE: Final = ROOT / "docs" / "parameters.md"


def page_with_tables(text: str) -> str:
    """The page with tables made anew.

    Raises:
        ValueError: The page has no place for one of them.
    """
    arguments = load_description(find_system("sim")).arguments
    text = replaced(text, "arguments", table(ARGUMENT_HEAD, map(argument_row, arguments)))
    nodes = "\n\n".join(
        f"### {name}\n\n{table(SETTING_HEAD, map(setting_row, settings))}"
        for name, settings in settings_of_nodes()
    )
    return replaced(text, "nodes", nodes)


ARGUMENT_HEAD: Final = ("argument", "default", "what it is")
SETTING_HEAD: Final = ("parameter", "default", "at run time", "what it is")


def argument_row(argument: Argument) -> tuple[str, ...]:
    """An argument of a system as a row."""
    text = argument.description
    if argument.choices:
        text += f" ({', '.join(argument.choices)})"
    return code(argument.name), code(argument.default_text), text


def setting_row(setting: Setting) -> tuple[str, ...]:
    """A parameter of a node as a row."""
    text = setting.description
    if setting.choices:
        text += f" ({', '.join(setting.choices)})"
    if setting.minimum is not None and setting.maximum is not None:
        text += f" ({setting.minimum:.12g} to {setting.maximum:.12g})"
    at_run_time = "yes" if setting.dynamic else "unconfigured" if setting.configuring else "no"
    default = str(setting.default)
    shown = default.lower() if isinstance(setting.default, bool) else default
    return code(setting.name), code(shown), at_run_time, text


def code(text: str) -> str:
    """Text as code; nothing for an empty one."""
    return f"`{text}`" if text else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def replaced(text: str, name: str, content: str) -> str:
    """The text with other content between the markers of that name.

    Raises:
        ValueError: There is no such pair of markers.
    """
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the page has no {begin} … {end}")
    return pattern.sub(lambda _: f"{begin}\n\n{content}\n\n{end}", text, count=1)


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page_with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
