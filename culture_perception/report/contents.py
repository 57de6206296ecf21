"""What a report holds, in order: a section an experiment, in it a part a run, in that topics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from culture_perception.experiments.comparisons import VERBATIM
from culture_perception.report.charts.confusion import confusion_charts
from culture_perception.report.charts.drawing import ArmChart, Chart
from culture_perception.report.charts.forest import ablation_charts, effect_charts
from culture_perception.report.charts.gap import gap_charts
from culture_perception.report.charts.ladder import ladder_charts
from culture_perception.report.charts.products import product_charts
from culture_perception.report.charts.reliability import reliability_charts
from culture_perception.report.charts.seconds import seconds_charts
from culture_perception.report.comparability import not_comparable, small_sample
from culture_perception.report.detail_tables import (
    ablation_table,
    comparison_tables,
    effect_table,
    mask_table,
    option_table,
)
from culture_perception.report.paper_tables import models_table, paper_table
from culture_perception.report.reading import TABLES, Run
from culture_perception.report.table import Table, filled

_LEADS: Final = {
    "identification": "Objects, cut out by their true masks, are named by the encoder alone.",
    "segmentation": "The segmenter's masks are named by the encoder and held against the truth.",
}


@dataclass(frozen=True)
class Topic:
    """Charts and tables that answer one question.

    Attributes:
        title: the question, in a few words.
        charts: open to see.
        tables: open to see.
        more: charts of other arms of the labels, shown on demand.
        folded: further tables, shown on demand.
        narrow: two charts fit beside each other.
    """

    title: str
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    more: tuple[Chart, ...] = ()
    folded: tuple[Table, ...] = ()
    narrow: bool = False


@dataclass(frozen=True)
class Part:
    """All of one run.

    Attributes:
        run: whose.
        paper: the paper's table.
        small: warning of a small sample; "" for none.
        topics: those that there is something to say of.
        options: that it ran with.
    """

    run: Run
    paper: Table
    small: str
    topics: tuple[Topic, ...]
    options: Table


@dataclass(frozen=True)
class Section:
    """All runs of one experiment.

    Attributes:
        kind: of the experiment; also the anchor.
        title: "Table I" or "Table II".
        lead: what was done.
        runs: 1 or more.
        gap: the gap charts of all of them.
        models: table of several models; None for one.
        notes: what is not comparable with the paper.
        parts: one of each run.
    """

    kind: str
    title: str
    lead: str
    runs: tuple[Run, ...]
    gap: Topic
    models: Table | None
    notes: tuple[str, ...]
    parts: tuple[Part, ...]


def sections_of(runs: Sequence[Run], advance: Callable[[], None] = lambda: None) -> list[Section]:
    """Draws and tabulates everything.

    Args:
        runs: in the order of the report.
        advance: called after each run.
    """
    return [
        _section(kind, own, advance)
        for kind in TABLES
        if (own := tuple(run for run in runs if run.source.kind == kind))
    ]


def _section(kind: str, runs: tuple[Run, ...], advance: Callable[[], None]) -> Section:
    parts = []
    for run in runs:
        parts.append(_part(run))
        advance()
    return Section(
        kind=kind,
        title=TABLES[kind],
        lead=_LEADS[kind],
        runs=runs,
        gap=_by_arm("The gap", gap_charts(runs)),
        models=models_table(runs) if len(runs) > 1 else None,
        notes=tuple(not_comparable(runs)),
        parts=tuple(parts),
    )


def _part(run: Run) -> Part:
    topics = (one for one in _topics(run) if one.charts or one.tables or one.folded)
    return Part(
        run=run,
        paper=paper_table(run),
        small=small_sample(run.result),
        topics=tuple(topics),
        options=option_table(run),
    )


def _topics(run: Run) -> Iterator[Topic]:
    pairs, others = comparison_tables(run)
    yield Topic(
        "What language, brand and culture do",
        tuple(effect_charts(run)),
        filled(pairs),
        folded=(*filled(effect_table(run)), *filled(others)),
    )
    yield Topic("What became of the objects", tuple(ladder_charts(run)))
    yield _by_arm("Product by product", product_charts(run))
    yield _by_arm("What is taken for what", confusion_charts(run), narrow=True)
    yield _by_arm("Sure, and right?", reliability_charts(run))
    yield Topic("Masks by themselves", tables=filled(mask_table(run)))
    yield Topic(
        "One thing done otherwise",
        tuple(ablation_charts(run)),
        folded=filled(ablation_table(run)),
    )
    yield Topic("How long it took", tuple(seconds_charts(run)))


def _by_arm(title: str, charts: Sequence[ArmChart], narrow: bool = False) -> Topic:
    """The papers' texts open to see, other arms of them on demand; all open where those lack."""
    own = tuple(one.chart for one in charts if one.arm == VERBATIM)
    others = tuple(one.chart for one in charts if one.arm != VERBATIM)
    if not own:
        return Topic(title, others, narrow=narrow)
    return Topic(title, own, more=others, narrow=narrow)


def charts_of(section: Section) -> Iterator[tuple[str, Chart]]:
    """Every chart with a name that is its own in the report, for files."""
    for chart in (*section.gap.charts, *section.gap.more):
        yield chart.name, chart
    for part in section.parts:
        for topic in part.topics:
            for chart in (*topic.charts, *topic.more):
                yield f"{part.run.key}-{chart.name}", chart
