"""The gate on tables made by hand."""

from __future__ import annotations

import re

import numpy as np
import pytest

from culture_perception.adapt.calibration_change import calibration_change
from culture_perception.adapt.cells import CellTrials
from culture_perception.adapt.gate import Measured, Verdict, judge, paired_interval
from culture_perception.adapt.strength import GRID, choose_scale, worth
from culture_perception.training.calibration import Trials

TARGET = ("shop", "fi", "plain")
OTHER = ("shop", "en", "plain")


def tried(right: int, of: int = 100, sure: float = 0.3) -> CellTrials:
    """So many of the crops are right, all as surely; each is a picture of its own."""
    cosines = np.zeros((of, 2))
    cosines[:right, 0], cosines[right:, 1] = sure, sure
    return CellTrials(Trials(cosines, np.zeros(of, np.int64)), np.arange(of))


def gate(target: tuple[int, int], other: tuple[int, int]) -> Verdict:
    before = Measured({TARGET: tried(target[0]), OTHER: tried(other[0])}, 5.0)
    after = Measured({TARGET: tried(target[1]), OTHER: tried(other[1])}, 5.0)
    return judge(before, after, [TARGET])


def test_up_there_and_not_down_elsewhere_passes() -> None:
    verdict = gate((50, 80), (85, 84))
    assert verdict.passed
    record = verdict.cells[0].record()
    assert (record["before"], record["after"], record["n"]) == (0.5, 0.8, 100)
    assert record["target"]
    assert record["change_interval"][0] > 0.2
    assert not verdict.cells[1].is_target


@pytest.mark.parametrize(
    ("target", "other", "fault"),
    [
        ((50, 80), (85, 70), "shop/en/plain fell from 85.0% to 70.0%"),
        ((80, 60), (85, 85), "shop/fi/plain fell from 80.0% to 60.0%"),
        ((50, 50), (85, 85), r"did not gain beyond their interval \(50.0% to 50.0% together\)"),
        ((50, 51), (85, 85), "did not gain beyond their interval"),
    ],
)
def test_each_fault(target: tuple[int, int], other: tuple[int, int], fault: str) -> None:
    faults = gate(target, other).faults
    assert any(re.search(fault, one) for one in faults), faults


def test_nothing_can_be_gained_where_all_is_right() -> None:
    """Calibration aside, a target that is right already passes."""
    assert not any("gain" in fault for fault in gate((100, 100), (85, 85)).faults)


def test_a_small_drop_within_its_interval_is_not_held_against_it() -> None:
    assert not any("en" in fault for fault in gate((50, 80), (85, 83)).faults)


def test_surer_and_no_better_is_a_fault() -> None:
    before = Measured({TARGET: tried(50), OTHER: tried(850, 1000)}, 5.0)
    after = Measured({TARGET: tried(80), OTHER: tried(850, 1000, sure=0.9)}, 5.0)
    faults = judge(before, after, [TARGET]).faults
    # softmax of 5 * 0.3 is .818, so .032 off; of 5 * 0.9 it is .989, so .139 off.
    assert faults == ("calibration error of the other cells rose from 0.032 to 0.139",)


def test_all_cells_are_judged_at_the_scale_that_comes_with_the_adapter() -> None:
    before = Measured({TARGET: tried(50), OTHER: tried(850, 1000)}, 5.0)
    after = Measured({TARGET: tried(80), OTHER: tried(850, 1000)}, 15.0)
    verdict = judge(before, after, [TARGET])
    # softmax of 15 * 0.3 is .989, and .85 are right.
    assert verdict.cells[1].after.calibration_error == pytest.approx(0.139, abs=5e-4)
    assert "calibration error of the other cells rose from 0.032 to 0.139" in verdict.faults


def test_a_rise_that_chance_gives_is_no_fault() -> None:
    """Two of ten crops fewer right: the error rises by a tenth, and might as well have fallen."""
    before = Measured({TARGET: tried(4, 10), OTHER: tried(8, 10)}, 5.0)
    after = Measured({TARGET: tried(10, 10, sure=0.9), OTHER: tried(7, 10)}, 5.0)
    change = calibration_change(before.cells, after.cells, [OTHER], (5.0, 5.0))
    assert (change.before, change.after) == pytest.approx((0.018, 0.118), abs=5e-4)
    assert change.least_rise < 0
    assert not any("other cells" in fault for fault in judge(before, after, [TARGET]).faults)


def test_the_interval_draws_whole_pictures() -> None:
    change = np.array([1.0, 1, 1, 1, 0, 0, 0, 0])
    low, high = paired_interval(change, np.repeat([0, 1], 4))
    assert (low, high) == (0.0, 1.0)  # either picture alone may be drawn
    apart = paired_interval(change, np.arange(8))
    assert 0.0 < apart[0] < 0.5 < apart[1] < 1.0


def test_where_nothing_changed_the_interval_is_wilsons_of_none() -> None:
    # z^2 / (n + z^2) of 10 cases
    low, high = paired_interval(np.zeros(10), np.arange(10))
    assert high == pytest.approx(3.8415 / 13.8415, abs=1e-4)
    assert low == -high
    assert paired_interval(np.ones(10), np.arange(10)) == (1 - high, 1.0)


def test_the_scale_keeps_what_was_known() -> None:
    before = {TARGET: tried(20), OTHER: tried(80)}

    def at(scale: float) -> dict[tuple[str, str, str], CellTrials]:
        forgotten = 40 if scale > 0.5 else 0
        return {TARGET: tried(20 + round(60 * scale)), OTHER: tried(80 - forgotten)}

    scale, curve = choose_scale(at, before, [TARGET])
    assert scale == 0.5
    assert set(curve) == set(GRID)
    assert curve[1.0] == (0.8, 0.4)

    def always(scale: float) -> dict[tuple[str, str, str], CellTrials]:
        return {TARGET: tried(round(100 * scale)), OTHER: tried(70)}

    assert choose_scale(always, before, [TARGET])[0] == 1.0
    assert choose_scale(lambda _: {TARGET: tried(90)}, {TARGET: tried(20)}, [TARGET])[0] == GRID[0]


def test_worth_weighs_what_is_lost_elsewhere() -> None:
    before = {TARGET: tried(0), OTHER: tried(100)}
    sure = 1 / (1 + np.exp(-1.5))
    assert worth(before, before, [TARGET], 5.0) == pytest.approx(1 - sure)
    kept = {TARGET: tried(100), OTHER: tried(100)}
    assert worth(before, kept, [TARGET], 5.0) == pytest.approx(sure)
    lost = {TARGET: tried(100), OTHER: tried(0)}
    assert worth(before, lost, [TARGET], 5.0) == pytest.approx(sure - (2 * sure - 1))
