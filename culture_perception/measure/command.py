"""`culture-perception measure`: every figure of the model cards, each beside its target."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from culture_perception.arguments import positive_int
from culture_perception.demo_report import provenance
from culture_perception.measure.report import (
    Record,
    markdown,
    missed,
    print_tables,
    write_json,
)
from culture_perception.runner import SystemFailure

if TYPE_CHECKING:
    from culture_perception.measure.measuring import Models
    from culture_perception.measure.scene_sets import SceneSet

PARTS: Final = ("segmenter", "encoder")
MISSED_TARGETS: Final = 3
"""Exit code where targets were required and not all are met."""
_UNFILTERED: Final = {
    "pred_iou_thresh": 0.0,
    "stability_score_thresh": 0.0,
    "box_nms_thresh": 1.0,
    "mask_nms_thresh": 1.0,
}


def measure_models(arguments: argparse.Namespace, console: Console) -> int:
    """Measures a segmenter and an encoder on evaluation scenes, and prints the tables."""
    from culture_perception.measure.measuring import Sources, measure, prepare

    sources = Sources(
        data=arguments.data,
        scenes=arguments.scenes,
        scans=arguments.scans,
        held=arguments.held or arguments.data / "held",
        workers=arguments.workers,
    )
    models = _load(arguments)
    sets = prepare(sources, with_held=models.encoder is not None)
    started_s = time.monotonic()
    figures = measure(models, sets, sources.held, arguments.score_scenes, console)
    seconds = time.monotonic() - started_s
    print_tables(figures, console)
    console.print(f"measured in {seconds:.0f} s", highlight=False)
    about = _about(models, sets, seconds)
    if arguments.json:
        write_json(arguments.json, figures, about)
    if arguments.markdown:
        arguments.markdown.parent.mkdir(parents=True, exist_ok=True)
        arguments.markdown.write_text(
            markdown(figures, _conditions(about), _options(arguments)) + "\n", encoding="utf-8"
        )
    failed = missed(figures)
    for figure in failed:
        console.print(f"target missed: {figure.key}", highlight=False)
    return MISSED_TARGETS if failed and arguments.require_targets else 0


def _load(arguments: argparse.Namespace) -> Models:
    from culture_perception.measure.measuring import Models
    from culture_perception.models.registry import load_encoder, load_segmenter
    from culture_perception.models.runtime import Runtime

    segmenter = proposer = encoder = offset = None
    try:
        runtime = Runtime(device=arguments.device, threads=arguments.threads)
        if "segmenter" in arguments.parts:
            name, checkpoint = arguments.segmenter, arguments.segmenter_checkpoint
            segmenter = load_segmenter(name, checkpoint, runtime)
            proposer = load_segmenter(name, checkpoint, runtime, **_UNFILTERED)
            # All have them so far, but the protocol asks for none.
            options = getattr(segmenter, "options", None)
            offset = None if options is None else float(options.stability_score_offset)
        if "encoder" in arguments.parts:
            name, pretrained = arguments.encoder, arguments.encoder_pretrained
            encoder = load_encoder(name, pretrained, runtime, adapters=arguments.adapters)
    except ValueError as error:  # no such model, device or file: the message says what to do
        raise SystemFailure(str(error)) from error
    return Models(segmenter, proposer, offset, encoder)


def _about(models: Models, sets: Sequence[SceneSet], seconds: float) -> Record:
    """What the figures depend on."""
    from culture_perception.adapting import adapters_of

    names = {
        part: model.name
        for part, model in (("segmenter", models.segmenter), ("encoder", models.encoder))
        if model is not None
    }
    return provenance(
        models=names,
        adapters=[] if models.encoder is None else adapters_of(models.encoder),
        sets={
            one.name: {**one.about, "scenes": len(one.scenes), "left_out": list(one.left_out)}
            for one in sets
        },
        seconds=round(seconds, 1),
    )


def _conditions(about: Record) -> list[str]:
    """Sentences for the head of a model card's tables, as a list."""
    sets = ", ".join(f"{one['scenes']} of {name}" for name, one in about["sets"].items())
    any_set = next(iter(about["sets"].values()))
    renderers = ", ".join(any_set["renderer"])
    return [
        f"- Models: {', '.join(about['models'].values())}. "
        f"Culture adapters: {', '.join(about['adapters']) or 'none'}.",
        f"- Scenes: {sets}; {any_set['count']} products each, camera {any_set['camera']}, "
        f"profile {any_set['profile']}, drawn by {renderers}.",
        "- Objects count if at least half of them is visible.",
        "- Intervals: whole scenes (whole products, for the combinations) drawn anew with "
        "replacement. n: different cases.",
        "- Seconds are those of the machine it ran on, with whatever else it did: "
        "`culture-perception bench` compares speed.",
    ]


def _options(arguments: argparse.Namespace) -> str:
    """What decides the figures, as it was given; folders differ from machine to machine."""
    names = ("scenes", "score_scenes", "segmenter", "encoder", "encoder_pretrained", "adapters")
    texts = [
        f" --{name.replace('_', '-')} {getattr(arguments, name)}"
        for name in names
        if getattr(arguments, name) not in ("", "embedded", "shipped")
    ]
    return "".join(texts) + (" --scans FOLDER" if arguments.scans else "")


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the verb and its options."""
    parser = verbs.add_parser("measure", help="every figure of the model cards, with its target")
    parser.set_defaults(run=measure_models)
    parser.add_argument(
        "--parts", nargs="+", choices=PARTS, default=PARTS, help="what is measured (both)"
    )
    parser.add_argument("--scenes", type=positive_int, default=200, metavar="N", help="a set (200)")
    parser.add_argument(
        "--score-scenes",
        type=positive_int,
        default=50,
        metavar="N",
        help="a set, of which all proposed masks are judged (50)",
    )
    _add_models(parser)
    parser.add_argument("--scans", type=Path, metavar="DIR", help="folder of YCB scans (none)")
    parser.add_argument(
        "--held", type=Path, metavar="DIR", help="held-out combinations (DATA/held)"
    )
    parser.add_argument(
        "--data", type=Path, default=Path("runs/measure"), metavar="DIR", help="rendered scenes"
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there")
    parser.add_argument("--markdown", type=Path, metavar="PATH", help="write the tables there")
    parser.add_argument(
        "--require-targets", action="store_true", help="exit code 3 unless all are met"
    )
    parser.add_argument("--device", default="auto", help="cpu, cuda (auto)")
    cpus = os.cpu_count() or 1
    parser.add_argument("--threads", type=positive_int, default=cpus, metavar="N", help="of torch")
    parser.add_argument(
        "--workers", type=positive_int, default=cpus, metavar="N", help="that render"
    )


def _add_models(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--segmenter", default="embedded", metavar="NAME", help="as in the node")
    parser.add_argument("--segmenter-checkpoint", default="", metavar="PATH")
    parser.add_argument("--encoder", default="embedded", metavar="NAME", help="as in the node")
    parser.add_argument("--encoder-pretrained", default="", metavar="TAG")
    parser.add_argument(
        "--adapters",
        default="shipped",
        metavar="LIST",
        help="also measured with: shipped, none, or files with commas between (shipped)",
    )
