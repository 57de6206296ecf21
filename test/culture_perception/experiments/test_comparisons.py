"""Pairs, effects and the gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from culture_perception.experiments.comparisons import Series, compare, effects, gap
from culture_perception.experiments.resampling import Clusters, ratio
from culture_perception.experiments.texts import Cell


def series(products: str, language: str, style: str, right: str, arm: str = "verbatim") -> Series:
    answers = np.array([one == "1" for one in right])
    numbers = np.char.add(products, np.arange(len(right)).astype(str))
    return Series(
        cell=Cell(products, products, arm, language, style),
        columns=np.stack([answers.astype(float), np.ones(len(right))], axis=1),
        clusters=Clusters(numbers, numbers),
        statistic=ratio(0, 1),
        right=answers,
    )


@pytest.fixture
def table() -> list[Series]:
    return [
        series("ycb", "en", "plain", "1111"),
        series("ycb", "en", "brand", "1110"),
        series("konbini", "en", "plain", "1100"),
        series("konbini", "en", "brand", "1000"),
        series("konbini", "ja", "plain", "0000"),
        series("konbini", "ja", "brand", "1000"),
    ]


class TestCompare:
    """Cells that differ in one thing."""

    def test_which(self, table: list[Series]) -> None:
        found = {
            (one.first.products, one.first.language, one.changed, one.second.language)
            for one in compare(table)
        }
        assert found == {
            ("ycb", "en", "style", "en"),
            ("ycb", "en", "products", "en"),
            ("konbini", "en", "style", "en"),
            ("konbini", "en", "language", "ja"),
            ("konbini", "ja", "style", "ja"),
        }

    def test_paired(self, table: list[Series]) -> None:
        one = next(one for one in compare(table) if one.changed == "language")
        assert one.difference.value == 0.5
        assert (one.only_first, one.only_second) == (2, 0)
        assert one.p == pytest.approx(0.5)
        assert one.p_holm == pytest.approx(1.0)

    def test_products_have_no_pairs(self, table: list[Series]) -> None:
        one = next(one for one in compare(table) if one.changed == "products")
        assert not one.paired
        assert one.p is None
        assert one.difference.value == 0.5

    def test_arms_are_compared_within_their_set(self, table: list[Series]) -> None:
        mended = series("konbini", "ja", "plain", "0100", arm="normalised")
        mended = replace(mended, cell=mended.cell._replace(label_set="konbini_normalised"))
        found = [one for one in compare([*table, mended]) if "normalised" in one.second]
        assert [(one.changed, one.difference.value) for one in found] == [("arm", -0.25)]


class TestEffects:
    """Differences of means of cells."""

    def test_by_hand(self, table: list[Series]) -> None:
        found = {one.name: one.estimate.value for one in effects(table)}
        assert found == pytest.approx(
            {
                "brand, ycb en": -0.25,
                "brand, konbini en": -0.25,
                "brand, konbini ja": 0.25,
                "language, konbini": 0.25,
                "language x brand, konbini": -0.5,
                "culture, en": 0.5,
                "culture x brand, en": 0.0,
            }
        )


class TestGap:
    """The headline."""

    def test_best_and_worst(self, table: list[Series]) -> None:
        found = gap(table)
        assert found is not None
        assert (found.best[0], found.best_value) == ("ycb", 1.0)
        assert (found.worst.language, found.worst_value) == ("ja", 0.0)
        assert found.difference.value == 1.0

    def test_one_cell_has_none(self, table: list[Series]) -> None:
        assert gap(table[:1]) is None
