"""Scenes, embeddings and labels small enough to count by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from culture_perception.concepts import Concept, LabelSet, Language
from culture_perception.experiments.options import FORMS
from culture_perception.experiments.sightings import Found, Known
from culture_perception.masks import BoxedMask, Float32Array, Uint8Array
from culture_perception.measure.scene_sets import Scene, SceneObject
from culture_perception.protocols import Calibration

CONCEPTS = ("toy.red", "toy.green", "toy.blue", "toy.white")
ROWS: Float32Array = np.eye(4, dtype=np.float32)
"""Embedding of each concept, and of its English texts."""


class ToyEncoder:
    """Knows English words for four colours; Japanese ones are taken for one another."""

    name = "toy"
    notice = ""
    crop_size = 8
    calibration = Calibration(logit_scale=10.0)

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        means = np.array([crop.reshape(-1, 3).mean(axis=0) for crop in crops]).reshape(-1, 3)
        rows = np.concatenate([means, 255.0 - means.max(axis=1, keepdims=True)], axis=1)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        words = {"red": 0, "green": 1, "blue": 2, "white": 3, "赤": 1, "緑": 2, "青": 0, "白": 3}
        found = [next(i for word, i in words.items() if word in text) for text in texts]
        return ROWS[found].reshape(-1, 4)


@pytest.fixture
def encoder() -> ToyEncoder:
    return ToyEncoder()


@pytest.fixture
def label_set() -> LabelSet:
    """Four concepts, English and Japanese; brand texts are as the plain ones, with an x."""
    texts = {"en": ("red", "green", "blue", "white"), "ja": ("赤", "緑", "青", "白")}
    return LabelSet(
        name="toy",
        culture="XX",
        description="Colours.",
        languages=("en", "ja"),
        concepts=tuple(
            Concept(
                concept,
                "XX",
                "colour",
                {
                    tag: {"plain": words[i], "brand": words[i] + " x"}
                    for tag, words in texts.items()
                },
            )
            for i, concept in enumerate(CONCEPTS)
        ),
        known_languages={
            tag: Language(tag, tag, None, ("{}", "a photo of {}")) for tag in ("en", "ja")
        },
    )


@pytest.fixture
def make_scene() -> Callable[..., Scene]:
    """A scene of concepts, the first of which it is made for."""

    def make(seed: int, *concepts: str) -> Scene:
        objects = tuple(SceneObject(i, one, 100, 1.0) for i, one in enumerate(concepts, start=1))
        return Scene(seed, Path("a.png"), Path("a_ids.png"), objects, concepts[0])

    return make


@pytest.fixture
def known_as() -> Callable[..., Known]:
    """What an encoder saw of objects: each as one of CONCEPTS."""

    def make(*concepts: str) -> Known:
        rows = ROWS[[CONCEPTS.index(one) for one in concepts]]
        return Known(dict.fromkeys(FORMS, rows))

    return make


@pytest.fixture
def found_as() -> Callable[..., Found]:
    """Masks that look like CONCEPTS, with the IoU of each with each object of the scene."""

    def make(looks: Sequence[str], overlaps: Sequence[Sequence[float]], **more: float) -> Found:
        rows = ROWS[[CONCEPTS.index(one) for one in looks]].reshape(-1, 4)
        square = BoxedMask((0, 0, 4, 4), np.ones((4, 4), np.bool_))
        count = len(looks)
        return Found(
            embeddings=dict.fromkeys(FORMS, rows),
            masks=(square,) * count,
            predicted_iou=np.full(count, 0.9),
            stability=np.full(count, more.get("stability", 0.95)),
            overlaps=np.array(overlaps, dtype=np.float64).reshape(count, -1 if count else 2),
            seconds=0.1,
        )

    return make
