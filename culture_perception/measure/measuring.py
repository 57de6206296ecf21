"""All figures of a segmenter and an encoder: scenes are rendered, seen once, and counted."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track

from culture_perception.concepts import STYLES
from culture_perception.labels import load_label_sets
from culture_perception.measure.adapter_figures import beside, differences
from culture_perception.measure.figures import Figure
from culture_perception.measure.held_figures import held_figures
from culture_perception.measure.mask_figures import mask_figures, score_figures
from culture_perception.measure.naming_figures import (
    end_to_end_figures,
    naming_figures,
    rejection_figures,
)
from culture_perception.measure.outcomes import (
    Cell,
    Crops,
    Masks,
    embed_truth,
    run_segmenter,
    segment_scene,
)
from culture_perception.measure.scene_sets import (
    Scene,
    SceneSet,
    load_set,
    read_scene,
    render_set,
    run_program,
)
from culture_perception.models.adapter_card import AdapterCard
from culture_perception.models.adapter_encoder import AdaptedEncoder
from culture_perception.protocols import Encoder, Segmenter
from culture_perception.resources import share_path
from culture_perception.runner import SystemFailure
from culture_perception.training.encoder_data import CropSet, DataError, load_crops
from culture_perception.zero_shot import TextBank, embed_labels

TITLES: Final = {"ycb": "YCB", "konbini": "Konbini", "scans": "YCB scans"}
LABELS: Final = {"ycb": "ycb", "konbini": "konbini", "scans": "ycb"}
"""By whose labels the products of a set are named."""
HELD_FRAMES: Final = 360
"""As `culture-perception train encoder` renders the held-out combinations."""


@dataclass(frozen=True)
class Sources:
    """What is measured on.

    Attributes:
        data: folder in which rendered scenes are kept.
        scenes: of each set.
        scans: folder of YCB scans; None: that set is left out.
        held: data set of held-out attribute combinations.
        workers: processes that render.
    """

    data: Path
    scenes: int
    scans: Path | None
    held: Path
    workers: int


@dataclass(frozen=True)
class Models:
    """What is measured; None: what needs it is left out.

    Attributes:
        segmenter: as it is used.
        proposer: the same without thresholds and suppression, so that its scores can be judged.
        stability_offset: at which the stability score is taken, logits; None: not known.
        encoder: as it is used.
    """

    segmenter: Segmenter | None
    proposer: Segmenter | None
    stability_offset: float | None
    encoder: Encoder | None


def prepare(sources: Sources, with_held: bool) -> list[SceneSet]:
    """Renders what is missing and reads the scene sets.

    Raises:
        SystemFailure: something could not be rendered or read.
    """
    sets = []
    for name in TITLES:
        if name == "scans" and sources.scans is None:
            continue
        folder, scans = sources.data / name, str(sources.scans) if name == "scans" else ""
        render_set(folder, name, sources.scenes, sources.workers, scans)
        sets.append(load_set(folder))
    if with_held:
        _prepare_held(sources)
    return sets


def _prepare_held(sources: Sources) -> None:
    """The data set of `culture-perception train encoder`, which is rendered where it is missing."""
    record = sources.held / "dataset.json"  # written last, so its data set is whole
    if not record.is_file():
        run_program(
            [
                *(sys.executable, "-m", "sim_bridge.training_data", str(sources.held)),
                *("--split", "held", "--frames", str(HELD_FRAMES)),
                *("--workers", str(sources.workers)),
            ],
            f"rendering {sources.held}",
        )
    split = json.loads(record.read_text(encoding="utf-8")).get("split")
    if split != "held":
        raise SystemFailure(
            f"{sources.held} holds the split {split}, not held: give another --held folder"
        )


def measure(
    models: Models,
    sets: Sequence[SceneSet],
    held: Path,
    score_scenes: int,
    console: Console,
) -> list[Figure]:
    """All figures that the models and sets allow.

    Args:
        models: see Models.
        sets: of scenes.
        held: data set of held-out combinations; read if there is an encoder.
        score_scenes: of how many scenes a set all proposals are judged.
        console: shows the progress.

    Raises:
        SystemFailure: a picture is missing or damaged, or the held-out data set is.
    """
    figures: list[Figure] = []
    crops: dict[str, Crops] = {}
    banks = {} if models.encoder is None else _banks(models.encoder)
    for one in sets:
        figures += _figures_of_masks(models, one, banks, score_scenes, console)
        if models.encoder is not None:
            title = TITLES[one.name]
            crops[one.name] = embed_truth(
                models.encoder, _shown(one.scenes, f"{title}: known masks", console)
            )
            figures += naming_figures(
                one.name,
                title,
                crops[one.name],
                _cells_of(one.name, banks),
                models.encoder.calibration,
            )
    if models.encoder is not None:
        with console.status("naming the held-out combinations …"):
            figures += held_figures(models.encoder, _held_crops(held))
        figures += _rejected(models.encoder, crops, banks)
    if isinstance(models.encoder, AdaptedEncoder):
        for adapter in models.encoder.adapters:
            figures += _adapted(models, models.encoder, adapter.card, sets, figures, console)
    return figures


def _adapted(
    models: Models,
    encoder: AdaptedEncoder,
    card: AdapterCard,
    sets: Sequence[SceneSet],
    before: Sequence[Figure],
    console: Console,
) -> list[Figure]:
    """What an adapter changes, on all sets whatever labels it is for."""
    encoder.adapt_to(card.label_sets[0], card.languages)
    banks, after = _banks(encoder), list[Figure]()
    for one in sets:
        title = TITLES[one.name]
        seen = _shown(one.scenes, f"{title}, {card.name}: known masks", console)
        cells = _cells_of(one.name, banks)
        crops = embed_truth(encoder, seen)
        after += naming_figures(one.name, title, crops, cells, encoder.calibration)
        if models.segmenter is not None:
            shown = _shown(one.scenes, f"{title}, {card.name}: segmenting", console)
            _, counts = run_segmenter(models.segmenter, encoder, shown, cells)
            after += end_to_end_figures(one.name, title, counts)
    encoder.adapt_to("", ())
    return [
        *beside(card.name, before, after),
        *differences(card.name, card.label_sets[0], card.languages, before, after),
    ]


def _held_crops(held: Path) -> CropSet:
    try:
        return load_crops(held)
    except DataError as error:
        raise SystemFailure(str(error)) from error


def _figures_of_masks(
    models: Models,
    scenes: SceneSet,
    banks: dict[Cell, TextBank],
    score_scenes: int,
    console: Console,
) -> list[Figure]:
    """Of the segmenter, and of both models together."""
    name, title = scenes.name, TITLES[scenes.name]
    figures: list[Figure] = []
    if models.segmenter is not None:
        shown = _shown(scenes.scenes, f"{title}: segmenting", console)
        masks, counts = run_segmenter(
            models.segmenter, models.encoder, shown, _cells_of(name, banks)
        )
        figures += mask_figures(name, title, masks) + end_to_end_figures(name, title, counts)
    if models.proposer is not None:
        some = _spread(scenes.scenes, score_scenes)
        shown = _shown(some, f"{title}: all proposals", console)
        proposals = [_proposed(models.proposer, scene) for scene in shown]
        figures += score_figures(name, title, proposals, models.stability_offset)
    return figures


def _proposed(proposer: Segmenter, scene: Scene) -> Masks:
    masks, _ = segment_scene(proposer, scene, read_scene(scene))
    return masks


def _rejected(
    encoder: Encoder, crops: dict[str, Crops], banks: dict[Cell, TextBank]
) -> list[Figure]:
    """Each set's products under the other one's English plain labels."""
    figures = []
    for own, other in (("ycb", "konbini"), ("konbini", "ycb")):
        title = f"{TITLES[own]} labels, {TITLES[other]} products"
        bank = banks[(own, "en", "plain")]
        figures += rejection_figures(
            own, title, crops[own], crops[other], bank, encoder.calibration
        )
    return figures


def _banks(encoder: Encoder) -> dict[Cell, TextBank]:
    """The labels of both sets in all their languages and styles."""
    known = load_label_sets(share_path("config", "labels"))
    return {
        (name, language, style): embed_labels(encoder, known[name].select(language, style))
        for name in ("ycb", "konbini")
        for language in known[name].languages
        for style in STYLES
    }


def _cells_of(name: str, banks: dict[Cell, TextBank]) -> dict[Cell, TextBank]:
    return {cell: bank for cell, bank in banks.items() if cell[0] == LABELS[name]}


def _spread(scenes: Sequence[Scene], count: int) -> Sequence[Scene]:
    """At most `count` of the scenes, evenly over all."""
    return scenes[:: max(1, -(-len(scenes) // count))]


def _shown(scenes: Sequence[Scene], what: str, console: Console) -> Iterator[Scene]:
    yield from track(scenes, description=what, console=console, transient=True)
