"""Items with pictures on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from PIL import Image

from culture_perception.culture_bench.items import Item

MakeItem: TypeAlias = Callable[..., Item]
MakePicture: TypeAlias = Callable[..., Path]

FIELDS: dict[str, Any] = {
    "question": "What is this?",
    "options": ("red box", "blue can", "green tea", "white rice"),
    "answer": 0,
    "concept": "box",
    "country": "JP",
    "region": "",
    "category": "food",
    "kind": "recognition",
    "language": "en",
}


@pytest.fixture
def make_picture(tmp_path: Path) -> MakePicture:
    """Writes a picture of seeded blocks."""

    def make(name: str = "a.png", seed: int = 0, side: int = 64) -> Path:
        cells = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(cells).resize((side, side), Image.Resampling.NEAREST)
        picture.save(path)
        return path

    return make


@pytest.fixture
def make_item(make_picture: MakePicture) -> MakeItem:
    """An item with a picture of its own, unless one is given."""

    def make(item_id: str = "one", **changes: Any) -> Item:
        image = changes.pop("image", None) or make_picture(f"{item_id}.png")
        return Item(item_id=item_id, image=image, **{**FIELDS, **changes})

    return make
