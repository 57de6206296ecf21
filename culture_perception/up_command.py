"""The verb `up`: starts a system and stays until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.text import Text

from culture_perception.arguments import add_domain, assignments
from culture_perception.runner import START_TIMEOUT_S, Runner, ros_environment
from culture_perception.system import (
    Description,
    System,
    find_system,
    load_description,
    system_names,
)
from culture_perception.system_arguments import Argument

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_parser(verbs: Verbs) -> None:
    """Adds the verb to a command line."""
    parser = verbs.add_parser(
        "up",
        help="start a system and stay",
        usage="culture-perception up [-h] SYSTEM [option ...]",
        epilog="`culture-perception up SYSTEM --help` lists the options of a system.",
    )
    parser.set_defaults(run=up)
    parser.add_argument(
        "system", metavar="SYSTEM", help=f"{', '.join(system_names())}, or a .yaml file"
    )
    parser.add_argument("options", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def options_parser(description: Description) -> argparse.ArgumentParser:
    """The options of `up` for one system: one for each of its arguments, and some more."""
    parser = argparse.ArgumentParser(
        prog=f"culture-perception up {description.name}", allow_abbrev=False
    )
    for argument in description.arguments:
        _add_argument(parser, argument)
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PROCESS.PARAMETER=VALUE",
        help="change any parameter, for example sim_bridge.rate_hz=5.0",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="logs (runs/up-…)")
    add_domain(parser)
    return parser


def _add_argument(parser: argparse.ArgumentParser, argument: Argument) -> None:
    shown = argument.default_text or "none"
    option = "--" + argument.name.replace("_", "-")
    text = f"{argument.description} ({shown})".replace("%", "%%")
    if isinstance(argument.default, bool):
        parser.add_argument(
            option, nargs="?", const="true", choices=argument.allowed, metavar="true|false",
            help=text,
        )  # fmt: skip
    else:
        choices = argument.allowed or None
        metavar = None if choices else "VALUE"
        parser.add_argument(option, choices=choices, metavar=metavar, help=text)


def system_of(description: Description, options: argparse.Namespace) -> System:
    """What is started with the options that were given.

    Raises:
        SystemFileError: An option has a wrong value.
    """
    given = {
        one.name: getattr(options, one.name)
        for one in description.arguments
        if getattr(options, one.name) is not None
    }
    return description.resolve(given).with_parameters(assignments(options.set))


def up(arguments: argparse.Namespace, console: Console) -> int:
    """Starts a system and stays until Ctrl-C."""
    description = load_description(find_system(arguments.system))
    options = options_parser(description).parse_args(arguments.options)
    system = system_of(description, options)
    logs = options.out or Path("runs") / f"up-{datetime.now():%Y%m%d-%H%M%S}"
    environment = ros_environment(options.domain_id, local_only=False)
    os.environ.update(environment)

    def say(text: str) -> None:
        console.print(Text(text, style="yellow"), soft_wrap=True)

    with Runner(system, logs, environment, say) as runner:
        _wait_until_up(runner, system, console)
        console.print(Text(hints(system, environment, logs)), soft_wrap=True)
        while True:
            runner.check()
            time.sleep(0.2)


def _wait_until_up(runner: Runner, system: System, console: Console) -> None:
    from culture_perception.nodes.system_client import SystemClient

    with (
        console.status("starting …"),
        SystemClient(runner.check, overlays=False, namespace=system.namespace) as client,
    ):
        client.wait_until_up(START_TIMEOUT_S, system.services, has_labels(system))


def has_labels(system: System) -> bool:
    """Whether perception will say by which labels it names, without being told to begin."""
    perception = system.process("perception")
    return perception is not None and perception.parameters.get("autostart", True) is True


def hints(system: System, environment: Mapping[str, str], logs: Path) -> str:
    """What somebody who started the system may want to look at next."""
    domain = environment.get("ROS_DOMAIN_ID", "0")
    topics = {
        process.resolved(topic): text
        for process in system.processes
        for topic, text in process.topics.items()
    }
    width = max(map(len, topics), default=0)
    where = f" --namespace {system.namespace}" if system.namespace else ""
    verbs = [verb for process in system.processes for verb in process.verbs]
    return "\n".join(
        [
            f"{system.name} runs. ROS_DOMAIN_ID is {domain}, logs are in {logs}. Ctrl-C stops all.",
            *(f"  {name:{width}}  {text}" for name, text in topics.items()),
            *(["From another terminal:"] if verbs else []),
            *(f"  culture-perception {verb}{where}" for verb in verbs),
        ]
    )
