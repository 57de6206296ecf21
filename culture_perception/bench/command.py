"""The verb `bench`: speed and loss against segment-anything and CLIP called mask by mask."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from culture_perception.arguments import positive_int
from culture_perception.demo_report import provenance

if TYPE_CHECKING:
    from culture_perception.bench.frames import Frame

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Record: TypeAlias = dict[str, Any]

NAMES: Final = (
    "embedded_exact",
    "embedded_fast",
    "vit_b_exact",
    "vit_b_fast",
    "labelling_64",
    "openvino",
)
POINTS: Final = 16
TARGETS: Final[Mapping[str, float]] = {
    "embedded_fast": 10.0,
    "vit_b_exact": 2.0,
    "vit_b_fast": 6.0,
    "labelling_64": 5.0,
}
_HALF_VISIBLE: Final = 0.5
_LEGEND: Final = """\
faster  reference's seconds over ours, on the clock; in brackets least and greatest of a pair
CPU     the same in processor seconds; runs take turns in one process, reference first
IoU     of the reference's masks with the best of ours, where that is .5 or more
loss    points of recall at IoU .5: of the ground truth for embedded_fast, else of the
        reference's own masks
MiB     the most memory above that at a run's start (VmHWM), reference / ours
points  prompts along each side of the reference's grid
vit_b   SAM ViT-B and CLIP ViT-B-32 of random weights, the decoder's solved so that masks look like
        blobs around their prompts and an assumed share passes (pass_share in the JSON)"""


def add_parser(verbs: Verbs) -> None:
    """Adds the verb to a command line."""
    parser = verbs.add_parser("bench", help="measure speed and loss against the reference")
    parser.set_defaults(run=bench)
    parser.add_argument("--cases", nargs="+", choices=NAMES, metavar="CASE", help=", ".join(NAMES))
    parser.add_argument(
        "--repeat", type=positive_int, default=2, metavar="N", help="pairs of runs a frame (2)"
    )
    parser.add_argument(
        "--frames", type=Path, default=Path("runs/bench/ycb"), metavar="DIR",
        help="scene set; what it lacks is rendered (runs/bench/ycb)",
    )  # fmt: skip
    parser.add_argument(
        "--scenes", type=positive_int, default=10, metavar="N", help="for embedded cases (10)"
    )
    parser.add_argument(
        "--points-per-side", type=positive_int, default=POINTS, metavar="N",
        help="of the reference's grid (16)",
    )  # fmt: skip
    parser.add_argument(
        "--threads", type=positive_int, default=os.cpu_count() or 1, metavar="N", help="of torch"
    )
    parser.add_argument("--device", default="auto", help="torch device (auto)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there")


def bench(arguments: argparse.Namespace, console: Console) -> int:
    """Measures the cases one after the other and prints a table."""
    from culture_perception.bench.cases import BenchOptions, default_cases, run_case, runs_of

    options = BenchOptions(
        frames=_frames(arguments.frames, arguments.scenes),
        repeat=arguments.repeat,
        points_per_side=arguments.points_per_side,
        threads=arguments.threads,
        device=arguments.device,
    )
    records: list[Record] = []
    with Progress(console=console, transient=True) as progress:
        for name in arguments.cases or default_cases():
            task = progress.add_task(name, total=runs_of(name, options))
            records.append(run_case(name, options, lambda task=task: progress.advance(task)))  # type: ignore[misc]
    console.print(table_of(records))
    console.print(_LEGEND, style="dim", highlight=False)
    if arguments.json:
        record = {
            "cases": [with_target(one) for one in records],
            "provenance": provenance(
                threads=arguments.threads, cpus=os.cpu_count(), load_at_end=os.getloadavg()[0],
                repeat=arguments.repeat, frames=len(options.frames),
            ),
        }  # fmt: skip
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, indent=2, allow_nan=False)
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 0


def with_target(record: Record) -> Record:
    """A case's record with what its ratio should be; None where there is no such figure."""
    return {**record, "target_ratio": TARGETS.get(record["name"])}


def _frames(folder: Path, scenes: int) -> list[Frame]:
    """Pictures with the objects that are at least half visible."""
    from culture_perception.bench.frames import Frame
    from culture_perception.measure.scene_sets import load_set, read_scene, render_set

    render_set(folder, "ycb", scenes, workers=1)
    frames = []
    for scene in load_set(folder).scenes[:scenes]:
        seen = read_scene(scene)
        objects = zip(scene.objects, seen.masks, strict=True)
        masks = [mask for thing, mask in objects if thing.visibility >= _HALF_VISIBLE]
        frames.append(Frame(seen.image_rgb, masks))
    return frames


def table_of(records: list[Record]) -> Table:
    """A row a case."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("case", "faster", "CPU", "target", "IoU", "loss", "MiB", "points"):
        table.add_column(heading, justify="left" if heading == "case" else "right", no_wrap=True)
    for one in records:
        low, high = one["ratio_range"]
        target = TARGETS.get(one["name"])
        peaks = (one[side]["peak_mib"] for side in ("reference", "ours"))
        table.add_row(
            one["name"],
            f"{one['ratio']:.1f} ({low:.1f}-{high:.1f})",
            f"{one['cpu_ratio']:.2f}",
            _figure(target, ".0f"),
            _figure(one["matched_iou"], ".4f"),
            _figure(one["recall_loss_points"], ".1f"),
            " / ".join(_figure(peak, ".0f") for peak in peaks),
            str(one.get("points_per_side", "–")),
        )
    return table


def _figure(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
