"""What is written for rerun, read back by rerun's own program."""

import importlib
import subprocess
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
Record = Callable[..., str]


def _sink(path: Path) -> Sink:
    return Sink("save", str(path), "", 9090, 9876, "64MiB")


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Shows messages in a file; gives what `rerun rrd print` says about an entity of it."""

    def run(entity: str, *shown: tuple[str, Any], translate: Any = as_it_is) -> str:
        path = tmp_path / "view.rrd"
        recording, _ = open_recording(_sink(path))
        view = RerunView(recording, 90, translate)
        for number, (kind, message) in enumerate(shown, start=1):
            view.show(kind, number * 10**9, message, POSE)
        view.close()
        verify = [sys.executable, "-m", "rerun", "rrd", "verify", str(path)]
        assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
        show = [*verify[:4], "print", "-vvv", "--entity", entity, str(path)]
        done = subprocess.run(show, capture_output=True, text=True, check=True)
        return done.stdout

    return run


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
    printed = record("/scene/camera/view", (MASKS, _masks()))
    assert TEA_JA in printed
    assert "AnnotationContext" in printed


def test_names_are_shown_in_another_language(record: Record) -> None:
    asked: list[tuple[str, ...]] = []

    def translate(*key: str) -> str:
        asked.append(key)
        return "green bottle"

    printed = record("/scene/camera/view", (MASKS, _masks()), translate=translate)
    assert "green bottle" in printed
    assert TEA_JA not in printed
    assert ("konbini", "plain", TEA, TEA_JA) in asked


def test_a_frame_is_in_the_scene_at_its_stamp(record: Record) -> None:
    image = array_to_image(np.zeros((20, 30, 3), np.uint8), "rgb8")
    depth = array_to_image(np.full((20, 30), np.nan, np.float32), "32FC1")
    info = CameraInfo(width=30, height=20, k=[25.0, 0, 15, 0, 25.0, 10, 0, 0, 1])
    frame = ((COLOUR, image), (DEPTH, depth), (INFO, info), (MASKS, _masks()))
    for entity, expected in (
        ("/scene/camera", ("Transform3D", "0.75")),
        ("/scene/camera/view", ("Pinhole", "1970-01-01T00:00:03")),
        ("/scene/camera/view/colour", ("EncodedImage", "image/jpeg", "1970-01-01T00:00:01")),
        ("/scene/camera/view/depth", ("DepthImage", "1000.0")),
        ("/scene/camera/view/masks", ("SegmentationImage", "1970-01-01T00:00:04")),
        ("/scene/camera/view/names", ("image/png",)),
        ("/names/table", ("image/png",)),
    ):
        printed = record(entity, *frame)
        assert all(text in printed for text in expected), (entity, printed)


def test_objects_have_boxes_with_names_that_the_viewer_can_write(record: Record) -> None:
    one = LabelledObject(concept_id=TEA, label=TEA_JA, probability=0.75)
    one.size.x, one.size.y, one.size.z = 0.25, 0.125, 0.0625
    one.pose.pose.orientation.w = 1.0
    array = LabelledObjectArray(label_set="konbini", style="plain", objects=[one])
    printed = record("/scene/camera/boxes", (OBJECTS, array))
    assert "konbini.oi_ocha 0.75" in printed
    assert "0.03125" in printed  # half of the smallest edge


def test_scores_are_series_and_what_is_not_known_is_left_out(record: Record) -> None:
    nothing = {name: float("nan") for name in ("f1", "unknown_rate", "mask_recall_iou50")}
    cell = CellScores(label_set="konbini", language="ja", style="plain", top1=0.875, **nothing)
    shown = (EVALUATION, Scores(cells=[cell]))
    assert "0.875" in record("/scores/konbini/ja/plain/top1", shown)
    assert "Scalars" not in record("/scores/konbini/ja/plain/f1", shown)


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
    assert "Points3D" in record("/scene/camera/points", (CLOUD, _cloud("x", "y", "z", "rgb")))
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
