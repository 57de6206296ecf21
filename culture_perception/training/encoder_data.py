"""Crops and captions of a rendered data set, as the encoder's training reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage
from tqdm import tqdm

from culture_perception.crops import CropOptions, crop_mask
from culture_perception.masks import MaskArray, Uint8Array
from culture_perception.training.truth import (
    BRAND,
    BoolArray,
    Grammar,
    IntArray,
    is_true,
    load_grammar,
)

CROP_SIZE = 128
"""Side of a stored crop, pixels."""
CROP_MARGIN = 0.2
"""Share of the object's longer side that a stored crop shows beyond it on each side."""
MIN_VISIBLE_PX = 120
"""Objects with fewer visible pixels are not learned from."""
_NAMELESS = -1
_WIDE = CropOptions("box", padding=CROP_MARGIN)


@dataclass(frozen=True)
class Captions:
    """What is said of the products: P products with K captions each.

    Attributes:
        texts: (P x K) captions, true of their product.
        specs: (P, K, 6) the words of each, see truth.is_true.
        negatives: (P x K) the same captions with one word that is false.
        negative_specs: (P, K, 6) the words of those.
        languages: (K,) of the captions, the same for every product.
    """

    texts: tuple[tuple[str, ...], ...]
    specs: IntArray
    negatives: tuple[tuple[str, ...], ...]
    negative_specs: IntArray
    languages: tuple[str, ...]

    def said_in(self, languages: Sequence[str]) -> Captions:
        """Only those in some languages."""
        kept = [i for i, one in enumerate(self.languages) if one in languages]
        return Captions(
            tuple(tuple(row[i] for i in kept) for row in self.texts),
            self.specs[:, kept],
            tuple(tuple(row[i] for i in kept) for row in self.negatives),
            self.negative_specs[:, kept],
            tuple(self.languages[i] for i in kept),
        )


@dataclass(frozen=True)
class Label:
    """The one text by which a product is called in an evaluation, and its words (6,)."""

    text: str
    spec: tuple[int, ...]


@dataclass(frozen=True)
class CropSet:
    """Crops of N objects that show P products.

    Attributes:
        grammar: the words and what they are true of.
        images: uint8 (N, CROP_SIZE, CROP_SIZE, 3) RGB, square around the object with CROP_MARGIN.
        masks: bool (N, CROP_SIZE, CROP_SIZE), the object's visible pixels.
        products: (N,) index of the product that each crop shows.
        attributes: (P, 6) values of each product.
        captions: texts of each product.
        spoken: language -> (P,) labels without brand, and (P,) labels by brand, None for a product
            without one.
        language: whose labels `labels` and `brand_labels` are.
        kinds: (P,) which kind of product each imitates.
    """

    grammar: Grammar
    images: Uint8Array
    masks: MaskArray
    products: IntArray
    attributes: IntArray
    captions: Captions
    spoken: Mapping[str, tuple[tuple[Label, ...], tuple[Label | None, ...]]]
    language: str
    kinds: tuple[str, ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """(P,) the label without brand."""
        return self.spoken[self.language][0]

    @property
    def brand_labels(self) -> tuple[Label | None, ...]:
        """(P,) the label by brand, None for a product without one."""
        return self.spoken[self.language][1]

    def speaking(self, language: str) -> CropSet:
        """The same with the labels of another language.

        Raises:
            DataError: the data set has no labels in it.
        """
        if language not in self.spoken:
            raise DataError(
                f"the data set has no labels in {language}, only in {', '.join(self.spoken)}: "
                "render another market's siblings"
            )
        return replace(self, language=language)

    def taught_in(self, languages: Sequence[str]) -> CropSet:
        """The same with the captions of some languages alone.

        Raises:
            DataError: the data set has none in one of them.
        """
        lacking = [one for one in languages if one not in self.captions.languages]
        if lacking or not languages:
            raise DataError(f"the data set has no captions in {', '.join(lacking) or 'nothing'}")
        return replace(self, captions=self.captions.said_in(languages))

    def without_kinds(self, kinds: Sequence[str]) -> CropSet:
        """The crops of products that neither are of these kinds nor bear their usual brands."""
        is_kind = np.isin(self.kinds, list(kinds))
        brands = self.attributes[:, BRAND]
        values, counts = np.unique(brands[is_kind], return_counts=True)
        usual = values[(counts > is_kind.sum() / (2 * max(1, len(kinds)))) & (values > 0)]
        return self._of_products(~(is_kind | np.isin(brands, usual)))

    def of_kinds(self, kinds: Sequence[str]) -> CropSet:
        """The crops of products that are of these kinds."""
        return self._of_products(np.isin(self.kinds, list(kinds)))

    def _of_products(self, wanted: BoolArray) -> CropSet:
        """The crops of some of the products, (P,) bool."""
        kept = wanted[self.products]
        return replace(
            self,
            images=self.images[kept],
            masks=self.masks[kept],
            products=self.products[kept],
        )

    def __len__(self) -> int:
        """How many crops there are."""
        return len(self.images)


class DataError(ValueError):
    """A data set that cannot be learned from: the message says where and what to do."""


def load_crops(folder: Path, progress: bool = False) -> CropSet:
    """Reads a rendered data set: all whole, named, large enough objects of all its shards.

    Args:
        folder: what sim_bridge.training_data wrote.
        progress: show a progress bar.

    Raises:
        DataError: no shard, no usable object, or a caption that is not true of its product.
    """
    shards = sorted(path.parent for path in folder.glob("shard_*/products.json"))
    if not shards:
        raise DataError(f"{folder} has no shard_*/products.json: run sim_bridge.training_data")
    images: list[Uint8Array] = []
    masks: list[MaskArray] = []
    owners: list[int] = []
    records: list[dict[str, Any]] = []
    for shard in tqdm(shards, desc="crops", unit="shard", disable=not progress):
        for image, mask, product in _shard_crops(shard):
            images.append(image)
            masks.append(mask)
            owners.append(product + len(records))
        records += json.loads((shard / "products.json").read_text(encoding="utf-8"))
    if not images:
        raise DataError(f"{folder} has no whole object of {MIN_VISIBLE_PX} pixels or more")
    return _crop_set(load_grammar(folder / "grammar.json"), images, masks, owners, records)


def _crop_set(
    grammar: Grammar,
    images: Sequence[Uint8Array],
    masks: Sequence[MaskArray],
    owners: Sequence[int],
    records: Sequence[dict[str, Any]],
) -> CropSet:
    spoken = _spoken(records)
    crops = CropSet(
        grammar=grammar,
        images=np.stack(images),
        masks=np.stack(masks),
        products=np.asarray(owners, dtype=np.int64),
        attributes=np.asarray([record["attributes"] for record in records], dtype=np.int64),
        captions=_captions(records),
        spoken=spoken,
        language=next(iter(spoken)),
        kinds=tuple(str(record["kind"]) for record in records),
    )
    _check_captions(crops)
    return crops


def _spoken(
    records: Sequence[dict[str, Any]],
) -> dict[str, tuple[tuple[Label, ...], tuple[Label | None, ...]]]:
    if not all("labels" in record for record in records):
        raise DataError("products without labels by language: render the data again")
    return {
        language: (
            tuple(_label(record["labels"][language]["canonical"]) for record in records),
            tuple(
                _label(brand) if (brand := record["labels"][language]["canonical_brand"]) else None
                for record in records
            ),
        )
        for language in records[0]["labels"]
    }


def _label(record: dict[str, Any]) -> Label:
    return Label(record["text"], tuple(record["spec"]))


def _captions(records: Sequence[dict[str, Any]]) -> Captions:
    rows = [record["captions"] for record in records]
    languages = {tuple(str(caption["language"]) for caption in row) for row in rows}
    if len(languages) != 1:
        raise DataError("products with captions in different languages: render the data again")
    return Captions(
        texts=tuple(tuple(caption["text"] for caption in row) for row in rows),
        specs=np.asarray([[caption["spec"] for caption in row] for row in rows], dtype=np.int64),
        negatives=tuple(tuple(caption["negative"] for caption in row) for row in rows),
        negative_specs=np.asarray(
            [[caption["negative_spec"] for caption in row] for row in rows], dtype=np.int64
        ),
        languages=languages.pop(),
    )


def _check_captions(crops: CropSet) -> None:
    for index, (specs, values) in enumerate(
        zip(crops.captions.specs, crops.attributes, strict=True)
    ):
        truth = is_true(crops.grammar, specs, values[None])[:, 0]
        if not truth.all():
            text = crops.captions.texts[index][int(np.argmin(truth))]
            raise DataError(
                f"product {index}: the tables say that its own caption {text!r} is false of it; "
                "render the data again with the grammar of one version"
            )


def _shard_crops(shard: Path) -> Iterator[tuple[Uint8Array, MaskArray, int]]:
    for frame in json.loads((shard / "frames.json").read_text(encoding="utf-8")):
        wanted = {
            int(thing["instance_id"]): int(thing["product"])
            for thing in frame["objects"]
            if thing["product"] != _NAMELESS and thing["visible_px"] >= MIN_VISIBLE_PX
        }
        image = np.asarray(Image.open(shard / frame["image"]).convert("RGB"))
        ids = np.asarray(Image.open(shard / frame["ids"]))
        for instance, box in enumerate(ndimage.find_objects(ids), start=1):
            if instance in wanted and box is not None and _is_inside(box, ids.shape):
                yield *cut_crop(image, ids == instance), wanted[instance]


def _is_inside(box: tuple[slice, ...], shape: tuple[int, ...]) -> bool:
    return all(side.start > 0 and side.stop < size for side, size in zip(box, shape, strict=True))


def cut_crop(image_rgb: Uint8Array, mask: MaskArray) -> tuple[Uint8Array, MaskArray]:
    """Cuts the square around one object as recognition does, but wider, for augmentation.

    Args:
        image_rgb: uint8 (H, W, 3), the whole image.
        mask: bool (H, W), the object; it does not touch the image's border.

    Returns:
        uint8 (CROP_SIZE, CROP_SIZE, 3) and bool (CROP_SIZE, CROP_SIZE).
    """
    outline = np.repeat(mask[..., None].astype(np.uint8) * 255, 3, axis=2)
    picture = crop_mask(image_rgb, mask, CROP_SIZE, _WIDE)
    inside: MaskArray = crop_mask(outline, mask, CROP_SIZE, _WIDE)[..., 0] > 127
    return picture, inside
