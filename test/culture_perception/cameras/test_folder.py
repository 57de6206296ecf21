from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from culture_perception.cameras.calibration import from_field_of_view
from culture_perception.cameras.folder import FolderCamera
from culture_perception.cameras.frames import CameraError, Problem, SourceFrame


def test_pictures_come_in_the_order_of_their_names(kit: Any, tmp_path: Path) -> None:
    folder = kit.write_folder(tmp_path / "pictures", 12)
    (folder / "notes.txt").write_text("no picture")
    camera = FolderCamera(folder, 90.0)

    frames = list(camera.items())

    names = sorted(f"a{number}" for number in range(12))  # a10 before a2
    for name, frame in zip(names, frames, strict=True):
        assert isinstance(frame, SourceFrame)
        np.testing.assert_array_equal(frame.image_rgb, kit.picture(10 + int(name[1:])))
        assert (frame.depth, frame.stamp_ns, frame.due_ns) == (None, None, None)
        assert frame.calibration == from_field_of_view(6, 4, 90.0)
    assert not camera.has_depth
    assert len(list(camera.items())) == 12  # once more from the beginning


def test_depth_lies_beside_under_the_same_name(kit: Any, tmp_path: Path) -> None:
    camera = FolderCamera(kit.write_folder(tmp_path / "pictures", 2, depth=True), 60.0)

    assert camera.has_depth
    for number, frame in enumerate(camera.items()):
        assert isinstance(frame, SourceFrame) and frame.depth is not None
        assert frame.depth.dtype == np.uint16
        assert (frame.depth[0, 0], frame.depth[1, 1]) == (0, 1000 + number)


def test_the_folders_calibration_is_used_and_must_be_of_the_size(kit: Any, tmp_path: Path) -> None:
    folder = kit.write_folder(tmp_path / "pictures", 1)
    (folder / "camera_info.yaml").write_text(kit.CALIBRATION)

    (frame,) = FolderCamera(folder, 60.0).items()
    assert isinstance(frame, SourceFrame)
    assert frame.calibration.d[0] == -0.25

    cv2.imwrite(str(folder / "a0.png"), kit.picture(1, 8, 12))
    with pytest.raises(CameraError, match="12 x 8, its calibration is of 6 x 4"):
        FolderCamera(folder, 60.0)


def test_grey_and_jpeg_become_rgb(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 6), 7, np.uint8))
    cv2.imwrite(str(tmp_path / "b.JPG"), np.full((16, 16, 3), 100, np.uint8))

    grey, jpeg = FolderCamera(tmp_path, 60.0).items()

    assert isinstance(grey, SourceFrame) and isinstance(jpeg, SourceFrame)
    assert grey.image_rgb.tolist() == np.full((4, 6, 3), 7).tolist()
    assert (jpeg.image_rgb == 100).all()


def test_a_picture_that_is_damaged_is_named_and_left_out(kit: Any, tmp_path: Path) -> None:
    folder = kit.write_folder(tmp_path / "pictures", 3, depth=True)
    (folder / "a1.png").write_bytes((folder / "a1.png").read_bytes()[:50])
    kit.write_depth(folder / "depth" / "a2.png", 5, height=8)

    first, damaged, large = FolderCamera(folder, 60.0).items()

    assert isinstance(first, SourceFrame)
    assert isinstance(damaged, Problem) and "a1.png" in damaged.reason
    assert isinstance(large, Problem)
    assert "a2.png is 6 x 8, its picture 6 x 4: depth must be aligned" in large.reason


def test_a_folder_that_can_not_be_a_camera_says_why(kit: Any, tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="is no folder"):
        FolderCamera(tmp_path / "nowhere", 60.0)
    with pytest.raises(CameraError, match="holds no picture"):
        FolderCamera(tmp_path, 60.0)

    folder = kit.write_folder(tmp_path / "pictures", 3, depth=True)
    (folder / "depth" / "a1.png").unlink()
    with pytest.raises(CameraError, match=r"no depth of 1 of 3 pictures \(a1.png"):
        FolderCamera(folder, 60.0)

    cv2.imwrite(str(folder / "depth" / "a1.png"), np.zeros((4, 6), np.uint8))
    cv2.imwrite(str(folder / "depth" / "a0.png"), np.zeros((4, 6), np.uint8))
    with pytest.raises(CameraError, match="has uint8: write depth as 16-bit png"):
        FolderCamera(folder, 60.0)

    (folder / "camera_info.yaml").write_text("image_width: 6\n")
    with pytest.raises(CameraError, match="lacks 'image_height'"):
        FolderCamera(folder, 60.0)
