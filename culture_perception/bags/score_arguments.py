"""The arguments of the verb `score`, and the end of its help."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Final

from culture_perception.arguments import add_namespace, positive_int
from culture_perception.bags.faults import MEANINGS
from culture_perception.bags.topics import Topics

EPILOG: Final = """\
exit codes:
  0  scored, and every requirement is met
  1  nothing was scored: a mistake in what was asked, or no bag that can be read
  2  a requirement is not met (and, as everywhere, an option that does not exist)
  3  scored, but something is wrong with a bag: it is named, and --allow takes it for right

faults, as --allow takes them:
""" + "\n".join(f"  {name:22}{meaning}" for name, meaning in MEANINGS.items())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what `culture-perception score` takes."""
    parser.add_argument("bags", nargs="+", type=Path, metavar="BAG", help="MCAP or SQLite")
    parser.add_argument("--coco", type=Path, metavar="FILE", help="ground truth (that of the bag)")
    _add_outputs(parser)
    _add_recompute(parser)
    parser.add_argument(
        "--workers", type=positive_int, default=1, metavar="N", help="bags at a time (1)"
    )
    parser.add_argument("--ray", metavar="ADDRESS", help="of a Ray cluster; local: on this machine")
    for name, topic in asdict(Topics()).items():
        if name != "labels":
            parser.add_argument(
                f"--{name}-topic", metavar="TOPIC", help=f"({topic}, in the namespace)"
            )
    add_namespace(parser)


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the scores there")
    parser.add_argument(
        "--frames",
        type=Path,
        metavar="PATH",
        help="write each frame's outcome there, as JSON lines",
    )
    parser.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="'FIGURE>=NUMBER'",
        help="exit with 2 unless each cell has it; 'konbini/ja/plain:f1>=0.7': unless this one has",
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        choices=tuple(MEANINGS),
        metavar="FAULT",
        help="do not exit with 3 for this fault; see below",
    )


def _add_recompute(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("results made anew")
    group.add_argument("--recompute", action="store_true", help="of the recorded images")
    group.add_argument("--segmenter", metavar="NAME", help="as `models` lists them (embedded)")
    group.add_argument("--segmenter-checkpoint", metavar="PATH", help="for vit_b, vit_l, vit_h")
    group.add_argument("--encoder", metavar="NAME", help="as `models` lists them (embedded)")
    group.add_argument("--encoder-pretrained", metavar="TAG", help="a tag or a file of weights")
    group.add_argument(
        "--adapters", metavar="LIST", help="shipped, none, or files with commas between (shipped)"
    )
    group.add_argument("--device", metavar="NAME", help="auto, cpu, cuda (auto)")
    group.add_argument(
        "--threads", type=positive_int, metavar="N", help="of torch, in each process (1)"
    )
    for option, metavar, what in (
        ("--label-set", "NAME", "or a YAML file (the labels recorded)"),
        ("--language", "TAG", "of these sets (each that they have)"),
        ("--style", "STYLE", "plain or brand (both)"),
    ):
        group.add_argument(
            option, action="append", default=[], metavar=metavar, help=f"{what}; may be repeated"
        )
