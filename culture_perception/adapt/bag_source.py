"""Labelled crops of a recorded bag: its colour images and the ground truth of the same stamps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from culture_perception.adapt.pictures import PictureList, Pictures
from culture_perception.bags.bag import Bag
from culture_perception.bags.errors import BagError
from culture_perception.bags.faults import MEANINGS, Faults
from culture_perception.bags.frame_images import read_image
from culture_perception.bags.messages import Messages
from culture_perception.bags.topics import COMPRESSED_IMAGE, IMAGE, MASKS, Topics
from culture_perception.concepts import LabelSet
from culture_perception.images import ImageError
from culture_perception.masks import paste
from culture_perception.message_records import Truth, Unreadable, read_truth, stamp_ns_of
from culture_perception.runner import SystemFailure
from culture_perception.training.encoder_data import MIN_VISIBLE_PX

EVERY_NS: Final = 500_000_000
"""Frames are this far apart at least: those in between show the same once more."""
SAME_SCENE: Final = 0.5
"""Share of products that frames of one scene have in common (Jaccard's index)."""
_WAITING: Final = 64
"""Images, or truths, that wait for the other of their stamp."""


@dataclass(frozen=True, eq=False)
class BagPictures:
    """What a bag gave.

    Attributes:
        pictures: the groups are scenes: frames in a row that show mostly the same products.
        left_out: why -> how many frames or objects were left out.
    """

    pictures: Pictures
    left_out: dict[str, int]


def read_bag(path: Path, labels: LabelSet, crop_size: int, topics: Topics) -> BagPictures:
    """The products of a label set that a bag's ground truth marks in its images.

    Frames of one scene stay together when pictures are dealt out: a camera that stands still would
    otherwise be tested on what it was trained on.

    Args:
        path: see bags.bag.Bag.
        labels: whose products are taken.
        crop_size: side of the crops that the encoder sees, pixels.
        topics: of images and ground truth.

    Raises:
        SystemFailure: the bag can not be read, or has no product of the label set.
    """
    ids = {one.concept_id for one in labels.concepts}
    crops, left_out = PictureList(crop_size), Counter[str]()
    group, shown, last_ns = -1, frozenset[str](), -EVERY_NS
    try:
        for stamp_ns, message, truth in _pairs(path, topics, left_out):
            own = [one for one in truth.objects if one.concept_id in ids]
            left_out["objects of other products"] += len(truth.objects) - len(own)
            if abs(stamp_ns - last_ns) < EVERY_NS or not own:
                continue
            now = frozenset(one.concept_id for one in own)
            image_rgb = read_image(message)
            if image_rgb.shape[:2] != truth.shape_hw:
                left_out["images of another size than their truth"] += 1
                continue
            group += not _is_same_scene(shown, now)
            shown, last_ns = now, stamp_ns
            for one in own:
                mask = paste(one.mask, truth.shape_hw)
                if mask.sum() >= MIN_VISIBLE_PX:
                    crops.add(image_rgb, mask, one.concept_id, group)
                else:
                    left_out["objects of too few pixels"] += 1
    except (BagError, ImageError) as error:
        raise SystemFailure(f"{path}: {error}") from error
    found = crops.done()
    if not len(found):
        raise SystemFailure(
            f"{path}: no product of {labels.name} is marked in an image; it needs "
            f"{topics.image} and, with the same stamps, {topics.truth}"
        )
    return BagPictures(found, {why: count for why, count in left_out.items() if count})


def _is_same_scene(before: frozenset[str], now: frozenset[str]) -> bool:
    return bool(before) and len(before & now) >= SAME_SCENE * len(before | now)


def _pairs(path: Path, topics: Topics, left_out: Counter[str]) -> Iterator[tuple[int, Any, Truth]]:
    """Stamp, image message and truth of each frame that has both; the rest is counted."""
    faults = Faults()
    types = {topics.image: (IMAGE, COMPRESSED_IMAGE), topics.truth: (MASKS,)}
    images: dict[int, Any] = {}
    truths: dict[int, Truth] = {}
    for message in Messages(Bag(path, faults), types, faults):
        stamp_ns = stamp_ns_of(message.content)
        if message.topic == topics.image:
            images[stamp_ns] = message.content
        else:
            truth = read_truth(message.content)
            if isinstance(truth, Unreadable):
                left_out["ground truth that contradicts itself"] += 1
                continue
            truths[stamp_ns] = truth
        if stamp_ns in images and stamp_ns in truths:
            yield stamp_ns, images.pop(stamp_ns), truths.pop(stamp_ns)
        for waiting, what in ((images, "images without truth"), (truths, "truth without image")):
            while len(waiting) > _WAITING:
                waiting.pop(next(iter(waiting)))
                left_out[what] += 1
    left_out["images without truth"] += len(images)
    left_out["truth without image"] += len(truths)
    for fault, count in faults.counts.items():
        left_out[MEANINGS[fault]] += count
