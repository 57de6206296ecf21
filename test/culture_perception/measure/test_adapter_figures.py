"""Figures with an adapter beside those without."""

from __future__ import annotations

import math

import pytest

from culture_perception.measure.adapter_figures import GAP, beside, differences
from culture_perception.measure.figures import TARGETS, Figure
from culture_perception.measure.naming_figures import CALIBRATION, END_TO_END, NAMING


def _f1(language: str, style: str, value: float) -> Figure:
    key = f"end_to_end.konbini.{language}.{style}.f1"
    return Figure(END_TO_END, key, f"konbini, {language}, {style}", value, 40, form="percent")


def _top1(name: str, language: str, style: str, value: float) -> Figure:
    key = f"encoder.{name}.{language}.{style}.top1"
    return Figure(NAMING, key, f"{name}, {language}, {style}", value, 40, form="percent")


BEFORE = [
    _top1("konbini", "en", "plain", 0.7),
    _top1("konbini", "ja", "plain", 0.1),
    _top1("ycb", "en", "plain", 0.96),
    Figure(CALIBRATION, "encoder.ycb.en.plain.calibration_error", "ycb", 0.02, 40),
    Figure(END_TO_END, "end_to_end.konbini.ja.plain.precision", "names", math.nan, 0),
    Figure("masks", "segmenter.ycb.recall_iou50", "recall", 0.9, 40),
]
AFTER = [
    _top1("konbini", "en", "plain", 0.9),
    _top1("konbini", "ja", "plain", 0.875),
    _top1("ycb", "en", "plain", 0.955),
    Figure(CALIBRATION, "encoder.ycb.en.plain.calibration_error", "ycb", 0.04, 40),
    Figure(END_TO_END, "end_to_end.konbini.ja.plain.precision", "names", 0.8, 40, form="percent"),
]


def test_each_figure_has_the_one_without_the_adapter_in_its_text() -> None:
    found = {one.key: one for one in beside("japan", BEFORE, AFTER)}
    japanese = found["adapter.japan.konbini.ja.plain.top1"]
    assert japanese.value == 0.875
    assert japanese.what == "konbini, ja, plain (without: 10.0 %)"
    assert japanese.section == f"{NAMING}, with the adapter japan"
    assert japanese.is_met
    assert found["adapter.japan.ycb.en.plain.calibration_error"].what == "ycb (without: 0.020)"
    assert found["adapter.japan.konbini.ja.plain.precision"].what == "names (without: –)"
    assert len(found) == len(AFTER)


def test_differences_are_from_english_and_of_what_other_sets_lose() -> None:
    found = {one.key: one for one in differences("japan", "konbini", ["en", "ja"], BEFORE, AFTER)}
    assert {one.section for one in found.values()} == {GAP}
    assert found["adapter.japan.gap.ja.plain"].value == pytest.approx(0.025)
    assert found["adapter.japan.gap.ja.plain"].is_met
    assert found["adapter.japan.cost.ycb.en.plain"].value == pytest.approx(0.005)
    assert found["adapter.japan.cost.ycb.en.plain"].is_met
    assert set(found) == {"adapter.japan.gap.ja.plain", "adapter.japan.cost.ycb.en.plain"}


def test_an_adapter_of_one_language_has_no_gap() -> None:
    found = differences("x", "konbini", ["ja"], [BEFORE[1]], [AFTER[1]])
    assert found == []


def test_targets_of_the_shipped_adapter_are_those_of_keys_that_come_up() -> None:
    wanted = {key for key in TARGETS if key.startswith("adapter.")}
    before, after = (
        [
            _top1(name, language, style, value)
            for name, language in (("konbini", "en"), ("konbini", "ja"), ("ycb", "en"))
            for style in ("plain", "brand")
        ]
        + [_f1("ja", style, value) for style in ("plain", "brand")]
        for value in (0.5, 0.9)
    )
    keys = {one.key for one in beside("japan", before, after)}
    keys |= {one.key for one in differences("japan", "konbini", ["en", "ja"], before, after)}
    assert wanted <= keys
