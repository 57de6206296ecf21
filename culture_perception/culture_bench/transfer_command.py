"""`culture-bench transfer`: adapters trained on one group of items, tested on all groups."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from culture_perception.arguments import positive, positive_int
from culture_perception.culture_bench.items import DIMENSIONS
from culture_perception.models.lora_options import KINDS, LoraOptions

if TYPE_CHECKING:
    from culture_perception.adapt.item_transfer import TransferRequest

_STEPS: Final = 300
_RANK: Final = 8
_LEARNING_RATE: Final = 1e-3


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds what only this has; the rest it shares with the verb."""
    group = parser.add_argument_group("transfer")
    group.add_argument(
        "--by", choices=tuple(DIMENSIONS), default="region", help="what is trained on (region)"
    )
    group.add_argument(
        "--encoder", default="embedded", metavar="NAME[@TAG]", help="that is adapted (embedded)"
    )
    group.add_argument("--steps", type=positive_int, default=_STEPS, help=f"({_STEPS})")
    group.add_argument("--rank", type=positive_int, default=_RANK, help=f"({_RANK})")
    group.add_argument(
        "--learning-rate", type=positive, default=_LEARNING_RATE, help=f"({_LEARNING_RATE:g})"
    )
    group.add_argument("--resume", action="store_true", help="go on where a run stopped")


def run_transfer(arguments: argparse.Namespace, path: Path, console: Console) -> int:
    """Trains, tests, prints and writes.

    Raises:
        ItemError: the items are wrong, or too few for two groups.
        SystemFailure: a training fails.
        ValueError: there is no such encoder.
    """
    from culture_perception.adapt.item_transfer import transfer
    from culture_perception.culture_bench.item_files import read_items
    from culture_perception.culture_bench.record import write_record
    from culture_perception.culture_bench.transfer_report import print_transfer, transfer_record

    started_s = time.monotonic()
    found = transfer(read_items(path), _request(arguments, path))
    print_transfer(found, console)
    if arguments.json:
        seconds = time.monotonic() - started_s
        write_record(transfer_record(path, found, seconds), arguments.json, console)
    return 0


def _request(arguments: argparse.Namespace, path: Path) -> TransferRequest:
    from culture_perception.adapt.item_transfer import TransferRequest
    from culture_perception.adapt.options import AdaptOptions

    options = AdaptOptions(
        lora=LoraOptions(rank=arguments.rank, alpha=2.0 * arguments.rank, kinds=KINDS),
        steps=arguments.steps,
        batch=arguments.batch,
        learning_rate=arguments.learning_rate,
        replay=0.0,
        seed=arguments.seed,
    )
    by = arguments.by.replace(" ", "-")
    return TransferRequest(
        by=arguments.by,
        encoder=arguments.encoder,
        options=options,
        least=arguments.least,
        states=Path("runs/culture") / f"{path.stem}-by-{by}",
        resume=arguments.resume,
        device=arguments.device,
        threads=arguments.threads,
    )
