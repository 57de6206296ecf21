"""How weights from a file are to be run: a file holds numbers, and does not say.

Two things belong to weights beside their architecture: how pictures are prepared (OpenAI's colour
mean or .5), and the activation (OpenAI's QuickGELU or the usual GELU). open_clip knows both for
each published tag. A file that is recognised as a tag's is run as that.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

import open_clip  # noqa: E402

_LOGGER: Final = logging.getLogger(__name__)
_PREPARATION: Final = ("mean", "std", "interpolation", "resize_mode", "fill_color")
_FOLDERS_UP: Final = (
    3  # a file of the hub's cache: models--ORGANISATION--NAME/snapshots/COMMIT/FILE
)


@dataclass(frozen=True)
class Recipe:
    """What goes with weights.

    Attributes:
        quick_gelu: whether QuickGELU is forced; else the architecture's own activation counts.
        preparation: of pictures, in open_clip's words; empty for open_clip's default.
    """

    quick_gelu: bool
    preparation: dict[str, Any]


def recipe_of_tag(architecture: str, tag: str) -> Recipe:
    """What open_clip knows of a published tag."""
    config = open_clip.get_pretrained_cfg(architecture, tag)
    preparation = {key: config[key] for key in _PREPARATION if key in config}
    return Recipe(bool(config.get("quick_gelu")), preparation)


def recipe_of_file(architecture: str, path: Path) -> Recipe:
    """That of the tag whose file it is by its name, or else the best guess.

    The guess is the architecture's own activation and the preparation of its first tag; a warning
    says so where its tags differ.
    """
    tags: list[str] = open_clip.list_pretrained_tags_by_model(architecture)
    known = recognised_tag(architecture, path)
    if known:
        return recipe_of_tag(architecture, known)
    if not tags:
        return Recipe(False, {})
    recipes = [recipe_of_tag(architecture, tag) for tag in tags]
    if any(recipe != recipes[0] for recipe in recipes):
        _LOGGER.warning(
            f"{path}: its name is that of no published weights of {architecture}, so pictures are "
            f"prepared as for {tags[0]}, and the activation is the architecture's own (QuickGELU "
            "has architectures of its own, such as ViT-B-32-quickgelu)"
        )
    return Recipe(False, recipes[0].preparation)


def recognised_tag(architecture: str, path: Path) -> str:
    """The tag whose weights a file holds by what it is called; "" where that is unclear.

    A tag's file has the name under which it is downloaded, lies in a folder of the name of its
    repository (a clone or the hub's cache), or has the tag in its name.
    """
    tags: list[str] = open_clip.list_pretrained_tags_by_model(architecture)
    by_name = {name: tag for tag in tags for name in _names_of(architecture, tag)}
    places = [path.name, *(parent.name for parent in path.absolute().parents[:_FOLDERS_UP])]
    exact = [by_name[place] for place in places if place in by_name]
    named = [tag for tag in tags if tag in _plain(path.stem)]
    return exact[0] if exact else max(named, key=len, default="")


def _names_of(architecture: str, tag: str) -> Iterator[str]:
    """File and folder names that only this tag's weights have."""
    config = open_clip.get_pretrained_cfg(architecture, tag)
    file = PurePosixPath(urlsplit(config.get("url") or "").path).name
    repository = str(config.get("hf_hub") or "").rpartition("/")[0]
    yield from (file,) if file else ()
    if repository:
        yield repository.rpartition("/")[2]
        yield f"models--{repository.replace('/', '--')}"


def _plain(name: str) -> str:
    """In the characters that tags have."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower())
