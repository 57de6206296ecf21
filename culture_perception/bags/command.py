"""The verb `score`: recordings scored without ROS."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.console import Console
from rich.progress import Progress

from culture_perception.bags.errors import BagError
from culture_perception.bags.score_arguments import EPILOG, add_arguments
from culture_perception.bags.topics import Topics

if TYPE_CHECKING:
    from culture_perception.bags.bag_score import BagScore, ScoreOptions
    from culture_perception.bags.recompute import RecomputeOptions
    from culture_perception.bags.work import WorkItem

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def score(arguments: argparse.Namespace, console: Console) -> int:
    """Scores bags, prints the table, writes what is asked for."""
    from culture_perception.bags.coco import load_coco
    from culture_perception.bags.recompute import load_models
    from culture_perception.bags.report import exit_code, failures_of, print_report, summarise
    from culture_perception.bags.requirements import parse_requirement

    requirements = [parse_requirement(text) for text in arguments.require]
    options = _options(arguments)
    coco = load_coco(options.coco) if options.coco else None
    if options.recompute and not _elsewhere(arguments):
        with console.status("loading models …"):
            load_models(options.recompute.models)
    started_s = time.monotonic()
    scores = _score_all(arguments, options, console)
    record = summarise(scores, coco, time.monotonic() - started_s)
    failures = failures_of(record, requirements)
    print_report(record, failures, console)
    record["requirements"] = {"asked": arguments.require, "not_met": failures}
    if arguments.json:
        adapters = sorted({name for one in scores for name in one.adapters})
        _write_json(arguments.json, record, options, adapters)
        console.print(f"scores as JSON in {arguments.json}", soft_wrap=True)
    return exit_code(record, failures, set(arguments.allow))


def _options(arguments: argparse.Namespace) -> ScoreOptions:
    from culture_perception.bags.bag_score import ScoreOptions

    for path in arguments.bags:
        if not path.exists():
            raise BagError(f"{path}: there is no such bag")
    return ScoreOptions(
        topics=_topics(arguments),
        recompute=_recompute_options(arguments),
        coco=arguments.coco,
    )


def _topics(arguments: argparse.Namespace) -> Topics:
    usual = Topics().below(arguments.namespace)
    given = {name: getattr(arguments, f"{name}_topic") for name in ("image", "truth", "result")}
    return replace(usual, **{name: topic for name, topic in given.items() if topic})


def _recompute_options(arguments: argparse.Namespace) -> RecomputeOptions | None:
    if not arguments.recompute:
        given = [name for name in _RECOMPUTE_ONLY if getattr(arguments, name)]
        if given:
            option = f"--{given[0].replace('_', '-')}"
            raise BagError(f"{option} says how results are made anew; add --recompute")
        return None
    from culture_perception.bags.chosen_labels import choose_labels
    from culture_perception.bags.recompute import ModelChoice, RecomputeOptions

    named = {name: getattr(arguments, name) for name in _MODEL_OPTIONS}
    models = ModelChoice(**{name: value for name, value in named.items() if value})
    labels = choose_labels(arguments.label_set, arguments.language, arguments.style)
    return RecomputeOptions(models, labels)


_MODEL_OPTIONS = (
    "segmenter",
    "segmenter_checkpoint",
    "encoder",
    "encoder_pretrained",
    "adapters",
    "device",
    "threads",
)
_RECOMPUTE_ONLY = (*_MODEL_OPTIONS, "label_set", "language", "style")


def _score_all(
    arguments: argparse.Namespace, options: ScoreOptions, console: Console
) -> list[BagScore]:
    from culture_perception.bags.work import WorkItem

    with TemporaryDirectory(prefix="culture_perception_score_") as folder:
        items = [
            WorkItem(path, options, Path(folder) / f"{i}.jsonl" if arguments.frames else None)
            for i, path in enumerate(arguments.bags)
        ]
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("scoring", total=len(items))
            scores = list(
                _run(
                    items,
                    arguments,
                    lambda done: progress.update(task, completed=done),
                    lambda: progress.advance(task),
                )
            )
        if arguments.frames:
            _join([item.frames for item in items if item.frames], arguments.frames)
    return scores


def _run(
    items: Sequence[WorkItem],
    arguments: argparse.Namespace,
    on_progress: Callable[[float], None],
    on_done: Callable[[], None],
) -> Iterator[BagScore]:
    from culture_perception.bags import ray_pool, work

    if arguments.ray:
        return ray_pool.run_on_ray(items, arguments.ray, on_done)
    if _elsewhere(arguments):
        return work.run_in_processes(items, arguments.workers, on_done)
    return work.run_in_turn(items, on_progress)


def _elsewhere(arguments: argparse.Namespace) -> bool:
    """Whether bags are scored in other processes than this one."""
    return bool(arguments.ray) or (arguments.workers > 1 and len(arguments.bags) > 1)


def _join(parts: Sequence[Path], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        for part in parts:
            with part.open("rb") as source:
                while piece := source.read(1 << 20):
                    file.write(piece)


def _write_json(
    path: Path, record: dict[str, Any], options: ScoreOptions, adapters: list[str]
) -> None:
    from culture_perception.demo_report import provenance

    recompute = options.recompute
    record["provenance"] = provenance(
        topics=asdict(options.topics),
        models=asdict(recompute.models) if recompute else None,
        adapters=adapters,
        ground_truth=str(options.coco) if options.coco else "bag",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def add_parser(verbs: Verbs) -> None:
    """Adds the verb to a command line."""
    parser = verbs.add_parser(
        "score",
        help="score recordings, without ROS",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=score)
    add_arguments(parser)
