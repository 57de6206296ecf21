"""Records of experiments small enough to look through: coloured boxes, toy models, real code."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from culture_perception.concepts import Concept, LabelSet, Language
from culture_perception.experiments.options import (
    ExperimentOptions,
    IdentificationOptions,
    SegmentationOptions,
)
from culture_perception.experiments.record import to_record
from culture_perception.experiments.results import Result
from culture_perception.experiments.sightings import see_found, see_known
from culture_perception.experiments.table_1 import Table1Input, table_1
from culture_perception.experiments.table_2 import Table2Input, table_2
from culture_perception.masks import Float32Array, MaskArray, Uint8Array, crop_to_box
from culture_perception.measure.scene_sets import Scene, SceneObject
from culture_perception.protocols import Calibration, Segment
from culture_perception.report.contents import Section, sections_of
from culture_perception.report.reading import Run, read_experiments, runs_of

SHAPE_HW = (48, 64)
COLOURS = {"red": (230, 20, 20), "green": (20, 220, 20), "blue": (20, 20, 230)}
TEXTS = {
    "ycb": {"en": ('<b>red</b> & "hot"', "green $5 $6", "blue \N{GREEK SMALL LETTER OMEGA}")},
    "konbini": {"en": ("red tea", "green tea", "blue tea"), "ja": ("赤い茶", "緑の茶", "青い茶")},
}
"""Labels of red, green and blue things, by set and language: letters that pages stumble over."""
_ROWS: Float32Array = np.eye(4, dtype=np.float32)


class ToyEncoder:
    """Sees colours and reads their English names; red and green are exchanged in Japanese."""

    name = "toy-encoder"
    notice = ""
    crop_size = 8
    calibration = Calibration(logit_scale=10.0)

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        means = np.array([crop.reshape(-1, 3).mean(axis=0) for crop in crops]).reshape(-1, 3)
        rows = np.concatenate([means, np.full((len(means), 1), 60.0)], axis=1)
        unit: Float32Array = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        words = {"red": 0, "green": 1, "blue": 2, "赤": 1, "緑": 0, "青": 2}
        found = [next(i for word, i in words.items() if word in text) for text in texts]
        return _ROWS[found].reshape(-1, 4)


class ToySegmenter:
    """Finds everything of a colour but what is green."""

    name = "toy-segmenter"
    notice = ""

    def segment(self, image_rgb: Uint8Array) -> list[Segment]:
        masks = [np.all(image_rgb == COLOURS[name], axis=2) for name in ("red", "blue")]
        return [Segment(mask, 0.9, 0.95) for mask in masks if mask.any()]


@dataclass(frozen=True)
class Toys:
    """Scenes of three coloured boxes each, and what the toy models see of them."""

    products: str
    scenes: tuple[Scene, ...]
    images: tuple[Uint8Array, ...]
    masks: tuple[tuple[MaskArray, ...], ...]

    @classmethod
    def of(cls, products: str, folder: Path, count: int = 4) -> Toys:
        """Draws them and writes their pictures."""
        scenes, images, masks = [], [], []
        for number in range(count):
            grey = 60 + 5 * number + (2 if products == "ycb" else 0)
            image = np.full((*SHAPE_HW, 3), grey, np.uint8)
            boxes = []
            for i, colour in enumerate(COLOURS.values()):
                mask = np.zeros(SHAPE_HW, np.bool_)
                mask[10 + number : 30 + number, 4 + 20 * i : 18 + 20 * i] = True
                image[mask] = colour
                boxes.append(mask)
            path = folder / f"{products}-{number}.png"
            cv2.imwrite(str(path), np.ascontiguousarray(image[..., ::-1]))
            objects = tuple(
                SceneObject(i, f"{products}.{name}_box", 280, 1.0)
                for i, name in enumerate(COLOURS, start=1)
            )
            target = objects[number % 3].concept_id
            scenes.append(Scene(number, path, path, objects, target))
            images.append(image)
            masks.append(tuple(boxes))
        return cls(products, tuple(scenes), tuple(images), tuple(masks))

    def labels(self) -> dict[str, LabelSet]:
        """The labels of the products, and of YCB's another arm."""
        texts = TEXTS[self.products]
        concepts = tuple(
            Concept(
                f"{self.products}.{name}_box",
                "XX",
                "box",
                {tag: {"plain": own[i], "brand": f"{own[i]} x"} for tag, own in texts.items()},
            )
            for i, name in enumerate(COLOURS)
        )
        known = {tag: Language(tag, tag, None, ("{}", "a photo of {}")) for tag in ("en", "ja")}
        own = LabelSet(self.products, "XX", "Boxes.", tuple(texts), concepts, known)
        arms = {"matched": replace(own, name="ycb_matched")} if self.products == "ycb" else {}
        return {"verbatim": own, **arms}

    def scene_record(self) -> dict[str, Any]:
        """As the verb `experiment` writes it."""
        return {
            f"{self.products}/{scene.seed}": {
                "image": scene.image_path.name,
                "height": SHAPE_HW[0],
                "width": SHAPE_HW[1],
                "target": scene.target,
            }
            for scene in self.scenes
        }


def identified(toys: Sequence[Toys]) -> Result:
    """Table I of toys."""
    encoder = ToyEncoder()
    inputs = [
        Table1Input(
            one.products,
            one.scenes,
            [see_known(image, list(masks), encoder)
             for image, masks in zip(one.images, one.masks, strict=True)],
            one.labels(),
            _truth(one),
        )
        for one in toys
    ]  # fmt: skip
    return table_1(inputs, encoder, IdentificationOptions(judged="all"))


def segmented(toys: Sequence[Toys]) -> Result:
    """Table II of toys."""
    encoder = ToyEncoder()
    inputs = [
        Table2Input(
            one.products,
            one.scenes,
            [see_known(image, list(masks), encoder)
             for image, masks in zip(one.images, one.masks, strict=True)],
            [see_found(image, list(masks), ToySegmenter(), encoder, time.perf_counter)
             for image, masks in zip(one.images, one.masks, strict=True)],
            one.labels(),
            _truth(one),
            SHAPE_HW,
        )
        for one in toys
    ]  # fmt: skip
    return table_2(inputs, ToySegmenter.name, encoder, SegmentationOptions())


def _truth(one: Toys) -> dict[int, list[Any]]:
    return {
        scene.seed: [crop_to_box(mask) for mask in masks]
        for scene, masks in zip(one.scenes, one.masks, strict=True)
    }


def written(result: Result, options: ExperimentOptions, toys: Sequence[Toys], path: Path) -> Path:
    """The JSON that the verb `experiment` makes of it."""
    scenes = {key: value for one in toys for key, value in one.scene_record().items()}
    record = to_record([result], options, scenes, 1.5)
    path.write_text(json.dumps(record, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def toys(tmp_path_factory: pytest.TempPathFactory) -> list[Toys]:
    folder = tmp_path_factory.mktemp("experiments")
    return [Toys.of(products, folder) for products in TEXTS]


@pytest.fixture(scope="session")
def toy_results(toys: list[Toys]) -> list[Result]:
    """Of Table I and Table II."""
    return [identified(toys), segmented(toys)]


@pytest.fixture(scope="session")
def toy_files(toys: list[Toys], toy_results: list[Result]) -> list[Path]:
    """Of Table I and Table II, as the verb `experiment` leaves them."""
    folder = toys[0].scenes[0].image_path.parent
    options = IdentificationOptions(judged="all"), SegmentationOptions()
    return [
        written(result, chosen, toys, folder / f"{result.experiment}.json")
        for result, chosen in zip(toy_results, options, strict=True)
    ]


@pytest.fixture(scope="session")
def runs(toy_files: list[Path]) -> list[Run]:
    """Table I and Table II."""
    return runs_of(read_experiments(toy_files))


@pytest.fixture(scope="session")
def sections(runs: list[Run]) -> list[Section]:
    return sections_of(runs)
