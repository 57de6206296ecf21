"""What is measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from culture_perception.masks import MaskArray, Uint8Array


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture and what is in it: uint8 (H, W, 3) and bool (H, W) each."""

    image_rgb: Uint8Array
    masks: Sequence[MaskArray]
