"""Siblings that questions are asked about: their best views, their labels, and wrong ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from PIL import Image

from culture_perception.crops import CropOptions, crop_mask
from culture_perception.culture_bench.items import OPTIONS, ItemError
from culture_perception.training.truth import CONTAINER, CONTENT, Grammar, IntArray, is_true
from sim_bridge.culture_items import CROP_PX, JPEG_QUALITY
from sim_bridge.products.contents import NOTHING

Record: TypeAlias = Mapping[str, Any]

LEAST_PX: Final = 400
"""Visible pixels of the best view of a sibling that is asked about."""
LABELS: Final = {"recognition": "canonical", "cultural_knowledge": "canonical_brand"}
"""Type of question -> which labels of a record are its options."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A sibling and its best view.

    Attributes:
        record: as the renderer describes it.
        files: its picture and the image of ids beside that.
        instance: its id there.
        visible_px: how many pixels have it.
    """

    record: Record
    files: tuple[Path, Path]
    instance: int
    visible_px: int


@dataclass(frozen=True, eq=False)
class Choice:
    """What a sibling is called in one kind of question.

    Attributes:
        record: the sibling's.
        image: its picture.
        texts: language -> label.
        specs: (L, 6) words of these labels, see training.truth.
    """

    record: Record
    image: Path
    texts: Mapping[str, str]
    specs: IntArray


def best_views(folder: Path) -> list[Seen]:
    """Each sibling of a data set where most of it shows, in the order of the data set.

    Those of which LEAST_PX are never visible are left out.
    """
    found: list[Seen] = []
    for shard in sorted(path.parent for path in folder.glob("shard_*/products.json")):
        best: dict[int, Seen] = {}
        records = json.loads((shard / "products.json").read_text(encoding="utf-8"))
        for frame in json.loads((shard / "frames.json").read_text(encoding="utf-8")):
            files = shard / frame["image"], shard / frame["ids"]
            for thing in frame["objects"]:
                product, pixels = thing["product"], thing["visible_px"]
                least = best[product].visible_px + 1 if product in best else LEAST_PX
                if product >= 0 and pixels >= least:
                    best[product] = Seen(records[product], files, thing["instance_id"], pixels)
        found += [best[product] for product in sorted(best)]
    return found


def save_view(one: Seen, path: Path) -> Path:
    """Writes a sibling's crop, its surroundings blurred as recognition does."""
    image, ids = (np.asarray(Image.open(file)) for file in one.files)
    crop = crop_mask(image, ids == one.instance, CROP_PX, CropOptions(padding=0.15))
    Image.fromarray(crop).save(path, quality=JPEG_QUALITY)
    return path


def choices(seen: Sequence[Seen], images: Sequence[Path], kind: str) -> Iterator[Choice]:
    """Every sibling that has a label for this kind of question."""
    for one, image in zip(seen, images, strict=True):
        spoken = one.record["labels"]
        labels = {tag: known for tag in spoken if (known := spoken[tag][LABELS[kind]])}
        if labels:  # a brand has a name in all languages
            texts = {tag: str(label["text"]) for tag, label in labels.items()}
            specs = np.array([label["spec"] for label in labels.values()], np.int64)
            yield Choice(one.record, image, texts, specs)


def draw_options(
    right: Choice, every: Sequence[Choice], grammar: Grammar, rng: np.random.Generator
) -> list[Choice]:
    """A sibling and three whose labels are false of it in every language, in a drawn order.

    Raises:
        ItemError: there are no three.
    """
    values = np.array([right.record["attributes"]], np.int64)
    chosen = [right]
    for i in rng.permutation(len(every)):
        other = every[i]
        is_new = all(one.texts[tag] != other.texts[tag] for one in chosen for tag in one.texts)
        if is_new and not is_true(grammar, other.specs, values).any():
            chosen.append(other)
        if len(chosen) == OPTIONS:
            return [chosen[j] for j in rng.permutation(OPTIONS)]
    raise ItemError(f"{right.record['id']}: no three others to choose from; ask for more products")


def concept_of(record: Record, values: Sequence[Sequence[str]]) -> str:
    """What a sibling holds, or, where it holds nothing, what it is."""
    of_what, what = (values[slot][record["attributes"][slot]] for slot in (CONTAINER, CONTENT))
    return str(of_what if what == NOTHING else what)
