"""Labelled pictures of one's own: a folder for each product, or pictures with a COCO file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from culture_perception.adapt.pictures import PictureList, Pictures
from culture_perception.concepts import LabelSet
from culture_perception.masks import MaskArray, Uint8Array
from culture_perception.runner import SystemFailure

SUFFIXES: Final = (".bmp", ".jpeg", ".jpg", ".png", ".webp")
_SHAPES: Final = "polygons, an uncompressed run-length code (counts as a list of numbers) or a bbox"


def read_folder(folder: Path, labels: LabelSet, crop_size: int) -> Pictures:
    """Reads labelled pictures.

    In a folder without .json file, each folder in it is named by a concept id of the label set,
    the part of one after its last dot, or one of its texts, and holds pictures of that product
    alone: the whole picture counts, or, where it has transparency, what is not transparent.
    With a .json file, that is a COCO file of the pictures beside it, with such names as
    categories. Pictures of crowds (iscrowd) are left out.

    Args:
        folder: of the pictures.
        labels: whose concepts they show.
        crop_size: side of the crops that the encoder sees, pixels.

    Raises:
        SystemFailure: a name or picture is wrong, or there is none; the message names it.
    """
    if not folder.is_dir():
        raise SystemFailure(f"{folder}: no such folder; give one with a folder for each product")
    names = concept_names(labels)
    indices = sorted(folder.glob("*.json"))
    crops = PictureList(crop_size)
    if len(indices) > 1:
        raise SystemFailure(f"{folder} has {len(indices)} .json files; leave one, a COCO file")
    if indices:
        _add_coco(indices[0], names, crops)
    else:
        _add_folders(folder, names, crops)
    found = crops.done()
    if not len(found):
        raise SystemFailure(
            f"{folder}: no labelled picture is in it; make a folder for each product, named by "
            f"its concept id, or add a COCO .json file. Pictures end in {', '.join(SUFFIXES)}"
        )
    return found


def concept_names(labels: LabelSet) -> dict[str, str]:
    """Every name by which pictures may call a concept -> its id; what two share is left out."""
    named: dict[str, set[str]] = {}
    for one in labels.concepts:
        texts = [text for styles in one.texts.values() for text in styles.values()]
        for name in (one.concept_id, one.concept_id.rpartition(".")[2], *texts):
            named.setdefault(name, set()).add(one.concept_id)
    return {name: next(iter(ids)) for name, ids in named.items() if len(ids) == 1}


def _add_folders(folder: Path, names: Mapping[str, str], crops: PictureList) -> None:
    group = 0
    for inside in sorted(path for path in folder.iterdir() if path.is_dir()):
        concept = _concept(inside.name, names, inside)
        for path in sorted(p for p in inside.iterdir() if p.suffix.lower() in SUFFIXES):
            image, mask = _read(path)
            crops.add(image, mask, concept, group)
            group += 1


def _add_coco(path: Path, names: Mapping[str, str], crops: PictureList) -> None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        files = {one["id"]: str(one["file_name"]) for one in record["images"]}
        kinds = {one["id"]: str(one["name"]) for one in record["categories"]}
        objects = list(_objects(record, files, kinds))
    except (ValueError, KeyError, TypeError) as error:
        raise SystemFailure(
            f"{path}: no COCO file ({error!r}); it needs images (id, file_name), categories (id, "
            f"name) and annotations (image_id, category_id and {_SHAPES})"
        ) from error
    group_of = {name: number for number, name in enumerate(sorted(set(files.values())))}
    read: tuple[str, Uint8Array] | None = None
    for file, kind, shape in objects:
        if read is None or read[0] != file:
            read = (file, _read(path.parent / file)[0])
        mask = _mask(shape, read[1].shape[:2], path)
        crops.add(read[1], mask, _concept(kind, names, path), group_of[file])


def _objects(
    record: Mapping[str, Any], files: Mapping[Any, str], kinds: Mapping[Any, str]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for one in sorted(record["annotations"], key=lambda each: files[each["image_id"]]):
        if not one.get("iscrowd"):
            yield files[one["image_id"]], kinds[one["category_id"]], one


def _mask(shape: Mapping[str, Any], shape_hw: tuple[int, int], path: Path) -> MaskArray:
    """Bool (H, W) of an annotation.

    Raises:
        SystemFailure: it has no form that can be read, or no pixel.
    """
    try:
        mask = _drawn(shape, shape_hw)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise SystemFailure(
            f"{path}: annotation {shape.get('id')} can not be read ({error!r}); give {_SHAPES}"
        ) from error
    if not mask.any():
        raise SystemFailure(f"{path}: annotation {shape.get('id')} has no pixel; leave it out")
    return mask


def _drawn(shape: Mapping[str, Any], shape_hw: tuple[int, int]) -> MaskArray:
    drawn = np.zeros(shape_hw, np.uint8)
    code = shape.get("segmentation")
    if isinstance(code, dict):  # runs of 0 and 1 in turn, down the columns
        runs = np.array(code["counts"], np.int64)
        values = np.repeat(np.arange(len(runs)) % 2, runs)
        return np.asarray(values.reshape(shape_hw, order="F") == 1)
    if code:
        outlines = [np.rint(np.array(one, float)).astype(np.int32).reshape(-1, 2) for one in code]
        cv2.fillPoly(drawn, outlines, (1,))
        return np.asarray(drawn == 1)
    x0, y0, width, height = (float(value) for value in shape["bbox"])
    left, top = max(0, round(x0)), max(0, round(y0))
    drawn[top : max(0, round(y0 + height)), left : max(0, round(x0 + width))] = 1
    return np.asarray(drawn == 1)


def _read(path: Path) -> tuple[Uint8Array, MaskArray]:
    """RGB uint8 (H, W, 3) of a picture, and bool (H, W), what of it is not transparent."""
    data = np.fromfile(path, np.uint8) if path.is_file() else np.empty(0, np.uint8)
    found: Any = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if found is None:
        raise SystemFailure(f"{path}: missing or no picture; give a whole one, or leave it out")
    if found.dtype != np.uint8:
        raise SystemFailure(f"{path}: {found.dtype} pixels; give a picture of 8 bits a channel")
    if found.ndim == 2:
        found = cv2.cvtColor(found, cv2.COLOR_GRAY2BGR)
    solid = np.ones(found.shape[:2], np.bool_)
    if found.shape[2] == 4 and (found[..., 3] > 127).any():
        solid = found[..., 3] > 127
    return np.ascontiguousarray(found[..., 2::-1]), solid


def _concept(name: str, names: Mapping[str, str], where: Path) -> str:
    if name not in names:
        raise SystemFailure(
            f"{where}: {name!r} is no concept of the label set, or of several; name it by a "
            f"concept id: {', '.join(sorted(set(names.values())))}"
        )
    return names[name]
