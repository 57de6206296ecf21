"""The verb `soak`: the simulated system for minutes, and how it held up."""

from __future__ import annotations

import argparse
import os
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table

from culture_perception.arguments import assignments, own_domain, positive
from culture_perception.runner import PROFILES_FILE, ros_environment
from culture_perception.soak.run import SoakOptions, run_soak
from culture_perception.soak.summary import Record

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_parser(verbs: Verbs) -> None:
    """Adds the verb to a command line."""
    parser = verbs.add_parser("soak", help="run the simulated system for minutes and measure it")
    parser.set_defaults(run=soak)
    parser.add_argument("--minutes", type=positive, default=20.0, metavar="M", help="how long (20)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PROCESS.PARAMETER=VALUE",
        help="change a parameter, for example perception.threads=2",
    )
    parser.add_argument(
        "--transport",
        choices=("shared_memory", "default"),
        default="shared_memory",
        help="of Fast DDS: by config/fastdds_shared_memory.xml, or as it comes",
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there as well")
    parser.add_argument("--out", type=Path, metavar="DIR", help="curve, tables, logs (runs/soak-…)")
    parser.add_argument("--domain-id", type=int, metavar="N", help="ROS_DOMAIN_ID")


def soak(arguments: argparse.Namespace, console: Console) -> int:
    """Runs the system and prints how it held up."""
    options = SoakOptions(
        out=arguments.out or Path("runs") / f"soak-{datetime.now():%Y%m%d-%H%M%S}",
        minutes=arguments.minutes,
        json=arguments.json,
        changes=assignments(arguments.set),
        domain_id=own_domain(arguments.domain_id),
        shared_memory=arguments.transport == "shared_memory",
    )
    environment = ros_environment(options.domain_id, True, options.shared_memory)
    os.environ.pop(PROFILES_FILE, None)
    os.environ.update(environment)
    console.print(table_of(run_soak(options, console)))
    return 0


def table_of(record: Record) -> Table:
    """The figures as a table: the whole system first, then a row a process."""
    latency, frames = record["latency_ms"], record["frames"]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_row("results a second", f"{record['results_per_s']:.2f}")
    figures = (f"{latency[key]:.0f}" if latency[key] is not None else "–" for key in latency)
    table.add_row("stamp to result, ms: p50, p99, max", ", ".join(figures))
    table.add_row("frames: " + ", ".join(frames), ", ".join(map(str, frames.values())))
    for name, one in record["processes"].items():
        memory = one["rss_mib"]
        figures = (f"{memory[key]:.0f}" for key in ("first_result", "settled", "end", "peak"))
        table.add_row(
            f"{name}: MiB at first result, settled, end, peak; cores",
            f"{', '.join(figures)}; {one['cores']:.2f}",
        )
    table.add_row(
        "memory from settled (a quarter of the run) to end", "flat" if record["flat"] else "grew"
    )
    return table
