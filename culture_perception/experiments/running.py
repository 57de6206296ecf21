"""An experiment from its scenes to its results: renders, shows, names, counts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import Progress

from culture_perception.concepts import LabelSet
from culture_perception.experiments.models import ModelNames
from culture_perception.experiments.observing import found_masks, known_objects
from culture_perception.experiments.options import (
    ExperimentOptions,
    IdentificationOptions,
    SegmentationOptions,
)
from culture_perception.experiments.results import Result
from culture_perception.experiments.table_1 import Table1Input, table_1
from culture_perception.experiments.table_2 import Table2Input, table_2
from culture_perception.masks import BoxedMask, MaskArray, crop_to_box
from culture_perception.measure.scene_sets import SceneSet, load_set, read_scene, render_set
from culture_perception.models.runtime import Runtime
from culture_perception.protocols import Encoder

FIRST_SEED: Final = 940_000
"""Of the experiments' scenes; the demo has those from 900000 on, `measure` from 920000 on."""
LABELS: Final = {"ycb": "ycb", "konbini": "konbini", "scans": "ycb"}
"""The label set that names each kind."""


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        products: kinds of products on the table.
        arms: of each kind: name of the arm -> label set.
        scans: folder of YCB scans; needed for "scans" alone.
        rounds: how often each product's five iterations are done.
        seed: of the first scene.
        data: folder where scenes, and what was seen of them, are kept.
        models: pairs to compare.
        runtime: of all models.
        workers: processes that render.
    """

    products: Sequence[str]
    arms: Mapping[str, Mapping[str, LabelSet]]
    scans: Path | None
    rounds: int
    seed: int
    data: Path
    models: Sequence[ModelNames]
    runtime: Runtime
    workers: int = os.cpu_count() or 1


@dataclass(frozen=True, eq=False)
class Stage:
    """Scenes of one kind of products, rendered.

    Attributes:
        products: the kind.
        scenes: of it.
        folder: where they lie.
        truth: seed -> true mask of each object.
        shape_hw: of all pictures, pixels.
    """

    products: str
    scenes: SceneSet
    folder: Path
    truth: Mapping[int, Sequence[BoxedMask]]
    shape_hw: tuple[int, int]


def set_stages(request: Request) -> list[Stage]:
    """Renders what is missing.

    Raises:
        SystemFailure: it could not be rendered.
    """
    return [_stage(request, name) for name in request.products]


def _stage(request: Request, products: str) -> Stage:
    folder = request.data / f"{products}-{request.seed}"
    scans = str(request.scans) if products == "scans" else ""
    layout = ["--layout", "iterations", "--rounds", str(request.rounds)]
    options = [*layout, "--seed", str(request.seed)]
    render_set(folder, products, None, request.workers, scans, options)
    scenes = load_set(folder)
    truth, shape_hw = {}, (0, 0)
    for scene in scenes.scenes:
        pictures = read_scene(scene)
        truth[scene.seed] = [_kept(mask) for mask in pictures.masks]
        shape_hw = (pictures.image_rgb.shape[0], pictures.image_rgb.shape[1])
    return Stage(products, scenes, folder, truth, shape_hw)


def _kept(mask: MaskArray) -> BoxedMask:
    """In its box, without the rest of the picture in memory."""
    boxed = crop_to_box(mask)
    return BoxedMask(boxed.box, boxed.inside.copy())


def identification(
    request: Request, stages: Sequence[Stage], options: IdentificationOptions, console: Console
) -> list[Result]:
    """Table I by each pair's encoder; pairs with the same encoder are one."""
    results = []
    for name in dict.fromkeys(one.encoder for one in request.models):
        encoder = ModelNames("embedded", name).encoder_model(request.runtime)
        inputs = [
            Table1Input(
                stage.products,
                stage.scenes.scenes,
                _known(stage, encoder, console),
                request.arms[stage.products],
                stage.truth,
            )
            for stage in stages
        ]
        results.append(table_1(inputs, encoder, options))
    return results


def segmentation(
    request: Request, stages: Sequence[Stage], options: SegmentationOptions, console: Console
) -> list[Result]:
    """Table II by each pair of models."""
    results = []
    for names in request.models:
        encoder = names.encoder_model(request.runtime)
        segmenter = names.segmenter_model(request.runtime, options.stability)
        inputs = []
        for stage in stages:
            known = _known(stage, encoder, console)
            kept = stage.folder / f"stability-{options.stability}"
            with _progress(f"{stage.products}: segmenting", stage, console) as step:
                found = found_masks(stage.scenes.scenes, segmenter, encoder, kept, step)
            inputs.append(
                Table2Input(
                    stage.products,
                    stage.scenes.scenes,
                    known,
                    found,
                    request.arms[stage.products],
                    stage.truth,
                    stage.shape_hw,
                )
            )
        results.append(table_2(inputs, segmenter.name, encoder, options))
    return results


def _known(stage: Stage, encoder: Encoder, console: Console) -> list[Any]:
    with _progress(f"{stage.products}: known masks", stage, console) as step:
        return known_objects(stage.scenes.scenes, encoder, stage.folder, step)


@contextmanager
def _progress(what: str, stage: Stage, console: Console) -> Iterator[Callable[[], None]]:
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(what, total=len(stage.scenes.scenes))
        yield lambda: progress.advance(task)


def run(
    request: Request, options: ExperimentOptions, console: Console
) -> tuple[list[Stage], list[Result]]:
    """Either experiment, by the kind of its options."""
    stages = set_stages(request)
    if isinstance(options, IdentificationOptions):
        return stages, identification(request, stages, options, console)
    if isinstance(options, SegmentationOptions):
        return stages, segmentation(request, stages, options, console)
    raise TypeError(f"{type(options).__name__} are options of no experiment")
