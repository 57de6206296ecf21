"""The verb `pick-trial`: of each seeded scene one product is asked for by its name."""

from __future__ import annotations

import argparse
import os
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table

from culture_perception.arguments import assignments, own_domain, positive_int
from culture_perception.concepts import STYLES
from culture_perception.demo_report import Record
from culture_perception.pick_trial.run import FIRST_SEED, TrialOptions, run_trials
from culture_perception.runner import ros_environment

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_parser(verbs: Verbs) -> None:
    """Adds the verb to a command line."""
    parser = verbs.add_parser("pick-trial", help="how often the simulated arm picks what is asked")
    parser.set_defaults(run=pick_trial)
    add = parser.add_argument
    add("--scenes", type=positive_int, default=50, metavar="N", help="how many (50)")
    add("--label-set", default="ycb", help="whose products (ycb)")
    add("--language", default="", help="of the texts that are asked for (the set's first)")
    add("--style", default="plain", choices=STYLES, help="of these texts (plain)")
    add("--naming-language", default="", help="in which perception names (the set's first)")
    add("--naming-style", default="plain", choices=STYLES, help="in which it names (plain)")
    add("--count", type=positive_int, default=5, metavar="N", help="products on the table (5)")
    add("--seed", type=positive_int, default=FIRST_SEED, metavar="N", help=f"first ({FIRST_SEED})")
    add("--speed", type=float, default=4.0, metavar="S", help="simulated seconds a second (4)")
    add(
        "--set",
        action="append",
        default=[],
        metavar="PROCESS.PARAMETER=VALUE",
        help="change a parameter, for example pick_by_name.take_best=true",
    )
    add("--json", type=Path, metavar="PATH", help="write the figures there as well")
    add("--out", type=Path, metavar="DIR", help="figures and logs (runs/pick-trial-…)")
    add("--domain-id", type=int, metavar="N", help="ROS_DOMAIN_ID")


def pick_trial(arguments: argparse.Namespace, console: Console) -> int:
    """Runs the trials and prints how many things came."""
    options = TrialOptions(
        out=arguments.out or Path("runs") / f"pick-trial-{datetime.now():%Y%m%d-%H%M%S}",
        scenes=arguments.scenes,
        label_set=arguments.label_set,
        language=arguments.language,
        style=arguments.style,
        naming_language=arguments.naming_language,
        naming_style=arguments.naming_style,
        count=arguments.count,
        first_seed=arguments.seed,
        speed=arguments.speed,
        json=arguments.json,
        changes=assignments(arguments.set),
        domain_id=own_domain(arguments.domain_id),
    )
    os.environ.update(ros_environment(options.domain_id, local_only=True))
    console.print(table_of(run_trials(options, console)))
    return 0


def table_of(record: Record) -> Table:
    """The share that was picked, then why the others were not."""
    summary = record["summary"]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
    low, high = summary["interval"] or (float("nan"), float("nan"))
    table.add_row("scenes", str(summary["trials"]))
    share = summary["picked"] / summary["trials"] if summary["trials"] else float("nan")
    table.add_row("picked and in the basket", f"{share:.0%} ({low:.0%}–{high:.0%})")
    for outcome, number in summary["failures"].items():
        table.add_row(f"  {outcome}", str(number))
    table.add_row("the planner says that it picked", str(summary["believed"]))
    median_s = summary["median_s"]
    table.add_row("seconds a pick, median", "–" if median_s is None else f"{median_s:.1f}")
    return table
