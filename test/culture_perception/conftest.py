"""A data set of crops, and an encoder whose every answer is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from culture_perception.masks import Float32Array, Uint8Array
from culture_perception.protocols import Calibration
from culture_perception.training.encoder_data import Captions, CropSet, Label
from culture_perception.training.truth import Grammar

CONTENTS = 20
_ANY = np.ones((1, 1), dtype=bool)
_EACH = np.concatenate([np.ones((1, CONTENTS), dtype=bool), np.eye(CONTENTS, dtype=bool)])
GRAMMAR = Grammar(
    slots=("colour1", "colour2", "type", "content", "size", "brand"),
    words=(
        ("", "red"),
        ("", "red"),
        ("", "box"),
        ("", *(f"c{i}" for i in range(20))),
        ("",),
        ("",),
    ),
    tables=(np.ones((2, 1), bool), np.ones((2, 1), bool), np.ones((2, 1), bool), _EACH, _ANY, _ANY),
)


class OneHotEncoder:
    """Reads a crop's content from its middle pixel and a text's from its last word.

    A crop of content `c` is as similar to "c<c>" as `certainty`, and to all else not at all.
    """

    name = "one-hot"
    notice = ""
    crop_size = 32

    def __init__(self, certainty: float = 1.0, logit_scale: float = 100.0) -> None:
        self.certainty = certainty
        self.calibration = Calibration(logit_scale)

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        rows = np.zeros((len(crops), CONTENTS + 1), dtype=np.float32)
        for row, crop in zip(rows, crops, strict=True):
            row[round(int(crop[16, 16, 0]) / 10)] = self.certainty
            row[CONTENTS] = np.sqrt(1 - self.certainty**2)
        return rows

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        rows = np.zeros((len(texts), CONTENTS + 1), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            last = text.split()[-1]
            row[int(last[1:]) if last.startswith("c") else CONTENTS] = 1
        return rows


def _crops(contents: int = CONTENTS, shown_as: int = 0) -> CropSet:
    """Two crops of each content; each shows the content `shown_as` places further on."""
    products = np.repeat(np.arange(contents), 2)
    images = np.zeros((len(products), 96, 96, 3), dtype=np.uint8)
    images[:] = ((products + shown_as) % contents * 10)[:, None, None, None]
    masks = np.zeros((len(products), 96, 96), dtype=bool)
    masks[:, 14:82, 14:82] = True
    attributes = np.zeros((contents, 6), dtype=np.int64)
    attributes[:, 3] = np.arange(contents)
    none = np.zeros((contents, 0, 6), dtype=np.int64)
    labels = tuple(Label(f"red box of c{i}", (1, 0, 1, i + 1, 0, 0)) for i in range(contents))
    return CropSet(
        grammar=GRAMMAR,
        images=images,
        masks=masks,
        products=products,
        attributes=attributes,
        captions=Captions(((),) * contents, none, ((),) * contents, none, ()),
        spoken={"en": (labels, (None,) * contents)},
        language="en",
        kinds=("general",) * contents,
    )


@pytest.fixture
def one_hot_encoder() -> type[OneHotEncoder]:
    return OneHotEncoder


@pytest.fixture
def content_crops() -> Callable[..., CropSet]:
    """(contents, shown_as) -> two crops of each content."""
    return _crops
