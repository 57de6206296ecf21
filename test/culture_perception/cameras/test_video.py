from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from culture_perception.cameras.calibration import from_field_of_view
from culture_perception.cameras.frames import CameraError, SourceFrame
from culture_perception.cameras.video import VideoCamera


def test_a_video_has_its_frames_and_its_pace(kit: Any, tmp_path: Path) -> None:
    camera = VideoCamera(kit.write_video(tmp_path / "v.avi", 4, 20.0), 60.0)

    assert (camera.has_depth, camera.is_live, camera.pace_hz) == (False, False, 20.0)
    assert camera.described == f"{tmp_path / 'v.avi'}, 64 x 48 at 20 Hz"
    for _ in range(2):  # it can be played again
        frames = list(camera.items())
        assert len(frames) == 4
        for number, frame in enumerate(frames):
            assert isinstance(frame, SourceFrame)
            assert frame.due_ns == number * 50_000_000
            np.testing.assert_allclose(frame.image_rgb, 20 * number, atol=4)  # JPEG inside
            assert frame.calibration == from_field_of_view(64, 48, 60.0)


def test_colours_are_rgb(tmp_path: Path, kit: Any) -> None:
    import cv2

    path = tmp_path / "red.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (64, 48))
    writer.write(np.full((48, 64, 3), (0, 0, 250), dtype=np.uint8))  # BGR
    writer.release()

    (frame,) = VideoCamera(path, 60.0).items()

    assert isinstance(frame, SourceFrame)
    np.testing.assert_allclose(frame.image_rgb[0, 0], [250, 0, 0], atol=12)


def test_a_device_is_asked_for_a_size_and_never_ends_well(
    kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file in place of /dev/videoN: OpenCV reads both alike, and a file has one size and an end.
    path = kit.write_video(tmp_path / "v.avi", 3, 20.0)
    monkeypatch.setattr(Path, "is_char_device", lambda self: self == path)

    camera = VideoCamera(path, 60.0, size_wh=(64, 48))

    assert (camera.is_live, camera.pace_hz) == (True, 0.0)
    items = camera.items()
    for _ in range(3):
        frame = next(items)
        assert isinstance(frame, SourceFrame) and frame.due_ns is None
    with pytest.raises(CameraError, match="gives no frame any more: is it still plugged in"):
        next(items)
    with pytest.raises(CameraError, match=r"has no 640 x 480; `v4l2-ctl"):
        VideoCamera(path, 60.0, size_wh=(640, 480))


def test_what_is_no_camera_says_why(
    kit: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CameraError, match="there is no /dev/video97; "):
        VideoCamera(Path("/dev/video97"), 60.0)

    text = tmp_path / "notes.avi"
    text.write_text("no video")
    with pytest.raises(CameraError, match="can not be opened as a video; of a device"):
        VideoCamera(text, 60.0)

    video = kit.write_video(tmp_path / "v.avi", 1, 20.0)
    with pytest.raises(CameraError, match="64 x 48, its calibration is of 10 x 10"):
        VideoCamera(video, 60.0, from_field_of_view(10, 10, 60.0))
    capfd.readouterr()  # OpenCV's own words
