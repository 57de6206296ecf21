"""The verb `experiment`: the paper's tables, by any models, on products, scans and label sets."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rich.console import Console

from culture_perception.arguments import positive_int
from culture_perception.concepts import LabelError, LabelSet
from culture_perception.experiments.options import (
    ExperimentOptions,
    IdentificationOptions,
    SegmentationOptions,
)

if TYPE_CHECKING:
    from culture_perception.experiments.running import Request, Stage

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

KINDS: Final[Mapping[str, type[ExperimentOptions]]] = {
    "identification": IdentificationOptions,
    "segmentation": SegmentationOptions,
}
_HELP: Final = {
    "identification": "Table I: objects cut by their true masks, named",
    "segmentation": "Table II: a segmenter's masks, named, against the truth",
}


def add_parser(verbs: Verbs) -> None:
    """Adds the verb and its two experiments to a command line."""
    parser = verbs.add_parser(
        "experiment", help="the paper's experiments, with what they leave open"
    )
    parser.set_defaults(run=experiment)
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="EXPERIMENT")
    for name, options in KINDS.items():
        one = kinds.add_parser(name, help=_HELP[name])
        _add_common(one)
        _add_options(one, options)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--products", nargs="+", default=["ycb", "konbini"],
        choices=("ycb", "konbini", "scans"), help="on the table (ycb konbini)",
    )  # fmt: skip
    parser.add_argument("--scans", type=Path, metavar="DIR", help="YCB scans, for scans")
    parser.add_argument(
        "--arms", nargs="+", default=["verbatim"], metavar="ARM",
        help="of the label sets: verbatim normalised matched (verbatim)",
    )  # fmt: skip
    parser.add_argument(
        "--labels", nargs="+", type=Path, default=[], metavar="FILE",
        help="further label sets for the same products, with the same concept ids",
    )  # fmt: skip
    parser.add_argument(
        "--models", nargs="+", default=["embedded"], metavar="SEGMENTER+ENCODER[@TAG][~ADAPTER]",
        help="several are compared (embedded)",
    )  # fmt: skip
    parser.add_argument(
        "--rounds", type=positive_int, default=1, metavar="N",
        help="of five iterations a product (1)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=positive_int, metavar="N", help="of the first scene (940000)"
    )
    parser.add_argument(
        "--data", type=Path, default=Path("runs/experiments"), metavar="DIR",
        help="scenes, and what was seen of them: an interrupted run goes on (runs/experiments)",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all figures there")
    parser.add_argument("--device", default="auto", help="cpu, cuda (auto)")
    cpus = os.cpu_count() or 1
    parser.add_argument("--threads", type=positive_int, default=cpus, metavar="N", help="of torch")
    parser.add_argument(
        "--workers", type=positive_int, default=cpus, metavar="N", help="that render"
    )


def _add_options(parser: argparse.ArgumentParser, options: type[ExperimentOptions]) -> None:
    group = parser.add_argument_group("what the paper leaves open")
    for one in fields(options):
        allowed = one.metadata["of"]
        group.add_argument(
            f"--{one.name.replace('_', '-')}",
            dest=one.name,
            default=one.default,
            help=f"{one.metadata['meaning']} ({one.default})",
            **({"choices": allowed} if allowed else {"type": float, "metavar": "X"}),
        )


def experiment(arguments: argparse.Namespace, console: Console) -> int:
    """Runs one experiment and prints its tables."""
    from culture_perception.experiments.record import to_record
    from culture_perception.experiments.running import run
    from culture_perception.experiments.tables import comparison_table, print_result
    from culture_perception.runner import SystemFailure

    try:
        options = _options(arguments)
        request = _request(arguments)
    except LabelError:
        raise
    except ValueError as error:
        raise SystemFailure(str(error)) from error
    started_s = time.monotonic()
    stages, results = run(request, options, console)
    for result in results:
        print_result(result, options, console)
    if len(results) > 1:
        console.print(comparison_table(results))
    if arguments.json:
        seconds = time.monotonic() - started_s
        record = to_record(results, options, _scenes(stages, arguments.json), seconds)
        text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(text, encoding="utf-8")
        console.print(f"figures in {arguments.json}", soft_wrap=True)
    return 0


def _options(arguments: argparse.Namespace) -> ExperimentOptions:
    kind = KINDS[arguments.kind]
    return kind(**{one.name: getattr(arguments, one.name) for one in fields(kind)})


def _request(arguments: argparse.Namespace) -> Request:
    from culture_perception.experiments.models import ModelNames
    from culture_perception.experiments.running import FIRST_SEED, LABELS, Request
    from culture_perception.models.runtime import Runtime

    if "scans" in arguments.products and arguments.scans is None:
        raise ValueError("scans need their folder; add --scans DIR")
    return Request(
        products=list(dict.fromkeys(arguments.products)),
        arms={
            name: _arms(LABELS[name], arguments.arms, arguments.labels)
            for name in arguments.products
        },
        scans=arguments.scans,
        rounds=arguments.rounds,
        seed=FIRST_SEED if arguments.seed is None else arguments.seed,
        data=arguments.data,
        models=[ModelNames.parse(text) for text in arguments.models],
        runtime=Runtime(arguments.device, arguments.threads),
        workers=arguments.workers,
    )


def _arms(base: str, wanted: Sequence[str], files: Sequence[Path]) -> dict[str, LabelSet]:
    """The arms asked for, and those of the files that name the same concepts.

    Raises:
        LabelError: there is no such arm, or a file is wrong.
    """
    from culture_perception.labels import load_arms, load_label_set

    known = load_arms(base)
    unknown = [arm for arm in wanted if arm not in known]
    if unknown:
        raise LabelError(f"{base} has no arm {', '.join(unknown)}; it has {', '.join(known)}")
    arms = {arm: known[arm] for arm in dict.fromkeys(wanted)}
    concepts = {one.concept_id for one in known[wanted[0]].concepts}
    for path in files:
        extra = load_label_set(path)
        if concepts & {one.concept_id for one in extra.concepts}:
            arms[extra.name] = extra
    return arms


def _scenes(stages: Sequence[Stage], json_path: Path) -> dict[str, Any]:
    """Where each scene's picture lies, from the JSON file, for the report's gallery."""
    return {
        f"{stage.products}/{scene.seed}": {
            "image": os.path.relpath(scene.image_path, json_path.parent),
            "height": stage.shape_hw[0],
            "width": stage.shape_hw[1],
            "target": scene.target,
        }
        for stage in stages
        for scene in stage.scenes.scenes
    }
