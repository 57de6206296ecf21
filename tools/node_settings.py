"""Every node of the package and the parameters that it declares."""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from culture_perception.nodes.parameters import Setting

ROOT = Path(__file__).resolve().parent.parent


def settings_of_nodes() -> Iterator[tuple[str, Sequence[Setting]]]:
    """Yields name and parameters of each node that setup.cfg installs and that has some.

    Needs rclpy and whatever else the nodes import.
    """
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = parser["options.entry_points"]["console_scripts"].split("\n")
    for executable, _, target in sorted(line.partition("=") for line in lines):
        name = executable.strip()
        if name.endswith("_node"):
            module = import_module(target.strip().partition(":")[0])
            settings: Sequence[Setting] = getattr(module, "SETTINGS", ())
            if settings:
                yield name.removesuffix("_node"), settings
