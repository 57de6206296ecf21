"""Figures of a run by hand, this process's own usage, tables and curves."""

from __future__ import annotations

import csv
import mmap
import os
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from culture_perception.soak.chart import draw, write_csv
from culture_perception.soak.command import table_of
from culture_perception.soak.summary import Result, Sample, summarise
from culture_perception.soak.usage import NoSuchProcess, Usage, usage_of

FRAMES = {"received": 30, "processed": 3, "dropped": 27, "failed": 0}
RESULTS = [Result(1.0, 100.0, 4, 2), Result(2.0, 200.0, 4, 0), Result(3.0, 300.0, 1, 1)]


def samples(*memory_mib: float) -> list[Sample]:
    """One process, a sample a second, half a core."""
    return [
        Sample(float(at), {"node": Usage(mib, 10 + at / 2)}) for at, mib in enumerate(memory_mib)
    ]


def test_rate_latency_and_names() -> None:
    record = summarise(RESULTS, samples(100, 100), 6.0, FRAMES)
    assert record["results_per_s"] == 0.5
    assert record["latency_ms"] == {"p50": 200.0, "p99": 298.0, "max": 300.0}
    assert record["masks_a_result"] == 3.0
    assert record["with_names_share"] == pytest.approx(2 / 3, abs=1e-3)
    assert record["frames"] == FRAMES


def test_memory_is_judged_after_the_warm_up() -> None:
    filling = [50.0, 90.0, *[100.0] * 8]
    node = summarise(RESULTS, samples(*filling), 10.0, FRAMES)["processes"]["node"]
    assert node == {
        "rss_mib": {
            "first_result": 90.0,
            "settled": 100.0,
            "end": 100.0,
            "peak": 100.0,
            "growth": 0.0,
        },
        "cores": 0.5,
    }


@pytest.mark.parametrize(
    ("results", "mib", "reason"),
    [
        ([], 50.0, "nothing was recognised: the first sample"),
        ([Result(0.2, 1.0, 1, 1), Result(2.0, 1.0, 1, 1)], 90.0, "the first sample after it"),
        ([Result(9.9, 1.0, 1, 1)], 110.0, "it came after the last sample"),
    ],
)
def test_memory_at_the_first_result_is_told_as_well(
    results: list[Result], mib: float, reason: str
) -> None:
    memory = [50.0, 90.0, *[100.0] * 6, 110.0]
    node = summarise(results, samples(*memory), 10.0, FRAMES)["processes"]["node"]
    assert node["rss_mib"]["first_result"] == mib, reason


@pytest.mark.parametrize(("mib_a_second", "flat"), [(0.1, True), (1.0, False), (-1.0, True)])
def test_memory_that_grows_is_not_flat(mib_a_second: float, flat: bool) -> None:
    growing = [500 + mib_a_second * at for at in range(60)]
    record = summarise(RESULTS, samples(*growing), 60.0, FRAMES)
    assert record["flat"] == flat
    growth = record["processes"]["node"]["rss_mib"]["growth"]
    assert growth == pytest.approx(mib_a_second * 41, abs=0.2)


def test_a_run_without_results_has_no_latency() -> None:
    record = summarise([], samples(100, 100), 6.0, FRAMES)
    assert record["results_per_s"] == 0
    assert record["latency_ms"] == {"p50": None, "p99": None, "max": None}
    assert record["masks_a_result"] is None
    console = Console(record=True, width=100)
    console.print(table_of(record))
    text = console.export_text()
    assert "–, –, –" in text
    assert "node: MiB at first result, settled, end, peak; cores" in text
    assert "100, 100, 100, 100; 0.50" in text


def test_the_usage_of_this_process_grows_with_what_it_does() -> None:
    before = usage_of(os.getpid())
    fresh = mmap.mmap(-1, 40 * 2**20)  # an array could lie in pages that are held already
    held = np.frombuffer(fresh, np.uint8)
    while usage_of(os.getpid()).cpu_s < before.cpu_s + 0.05:
        held += np.uint8(1)
    after = usage_of(os.getpid())
    assert 35 < after.rss_mib - before.rss_mib < 60
    assert before.rss_mib > 10


def test_a_process_that_ended_is_named() -> None:
    with pytest.raises(NoSuchProcess, match="process 4194305 cannot be read"):
        usage_of(4194305)  # above the kernel's highest


def test_tables_hold_every_sample_and_result(tmp_path: Path) -> None:
    write_csv(RESULTS, samples(100, 101), tmp_path)
    memory = list(csv.DictReader((tmp_path / "memory.csv").read_text().splitlines()))
    results = list(csv.DictReader((tmp_path / "results.csv").read_text().splitlines()))
    assert memory[1] == {"at_s": "1.00", "node_rss_mib": "101.00", "node_cpu_s": "10.50"}
    assert results[2] == {"at_s": "3.000", "latency_ms": "300.0", "masks": "1", "named": "1"}


def test_the_curve_is_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert draw(RESULTS, samples(100, 101), tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
