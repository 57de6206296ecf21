"""What is written for rerun, read back by rerun's own program."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("culture_interfaces")
pytest.importorskip("rerun")

from culture_interfaces.msg import (
    CellScores,
    Hypothesis,
    LabelledMaskArray,
    LabelledObject,
    LabelledObjectArray,
    Scores,
)
from sensor_msgs.msg import CameraInfo, PointCloud2, PointField
from std_msgs.msg import Header

from culture_perception.images import array_to_image
from culture_perception.masks import crop_to_box
from culture_perception.nodes.mask_messages import mask_to_message
from culture_perception.nodes.rerun_sink import Sink, SinkError, open_recording
from culture_perception.nodes.rerun_view import (
    CLOUD,
    EVALUATION,
    INFO,
    OBJECTS,
    RerunView,
    as_it_is,
    class_image,
    cloud_points,
    latin_name,
)
from culture_perception.transforms import RigidTransform
from culture_perception.view_queue import COLOUR, DEPTH, MASKS

TEA, TEA_JA = "konbini.oi_ocha", "緑色のペットボトル"
POSE = RigidTransform((1.0, 0.0, 0.75), (0.5, -0.5, 0.5, -0.5))
Rows = list[dict[str, Any]]
Record = Callable[..., Callable[[str], Rows]]


def _sink(path: Path) -> Sink:
    return Sink("save", str(path), "", 9090, 9876, "64MiB")


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Shows messages in a file; gives what rerun reads of an entity of it, row by row."""

    def run(*shown: tuple[str, Any], translate: Any = as_it_is) -> Callable[[str], Rows]:
        path = tmp_path / "view.rrd"
        recording, _ = open_recording(_sink(path))
        view = RerunView(recording, 90, translate)
        for number, (kind, message) in enumerate(shown, start=1):
            view.show(kind, number * 10**9, message, POSE)
        view.close()
        chunks = list(importlib.import_module("rerun.chunk").RrdReader(path).stream())
        return lambda entity: [
            row
            for one in chunks
            if one.entity_path == entity
            for row in _rows(one.to_record_batch())
        ]

    return run


def _rows(batch: Any) -> Rows:
    """As to_pylist, with stamps in integer nanoseconds, which datetime has no room for."""
    columns = {
        name: (column.cast("int64") if name in ("stamp", "log_time") else column).to_pylist()
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _classes(rows: Rows) -> list[tuple[int, str]]:
    """Number and name of each class that the last annotation context has."""
    (context,) = [row for row in rows if "AnnotationContext:context" in row][-1:]
    infos = [one["class_description"]["info"] for one in context["AnnotationContext:context"][0]]
    return [(info["id"], info["label"]) for info in infos]


def _masks(label: str = TEA_JA) -> LabelledMaskArray:
    mask = np.zeros((20, 30), np.bool_)
    mask[5:10, 5:12] = True
    known, unknown = mask_to_message(mask, Header()), mask_to_message(mask.copy(), Header())
    known.concept_id, known.label, known.probability = TEA, label, 0.75
    unknown.alternatives = [Hypothesis(concept_id=TEA, label=label, probability=0.2)]
    return LabelledMaskArray(
        label_set="konbini", language="ja", style="plain", image_height=20, image_width=30,
        masks=[known, unknown],
    )  # fmt: skip


def test_names_are_kept_as_they_are(record: Record) -> None:
    read = record((MASKS, _masks()))
    assert _classes(read("/scene/camera/view")) == [(0, ""), (1, "?"), (2, TEA_JA)]
    (row,) = read("/scene/camera/view/masks")
    pixels = np.array(row["SegmentationImage:buffer"][0], np.uint8).view(np.uint16)
    assert set(np.unique(pixels)) == {0, 2}  # the first mask lies over the unknown


def test_a_new_name_of_a_concept_replaces_the_old(record: Record) -> None:
    read = record((MASKS, _masks("green bottle")), (MASKS, _masks(TEA_JA)))
    assert _classes(read("/scene/camera/view")) == [(0, ""), (1, "?"), (2, TEA_JA)]


def test_names_are_shown_in_another_language(record: Record) -> None:
    asked: list[tuple[str, ...]] = []

    def translate(*key: str) -> str:
        asked.append(key)
        return "green bottle"

    read = record((MASKS, _masks()), translate=translate)
    assert (2, "green bottle") in _classes(read("/scene/camera/view"))
    assert ("konbini", "plain", TEA, TEA_JA) in asked


def test_a_frame_is_in_the_scene_at_its_stamp(record: Record) -> None:
    image = array_to_image(np.zeros((20, 30, 3), np.uint8), "rgb8")
    depth_m = np.full((20, 30), np.nan, np.float32)
    depth_m[0, 0] = 0.25
    info = CameraInfo(width=30, height=20, k=[25.0, 0, 15, 0, 25.0, 10, 0, 0, 1])
    depth = array_to_image(depth_m, "32FC1")
    read = record((COLOUR, image), (DEPTH, depth), (INFO, info), (MASKS, _masks()))
    (placed,) = read("/scene/camera")
    assert placed["Transform3D:translation"] == [[1.0, 0.0, 0.75]]
    (pinhole,) = [row for row in read("/scene/camera/view") if "Pinhole:resolution" in row]
    assert pinhole["Pinhole:resolution"] == [[30.0, 20.0]]
    columns = [25.0, 0, 0, 0, 25.0, 0, 15, 10, 1]
    assert pinhole["Pinhole:image_from_camera"] == [columns]
    (colour,) = read("/scene/camera/view/colour")
    assert colour["EncodedImage:media_type"] == ["image/jpeg"]
    (kept,) = read("/scene/camera/view/depth")
    millimetres = np.array(kept["DepthImage:buffer"][0], np.uint8).view(np.uint16)
    assert (millimetres[0], set(millimetres[1:]), kept["DepthImage:meter"]) == (250, {0}, [1000.0])
    (names,) = read("/scene/camera/view/names")
    assert names["EncodedImage:draw_order"][0] > colour["EncodedImage:draw_order"][0]
    assert len(read("/names/table")) == 1
    stamps = [row["stamp"] for row in (colour, kept, pinhole, names)]
    assert stamps == [10**9, 2 * 10**9, 3 * 10**9, 4 * 10**9]


def test_objects_have_boxes_with_names_that_the_viewer_can_write(record: Record) -> None:
    one = LabelledObject(concept_id=TEA, label=TEA_JA, probability=0.75)
    one.size.x, one.size.y, one.size.z = 0.25, 0.125, 0.0625
    one.pose.pose.orientation.w = 1.0
    array = LabelledObjectArray(label_set="konbini", style="plain", objects=[one])
    (boxes,) = record((OBJECTS, array))("/scene/camera/boxes")
    assert boxes["Boxes3D:labels"] == ["konbini.oi_ocha 0.75"]
    assert boxes["Boxes3D:half_sizes"] == [[0.125, 0.0625, 0.03125]]


def test_scores_are_series_and_what_is_not_known_is_left_out(record: Record) -> None:
    nothing = {name: float("nan") for name in ("f1", "unknown_rate", "mask_recall_iou50")}
    cell = CellScores(label_set="konbini", language="ja", style="plain", top1=0.875, **nothing)
    read = record((EVALUATION, Scores(cells=[cell])))
    (top1,) = read("/scores/konbini/ja/plain/top1")
    assert top1["Scalars:scalars"] == [0.875]
    assert read("/scores/konbini/ja/plain/f1") == []


def test_the_first_of_overlapping_masks_wins() -> None:
    left, right = np.zeros((2, 4), np.bool_), np.zeros((2, 4), np.bool_)
    left[:, :3], right[:, 2:] = True, True
    image = class_image([crop_to_box(left), crop_to_box(right)], [5, 7], (2, 4))
    assert image.tolist() == [[5, 5, 5, 7]] * 2
    assert class_image([], [], (1, 2)).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("label", "shown"),
    [("café", "café 0.50"), (TEA_JA, f"{TEA} 0.50"), ("", "? 0.50")],
)
def test_names_in_space_are_latin(label: str, shown: str) -> None:
    assert latin_name(SimpleNamespace(concept_id=TEA, probability=0.5), label) == shown


def _cloud(*names: str) -> PointCloud2:
    data = np.zeros(2, np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("rgb", "<u4")]))
    data["x"], data["rgb"] = [1, 2], [0x010203, 0xFFFEFD]
    fields = [PointField(name=name, offset=4 * i) for i, name in enumerate(names)]
    return PointCloud2(fields=fields, point_step=16, width=2, height=1, data=data.tobytes())


def test_a_cloud_is_read_by_its_fields(record: Record) -> None:
    positions, colours = cloud_points(_cloud("x", "y", "z", "rgb"))
    assert positions.tolist() == [[1, 0, 0], [2, 0, 0]]
    assert colours.tolist() == [[1, 2, 3], [255, 254, 253]]
    (points,) = record((CLOUD, _cloud("x", "y", "z", "rgb")))("/scene/camera/points")
    assert len(points["Points3D:positions"]) == 2
    with pytest.raises(ValueError, match="without z, rgb"):
        cloud_points(_cloud("x", "y"))


def test_a_file_that_can_not_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="mode save does not open"):
        open_recording(_sink(tmp_path / "nowhere" / "view.rrd"))


def test_without_rerun_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = importlib.import_module("culture_perception.nodes.viewer")
    for name in ("rerun_sink", "rerun_view"):
        monkeypatch.delitem(sys.modules, f"culture_perception.nodes.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "rerun", None)
    with pytest.raises(ValueError, match=r"needs rerun .*pip install 'culture_perception\[view\]'"):
        viewer.open_view({"mode": "save"}, as_it_is)
