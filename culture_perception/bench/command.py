"""The verb `bench`: speed and loss against segment-anything and CLIP called mask by mask."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rich.console import Console
from rich.progress import Progress

from culture_perception.arguments import positive_int
from culture_perception.bench.report import LEGEND, cost_table, misses, speed_table, stage_table
from culture_perception.demo_report import provenance
from culture_perception.runner import SystemFailure

if TYPE_CHECKING:
    from culture_perception.bench.options import BenchOptions

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Record: TypeAlias = dict[str, Any]

NAMES: Final = (
    "embedded_exact",
    "embedded_fast",
    "embedded_grid_fast",
    "vit_b_exact",
    "vit_b_fast",
    "labelling_64",
    "labelling_64_float32",
    "openvino",
)
POINTS: Final = 16
MISSED_TARGETS: Final = 3
"""Exit code where targets were required and not all are met, as that of `measure`."""


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
    parser.add_argument(
        "--require-targets", action="store_true", help="exit code 3 unless all are met"
    )


def bench(arguments: argparse.Namespace, console: Console) -> int:
    """Measures the cases one after the other and prints tables.

    Raises:
        SystemFailure: the device or a backend is not there.
    """
    from culture_perception.models.runtime import RuntimeOptionError

    try:
        records = _measured(arguments, console)
    except RuntimeOptionError as error:
        raise SystemFailure(str(error)) from error
    console.print(speed_table(records), cost_table(records), stage_table(records))
    console.print(LEGEND, style="dim", highlight=False)
    missed = misses(records)
    for line in missed:
        console.print(f"target missed: {line}", highlight=False)
    return MISSED_TARGETS if missed and arguments.require_targets else 0


def _measured(arguments: argparse.Namespace, console: Console) -> list[Record]:
    """The cases' records; written after each case, so that what breaks off keeps those before."""
    from culture_perception.bench.cases import default_cases, run_case, runs_of

    options = _options(arguments)
    records: list[Record] = []
    with Progress(console=console, transient=True) as progress:
        for name in arguments.cases or default_cases():
            task = progress.add_task(name, total=runs_of(name, options))
            records.append(run_case(name, options, lambda task=task: progress.advance(task)))  # type: ignore[misc]
            if arguments.json:
                _write(arguments.json, records, options)
    return records


def _options(arguments: argparse.Namespace) -> BenchOptions:
    from culture_perception.bench.frames import scene_frames
    from culture_perception.bench.options import BenchOptions
    from culture_perception.models.runtime import Runtime

    Runtime(arguments.device).torch_device()  # before anything is rendered
    return BenchOptions(
        frames=scene_frames(arguments.frames, arguments.scenes),
        repeat=arguments.repeat,
        points_per_side=arguments.points_per_side,
        threads=arguments.threads,
        device=arguments.device,
    )


def _write(path: Path, records: list[Record], options: BenchOptions) -> None:
    from culture_perception.bench.options import device_name, precision_of

    about = provenance(
        device=device_name(options.torch_device),
        precision={"exact": precision_of(options.exact), "fast": precision_of(options.fast)},
        threads=options.threads,
        cpus=os.cpu_count(),
        load_at_end=os.getloadavg()[0],
        repeat=options.repeat,
        frames=len(options.frames),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"cases": records, "provenance": about}, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
