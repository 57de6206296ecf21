"""What training and test share."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from culture_perception.culture_bench.leaks import KINDS, find_leaks, print_leaks

OTHERS = {"options": ("sari", "kimono", "kilt", "toga"), "concept": "kimono"}


def kinds(train: Any, test: Any) -> list[tuple[str, str, str]]:
    return [(one.kind, one.test, one.train) for one in find_leaks(train, test)]


def test_nothing_in_common(make_item: Any, make_picture: Any) -> None:
    train = [make_item("a", image=make_picture("a.png", 1))]
    test = [make_item("b", image=make_picture("b.png", 2), **OTHERS)]
    assert kinds(train, test) == []


def test_concepts_are_compared_however_they_are_written(make_item: Any, make_picture: Any) -> None:
    train = [make_item("a", image=make_picture("a.png", 1), concept="Green-Tea")]
    image = make_picture("b.png", 2)
    test = [make_item("b", image=image, options=OTHERS["options"], concept="ｇｒｅｅｎ tea")]
    assert kinds(train, test) == [("same concept", "b", "a")]


@pytest.mark.parametrize(
    ("question", "leaks"), [("What is this, please?", 1), ("Who wears it at weddings?", 0)]
)
def test_texts_that_are_nearly_the_same(
    question: str, leaks: int, make_item: Any, make_picture: Any
) -> None:
    long = "What is this, that you see in the middle of the picture?"
    options = tuple(f"{one} with a rather long description of it" for one in OTHERS["options"])
    train = [make_item("a", image=make_picture("a.png", 1), question=long, options=options)]
    image = make_picture("b.png", 2)
    changed = long.replace("What is this,", question[:13]) if leaks else question
    test = [make_item("b", image=image, question=changed, options=options[::-1], answer=3,
                      concept="other")]  # fmt: skip
    found = [one for one in kinds(train, test) if one[0] == "near-same text"]
    assert len(found) == leaks


def test_pictures_that_are_the_same_or_nearly(make_item: Any, make_picture: Any) -> None:
    original = make_picture("a.png", 1, side=256)
    copy = original.with_name("copy.png")
    copy.write_bytes(original.read_bytes())
    smaller = original.with_name("smaller.jpg")
    Image.open(original).resize((192, 192)).save(smaller, quality=80)
    train = [make_item("a", image=original)]
    test = [
        make_item("same", image=copy, **OTHERS),
        make_item("near", image=smaller, **OTHERS),
        make_item("other", image=make_picture("c.png", 3, side=256), **OTHERS),
    ]
    assert kinds(train, test) == [("same picture", "same", "a"), ("near-same picture", "near", "a")]


def test_broken_and_plain_pictures_are_no_leak(make_item: Any, tmp_path: Path) -> None:
    plain = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, grey in zip(plain, (90, 91), strict=True):
        Image.fromarray(np.full((40, 40, 3), grey, dtype=np.uint8)).save(path)
    missing = [tmp_path / "gone-a.png", tmp_path / "gone-b.png"]
    train = [make_item("a", image=plain[0]), make_item("b", image=missing[0])]
    test = [make_item("c", image=plain[1], **OTHERS), make_item("d", image=missing[1], **OTHERS)]
    assert kinds(train, test) == []


def test_each_kind_is_counted_and_shown(make_item: Any) -> None:
    item = make_item("a")
    leaks = find_leaks([item], [item])
    assert [one.kind for one in leaks] == list(KINDS[:3])
    console = Console(file=io.StringIO(), width=100)
    print_leaks(leaks, 1, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "same concept: 1 of 1 test items" in text
    assert "near-same picture: 0 of 1 test items" in text


def test_nothing_leaks_out_of_or_into_nothing(make_item: Any, make_picture: Any) -> None:
    items = [make_item("a", image=make_picture("a.png", 1))]
    assert kinds([], items) == kinds(items, []) == kinds([], []) == []
