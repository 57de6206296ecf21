"""A V4L2 device or a video file as a camera; OpenCV reads both through the same interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import cv2

from culture_perception.cameras.calibration import Calibration
from culture_perception.cameras.folder import calibration_for
from culture_perception.cameras.frames import CameraError, Item, SourceFrame
from culture_perception.masks import Uint8Array

_DEVICES: Final = Path("/dev")
_NANOSECONDS: Final = 1e9
_SIZE: Final = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)


class VideoCamera:
    """Frames of /dev/videoN or of a file, without depth; see CameraSource."""

    has_depth: Final = False

    def __init__(
        self,
        path: Path,
        fov_deg: float,
        calibration: Calibration | None = None,
        size_wh: tuple[int, int] = (0, 0),
    ) -> None:
        """Opens it once, to see that it can be read.

        Args:
            path: device or file.
            fov_deg: horizontal field of view where there is no calibration, degrees.
            calibration: of the camera.
            size_wh: width and height to ask a device for, pixels; 0: its own.

        Raises:
            CameraError: it is not there, can not be opened, or gives no frame of that size.
        """
        if not path.exists():
            raise CameraError(f"there is no {path}; {_devices()}")
        self._path = path
        self._fov_deg = fov_deg
        self._calibration = calibration
        self._size_wh = size_wh
        self.is_live = path.is_char_device()
        with self._opened() as capture:
            self.pace_hz = 0.0 if self.is_live else float(capture.get(cv2.CAP_PROP_FPS))
            frame = self._frame(self._read(capture), 0)
        height, width = frame.image_rgb.shape[:2]
        self.described = f"{path}, {width} x {height}"
        if self.pace_hz > 0:
            self.described += f" at {self.pace_hz:.3g} Hz"

    def items(self) -> Iterator[Item]:
        """Frames to the end of a file; of a device, until it gives none, which is an error."""
        with self._opened() as capture:
            number = 0
            while True:
                there, pixels = capture.read()
                if not there:
                    break
                yield self._frame(pixels, number)
                number += 1
        if self.is_live:
            raise CameraError(f"{self._path} gives no frame any more: is it still plugged in?")

    def _frame(self, pixels_bgr: Any, number: int) -> SourceFrame:
        image_rgb: Uint8Array = cv2.cvtColor(pixels_bgr, cv2.COLOR_BGR2RGB)
        calibration = calibration_for(image_rgb, self._calibration, self._fov_deg)
        due_ns = round(number * _NANOSECONDS / self.pace_hz) if self.pace_hz > 0 else None
        return SourceFrame(image_rgb, None, calibration, due_ns=due_ns)

    def _read(self, capture: cv2.VideoCapture) -> Any:
        there, pixels = capture.read()
        if not there:
            raise CameraError(f"{self._path} gives no frame: is another program using it?")
        return pixels

    @contextmanager
    def _opened(self) -> Iterator[cv2.VideoCapture]:
        capture = cv2.VideoCapture(str(self._path))
        try:
            if not capture.isOpened():
                raise CameraError(
                    f"{self._path} can not be opened as a video; of a device you need the right "
                    "to read it (group video) and no other program that uses it"
                )
            if self.is_live:
                self._ask(capture)
            yield capture
        finally:
            capture.release()

    def _ask(self, capture: cv2.VideoCapture) -> None:
        wanted = dict(zip(_SIZE, self._size_wh, strict=True))
        for name, value in wanted.items():
            if value:
                capture.set(name, value)
        if any(value and round(capture.get(name)) != value for name, value in wanted.items()):
            raise CameraError(
                f"{self._path} has no {self._size_wh[0]} x {self._size_wh[1]}; "
                "`v4l2-ctl --list-formats-ext` lists its sizes"
            )
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not a queue of old ones


def _devices() -> str:
    found = sorted(str(path) for path in _DEVICES.glob("video*"))
    return f"devices are {', '.join(found)}" if found else "there is no /dev/video* at all"
