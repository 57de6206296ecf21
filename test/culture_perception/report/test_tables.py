"""Tables of the report, of results small enough to write down."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from culture_perception.experiments.comparisons import Comparison
from culture_perception.experiments.options import Choice
from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.results import CellResult, Result
from culture_perception.experiments.texts import Cell
from culture_perception.report.detail_tables import comparison_tables, mask_table, option_table
from culture_perception.report.paper_tables import models_table, paper_table
from culture_perception.report.reading import Experiment, Run
from culture_perception.report.table import Entry, Row, filled

PLAIN = Cell("ycb", "ycb", "verbatim", "en", "plain")
BRAND = PLAIN._replace(style="brand")
NOTHING = Entry("–")


def cell(name: Cell, value: float, paper: float | None = None) -> CellResult:
    figure = Estimate(value, value - 0.1, value + 0.1)
    return CellResult(name, {"top1": figure}, {} if paper is None else {"top1": paper}, 75, 75, 15)


def run(*cells: CellResult, title: str = "model") -> Run:
    result = Result(
        "identification", "top1", "", title, cells, (), (), None, (), (), (), (), (), ()
    )
    choices = (Choice("crop", "box", "blur", "what is cut out", "not said"),
               Choice("tau", 0.5, 0.5, "how sure", "not said"))  # fmt: skip
    source = Experiment(Path("a.json"), "identification", choices, (result,), {}, None, {})
    return Run("identification-1", title, result, source)


def test_the_paper_s_figures_stand_below_ours() -> None:
    table = paper_table(run(cell(PLAIN, 0.5, 0.7916), cell(BRAND, 0.25, 0.8248)))
    assert [(one.text, one.columns) for one in table.groups] == [
        ("", 2), ("w/o brand", 1), ("w/ brand", 1), ("", 1),
    ]  # fmt: skip
    assert table.headings == ("", "", "Top-1 accuracy", "Top-1 accuracy", "n")
    assert table.rows == (
        Row(
            "YCB (English)",
            (Entry("50.0", "40–60"), Entry("25.0", "15–35"), Entry("75")),
            name="here",
            span=2,
        ),
        Row("", (Entry("79.2"), Entry("82.5"), NOTHING), "paper", "the paper"),
    )


def test_a_row_that_the_paper_lacks_has_none_of_it() -> None:
    matched = cell(PLAIN._replace(arm="matched"), 0.5)
    (row,) = paper_table(run(matched)).rows
    assert (row.header, row.name, row.span) == ("YCB (English, matched)", "here", 1)


def test_a_missing_style_and_a_missing_figure_are_dashes() -> None:
    unknown = CellResult(PLAIN, {"top1": Estimate(math.nan, math.nan, math.nan)}, {}, 0, 0, 0)
    other = cell(Cell("konbini", "konbini", "verbatim", "ja", "brand"), 0.5)
    first, second = paper_table(run(unknown, other)).rows
    assert first.entries == (NOTHING, NOTHING, Entry("0"))
    assert second.entries == (NOTHING, Entry("50.0", "40–60"), Entry("75"))


def test_models_stand_below_each_other() -> None:
    table = models_table([run(cell(PLAIN, 0.5), title="a"), run(cell(BRAND, 0.4), title="b")])
    assert table.headings == ("model", "YCB (English) w/o brand", "YCB (English) w/ brand")
    assert table.rows == (
        Row("a", (Entry("50.0", "40–60"), NOTHING)),
        Row("b", (NOTHING, Entry("40.0", "30–50"))),
    )


def test_pairs_of_other_arms_stand_apart() -> None:
    apart = Estimate(0.067, -0.01, 0.186)
    own = Comparison(PLAIN, BRAND, "style", apart, True, 5, 0, 0.0625, 0.125)
    unpaired = replace(own, paired=False, p=None, p_holm=None)
    arm = replace(own, second=PLAIN._replace(arm="matched"), changed="arm")
    base = run(cell(PLAIN, 0.5))
    result = replace(base.result, comparisons=(own, unpaired, arm))
    pairs, others = comparison_tables(replace(base, result=result))
    assert [row.entries for row in pairs.rows] == [
        (
            Entry("YCB (English) w/ brand"),
            Entry("+6.7", "−1.0 to +18.6"),
            Entry(counts),
            Entry(p),
            Entry(holm),
        )
        for counts, p, holm in (("5 : 0", "0.062", "0.12"), ("–", "–", "–"))
    ]
    assert [row.entries[0].text for row in others.rows] == ["YCB (English, matched) w/o brand"]


def test_options_other_than_their_defaults_are_marked() -> None:
    first, second = option_table(run(cell(PLAIN, 0.5))).rows
    assert (first.header, first.kind, first.entries[0].text) == ("crop", "changed", "box")
    assert (second.kind, second.entries[1].text) == ("", "0.5")


@pytest.mark.parametrize("figures", [None, {}])
def test_no_mask_figures_no_table(figures: dict[str, dict[str, float]] | None) -> None:
    base = run(cell(PLAIN, 0.5))
    assert (
        filled(mask_table(replace(base, result=replace(base.result, mask_figures=figures)))) == ()
    )


def test_mask_figures_are_percent() -> None:
    base = run(cell(PLAIN, 0.5))
    figures = {"ycb, any name": {"ap": 0.7274, "pq": math.nan}, PLAIN.title: {"ap": 0.5}}
    table = mask_table(replace(base, result=replace(base.result, mask_figures=figures)))
    assert table.headings == ("masks of", "AP", "PQ")
    assert [(row.header, [one.text for one in row.entries]) for row in table.rows] == [
        ("YCB, any name", ["72.7", "–"]),
        ("YCB (English) w/o brand", ["50.0", "–"]),
    ]
