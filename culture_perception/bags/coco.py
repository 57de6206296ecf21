"""Ground truth of a COCO annotation file, for footage that nobody simulated."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from culture_perception.bags.errors import BagError
from culture_perception.bags.faults import Faults
from culture_perception.masks import MaskArray
from culture_perception.message_records import Truth, Unreadable, own_crop
from culture_perception.metrics import TruthObject


@dataclass(frozen=True, eq=False)
class _Image:
    shape_hw: tuple[int, int]
    annotations: list[Mapping[str, Any]] = field(default_factory=list)


class CocoTruth:
    """What is in each annotated image, by the image's stamp.

    Attributes:
        faults: what of the file is not used.
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        """Takes the file's content.

        Args:
            record: COCO's `images`, `annotations` and `categories`. An image's stamp is its
                `stamp_ns`, or else its file's name without the ending, in nanoseconds. A category
                is named by a concept id, or by the text of a label that is active.

        Raises:
            KeyError: something is missing.
            ValueError: two images have one stamp.
        """
        self.faults = Faults()
        self._names = {one["id"]: str(one["name"]) for one in record["categories"]}
        self._images: dict[int, _Image] = {}
        by_id = {image["id"]: self._take_image(image) for image in record["images"]}
        for annotation in record["annotations"]:
            if annotation.get("iscrowd"):
                self.faults.add("crowd")
            else:
                by_id[annotation["image_id"]].annotations.append(annotation)

    @property
    def stamps(self) -> frozenset[int]:
        """Of the annotated images, nanoseconds."""
        return frozenset(self._images)

    def truth_at(self, stamp_ns: int) -> Truth | Unreadable:
        """What is in the image of a stamp; KeyError where that is not annotated."""
        image = self._images[stamp_ns]
        try:
            objects = tuple(self._object(one, image.shape_hw) for one in image.annotations)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            return Unreadable(f"an annotation can not be read: {type(error).__name__}: {error}")
        return Truth(None, image.shape_hw, objects)

    def _take_image(self, record: Mapping[str, Any]) -> _Image:
        image = _Image((int(record["height"]), int(record["width"])))
        stamp = str(record.get("stamp_ns", Path(record["file_name"]).stem))
        if not stamp.isdecimal():
            self.faults.add("unknown_image", str(record["file_name"]))
            return image
        if int(stamp) in self._images:
            raise ValueError(f"two images have the stamp {stamp}")
        self._images[int(stamp)] = image
        return image

    def _object(self, annotation: Mapping[str, Any], shape_hw: tuple[int, int]) -> TruthObject:
        mask = _mask_of(annotation["segmentation"], shape_hw)
        return TruthObject(self._names[annotation["category_id"]], own_crop(mask))


@lru_cache(maxsize=1)
def load_coco(path: Path) -> CocoTruth:
    """Reads an annotation file.

    Raises:
        BagError: it is not there, or is no COCO file, or what decodes its masks is not there.
    """
    if find_spec("pycocotools") is None:
        raise BagError("--coco needs pycocotools: pip install 'culture_perception[experiments]'")
    try:
        return CocoTruth(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BagError(f"{path}: {error.strerror}") from error
    except KeyError as error:
        raise BagError(f"{path} is no COCO file: there is no {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise BagError(f"{path} is no COCO file: {error}") from error


def _mask_of(segmentation: Any, shape_hw: tuple[int, int]) -> MaskArray:
    """A mask (H, W) of polygons or of a run-length encoding, compressed or not."""
    coder = import_module("pycocotools.mask")  # compiled, so only where it is needed
    if isinstance(segmentation, dict):
        _check_runs(segmentation, shape_hw)
        compressed = isinstance(segmentation["counts"], str)
        coded = segmentation if compressed else coder.frPyObjects(segmentation, *shape_hw)
    else:
        _check_polygons(segmentation)
        coded = coder.merge(coder.frPyObjects(segmentation, *shape_hw))
    with warnings.catch_warnings():
        # Its decoder's arrays do not know NumPy 2's copy keyword.
        warnings.simplefilter("ignore", DeprecationWarning)
        return np.array(coder.decode(coded), dtype=np.bool_)


def _check_runs(segmentation: Mapping[str, Any], shape_hw: tuple[int, int]) -> None:
    if tuple(segmentation["size"]) != shape_hw:
        raise ValueError(f"runs of {segmentation['size']} in an image of {shape_hw} pixels")
    counts = segmentation["counts"]
    if not isinstance(counts, str) and sum(counts) != shape_hw[0] * shape_hw[1]:
        raise ValueError(f"runs of {sum(counts)} pixels in an image of {shape_hw}")


def _check_polygons(polygons: Any) -> None:
    for polygon in polygons:
        if len(polygon) < 6 or len(polygon) % 2:
            raise ValueError(f"a polygon of {len(polygon)} numbers; it needs 6, 8, … of them")
    if not polygons:
        raise ValueError("an annotation without a polygon")
