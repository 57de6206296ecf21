"""A folder of pictures as a camera."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from culture_perception.cameras.calibration import (
    Calibration,
    CalibrationError,
    from_field_of_view,
    load_calibration,
)
from culture_perception.cameras.frames import CameraError, Item, Problem, SourceFrame
from culture_perception.image_encodings import ImageError
from culture_perception.image_files import decode_file
from culture_perception.masks import Uint8Array
from culture_perception.packed_image import AnyArray

SUFFIXES: Final = (".png", ".jpg", ".jpeg")
DEPTH_FOLDER: Final = "depth"
CALIBRATION: Final = "camera_info.yaml"


class FolderCamera:
    """Pictures of a folder, in the order of their names; see CameraSource.

    Depth of `NAME.jpg` is `depth/NAME.png`, 16 bits, millimetres, 0: nothing measured. A folder
    `depth` must have it for every picture. Calibration are those of `camera_info.yaml`, else made
    of a field of view.
    """

    is_live: Final = False
    pace_hz: Final = 10.0

    def __init__(
        self, folder: Path, fov_deg: float, calibration: Calibration | None = None
    ) -> None:
        """Lists the files and reads the first picture.

        Args:
            folder: with .png or .jpg files.
            fov_deg: horizontal field of view where there is no calibration, degrees.
            calibration: to take in place of the folder's own.

        Raises:
            CameraError: there is no picture, the first one is unusable, or depth is incomplete.
        """
        self._paths = _pictures(folder)
        self._depth_folder = folder / DEPTH_FOLDER
        self.has_depth = self._depth_folder.is_dir()
        if self.has_depth:
            self._check_depth()
        self._fov_deg = fov_deg
        own = folder / CALIBRATION
        self._calibration = calibration or (loaded(own) if own.is_file() else None)
        self.described = f"{len(self._paths)} pictures of {folder}"
        first = self._item(self._paths[0])
        if isinstance(first, Problem):
            raise CameraError(first.reason)

    def items(self) -> Iterator[Item]:
        """The pictures; those that can not be used are named, and left out."""
        yield from map(self._item, self._paths)

    def _item(self, path: Path) -> SourceFrame | Problem:
        try:
            image_rgb = read_rgb(path)
            depth = self._depth(path, image_rgb.shape[:2]) if self.has_depth else None
            calibration = calibration_for(image_rgb, self._calibration, self._fov_deg)
        except (OSError, ImageError, CameraError) as error:
            return Problem(str(error))
        return SourceFrame(image_rgb, depth, calibration)

    def _depth(self, path: Path, shape_hw: tuple[int, ...]) -> AnyArray:
        path = self._depth_path(path)
        depth = decode_file(path.read_bytes(), f"picture (in {path})")
        if depth.dtype != "uint16":
            raise CameraError(f"{path} has {depth.dtype}: write depth as 16-bit png, millimetres")
        if depth.shape != shape_hw:
            raise CameraError(
                f"{path} is {_size(depth.shape)}, its picture {_size(shape_hw)}: depth must be "
                "aligned to colour"
            )
        return depth

    def _depth_path(self, path: Path) -> Path:
        return self._depth_folder / f"{path.stem}.png"

    def _check_depth(self) -> None:
        missing = [path.name for path in self._paths if not self._depth_path(path).is_file()]
        if missing:
            raise CameraError(
                f"{self._depth_folder} has no depth of {len(missing)} of {len(self._paths)} "
                f"pictures ({', '.join(missing[:3])} …): add NAME.png, or move the folder away"
            )


def read_rgb(path: Path) -> Uint8Array:
    """A picture file as uint8 (H, W, 3) RGB; OSError or ImageError where it can not be."""
    pixels = decode_file(path.read_bytes(), f"picture (in {path})")
    if pixels.dtype != "uint8":
        raise ImageError(f"{path} has {pixels.dtype} values: write pictures with 8 bits")
    return pixels if pixels.ndim == 3 else pixels[:, :, None].repeat(3, axis=2)


def calibration_for(
    image_rgb: Uint8Array, calibration: Calibration | None, fov_deg: float
) -> Calibration:
    """The calibration, or one made of the field of view.

    Raises:
        CameraError: the calibration is of another image size.
    """
    height, width = image_rgb.shape[:2]
    if calibration is None:
        return from_field_of_view(width, height, fov_deg)
    if calibration.shape_hw != (height, width):
        raise CameraError(
            f"the picture is {width} x {height}, its calibration is of {calibration.width} x "
            f"{calibration.height}: calibrate at the size that is used"
        )
    return calibration


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise CameraError(f"{folder} is no folder: give one with pictures ({', '.join(SUFFIXES)})")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise CameraError(f"{folder} holds no picture: give a folder with {', '.join(SUFFIXES)}")
    return paths


def loaded(path: Path) -> Calibration:
    """A calibration file; CameraError where it is none."""
    try:
        return load_calibration(path)
    except CalibrationError as error:
        raise CameraError(str(error)) from error


def _size(shape_hw: tuple[int, ...]) -> str:
    return f"{shape_hw[1]} x {shape_hw[0]}"
