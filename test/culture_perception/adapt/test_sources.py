"""What an adaptation learns from, as it was asked for."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from culture_perception.adapt.arguments import add_options
from culture_perception.adapt.base import load_base
from culture_perception.adapt.sibling_source import DEFAULT_FRAMES
from culture_perception.adapt.sources import (
    choose_source,
    data_of,
    label_set,
    learned_siblings,
    target_culture,
)
from culture_perception.runner import SystemFailure


def _arguments(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(["--labels", "konbini", *options])


def test_siblings_are_learned_where_no_source_is_named_and_there_are_some() -> None:
    asked = _arguments()
    choose_source(asked, label_set("konbini"))
    assert asked.siblings == DEFAULT_FRAMES
    assert data_of(asked).startswith(f"{DEFAULT_FRAMES} frames of rendered siblings")


@pytest.mark.parametrize(
    ("options", "labels", "siblings"),
    [
        (("--render", "5"), "konbini", None),
        (("--images", "pictures"), "konbini", None),
        (("--siblings", "120"), "konbini", 120),
        (("--shots", "4"), "konbini", None),
        ((), "konbini_matched", DEFAULT_FRAMES),  # an arm's products are those of its label set
        ((), "ycb", None),  # the shipped encoder itself was trained on siblings of these
    ],
)
def test_a_source_that_is_named_is_taken(
    options: tuple[str, ...], labels: str, siblings: int | None
) -> None:
    asked = _arguments(*options)
    choose_source(asked, label_set(labels))
    assert asked.siblings == siblings


def test_siblings_and_the_products_themselves_are_not_learned_together() -> None:
    for extra in (("--render", "5"), ("--shots", "4")):
        with pytest.raises(SystemFailure, match="leave --render and --shots out"):
            learned_siblings(_arguments("--siblings", "9", *extra), label_set("konbini"), ["en"])
    with pytest.raises(SystemFailure, match="no siblings for ycb, only for konbini"):
        learned_siblings(_arguments("--siblings", "9"), label_set("ycb"), ["en"])


def test_without_any_picture_it_says_what_to_give(shop: Path) -> None:
    base = load_base("embedded", "", "cpu", 1)
    with pytest.raises(SystemFailure, match="give --images FOLDER, --bag PATH, --render N, or --"):
        target_culture(_arguments(), label_set(str(shop / "kauppa.yaml")), base)
    with pytest.raises(SystemFailure, match="no products of kauppa, only of ycb, konbini"):
        target_culture(_arguments("--render", "3"), label_set(str(shop / "kauppa.yaml")), base)
