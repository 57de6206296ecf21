"""The options of `culture-perception adapt`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

from culture_perception.adapt.options import LOSSES, SHOTS, VIEWS, AdaptOptions
from culture_perception.adapt.vlm import options as vlm_options
from culture_perception.arguments import positive, positive_int
from culture_perception.models.lora_options import KINDS, TOWERS, LoraOptions
from culture_perception.runner import SystemFailure

_DEFAULTS: Final = AdaptOptions()


def options_of(arguments: argparse.Namespace) -> AdaptOptions:
    """How to train, as it was asked for.

    Raises:
        SystemFailure: a value is out of range.
    """
    try:
        return AdaptOptions(
            lora=LoraOptions(
                rank=arguments.rank,
                alpha=arguments.alpha or 2.0 * arguments.rank,
                towers=tuple(arguments.towers),
                kinds=tuple(arguments.kinds),
                dropout=arguments.dropout,
            ),
            loss=arguments.loss,
            views=arguments.views,
            steps=arguments.steps,
            batch=arguments.batch or _DEFAULTS.batch,
            learning_rate=arguments.learning_rate or _DEFAULTS.learning_rate,
            replay=arguments.replay,
            rehearsal=arguments.rehearsal,
            patience=arguments.patience,
            every=arguments.every,
            precision=arguments.precision,
            seed=arguments.seed,
        )
    except ValueError as error:
        raise SystemFailure(str(error)) from error


def _share(text: str) -> float:
    """A number above 0 and up to 1; argparse's error otherwise."""
    value = positive(text)
    if value > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number up to 1")
    return value


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", metavar="NAME|FILE.yaml", help="label set")
    parser.add_argument("--languages", nargs="+", metavar="TAG", help="of it (all that it has)")
    parser.add_argument(
        "--images", type=Path, metavar="DIR", help="a folder for each product, or a COCO file"
    )
    parser.add_argument(
        "--bag",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a recording with ground truth; may be given several times",
    )
    parser.add_argument(
        "--render", type=positive_int, metavar="N", help="scenes of the label set's products"
    )
    parser.add_argument(
        "--siblings",
        type=positive_int,
        metavar="N",
        help="frames of products that share words and looks with the label set's, which then only "
        "test (3600, if no other source is named)",
    )
    parser.add_argument(
        "--hold-out",
        nargs="+",
        default=[],
        metavar="ID",
        help="concepts that are not learned, and tried at the end by all names",
    )
    shots = (*map(str, SHOTS), "all")
    parser.add_argument("--shots", choices=shots, default="all", help="crops a product (all)")
    parser.add_argument("--scenes", type=Path, default=Path("runs/adapt"), metavar="DIR")


def _add_what_stays(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep",
        nargs=2,
        action="append",
        default=[],
        metavar=("LABELS", "DIR"),
        help="pictures of another label set, which must stay as good",
    )
    parser.add_argument(
        "--keep-scenes",
        type=int,
        default=60,
        metavar="N",
        help="rendered, of each label set that comes with the package (60); 0: none",
    )
    parser.add_argument(
        "--keep-siblings",
        type=Path,
        metavar="DIR",
        help="of sim_bridge.training_data, for replay (none)",
    )


def _add_training(parser: argparse.ArgumentParser) -> None:
    own = _DEFAULTS.lora
    parser.add_argument("--rank", type=positive_int, default=own.rank, help=f"({own.rank})")
    parser.add_argument("--alpha", type=positive, help="strength of the change (twice the rank)")
    parser.add_argument("--towers", nargs="+", choices=TOWERS, default=TOWERS, help="(both)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="layers (all)")
    parser.add_argument("--dropout", type=float, default=0.0, help="of their inputs (0)")
    parser.add_argument("--loss", choices=LOSSES, default=_DEFAULTS.loss)
    parser.add_argument(
        "--views",
        choices=VIEWS,
        default=_DEFAULTS.views,
        help="what is outside the mask: blurred (mask), as it is (box), or all sorts (mixed)",
    )
    parser.add_argument(
        "--batch",
        type=positive_int,
        help=f"({_DEFAULTS.batch}; of questions {vlm_options.BATCH})",
    )
    parser.add_argument(
        "--rehearsal",
        type=float,
        default=_DEFAULTS.rehearsal,
        metavar="S",
        help="share of the steps on siblings of the West, where siblings are learned (0)",
    )
    parser.add_argument(
        "--start", type=Path, metavar="FILE", help="an adapter to go on from, of the same layers"
    )
    _add_steps(parser)


def _add_steps(parser: argparse.ArgumentParser) -> None:
    for name in ("steps", "patience", "every"):
        default = getattr(_DEFAULTS, name)
        parser.add_argument(f"--{name}", type=positive_int, default=default, help=f"({default})")
    parser.add_argument(
        "--learning-rate",
        type=positive,
        help=f"({_DEFAULTS.learning_rate:g}; of questions {vlm_options.LEARNING_RATE:g})",
    )
    parser.add_argument(
        "--replay", type=float, default=_DEFAULTS.replay, help="weight of all else; 0: none"
    )
    precisions = ("float32", "bfloat16")
    parser.add_argument("--precision", choices=precisions, default=_DEFAULTS.precision)
    parser.add_argument(
        "--scale", type=_share, metavar="S", help="of the change, 0 to 1 (chosen on validation)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on where it was stopped")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds all options of the verb."""
    _add_sources(parser)
    _add_what_stays(parser)
    _add_training(parser)
    vlm_options.add_options(parser)
    parser.add_argument("--encoder", default="embedded", metavar="NAME", help="as in the node")
    parser.add_argument("--encoder-pretrained", default="", metavar="TAG")
    parser.add_argument("--name", default="", help="of the adapter (that of the label set)")
    parser.add_argument("--licence", default="", help="of the adapter, for its card")
    parser.add_argument("--out", type=Path, metavar="FILE", help="(runs/adapt/LABELS.safetensors)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write before and after there")
    parser.add_argument(
        "--allow-forgetting", action="store_true", help="exit code 0 whatever the gate says"
    )
    parser.add_argument("--device", default="auto", help="cpu, cuda (auto)")
    cpus = os.cpu_count() or 1
    parser.add_argument("--threads", type=positive_int, default=cpus, metavar="N", help="of torch")
    parser.add_argument(
        "--workers", type=positive_int, default=cpus, metavar="N", help="that render"
    )
