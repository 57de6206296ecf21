"""Confusion matrices: what is taken for what, with the labels in their own language."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from culture_perception.experiments.results import Confusion
from culture_perception.report.charts.drawing import BLUE, INK, ArmChart, Chart, shortened, styled
from culture_perception.report.names import cell_name
from culture_perception.report.reading import Run

_MAP = LinearSegmentedColormap.from_list("report", ["#ffffff", "#cfe3f1", BLUE, "#003a5c"])
_MOST_SAID = 8


def confusion_charts(run: Run) -> list[ArmChart]:
    """A matrix a cell."""
    return [
        ArmChart(one.cell.arm, _chart(one, i))
        for i, one in enumerate(run.result.confusions, start=1)
    ]


@styled
def _chart(one: Confusion, number: int) -> Chart:
    size = len(one.labels)
    inches = 2.6 + 0.27 * max(size, 4)
    figure = Figure(figsize=(inches, inches), layout="constrained")
    axes = figure.subplots()
    totals = one.counts.sum(axis=1, keepdims=True)
    shares = np.divide(one.counts, totals, out=np.zeros(one.counts.shape), where=totals > 0)
    axes.pcolormesh(shares, cmap=_MAP, vmin=0, vmax=1, edgecolors="#eef1f4", linewidth=0.5)
    for right in range(size):  # the boxes where answers belong
        axes.add_patch(Rectangle((right, right), 1, 1, fill=False, edgecolor=INK, linewidth=1.1))
    for row, column in np.argwhere(one.counts > 0):
        dark = shares[row, column] > 0.45
        axes.text(
            column + 0.5, row + 0.5, str(one.counts[row, column]), ha="center", va="center",
            fontsize=7.5, color="white" if dark else INK,
        )  # fmt: skip
    texts = [shortened(label, 40) for label in one.labels]
    axes.set_xticks(np.arange(size) + 0.5, texts, rotation=90, fontsize=7.5, color=INK)
    axes.set_yticks(np.arange(size) + 0.5, texts, fontsize=7.5)
    axes.set(ylim=(size, 0), xlabel="answered", ylabel="true", aspect="equal")
    axes.tick_params(axis="x", length=0)
    axes.grid(visible=False)
    name = cell_name(one.cell)
    return Chart(
        f"confusion-{number}",
        f"{name}: rows the true label, columns the answer; framed: right.",
        _alt(one),
        figure,
    )


def _alt(one: Confusion) -> str:
    right = int(np.trace(one.counts))
    wrong = [
        (int(one.counts[i, j]), one.labels[i], one.labels[j])
        for i, j in np.argwhere(one.counts > 0)
        if i != j
    ]
    most = sorted(wrong, key=lambda entry: -entry[0])[:_MOST_SAID]
    said = "; ".join(f"{true} taken for {answer}: {count}" for count, true, answer in most)
    total = int(one.counts.sum())
    return f"{cell_name(one.cell)}: {right} of {total} right. {said or 'No confusion'}."
