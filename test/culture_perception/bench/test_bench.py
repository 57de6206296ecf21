"""The comparison's own arithmetic by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from culture_perception.bench.agreement import agreement, recall
from culture_perception.bench.cases import CASES, BenchOptions, run_case, runs_of
from culture_perception.bench.command import NAMES, table_of, with_target
from culture_perception.bench.frames import Frame
from culture_perception.bench.interleaving import (
    Comparison,
    Run,
    interleave,
    mean_stages,
    peak_mib,
)
from culture_perception.masks import MaskArray


def square(x: int, side: int = 10) -> MaskArray:
    mask = np.zeros((96, 128), np.bool_)
    mask[40 : 40 + side, x : x + side] = True
    return mask


@pytest.fixture
def frame() -> Frame:
    image = np.full((96, 128, 3), 120, np.uint8)
    masks = [square(20, 30), square(80, 24)]
    for mask, colour in zip(masks, ((220, 30, 30), (30, 30, 220)), strict=True):
        image[mask] = colour
    return Frame(image, masks)


def test_ratios_are_of_all_runs_and_of_pairs() -> None:
    reference = [Run(4.0, 8.0, 10.0, {"segment": 1.0}), Run(6.0, 8.0, 30.0, {"segment": 3.0})]
    ours = [Run(2.0, 2.0, None, {"segment": 1.0}), Run(2.0, 2.0, None, {"segment": 1.0})]
    found = Comparison(reference, ours)
    assert (found.ratio, found.cpu_ratio, found.ratio_range) == (2.5, 4.0, (2.0, 3.0))
    assert mean_stages(reference) == {"segment": 2.0}
    assert (peak_mib(reference), peak_mib(ours)) == (30.0, None)


def test_runs_take_turns() -> None:
    order: list[str] = []

    def work(name: str) -> dict[str, float]:
        order.append(name)
        return {}

    steps: list[int] = []
    pairs = [(lambda: work("A1"), lambda: work("B1")), (lambda: work("A2"), lambda: work("B2"))]
    interleave(pairs, 2, lambda: steps.append(1))
    assert order == ["A1", "B1", "A2", "B2"] * 2
    assert len(steps) == 8


def test_the_peak_is_of_the_run_alone() -> None:
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("this kernel does not reset the peak")
    held: list[object] = []

    def large() -> dict[str, float]:
        held.append(np.ones(80 * 2**20, np.uint8))
        held.clear()
        return {}

    found = interleave([(large, dict)], 1, lambda: None)
    assert 70 < (peak_mib(found.reference) or 0) < 120
    assert (peak_mib(found.ours) or 0) < 20


def test_agreement_counts_identical_found_and_missed_masks() -> None:
    reference = [[square(0), square(40), square(80)], []]
    found = agreement(reference, [[square(0), square(42)], [square(1)]])
    assert (found.reference, found.ours, found.identical, found.found) == (3, 3, 1, 2)
    assert found.matched_iou == pytest.approx((1 + 80 / 120) / 2)
    assert found.missed_points == pytest.approx(100 / 3)


def test_recall_is_of_the_truth() -> None:
    truth = [[square(0), square(40)], [square(80)]]
    assert recall(truth, [[square(0)], [square(80), square(0)]]) == pytest.approx(2 / 3)
    assert recall(truth, [[], []]) == 0
    assert recall([], []) == 0


def test_labelling_runs_and_stays_near_the_reference(frame: Frame) -> None:
    options = BenchOptions([frame], 1, 4, threads=1, device="cpu")
    steps: list[int] = []
    record = with_target(run_case("labelling_64", options, lambda: steps.append(1)))
    assert len(steps) == runs_of("labelling_64", options) == 2
    assert record["least_cosine"] > 0.99
    assert record["target_ratio"] == 5
    assert record["ratio"] > 1
    assert json.loads(json.dumps(record, allow_nan=False))["name"] == "labelling_64"
    console = Console(record=True, width=120)
    console.print(table_of([record]))
    assert "labelling_64" in console.export_text()


def test_the_command_line_knows_every_case() -> None:
    assert tuple(CASES) == NAMES
