"""What models make of a scene before any label: embedded crops, kept on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from culture_perception.crops import CropOptions, crop_masks
from culture_perception.masks import (
    BoxedMask,
    Float32Array,
    FloatArray,
    MaskArray,
    Uint8Array,
    crop_to_box,
    pairwise_iou_boxed,
)
from culture_perception.protocols import Encoder, Segmenter

SUFFIX: Final = ".npz"
FORMS: Final[Mapping[str, CropOptions]] = {
    "blur": CropOptions("blur", 0.1),
    "padded": CropOptions("box", 0.1),
    "box": CropOptions("box", 0.0),
    "black": CropOptions("black", 0.1),
}
"""What the encoder may see of a mask: its surroundings blurred, as they are, cut off, or black; by
the names of options.Form."""


@dataclass(frozen=True, eq=False)
class Known:
    """The objects of a scene, cut by their true masks.

    Attributes:
        embeddings: form of crop -> float32 (M, D) unit rows, in the order of the scene's objects.
    """

    embeddings: Mapping[str, Float32Array]


@dataclass(frozen=True, eq=False)
class Found:
    """The masks of a segmenter, best first as it gave them.

    Attributes:
        embeddings: form of crop -> float32 (N, D) unit rows.
        masks: N of them.
        predicted_iou: (N,) the segmenter's own estimate.
        stability: (N,) its stability score.
        overlaps: (N, M) IoU with each object of the scene.
        seconds: that segmenter and encoder took for it.
    """

    embeddings: Mapping[str, Float32Array]
    masks: tuple[BoxedMask, ...]
    predicted_iou: FloatArray
    stability: FloatArray
    overlaps: FloatArray
    seconds: float


def see_known(image_rgb: Uint8Array, masks: list[MaskArray], encoder: Encoder) -> Known:
    """Embeds objects (H, W) of a picture (H, W, 3) in every form of crop."""
    return Known(_embedded(image_rgb, masks, encoder))


def see_found(
    image_rgb: Uint8Array,
    masks: list[MaskArray],
    segmenter: Segmenter,
    encoder: Encoder,
    clock: Any,
) -> Found:
    """Segments a picture (H, W, 3), and embeds what was found in every form of crop.

    Args:
        image_rgb: uint8 (H, W, 3).
        masks: the scene's true ones, to compare with.
        segmenter: finds.
        encoder: embeds.
        clock: seconds, as time.perf_counter.
    """
    started = clock()
    segments = [one for one in segmenter.segment(image_rgb) if one.mask.any()]
    rows = _embedded(image_rgb, [one.mask for one in segments], encoder)
    seconds = clock() - started
    boxed = tuple(crop_to_box(one.mask) for one in segments)
    return Found(
        embeddings=rows,
        masks=boxed,
        predicted_iou=np.array([one.predicted_iou for one in segments]),
        stability=np.array([one.stability for one in segments]),
        overlaps=pairwise_iou_boxed(boxed, [crop_to_box(mask) for mask in masks]),
        seconds=seconds,
    )


def _embedded(
    image_rgb: Uint8Array, masks: list[MaskArray], encoder: Encoder
) -> dict[str, Float32Array]:
    return {
        form: encoder.encode_images(list(crop_masks(image_rgb, masks, encoder.crop_size, options)))
        for form, options in FORMS.items()
    }


def save_known(known: Known, path: Path) -> None:
    """Writes it whole or not at all."""
    _write(path, {f"embeddings_{form}": rows for form, rows in known.embeddings.items()})


def load_known(path: Path) -> Known:
    """Reads what save_known wrote.

    Raises:
        OSError, ValueError, KeyError, EOFError, BadZipFile: the file is missing or damaged.
    """
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return Known(_forms(arrays))


def save_found(found: Found, path: Path) -> None:
    """Writes it whole or not at all."""
    boxes = np.array([one.box for one in found.masks], dtype=np.int32).reshape(-1, 4)
    bits = [np.packbits(one.inside.ravel()) for one in found.masks]
    _write(
        path,
        {
            **{f"embeddings_{form}": rows for form, rows in found.embeddings.items()},
            "boxes": boxes,
            "bits": np.concatenate(bits) if bits else np.zeros(0, np.uint8),
            "predicted_iou": found.predicted_iou,
            "stability": found.stability,
            "overlaps": found.overlaps,
            "seconds": np.float64(found.seconds),
        },
    )


def load_found(path: Path) -> Found:
    """Reads what save_found wrote.

    Raises:
        OSError, ValueError, KeyError, EOFError, BadZipFile: the file is missing or damaged.
    """
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return Found(
            embeddings=_forms(arrays),
            masks=tuple(_unpacked(arrays["boxes"], arrays["bits"])),
            predicted_iou=arrays["predicted_iou"],
            stability=arrays["stability"],
            overlaps=arrays["overlaps"],
            seconds=float(arrays["seconds"]),
        )


def _forms(arrays: Any) -> dict[str, Float32Array]:
    return {form: arrays[f"embeddings_{form}"] for form in FORMS}


def _unpacked(boxes: Any, bits: Uint8Array) -> list[BoxedMask]:
    masks, start = [], 0
    for x0, y0, x1, y1 in boxes.tolist():
        area = (x1 - x0) * (y1 - y0)
        packed = bits[start : start + (area + 7) // 8]
        inside = np.unpackbits(packed, count=area).astype(np.bool_).reshape(y1 - y0, x1 - x0)
        masks.append(BoxedMask((x0, y0, x1, y1), inside))
        start += len(packed)
    return masks


def _write(path: Path, arrays: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".part")
    with draft.open("wb") as file:
        np.savez(file, **arrays)
    draft.replace(path)
