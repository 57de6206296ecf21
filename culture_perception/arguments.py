"""What verbs read from their arguments: numbers, parameters of processes, the ROS domain."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Mapping, Sequence

import yaml

from culture_perception.process import SystemFileError, Value, absolute_namespace


def positive_int(text: str) -> int:
    """A whole number of 1 or more; argparse's error otherwise."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def positive(text: str) -> float:
    """A number above 0; argparse's error otherwise."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def assignments(texts: Sequence[str]) -> Mapping[str, Mapping[str, Value]]:
    """Process name to parameters, of texts such as sim_bridge.rate_hz=5.0.

    Raises:
        SystemFileError: a text is of another form.
    """
    changes: dict[str, dict[str, Value]] = {}
    for text in texts:
        target, equals, value = text.partition("=")
        process, dot, name = target.partition(".")
        if not (equals and dot and process and name):
            raise SystemFileError(f"--set {text}: write process.parameter=value")
        changes.setdefault(process, {})[name] = yaml.safe_load(value)
    return changes


def own_domain(given: int | None) -> int | None:
    """What talks to nobody else takes a domain of its own, unless one is chosen."""
    if given is not None or "ROS_DOMAIN_ID" in os.environ:
        return given
    return 1 + os.getpid() % 100


def namespace(text: str) -> str:
    """A namespace such as robot1 or /robot1, made absolute; argparse's error otherwise."""
    try:
        return absolute_namespace(text)
    except SystemFileError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def add_namespace(parser: argparse.ArgumentParser) -> None:
    """Adds --namespace, of a system that runs."""
    parser.add_argument(
        "--namespace", type=namespace, default="", metavar="NAME", help="the system's, if any"
    )


def add_domain(parser: argparse.ArgumentParser) -> None:
    """Adds --domain-id."""
    parser.add_argument("--domain-id", type=int, metavar="N", help="ROS_DOMAIN_ID")
