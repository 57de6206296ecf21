from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from culture_perception.cameras.bag import BagCamera, BagTopics
from culture_perception.cameras.calibration import from_field_of_view, of_camera_info
from culture_perception.cameras.frames import CameraError, Poses, Problem, SourceFrame

SECOND = 1_000_000_000
TENTH = SECOND // 10


def frames_of(camera: BagCamera) -> list[SourceFrame]:
    return [item for item in camera.items() if isinstance(item, SourceFrame)]


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_colour_depth_and_camera_info_of_one_stamp_are_one_frame(
    storage: str, kit: Any, tmp_path: Path
) -> None:
    with kit.recording(tmp_path / "bag", storage) as record:
        for number in range(5):
            stamp_ns = SECOND + number * TENTH
            # Depth comes before or after its picture, by one that is newer at most.
            if number % 2:
                record.depth(stamp_ns, 1.0 + number)
            record.color(stamp_ns, 10 + number)
            record.info(stamp_ns)
            if not number % 2:
                record.depth(stamp_ns, 1.0 + number)
    camera = BagCamera(tmp_path / "bag", 60.0)

    assert camera.has_depth
    for _ in range(2):
        for number, frame in enumerate(frames_of(camera)):
            stamp_ns = SECOND + number * TENTH
            assert (frame.stamp_ns, frame.due_ns) == (stamp_ns, stamp_ns + 5_000_000)
            assert frame.frame_id == "lens"
            np.testing.assert_array_equal(frame.image_rgb, kit.picture(10 + number))
            assert frame.depth is not None and (frame.depth == 1.0 + number).all()
            assert frame.calibration == of_camera_info(kit.camera_info(0))
        assert number == 4


def test_a_picture_whose_depth_is_missing_goes_on_without(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag") as record:
        for number in range(6):
            record.color(SECOND + number * TENTH, number)
            record.info(SECOND + number * TENTH)
            if number != 1:
                record.depth(SECOND + number * TENTH, 2.0)

    frames = frames_of(BagCamera(tmp_path / "bag", 60.0))

    assert [frame.depth is None for frame in frames] == [False, True, False, False, False, False]
    assert [frame.image_rgb[0, 0, 0] for frame in frames] == [0, 1, 2, 3, 4, 5]


def test_a_bag_of_colour_alone_is_played_with_a_field_of_view(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag") as record:
        for number in range(2):
            record.color(SECOND + number, number)
    camera = BagCamera(tmp_path / "bag", 80.0)

    assert not camera.has_depth
    assert [frame.calibration for frame in frames_of(camera)] == [
        from_field_of_view(6, 4, 80.0)
    ] * 2


def test_transforms_keep_their_place_among_the_frames(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag") as record:
        record.write("/tf_static", kit.transforms(0, "lens", 2.0), SECOND - 1)
        for number in range(2):
            stamp_ns = SECOND + number * TENTH
            record.write("/tf", kit.transforms(stamp_ns, "arm"), stamp_ns)
            record.color(stamp_ns, number)
            record.info(stamp_ns)
            record.write("/tf", kit.transforms(stamp_ns + 1, "arm"), stamp_ns + 6_000_000)
            record.depth(stamp_ns, 1.0)

    items = list(BagCamera(tmp_path / "bag", 60.0).items())

    kinds = [type(item).__name__ for item in items]
    assert kinds == ["Poses", *["Poses", "SourceFrame", "Poses"] * 2]
    static, first = items[0], items[1]
    assert isinstance(static, Poses) and isinstance(first, Poses)
    assert static.static and not first.static
    assert static.due_ns is None  # it holds whenever it was recorded
    (pose,) = static.poses
    assert (pose.parent, pose.child, pose.translation) == ("base", "lens", (2.0, 0.0, 0.5))
    assert pose.rotation_xyzw == (0.0, 0.0, 0.0, 1.0)
    assert (first.due_ns, first.poses[0].stamp_ns) == (SECOND, SECOND)


def test_compressed_topics_are_found_beside_the_names_of_the_raw_ones(
    kit: Any, tmp_path: Path
) -> None:
    color = cv2.imencode(".png", kit.picture(9)[:, :, ::-1])[1].tobytes()
    depth = cv2.imencode(".png", np.full((4, 6), 1500, np.uint16))[1].tobytes()
    depth = struct.pack("<iff", 0, 0.0, 0.0) + depth
    with kit.recording(tmp_path / "bag") as record:
        at = SECOND
        text = "rgb8; png compressed bgr8"
        record.write(f"{kit.COLOR}/compressed", kit.compressed(at, text, color), at)
        text = "16UC1; compressedDepth png"
        record.write(f"{kit.DEPTH}/compressedDepth", kit.compressed(at, text, depth), at)

    (frame,) = frames_of(BagCamera(tmp_path / "bag", 60.0))

    np.testing.assert_array_equal(frame.image_rgb, kit.picture(9))
    assert frame.depth is not None
    np.testing.assert_allclose(frame.depth, 1.5)


def test_raw_and_compressed_of_one_picture_are_one_frame(kit: Any, tmp_path: Path) -> None:
    data = cv2.imencode(".png", kit.picture(9))[1].tobytes()
    with kit.recording(tmp_path / "bag") as record:
        for at in (SECOND, 2 * SECOND):
            record.color(at, 9)
            record.write(f"{kit.COLOR}/compressed", kit.compressed(at, "png", data), at)

    assert len(frames_of(BagCamera(tmp_path / "bag", 60.0))) == 2


def test_other_topics_can_be_named(kit: Any, tmp_path: Path) -> None:
    color, depth = "/cam/rgb/image", "/cam/aligned_depth/image_raw"
    with kit.recording(tmp_path / "bag") as record:
        record.color(SECOND, 3, topic=color)
        record.depth(SECOND, 2.0, topic=depth)
        record.info(SECOND, topic="/cam/rgb/camera_info")

    with pytest.raises(CameraError, match=f"no image on {kit.COLOR}; it has {depth}, {color}"):
        BagCamera(tmp_path / "bag", 60.0)
    camera = BagCamera(tmp_path / "bag", 60.0, topics=BagTopics(color, depth))
    (frame,) = frames_of(camera)
    assert camera.has_depth
    assert frame.calibration.k == tuple(kit.K)


def test_what_is_wrong_with_a_frame_is_named(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag") as record:
        record.color(SECOND, 1)
        wrong = kit.image(2 * SECOND, kit.picture(1), "rgb8")
        wrong.encoding = "yuv999"
        record.write(kit.COLOR, wrong, 2 * SECOND)
        record.color(3 * SECOND, 1)
        flat = kit.image(3 * SECOND, np.ones((2, 2), np.float32), "32FC1")
        record.write(kit.DEPTH, flat, 3 * SECOND)
        uncalibrated = kit.camera_info(4 * SECOND, [0.0] * 9)
        record.write(kit.INFO, uncalibrated, 4 * SECOND)
        record.color(4 * SECOND, 1)

    items = list(BagCamera(tmp_path / "bag", 60.0).items())

    reasons = [item.reason for item in items if isinstance(item, Problem)]
    assert any("frame of 2000000000 ns" in one and "'yuv999'" in one for one in reasons)
    assert any("depth is (2, 2), colour (4, 6)" in one for one in reasons)
    assert any("camera info is not used" in one for one in reasons)
    assert sum(isinstance(item, SourceFrame) for item in items) == 2


def test_a_bag_that_was_cut_off_is_played_as_far_as_it_goes(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag", "mcap") as record:
        for number in range(400):
            record.color(SECOND + number * TENTH, number % 80)
    path = next((tmp_path / "bag").glob("*.mcap"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    items = list(BagCamera(path, 60.0).items())

    assert 50 < sum(isinstance(item, SourceFrame) for item in items) < 400
    assert isinstance(items[-1], Problem) and "cut_off" in items[-1].reason


def test_a_wrong_topic_is_named_before_what_else_is_wrong(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag") as record:
        record.color(SECOND, 3, topic="/cam/rgb/image")
    metadata = tmp_path / "bag" / "metadata.yaml"
    text = metadata.read_text("utf-8")
    names = "relative_file_paths:\n  - gone.mcap"
    metadata.write_text(text.replace("relative_file_paths:", names), "utf-8")

    with pytest.raises(CameraError, match=r"it has /cam/rgb/image .*missing_file"):
        BagCamera(tmp_path / "bag", 60.0)
    camera = BagCamera(tmp_path / "bag", 60.0, topics=BagTopics("/cam/rgb/image"))
    assert len(frames_of(camera)) == 1


def test_what_is_no_bag_says_so(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="there is no such bag"):
        BagCamera(tmp_path / "nothing", 60.0)
    with pytest.raises(CameraError, match="holds no bag"):
        BagCamera(tmp_path, 60.0)
