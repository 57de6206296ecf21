"""Every sentence comes from the record: other records, other sentences."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from culture_perception.experiments.comparisons import Gap
from culture_perception.experiments.options import Choice
from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.results import CellResult, Result
from culture_perception.experiments.texts import Cell
from culture_perception.report.comparability import not_comparable, small_sample
from culture_perception.report.headline import headline
from culture_perception.report.reading import Experiment, Run

BEST = Cell("ycb", "ycb", "verbatim", "en", "plain")
WORST = Cell("konbini", "konbini", "verbatim", "ja", "brand")
APART = Estimate(0.987, 0.924, 1.0)
NONE = Estimate(math.nan, math.nan, math.nan)
CHOICE = Choice("crop", "blur", "blur", "what is cut out", "not said")


def cell(name: Cell, value: float, paper: float, objects: int = 15) -> CellResult:
    figures = {"top1": Estimate(value, value, value), "score": Estimate(value, value, value)}
    return CellResult(name, figures, {"score": paper}, 75, 75, objects)


RESULT = Result(
    experiment="identification",
    figure="top1",
    segmenter="",
    encoder="ViT-B-32",
    cells=(cell(BEST, 0.987, 0.7916), cell(WORST, 0.0, 0.2439)),
    comparisons=(),
    effects=(),
    gap=Gap(BEST, WORST, 0.987, 0.0, APART),
    products=(),
    confusions=(),
    reliabilities=(),
    ladders=(),
    ablations=(),
    shown=(),
)


def run(result: Result, *choices: Choice) -> Run:
    source = Experiment(Path("a.json"), result.experiment, choices, (result,), {}, None, {})
    return Run("r-1", "the model", result, source)


def test_the_headline_names_worst_best_and_gap() -> None:
    one = headline(run(RESULT))
    assert (one.title, one.figure) == ("Table I: the model", "Top-1 accuracy")
    assert (one.worst, one.worst_percent) == (
        "Konbini (Japanese) w/ brand",
        "0.0\N{NO-BREAK SPACE}%",
    )
    assert (one.best, one.best_percent) == ("YCB (English) w/o brand", "98.7\N{NO-BREAK SPACE}%")
    assert (one.gap, one.interval) == ("98.7", "92.4 to 100.0")
    said = [sentence.replace("\N{NO-BREAK SPACE}", " ") for sentence in one.sentences]
    assert said == [
        "Of 75 objects of the group Konbini (Japanese) w/ brand 0.0 % are named right, of 75 of "
        "YCB (English) w/o brand 98.7 %.",
        "Its 95 % interval stays above 0: other products most likely show a gap as well.",
        "In the paper the gap is 54.8 points (Score with zeros): from Konbini (Japanese) w/ brand, "
        "24.4 %, to YCB (English) w/o brand, 79.2 %.",
    ]


@pytest.mark.parametrize(
    ("apart", "said"),
    [
        (Estimate(0.2, -0.1, 0.4), "Its 95 % interval reaches 0"),
        (Estimate(0.2, 0.0, 0.4), "Its 95 % interval reaches 0"),
        (replace(NONE, value=0.2), "The gap has no interval"),
    ],
)
def test_how_certain_the_gap_is(apart: Estimate, said: str) -> None:
    result = replace(RESULT, gap=Gap(BEST, WORST, 0.5, 0.3, apart))
    assert headline(run(result)).sentences[1].startswith(said)


def test_another_figure_is_no_share_of_objects() -> None:
    one = headline(run(replace(RESULT, figure="score")))
    assert one.sentences[0].startswith("Score with zeros is 0.0")


def test_a_single_group_has_no_gap() -> None:
    one = headline(run(replace(RESULT, gap=None)))
    assert (one.gap, one.worst) == ("", "")
    assert one.sentences == ("There is no gap to tell of: fewer than two groups have a figure.",)


def test_published_models_are_not_called_small() -> None:
    notes = not_comparable([run(RESULT, CHOICE)])
    assert notes[0] == "The paper's figures are of CLIP; those here are of ViT-B-32."
    assert not any("small model" in note for note in notes)


def test_own_models_are() -> None:
    result = replace(
        RESULT, experiment="segmentation", segmenter="small_sam-17", encoder="embedded-ab"
    )
    notes = not_comparable([run(result, CHOICE)])
    assert notes[0] == (
        "The paper's figures are of SAM and CLIP; those here are of small_sam-17 and embedded-ab."
    )
    assert notes[1].startswith("small_sam-17 and embedded-ab are small models of this package")


def test_of_several_models_only_own_ones_are_small() -> None:
    other = replace(RESULT, encoder="embedded-ab")
    notes = not_comparable([run(RESULT, CHOICE), run(other, CHOICE)])
    assert notes[0].endswith("those here are of ViT-B-32 and embedded-ab.")
    assert notes[1].startswith("embedded-ab is a small model of this package")


def test_what_was_on_the_table_is_said() -> None:
    drawn = not_comparable([run(RESULT, CHOICE)])
    assert any(
        note.startswith("The products of YCB and Konbini are drawn by code") for note in drawn
    )
    scans = cell(BEST._replace(products="scans"), 0.5, 0.7916, objects=8)
    notes = not_comparable([run(replace(RESULT, cells=(scans,)), CHOICE)])
    assert "YCB scans: 8 scanned objects, rendered." in notes
    assert not any("drawn by code" in note for note in notes)


def test_options_and_arms_that_differ_are_named() -> None:
    notes = not_comparable([run(RESULT, CHOICE)])
    assert notes[-1] == (
        "Choices that the paper leaves open: 1; here all are the defaults. They are listed below."
    )
    arm = replace(RESULT.cells[0], cell=BEST._replace(arm="matched"), paper={})
    result = replace(RESULT, cells=(*RESULT.cells, arm))
    notes = not_comparable([run(result, CHOICE, replace(CHOICE, name="over", value="scene"))])
    assert "here other than the defaults are over = scene." in notes[-2]
    assert notes[-1] == "Labels marked matched are not the paper's texts, and have no figure there."


def test_a_small_sample_says_so() -> None:
    assert small_sample(RESULT).startswith("A small sample: 15 different products a group.")
    large = replace(RESULT, cells=(cell(BEST, 0.5, 0.79, objects=30),))
    assert small_sample(large) == ""
    mixed = replace(RESULT, cells=(cell(BEST, 0.5, 0.7, 15), cell(WORST, 0.5, 0.2, 8)))
    assert "8 to 15 different products" in small_sample(mixed)
