"""The command line: one verb, one function. What is heavy is imported inside the verb."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

from rich.console import Console

from culture_perception import (
    adapters_command,
    labels_command,
    models_command,
    param_command,
    up_command,
)
from culture_perception.adapt import command as adapt_command
from culture_perception.adapt import study_command
from culture_perception.arguments import (
    add_domain,
    add_namespace,
    own_domain,
    positive,
    positive_int,
)
from culture_perception.bags import command as score_command
from culture_perception.bags import record_command
from culture_perception.bench import command as bench_command
from culture_perception.concepts import LabelError
from culture_perception.culture_bench import command as culture_bench_command
from culture_perception.experiments import command as experiment_command
from culture_perception.measure import command as measure_command
from culture_perception.pick_trial import command as pick_trial_command
from culture_perception.report import command as report_command
from culture_perception.runner import SystemFailure, interruptible, ros_environment
from culture_perception.soak import command as soak_command
from culture_perception.system import SystemFileError

INTERRUPTED: Final = 130  # what a shell gives for a program that Ctrl-C ended


def demo(arguments: argparse.Namespace, console: Console) -> int:
    """Shows seeded scenes over ROS and scores what was recognised."""
    from culture_perception.demo import DemoOptions, run_demo

    options = DemoOptions(
        out=arguments.out or Path("runs") / f"demo-{datetime.now():%Y%m%d-%H%M%S}",
        scenes=arguments.scenes,
        seconds=arguments.seconds,
        json=arguments.json,
        label_sets=tuple(arguments.label_sets),
        count=arguments.count,
        profile=arguments.profile,
        domain_id=own_domain(arguments.domain_id),
    )
    os.environ.update(ros_environment(options.domain_id, local_only=True))
    run_demo(options, console)
    return 0


def select(arguments: argparse.Namespace, console: Console) -> int:
    """Changes what a running system names things by."""
    os.environ.update(ros_environment(arguments.domain_id, local_only=False))
    from culture_perception.nodes.system_client import SystemClient

    with SystemClient(namespace=arguments.namespace) as client:
        answer = client.select(arguments.label_set, arguments.language, arguments.style)
    console.print(f"labels {answer.labels_version} are active. {answer.message}".rstrip())
    return 0


def scene(arguments: argparse.Namespace, console: Console) -> int:
    """Puts other products on the simulated table."""
    os.environ.update(ros_environment(arguments.domain_id, local_only=False))
    from culture_perception.nodes.system_client import SystemClient

    with SystemClient(namespace=arguments.namespace) as client:
        placed = client.new_scene(
            arguments.label_set, arguments.seed, arguments.count, arguments.products
        )
    console.print(placed)
    return 0


def train(arguments: argparse.Namespace, console: Console) -> int:
    """Trains one of the embedded models, rendering its data first where that is missing."""
    from culture_perception.training.command import TrainOptions, train_model

    return train_model(
        arguments.model,
        TrainOptions(
            data=arguments.data,
            out=arguments.out or Path("runs") / arguments.model,
            frames=arguments.frames,
            minutes=arguments.minutes,
            seed=arguments.seed,
            threads=arguments.threads,
            initial=arguments.initial,
        ),
    )


def _whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isdecimal() and lowest <= int(text) <= highest):
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number from {lowest} to {highest}"
            )
        return int(text)

    return parse


# What the fields of NewScene hold: a value beyond them fails only when the request is sent.
_scene_seed: Final = _whole_number(0, 2**64 - 1)
_scene_count: Final = _whole_number(1, 2**32 - 1)
_data_seed: Final = _whole_number(0, 199)  # those that sim_bridge.training_data has


def build_parser() -> argparse.ArgumentParser:
    """All verbs and their options."""
    parser = argparse.ArgumentParser(prog="culture-perception", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_demo(verbs)
    up_command.add_parser(verbs)
    _add_select(verbs)
    _add_scene(verbs)
    _add_train(verbs)
    measure_command.add_parser(verbs)
    labels_command.add_parser(verbs)
    models_command.add_parser(verbs)
    adapt_command.add_parser(verbs)
    study_command.add_parser(verbs)
    adapters_command.add_parser(verbs)
    param_command.add_parser(verbs)
    soak_command.add_parser(verbs)
    pick_trial_command.add_parser(verbs)
    bench_command.add_parser(verbs)
    record_command.add_parser(verbs)
    score_command.add_parser(verbs)
    experiment_command.add_parser(verbs)
    report_command.add_parser(verbs)
    culture_bench_command.add_parser(verbs)
    return parser


_Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add_demo(verbs: _Verbs) -> None:
    parser = verbs.add_parser("demo", help="recognise seeded scenes over ROS and score them")
    parser.set_defaults(run=demo)
    parser.add_argument(
        "--scenes", type=positive_int, default=10, metavar="N", help="of each label set (10)"
    )
    parser.add_argument(
        "--seconds", type=positive, metavar="S", help="start no scene after S seconds"
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the scores there as well")
    parser.add_argument("--out", type=Path, metavar="DIR", help="pictures and logs (runs/demo-…)")
    parser.add_argument("--label-sets", nargs="+", default=["ycb", "konbini"], metavar="NAME")
    parser.add_argument(
        "--count", type=_scene_count, default=5, metavar="N", help="products a scene (5)"
    )
    parser.add_argument("--profile", choices=("ravens", "high_resolution"), default="ravens")
    add_domain(parser)


def _add_select(verbs: _Verbs) -> None:
    parser = verbs.add_parser("select", help="change label set, language or style at run time")
    parser.set_defaults(run=select)
    for option in ("--label-set", "--language", "--style"):
        parser.add_argument(option, default="", help="left out: as it is")
    add_domain(parser)
    add_namespace(parser)


def _add_scene(verbs: _Verbs) -> None:
    parser = verbs.add_parser("scene", help="put other products on the simulated table")
    parser.set_defaults(run=scene)
    parser.add_argument("products", nargs="*", help="concept ids; none: a seeded choice")
    parser.add_argument("--label-set", default="ycb", help="whose products (ycb)")
    parser.add_argument("--count", type=_scene_count, default=5, metavar="N", help="how many (5)")
    parser.add_argument(
        "--seed", type=_scene_seed, default=1, metavar="N", help="one seed gives one scene (1)"
    )
    add_domain(parser)
    add_namespace(parser)


def _add_train(verbs: _Verbs) -> None:
    parser = verbs.add_parser("train", help="train an embedded model on rendered siblings")
    parser.set_defaults(run=train)
    parser.add_argument("model", choices=("segmenter", "encoder"))
    parser.add_argument("--data", type=Path, default=Path("runs/data"), metavar="DIR")
    parser.add_argument("--out", type=Path, metavar="DIR", help="state and model (runs/MODEL)")
    # What the weights in models/ were trained with is in their cards.
    parser.add_argument(
        "--frames", type=positive_int, default=3600, metavar="N", help="to train on (3600)"
    )
    parser.add_argument(
        "--minutes", type=positive, default=60.0, metavar="M", help="of training (60)"
    )
    parser.add_argument(
        "--seed", type=_data_seed, default=0, metavar="N", help="0 to 199: data and training (0)"
    )
    parser.add_argument(
        "--initial", type=Path, metavar="DIR", help="start from this folder's model (from nothing)"
    )
    parser.add_argument(
        "--threads",
        type=positive_int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="of training, and processes that render (all CPUs)",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb; returns the exit code.

    A mistake of the user's and a system that failed are one message; anything else is a bug and
    keeps its traceback.
    """
    given = build_parser().parse_args(arguments)
    console = Console()
    try:
        with interruptible():
            code: int = given.run(given, console)
            return code
    except KeyboardInterrupt:
        Console(stderr=True).print("stopped")
        return INTERRUPTED
    except (SystemFailure, SystemFileError, LabelError, OSError) as error:
        print(f"culture-perception {given.verb}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
