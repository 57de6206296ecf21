"""The figures of the cases as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from rich import box
from rich.table import Table

Record: TypeAlias = dict[str, Any]

LEGEND: Final = """\
faster     reference's seconds over ours, on the clock, of all pairs; pairs: the
           least and the greatest of one. Runs take turns in one process, after
           a pair that does not count, and each goes first in every other one
precision  reference's and ours: of f32/bf16, some of the gain is precision's
IoU        of the reference's masks with the best of ours, if that is .5 or more
loss       points of recall at IoU .5: of the ground truth for embedded_fast and
           embedded_grid_fast, else of the reference's own masks
CPU s      processor seconds a frame, all threads: reference / ours
MiB        the most memory above that at a run's start, reference / ours: of the
           process (VmHWM), of the GPU (torch)
embedded   the shipped models; embedded_fast prompts at object centres, the
           others and the reference on a grid
vit_b      SAM ViT-B and CLIP ViT-B-32 of random weights, the decoder's solved
           so that masks look like blobs around their prompts and an assumed
           share passes (pass_share in the JSON); no grid point is skipped
openvino   ours is OpenVINO, the reference torch"""
_SHORT: Final = {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}
_NOTHING: Final = "–"


def speed_table(records: Sequence[Record]) -> Table:
    """A row a case, with whether it meets its targets."""
    table = _table("case", "precision", "faster", "pairs", "target", "IoU", "loss", "met")
    for one in records:
        low, high = one["ratio_range"]
        precision = one["precision"]
        met = ("no" if one["missed"] else "yes") if one["targets"] else _NOTHING
        table.add_row(
            one["name"],
            "/".join(_SHORT[precision[side]] for side in ("reference", "ours")),
            f"{one['ratio']:.2f}",
            f"{low:.1f}-{high:.1f}",
            figure(one["targets"].get("ratio"), ".0f"),
            figure(one["matched_iou"], ".4f"),
            figure(one["recall_loss_points"], ".1f"),
            met,
            style="red" if one["missed"] else "",
        )
    return table


def stage_table(records: Sequence[Record]) -> Table:
    """A row a stage of a case: its milliseconds a frame; steps of ours below their stage."""
    table = _table("case", "stage", "reference ms", "ours ms")
    for one in records:
        sides = [one[side]["stage_ms"] for side in ("ours", "reference")]
        stages = list(dict.fromkeys(stage for side in sides for stage in side))
        for stage in stages:
            ours, reference = (figure(side.get(stage), ".1f") for side in sides)
            name = one["name"] if stage == stages[0] else ""
            table.add_row(name, stage, reference, ours)
    return table


def cost_table(records: Sequence[Record]) -> Table:
    """A row a case: frames a second, processor seconds and memory, reference / ours."""
    table = _table("case", "frames/s", "CPU s", "MiB", "GPU MiB")
    forms = {
        "frames_per_s": ".2f",
        "cpu_s_a_frame": ".2f",
        "peak_mib": ".0f",
        "peak_gpu_mib": ".0f",
    }
    for one in records:
        sides = [one[side] for side in ("reference", "ours")]
        cells = (
            " / ".join(figure(side[name], form) for side in sides) for name, form in forms.items()
        )
        table.add_row(one["name"], *cells)
    return table


def misses(records: Sequence[Record]) -> list[str]:
    """A line for each target that is missed."""
    return [f"{one['name']}: {text}" for one in records for text in one["missed"]]


def figure(value: float | None, form: str) -> str:
    """A figure, or a dash for none."""
    return _NOTHING if value is None else format(value, form)


def _table(*headings: str) -> Table:
    """Names are in columns to the left, figures to the right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in headings:
        is_name = heading in ("case", "stage")
        table.add_column(heading, justify="left" if is_name else "right", no_wrap=True)
    return table
