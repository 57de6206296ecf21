"""The comparison's own arithmetic by hand."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from culture_perception.bench import command
from culture_perception.bench.agreement import agreement, recall
from culture_perception.bench.cases import CASES, run_case, runs_of
from culture_perception.bench.command import MISSED_TARGETS, NAMES, add_parser
from culture_perception.bench.frames import Frame
from culture_perception.bench.interleaving import (
    Comparison,
    Run,
    highest,
    interleave,
    mean_stages,
    runs_in,
)
from culture_perception.bench.memory import PeakMemory
from culture_perception.bench.options import BenchOptions
from culture_perception.bench.report import cost_table, misses, speed_table, stage_table
from culture_perception.bench.targets import TARGETS, Targets, with_targets
from culture_perception.masks import MaskArray
from culture_perception.runner import SystemFailure

CPU = torch.device("cpu")


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
    found = Comparison(reference, ours, (Run(99.0, 99.0, None, {}), Run(1.0, 1.0, None, {})))
    assert (found.ratio, found.cpu_ratio, found.ratio_range) == (2.5, 4.0, (2.0, 3.0))


def test_stages_are_means_over_all_runs() -> None:
    runs = [Run(1.0, 1.0, None, {"a": 1.0}), Run(1.0, 1.0, None, {"a": 3.0, "b": 4.0})]
    assert mean_stages(runs) == {"a": 2.0, "b": 2.0}


def test_the_highest_peak_counts_where_one_is_known() -> None:
    assert highest([10.0, None, 30.04]) == 30.0
    assert highest([None]) is None


def test_runs_take_turns_after_a_pair_that_does_not_count() -> None:
    order: list[str] = []

    def work(name: str) -> dict[str, float]:
        order.append(name)
        return {}

    steps: list[int] = []
    pairs = [(lambda: work("A1"), lambda: work("B1")), (lambda: work("A2"), lambda: work("B2"))]
    found = interleave(pairs, 2, lambda: steps.append(1), CPU)
    assert order == ["A1", "B1", "A1", "B1", "B2", "A2", "A1", "B1", "B2", "A2"]
    assert len(steps) == runs_in(pairs=2, repeat=2) == 10
    assert len(found.reference) == len(found.ours) == 4


def test_each_way_is_recorded_as_itself_whichever_goes_first() -> None:
    found = interleave([(lambda: {"a": 1.0}, lambda: {"b": 1.0})], 4, lambda: None, CPU)
    assert {name for run in found.reference for name in run.stage_ms} == {"a"}
    assert {name for run in found.ours for name in run.stage_ms} == {"b"}


def test_the_peak_is_of_the_run_alone() -> None:
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("this kernel does not reset the peak")
    held: list[object] = []

    def large() -> dict[str, float]:
        held.append(np.ones(80 * 2**20, np.uint8))
        held.clear()
        return {}

    found = interleave([(large, dict)], 1, lambda: None, CPU)
    for reference, ours in (found.first, (found.reference[0], found.ours[0])):
        assert 70 < (reference.peak_mib or 0) < 120
        assert (ours.peak_mib or 0) < 20
        assert reference.peak_gpu_mib is None


def test_memory_that_was_given_back_counts_again() -> None:
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("this kernel does not reset the peak")

    kept: list[bytearray] = []

    def many() -> dict[str, float]:
        # Small pieces, which the allocator keeps when they are freed, below one that is not.
        kept.append([bytearray(4096) for _ in range(10_000)][-1])
        return {}

    many()
    found = interleave([(many, many)], 1, lambda: None, CPU)
    assert min(run.peak_mib or 0 for run in found.first) > 20
    assert max(run.peak_mib or 0 for run in (*found.reference, *found.ours)) < 20


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_the_peak_on_a_gpu_is_torchs() -> None:
    gpu = torch.device("cuda")
    kept = torch.ones(2**20, dtype=torch.uint8, device=gpu)
    memory = PeakMemory(gpu)
    torch.ones(32 * 2**20, dtype=torch.uint8, device=gpu)
    assert memory.gpu_mib() == pytest.approx(32, abs=1)
    assert len(kept) == 2**20


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


@pytest.mark.parametrize("name", ["labelling_64", "labelling_64_float32"])
def test_labelling_runs_and_stays_near_the_reference(frame: Frame, name: str) -> None:
    options = BenchOptions([frame], 1, 4, threads=1, device="cpu")
    steps: list[int] = []
    record = run_case(name, options, lambda: steps.append(1))
    assert len(steps) == runs_of(name, options) == 4
    assert record["masks"] == 64
    assert record["least_cosine"] > 0.99
    assert record["targets"] == {"ratio": 5.0}
    assert record["ratio"] > 1
    assert record["precision"]["reference"] == "float32"
    if name.endswith("float32"):
        assert record["precision"]["ours"] == "float32"
        assert record["least_cosine"] > 0.9999
    assert set(record["ours"]["stage_ms"]) == {"crop", "encode"}
    assert json.loads(json.dumps(record, allow_nan=False))["name"] == name


def test_the_small_sam_on_a_grid_loses_little_with_all_approximations(frame: Frame) -> None:
    options = BenchOptions([frame], 1, 4, threads=1, device="cpu")
    record = run_case("embedded_grid_fast", options, lambda: None)
    assert record["points_per_side"] == 4
    assert record["masks"]["reference"] > 0
    assert record["matched_iou"] > 0.9
    assert record["recall_of"] == "ground truth"
    assert set(record["recall"]) == {"reference", "ours"}
    stages = record["ours"]["stage_ms"]
    assert {"segment", "label", "segment.decode", "label.encode"} <= set(stages)


def record_of(name: str, **figures: Any) -> dict[str, Any]:
    runs = {
        "frames_per_s": 2.0,
        "cpu_s_a_frame": 0.5,
        "stage_ms": {"segment": 410.2, "label": 90.0},
        "peak_mib": 123.4,
        "peak_gpu_mib": None,
    }
    record = {
        "name": name,
        "ratio": 7.0,
        "ratio_range": [6.5, 7.5],
        "precision": {"reference": "float32", "ours": "bfloat16"},
        "matched_iou": 0.99,
        "recall_loss_points": 0.5,
        "reference": runs,
        "ours": {
            **runs,
            "peak_gpu_mib": 77.0,
            "stage_ms": {"segment": 210.4, "segment.decode": 180.0, "label": 90.0},
        },
    }
    return with_targets({**record, **figures})


@pytest.mark.parametrize(
    ("name", "figures", "missed"),
    [
        ("vit_b_fast", {}, []),
        ("vit_b_fast", {"ratio": 5.96}, ["ratio 5.96, at least 6"]),
        ("vit_b_fast", {"matched_iou": 0.9799}, ["matched_iou 0.9799, at least 0.98"]),
        ("vit_b_fast", {"recall_loss_points": 1.2}, ["recall_loss_points 1.2, at most 1"]),
        ("vit_b_fast", {"matched_iou": None}, ["matched_iou unknown, at least 0.98"]),
        ("labelling_64", {"ratio": 5.0, "matched_iou": None}, []),
        ("openvino", {"ratio": 0.5}, []),
    ],
)
def test_missed_targets_are_named(name: str, figures: dict[str, Any], missed: list[str]) -> None:
    record = record_of(name, **figures)
    assert record["missed"] == missed
    assert misses([record]) == [f"{name}: {text}" for text in missed]


def test_tables_show_speed_stages_memory_and_what_is_missed() -> None:
    records = [record_of("vit_b_fast"), record_of("embedded_fast"), record_of("openvino")]
    console = Console(record=True, width=80)
    console.print(speed_table(records), cost_table(records), stage_table(records))
    text = console.export_text()
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "vit_b_fast f32/bf16 7.00 6.5-7.5 6 0.9900 0.5 yes" in rows
    assert "embedded_fast f32/bf16 7.00 6.5-7.5 10 0.9900 0.5 no" in rows
    assert "openvino f32/bf16 7.00 6.5-7.5 – 0.9900 0.5 –" in rows
    assert "vit_b_fast 2.00 / 2.00 0.50 / 0.50 123 / 123 – / 77" in rows
    assert "vit_b_fast segment 410.2 210.4" in rows
    assert "segment.decode – 180.0" in rows
    assert "label 90.0 90.0" in rows


def test_the_command_line_knows_every_case() -> None:
    assert tuple(CASES) == NAMES
    assert set(TARGETS) <= set(NAMES)


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return parser.parse_args(["bench", *arguments])


def test_missed_targets_can_be_required(
    frame: Frame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        "culture_perception.bench.frames.scene_frames", lambda folder, scenes: [frame]
    )
    monkeypatch.setattr(
        "culture_perception.bench.targets.TARGETS", {"labelling_64": Targets(ratio=1000.0)}
    )
    path = tmp_path / "new" / "bench.json"
    given = ("--cases", "labelling_64", "--repeat", "1", "--threads", "1", "--device", "cpu")
    console = Console(record=True, width=100)

    assert command.bench(parsed(*given, "--json", str(path)), console) == 0
    assert command.bench(parsed(*given, "--require-targets"), console) == MISSED_TARGETS

    assert "target missed: labelling_64: ratio" in console.export_text()
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["cases"][0]["missed"]
    about = record["provenance"]
    assert about["device"] == "cpu"
    assert about["precision"]["exact"] == "float32"


@pytest.mark.parametrize("device", ["foo", "cuda:99"])
def test_a_device_that_is_not_there_is_one_line(device: str) -> None:
    with pytest.raises(SystemFailure, match=rf"device '{device}'"):
        command.bench(parsed("--device", device), Console())
