"""A rendered data set in miniature: coloured rectangles and ellipses on noise, with captions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

COLOURS = {"red": (200, 20, 20), "green": (20, 160, 40), "blue": (20, 40, 200)}
CONTAINERS = ("box", "can")
PER_FRAME = 4
SLOTS = ("colour1", "colour2", "type", "content", "size", "brand")
WORDS = (
    ("", *COLOURS), ("", *COLOURS), ("", *CONTAINERS), ("", "tea", "soap"), ("",), ("", "Acme"),
)  # fmt: skip
COLOUR_TABLE = [[1, 1, 1, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
NO_COLOUR = 3
TABLES = (
    COLOUR_TABLE, COLOUR_TABLE, [[1, 1], [1, 0], [0, 1]], [[1, 1], [1, 0], [0, 1]], [[1]],
    [[1, 1], [0, 1]],
)  # fmt: skip


def _text(spec: list[int]) -> str:
    return f"{WORDS[0][spec[0]]} {WORDS[2][spec[2]]} of {WORDS[3][spec[3]]}"


def _product(number: int) -> dict[str, Any]:
    colour, container, content = number % 3, number // 3 % 2, number // 6 % 2
    spec = [colour + 1, 0, container + 1, content + 1, 0, 0]
    false = [(colour + 1) % 3 + 1, *spec[1:]]
    caption = {
        "text": _text(spec), "spec": spec, "negative": _text(false), "negative_spec": false,
        "language": "en",
    }  # fmt: skip
    branded = number % 2 == 1
    label = {"text": _text(spec), "spec": spec}
    brand = {"text": "Acme", "spec": [0, 0, 0, 0, 0, 1]} if branded else None
    return {
        "id": f"product_{number}",
        "attributes": [colour, NO_COLOUR, container, content, 0, int(branded)],
        "kind": CONTAINERS[container],
        "captions": [caption, caption],
        "labels": {"en": {"canonical": label, "canonical_brand": brand}},
    }


def _write_frame(folder: Path, index: int, rng: np.random.Generator) -> dict[str, Any]:
    image = Image.fromarray(rng.integers(90, 160, (120, 160, 3), dtype=np.uint8))
    ids = Image.new("L", image.size)
    objects = []
    for place in range(PER_FRAME):
        product = int(rng.integers(12))
        left, top = 12 + 36 * place, 40
        box = (left, top, left + 24, top + 30)
        for canvas, fill in ((image, _colour(product)), (ids, place + 1)):
            pen = ImageDraw.Draw(canvas)
            (pen.rectangle if product // 3 % 2 == 0 else pen.ellipse)(box, fill=fill)
        pixels = int((np.asarray(ids) == place + 1).sum())
        objects.append({
            "instance_id": place + 1, "product": product, "visible_px": pixels, "visibility": None,
        })  # fmt: skip
    image.save(folder / f"{index:05d}.jpg", quality=95)
    ids.save(folder / f"{index:05d}.png")
    names = {"image": f"{index:05d}.jpg", "ids": f"{index:05d}.png"}
    return {**names, "profile": "ravens", "objects": objects}


def _colour(product: int) -> tuple[int, int, int]:
    return tuple(COLOURS.values())[product % 3]


def _write_data_set(folder: Path, frames: int = 12, seed: int = 0) -> Path:
    shard = folder / "shard_0000"
    shard.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    records = [_write_frame(shard, index, rng) for index in range(frames)]
    (folder / "grammar.json").write_text(
        json.dumps({"slots": SLOTS, "words": WORDS, "tables": TABLES})
    )
    (shard / "frames.json").write_text(json.dumps(records))
    (shard / "products.json").write_text(json.dumps([_product(number) for number in range(12)]))
    return folder


@pytest.fixture(scope="session")
def write_data_set() -> Callable[..., Path]:
    """Writes a data set of 12 products into a folder: (folder, frames, seed) -> the folder."""
    return _write_data_set


@pytest.fixture(scope="session")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One such data set of 12 frames with 48 objects, shared and not to be changed."""
    return _write_data_set(tmp_path_factory.mktemp("data") / "train")
