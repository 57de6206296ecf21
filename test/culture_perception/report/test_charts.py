"""Charts: what they say to those who do not see them, and that they are drawn alike each time."""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from culture_perception.experiments.comparisons import Effect
from culture_perception.experiments.failures import RUNGS, ReliabilityBin
from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.results import (
    Ablation,
    CellResult,
    Confusion,
    Ladder,
    Product,
    Reliability,
    Result,
)
from culture_perception.experiments.texts import Cell
from culture_perception.report.charts.confusion import confusion_charts
from culture_perception.report.charts.drawing import (
    Chart,
    png_of,
    shortened,
    small_png_of,
    styled,
    svg_of,
    undrawable,
)
from culture_perception.report.charts.forest import ablation_charts, effect_charts
from culture_perception.report.charts.gap import charted_figures, gap_charts
from culture_perception.report.charts.ladder import ladder_charts
from culture_perception.report.charts.products import product_charts
from culture_perception.report.charts.reliability import reliability_charts
from culture_perception.report.charts.seconds import seconds_charts
from culture_perception.report.contents import Section, charts_of
from culture_perception.report.reading import Run

CELL = Cell("konbini", "konbini", "verbatim", "ja", "plain")
UNKNOWN = Estimate(math.nan, math.nan, math.nan)


def changed(run: Run, **fields: object) -> Run:
    return replace(run, result=replace(run.result, **fields))  # type: ignore[arg-type]


def bars(axes: Axes) -> list[tuple[float, float]]:
    """Where each begins, and how long it is."""
    found = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
    return [(bar.get_x(), bar.get_width()) for bar in found]


def test_the_gap_chart_says_every_figure_with_the_paper_s_beside_it(runs: list[Run]) -> None:
    chart = gap_charts(runs[:1])[0].chart
    one = runs[0].result.cells[0]
    top1, score = (100 * one.figures[name].value for name in ("top1", "score"))
    assert f"YCB (English) w/o brand: Top-1 accuracy {top1:.1f} %" in chart.alt
    assert f"Score with zeros {score:.1f} %" in chart.alt
    assert ", the paper 79.2" in chart.alt
    assert chart.narrow is not None
    assert chart.narrow.get_size_inches()[0] < 4 < chart.figure.get_size_inches()[0]


def test_the_paper_s_figure_is_charted_where_the_main_one_is_not_printed(runs: list[Run]) -> None:
    assert charted_figures(runs[0].result) == ("top1", "score")
    assert charted_figures(runs[1].result) == ("f1",)
    bare = tuple(replace(one, paper={}) for one in runs[0].result.cells)
    assert charted_figures(replace(runs[0].result, cells=bare)) == ("top1",)


def test_several_models_are_in_one_gap_chart(runs: list[Run]) -> None:
    other = replace(runs[0], key="identification-2", title="another")
    chart = gap_charts([runs[0], other])[0].chart
    texts = [text.get_text() for text in chart.figure.legends[0].get_texts()]
    assert texts[:4] == [
        "Top-1 accuracy, toy-encoder",
        "Score with zeros, toy-encoder",
        "Top-1 accuracy, another",
        "Score with zeros, another",
    ]


def test_other_arms_have_gap_charts_of_their_own(runs: list[Run]) -> None:
    own, matched = gap_charts(runs[:1])
    assert [(one.arm, one.chart.name) for one in (own, matched)] == [
        ("verbatim", "gap-identification-verbatim"),
        ("matched", "gap-identification-matched"),
    ]
    assert "matched" not in own.chart.alt
    assert "the paper" not in matched.chart.alt
    shown = [
        [text.get_text()[:3] for text in one.chart.figure.axes[0].texts] for one in (own, matched)
    ]
    assert "gap" in shown[0]
    assert "gap" not in shown[1]


def test_figures_that_there_are_none_of_leave_a_gap_in_the_chart(runs: list[Run]) -> None:
    empty = tuple(
        CellResult(one.cell, dict.fromkeys(one.figures, UNKNOWN), {}, 0, 0, 0)
        for one in runs[0].result.cells
    )
    chart = gap_charts([changed(runs[0], cells=empty, gap=None)])[0].chart
    assert "Top-1 accuracy – %" in chart.alt
    assert svg_of(chart.figure)


def test_product_charts_are_one_a_kind_and_arm(runs: list[Run]) -> None:
    found = product_charts(runs[0])
    assert [(one.arm, one.chart.name) for one in found] == [
        ("verbatim", "products-ycb-verbatim"),
        ("matched", "products-ycb-matched"),
        ("verbatim", "products-konbini-verbatim"),
    ]
    assert "Konbini (Japanese) w/o brand, 赤い茶: 0 of 4" in found[2].chart.alt


def test_a_bar_is_as_long_as_its_product_is_often_right(runs: list[Run]) -> None:
    products = (
        Product(CELL, "konbini.tea", "お茶", 3, 4),
        Product(CELL, "konbini.gum", "ガム", 0, 0),
    )
    (one,) = product_charts(changed(runs[0], products=products))
    axes = one.chart.figure.axes[0]
    assert [width for _, width in bars(axes)] == [100, 75, 100, 0]
    assert {"3/4", "0/0", "お茶"} <= {text.get_text() for text in axes.texts}


def test_a_confusion_matrix_says_its_worst_mistakes(runs: list[Run]) -> None:
    counts = np.array([[3, 2, 0], [0, 5, 0], [4, 1, 0]])
    one = Confusion(CELL, ("k.a", "k.b", "k.c"), ("ア", "イ", "ウ"), counts)
    (chart,) = confusion_charts(changed(runs[0], confusions=(one,)))
    assert chart.chart.alt == (
        "Konbini (Japanese) w/o brand: 8 of 15 right. ウ taken for ア: 4; ア taken for イ: 2; "
        "ウ taken for イ: 1."
    )
    numbers = sorted(text.get_text() for text in chart.chart.figure.axes[0].texts)
    assert numbers == ["1", "2", "3", "4", "5"]


def test_a_confusion_matrix_without_a_case_is_drawn(runs: list[Run]) -> None:
    one = Confusion(CELL, ("k.a",), ("ア",), np.zeros((1, 1), np.intp))
    (chart,) = confusion_charts(changed(runs[0], confusions=(one,)))
    assert chart.chart.alt.endswith("0 of 0 right. No confusion.")


def test_reliability_tells_bins_and_calibration_error(runs: list[Run]) -> None:
    cell = CellResult(CELL, {"top1": UNKNOWN}, {}, 4, 4, 3, calibration_error=0.179)
    bins = (ReliabilityBin(0.4, 0.5, 3, 0.45, 2 / 3), ReliabilityBin(0.9, 1.0, 1, 0.95, 1.0))
    run = changed(runs[0], cells=(cell,), reliabilities=(Reliability(CELL, bins),))
    (one,) = reliability_charts(run)
    chart = one.chart
    assert "calibration error 17.9 %: 3 answers of mean probability 45.0 % are right in 66.7 %" in (
        chart.alt
    )
    points = np.asarray(chart.figure.axes[0].collections[0].get_offsets())
    np.testing.assert_allclose(points, np.array([[45, 200 / 3], [95, 100]]))


def test_a_reliability_diagram_without_answers_is_drawn(runs: list[Run]) -> None:
    cell = CellResult(CELL, {"top1": UNKNOWN}, {}, 0, 0, 0)
    run = changed(runs[0], cells=(cell,), reliabilities=(Reliability(CELL, ()),))
    (one,) = reliability_charts(run)
    chart = one.chart
    assert chart.alt.endswith("calibration error –: no answers.")
    assert svg_of(chart.figure)


def test_the_rungs_of_a_ladder_fill_its_bar(runs: list[Run]) -> None:
    counts = dict(zip(RUNGS, (6, 0, 2, 1, 1, 0), strict=True))
    (chart,) = ladder_charts(changed(runs[1], ladders=(Ladder(CELL, counts),)))
    found = bars(chart.figure.axes[0])
    np.testing.assert_allclose(found, [(0, 60), (60, 20), (80, 10), (90, 10)])
    assert "Segmenter missed: no mask covers it." in chart.caption
    assert "Konbini (Japanese) w/o brand: right 6, segmenter missed 0" in chart.alt


def test_a_ladder_without_objects_is_an_empty_bar(runs: list[Run]) -> None:
    (chart,) = ladder_charts(changed(runs[1], ladders=(Ladder(CELL, dict.fromkeys(RUNGS, 0)),)))
    assert len(chart.figure.axes[0].patches) == 0


def test_effects_and_ablations_say_difference_and_interval(runs: list[Run]) -> None:
    effects = (Effect("brand, ycb en", "brand less plain", Estimate(-0.36, -0.61, -0.134)),
               Effect("nothing", "to tell", UNKNOWN))  # fmt: skip
    (chart,) = effect_charts(changed(runs[0], effects=effects))
    assert "brand, YCB English: brand less plain −36.0 (−61.0 to −13.4)" in chart.alt
    assert "nothing: to tell –." in chart.alt
    ablations = (Ablation(CELL, "crop", "box", 0.4, Estimate(0.1, -0.05, 0.2)),)
    (chart,) = ablation_charts(changed(runs[0], ablations=ablations))
    assert chart.alt.endswith("Konbini (Japanese) w/o brand, crop: box +10.0 (−5.0 to +20.0).")


def test_nothing_is_cut_off(sections: list[Section]) -> None:
    for name, chart in (pair for section in sections for pair in charts_of(section)):
        for figure in filter(None, (chart.figure, chart.narrow)):
            width, height = figure.get_size_inches()
            box = figure.get_tightbbox()
            ends = (box.x0, box.y0, width - box.x1, height - box.y1)
            assert min(ends) > -0.03, (name, ends)


def test_seconds_leave_out_what_was_not_measured(runs: list[Run]) -> None:
    (chart,) = seconds_charts(changed(runs[1], seconds=(0.2, math.nan, 0.4)))
    assert "2 scenes, p50 0.30 s, p95 0.39 s, at most 0.40 s." in chart.alt


def test_what_was_not_measured_has_no_chart(runs: list[Run]) -> None:
    measured = "products confusions reliabilities ladders ablations effects seconds".split()
    run = changed(runs[0], **dict.fromkeys(measured, ()))
    draw = (product_charts, confusion_charts, reliability_charts, ladder_charts, ablation_charts,
            effect_charts, seconds_charts)  # fmt: skip
    assert [one(run) for one in draw] == [[]] * len(draw)


@styled
def labelled(text: str) -> Chart:
    figure = Figure(figsize=(3, 1))
    figure.text(0.05, 0.5, text)
    return Chart("label", "", "", figure)


def test_the_same_chart_is_the_same_bytes() -> None:
    assert svg_of(labelled("お茶 tea").figure) == svg_of(labelled("お茶 tea").figure)
    assert png_of(labelled("お茶").figure) == png_of(labelled("お茶").figure)


def test_japanese_is_drawn_with_the_shipped_font() -> None:
    japanese, latin = (svg_of(labelled(text).figure).decode() for text in ("茶", "tea"))
    assert "MPLUS1-ExtraBold" in japanese
    assert "MPLUS1-ExtraBold" not in latin


def test_a_dollar_is_a_dollar() -> None:
    assert labelled("$5 or $6").figure.texts[0].get_parse_math() is False


def test_letters_that_no_font_has_are_named_and_raise_no_warning() -> None:
    text = "お茶 tea \N{THAI CHARACTER KO KAI}\N{HANGUL SYLLABLE GA}\N{HANGUL SYLLABLE GA}\n"
    assert undrawable(text) == "\N{THAI CHARACTER KO KAI}\N{HANGUL SYLLABLE GA}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert svg_of(labelled(text).figure)


def test_a_small_png_is_sharp_and_of_few_colours() -> None:
    figure = labelled("お茶 tea").figure
    content = small_png_of(figure)
    with Image.open(io.BytesIO(content)) as image:
        assert (image.size, image.mode) == ((576, 192), "P")
    assert len(content) < len(svg_of(figure))


@pytest.mark.parametrize(("text", "short"), [("a" * 10, "a" * 10), ("a" * 11, "a" * 9 + "…")])
def test_long_labels_are_cut(text: str, short: str) -> None:
    assert shortened(text, 10) == short


def test_styles_of_others_do_not_matter(runs: list[Run]) -> None:
    import matplotlib as mpl

    before = svg_of(effect_charts(runs[0])[0].figure)
    with mpl.rc_context({"font.size": 20.0, "text.color": "red"}):
        assert svg_of(effect_charts(runs[0])[0].figure) == before
    assert isinstance(runs[0].result, Result)
