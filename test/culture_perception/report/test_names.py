from __future__ import annotations

import math

import pytest

from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.texts import Cell
from culture_perception.report.names import (
    cell_name,
    concept_name,
    figure_name,
    group_name,
    percent,
    percent_interval,
    points,
    points_interval,
    probability,
    readable,
)


@pytest.mark.parametrize(
    ("share", "text"), [(0.98666, "98.7"), (0.0, "0.0"), (1.0, "100.0"), (math.nan, "–")]
)
def test_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.067, "+6.7"), (-0.36, "−36.0"), (0.0002, "0.0"), (-0.0002, "0.0"), (math.nan, "–")],
)
def test_points(value: float, text: str) -> None:
    assert points(value) == text


@pytest.mark.parametrize(
    ("one", "share", "difference"),
    [
        (Estimate(0.5, 0.432, 0.871), "43–87", "+43.2 to +87.1"),
        (Estimate(0.0, -0.1, 0.0), "-10–0", "−10.0 to 0.0"),
        (Estimate(0.5, math.nan, math.nan), "", ""),
    ],
)
def test_intervals(one: Estimate, share: str, difference: str) -> None:
    assert (percent_interval(one), points_interval(one)) == (share, difference)


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0625, "0.062"), (0.00001, "< 0.0001"), (1.0, "1"), (None, "–"), (0, "< 0.0001")],
)
def test_p_values(p: float | None, text: str) -> None:
    assert probability(p) == text


@pytest.mark.parametrize(
    ("cell", "group", "name"),
    [
        (
            Cell("konbini", "konbini", "verbatim", "ja", "brand"),
            "Konbini (Japanese)",
            "Konbini (Japanese) w/ brand",
        ),
        (  # an arm, languages fused, one of which this package does not know
            Cell("ycb", "ycb", "matched", "en+pt-BR", "plain"),
            "YCB (English + pt-BR, matched)",
            "YCB (English + pt-BR, matched) w/o brand",
        ),
        (
            Cell("tools", "tools", "verbatim", "en", "slang"),
            "tools (English)",
            "tools (English) slang",
        ),
    ],
)
def test_cells(cell: Cell, group: str, name: str) -> None:
    assert (group_name(cell), cell_name(cell)) == (group, name)


def test_what_is_unknown_keeps_its_name() -> None:
    assert figure_name("kappa") == "kappa"
    assert [concept_name(one) for one in ("ycb.bleach_cleanser", "mug")] == [
        "bleach cleanser",
        "mug",
    ]


def test_keys_in_a_text_are_named() -> None:
    assert readable("brand, ycb en") == "brand, YCB English"
    assert readable("gain by brand in en less ja") == "gain by brand in English less Japanese"
