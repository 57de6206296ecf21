from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from culture_perception.linting.findings import ERROR, WARNING, Label
from culture_perception.linting.same_texts import duplicates, nested

MakeLabels: TypeAlias = Callable[..., list[Label]]


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        (("green tea", "Green  Tea"), 2),
        (("ｺｰﾗの缶", "お茶", "コーラの缶"), 3),
        (("チョコレート の箱", "チョコレートの箱"), 2),
    ],
)
def test_texts_that_look_the_same_are_errors(
    make_labels: MakeLabels, texts: tuple[str, ...], line: int
) -> None:
    (found,) = duplicates(make_labels(*texts))
    assert (found.severity, found.kind, found.label.line) == (ERROR, "duplicate", line)
    assert "of s.c0 (line 1)" in found.problem and found.remedy


@pytest.mark.parametrize(
    "texts", [("green tea", "greentea"), ("ビオレ", "ピオレ"), ("ハハ", "パパ")]
)
def test_texts_that_look_different_are_not(make_labels: MakeLabels, texts: tuple[str, str]) -> None:
    assert list(duplicates(make_labels(*texts))) == []


def test_only_labels_that_stand_beside_each_other_are_compared(make_labels: MakeLabels) -> None:
    labels = [
        *make_labels("SPAM tin", language="en"),
        *make_labels("spam tin", language="en", style="brand"),
        *make_labels("spam tin", language="de"),
        *make_labels("a big spam tin", language="de", style="brand"),
    ]
    assert list(duplicates(labels)) == [] and list(nested(labels)) == []


@pytest.mark.parametrize(
    ("texts", "inner", "outer"),
    [
        (("青い洗剤の箱", "洗剤の箱"), "洗剤の箱", "s.c0 (line 1)"),
        (("red box", "big Red box of tea"), "red box", "s.c1 (line 2)"),
    ],
)
def test_a_text_within_anothers_is_named(
    make_labels: MakeLabels, texts: tuple[str, str], inner: str, outer: str
) -> None:
    (found,) = nested(make_labels(*texts))
    assert (found.severity, found.kind, found.label.text) == (WARNING, "nested", inner)
    assert found.problem.endswith(outer)


@pytest.mark.parametrize(
    "texts",
    [
        ("red box", "big red boxes"),  # a word goes on
        ("ox", "box"),
        ("赤い箱", "赤いお茶の箱"),
        ("green tea", "Green Tea"),  # a duplicate, not nested
    ],
)
def test_a_text_that_only_resembles_part_of_anothers_is_not(
    make_labels: MakeLabels, texts: tuple[str, str]
) -> None:
    assert list(nested(make_labels(*texts))) == []
