"""Labelled pictures of products, cut out as an adapter's training and recognition see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.crops import CropOptions, crop_mask
from culture_perception.masks import MaskArray, Uint8Array
from culture_perception.runner import SystemFailure
from culture_perception.training.encoder_data import CROP_MARGIN

_AS_RECOGNISED: Final = CropOptions()
_WIDE: Final = CropOptions("box", padding=CROP_MARGIN)
_SHARES: Final = {"test": 0.2, "validation": 0.2, "training": 0.6}
"""Of a concept's pictures, by what they are for."""
LEAST_PICTURES: Final = 3
"""Of a concept: one for each part."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """Crops of N objects.

    Attributes:
        seen: uint8 (N, S, S, 3) RGB, as recognition shows them to the encoder.
        wide: uint8 (N, W, W, 3) RGB, with a margin, from which training draws views.
        masks: bool (N, W, W), the object in `wide`.
        concepts: (N,) concept ids.
        groups: int64 (N,), the picture or scene that each is of.
    """

    seen: Uint8Array
    wide: Uint8Array
    masks: MaskArray
    concepts: NDArray[np.str_]
    groups: NDArray[np.int64]

    def __len__(self) -> int:
        """How many crops there are."""
        return len(self.concepts)

    def take(self, which: NDArray[np.int64]) -> Pictures:
        """Some of them, by their indices."""
        return Pictures(
            self.seen[which],
            self.wide[which],
            self.masks[which],
            self.concepts[which],
            self.groups[which],
        )


@dataclass(frozen=True, eq=False)
class Split:
    """Pictures by what they are for; no picture or scene is in two parts."""

    training: Pictures
    validation: Pictures
    test: Pictures


class PictureList:
    """Collects crops for an encoder that sees squares of a size."""

    def __init__(self, crop_size: int) -> None:
        """Takes the side of the crops that the encoder sees, pixels."""
        self._size = crop_size
        self._wide_size = round(crop_size * (1 + 2 * CROP_MARGIN))
        self._rows: list[tuple[Uint8Array, Uint8Array, MaskArray]] = []
        self._concepts: list[str] = []
        self._groups: list[int] = []

    def add(self, image_rgb: Uint8Array, mask: MaskArray, concept_id: str, group: int) -> None:
        """Cuts one object out of a picture, uint8 (H, W, 3), by its mask, bool (H, W)."""
        seen = crop_mask(image_rgb, mask, self._size, _AS_RECOGNISED)
        wide = crop_mask(image_rgb, mask, self._wide_size, _WIDE)
        as_image = np.repeat(mask[..., None].astype(np.uint8) * np.uint8(255), 3, axis=2)
        inside = crop_mask(as_image, mask, self._wide_size, CropOptions("black", CROP_MARGIN))
        self._rows.append((seen, wide, inside[..., 0] > 127))
        self._concepts.append(concept_id)
        self._groups.append(group)

    def done(self) -> Pictures:
        """All that were added; there may be none."""
        seen, wide = (0, self._size, self._size, 3), (0, self._wide_size, self._wide_size, 3)
        if not self._rows:
            return Pictures(
                np.empty(seen, np.uint8),
                np.empty(wide, np.uint8),
                np.empty(wide[:3], np.bool_),
                np.empty(0, np.str_),
                np.empty(0, np.int64),
            )
        return Pictures(
            np.stack([row[0] for row in self._rows]),
            np.stack([row[1] for row in self._rows]),
            np.stack([row[2] for row in self._rows]),
            np.array(self._concepts),
            np.array(self._groups, np.int64),
        )


def joined(several: Sequence[Pictures]) -> Pictures:
    """All of them, at least one; the groups of different ones stay apart."""
    first = np.cumsum([0, *(int(one.groups.max(initial=-1)) + 1 for one in several[:-1])])
    return Pictures(
        np.concatenate([one.seen for one in several]),
        np.concatenate([one.wide for one in several]),
        np.concatenate([one.masks for one in several]),
        np.concatenate([one.concepts for one in several]),
        np.concatenate([one.groups + start for one, start in zip(several, first, strict=True)]),
    )


def split(pictures: Pictures, seed: int, shots: int | None = None) -> Split:
    """Three fifths of the pictures of each concept to train on, a fifth each to choose and to test.

    A scene goes with the rarest of the concepts that it shows.

    Args:
        pictures: all.
        seed: of the order in which they are dealt out.
        shots: crops of a concept to train on; None: all there are.

    Raises:
        SystemFailure: a concept has too few pictures.
    """
    rng = np.random.default_rng(seed)
    part_of: dict[int, str] = {}
    names, counts = np.unique(pictures.concepts, return_counts=True)
    for name in names[np.argsort(counts, kind="stable")]:
        own = np.unique(pictures.groups[pictures.concepts == name])
        if len(own) < LEAST_PICTURES:
            raise SystemFailure(
                f"{name} has {len(own)} picture(s); give at least {LEAST_PICTURES} (of rendered "
                "products, more scenes): one to train on, one to choose the strength of the "
                "adapter by, one to test it"
            )
        for group in (int(one) for one in rng.permutation(own) if int(one) not in part_of):
            part_of[group] = _part_in_need([part_of[int(g)] for g in own if int(g) in part_of], own)
    parts = np.array([part_of[int(group)] for group in pictures.groups])
    training = rng.permutation(np.flatnonzero(parts == "training"))
    return Split(
        pictures.take(_first_of_each(training, pictures.concepts, shots)),
        pictures.take(np.flatnonzero(parts == "validation")),
        pictures.take(np.flatnonzero(parts == "test")),
    )


def _part_in_need(dealt: list[str], own: NDArray[np.int64]) -> str:
    """One that has none yet, else the one that lacks most of its share."""

    def need(part: str) -> tuple[bool, float]:
        count = dealt.count(part)
        return not count, _SHARES[part] * len(own) - count

    return max(_SHARES, key=need)


def _first_of_each(
    order: NDArray[np.int64], concepts: NDArray[np.str_], shots: int | None
) -> NDArray[np.int64]:
    if shots is None:
        return order
    picked = [order[concepts[order] == name][:shots] for name in np.unique(concepts)]
    return np.concatenate(picked) if picked else order
