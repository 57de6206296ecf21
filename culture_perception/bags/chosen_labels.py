"""Labels chosen on the command line: label sets times languages times styles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from culture_perception.bags.errors import BagError
from culture_perception.concepts import STYLES, ActiveLabels, LabelSet
from culture_perception.labels import load_label_set, load_label_sets
from culture_perception.resources import share_path


def choose_labels(
    label_sets: Sequence[str], languages: Sequence[str], styles: Sequence[str]
) -> tuple[ActiveLabels, ...]:
    """Active labels of each combination, in this order.

    Args:
        label_sets: names of installed sets, or YAML files; none: no labels.
        languages: tags; none: those that a set declares.
        styles: none: both.

    Raises:
        BagError: languages or styles without a set, or a set that is not installed.
        LabelError: a file is wrong, or a set lacks a language or style.
    """
    if not label_sets and (languages or styles):
        raise BagError("--language and --style choose from a label set; add --label-set")
    return tuple(
        label_set.select(language, style)
        for label_set in map(_load, label_sets)
        for language in languages or label_set.languages
        for style in styles or STYLES
    )


def _load(name: str) -> LabelSet:
    if name.endswith(".yaml"):
        return load_label_set(Path(name))
    installed = load_label_sets(share_path("config", "labels"))
    if name not in installed:
        raise BagError(
            f"no label set {name!r}; there is {', '.join(installed)}, or give a .yaml file"
        )
    return installed[name]
