"""Folders, bags and videos made by hand, small enough to say what is in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rosbags.rosbag2 import Writer
from rosbags.rosbag2.enums import StoragePlugin
from rosbags.typesys import Stores, get_typestore

from culture_perception.bags.definitions import definition_of

SECOND = 1_000_000_000
HEIGHT, WIDTH = 4, 6
TYPES = get_typestore(Stores.LATEST)
K = [5.0, 0.0, 2.5, 0.0, 5.0, 1.5, 0.0, 0.0, 1.0]
P = [5.0, 0.0, 2.5, 0.0, 0.0, 5.0, 1.5, 0.0, 0.0, 0.0, 1.0, 0.0]
R = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]

CALIBRATION = """\
image_width: 6
image_height: 4
camera_name: tiny
camera_matrix: {rows: 3, cols: 3, data: [5, 0, 2.5, 0, 5, 1.5, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [-0.25, 0.125, 0, 0, 0]}
rectification_matrix: {rows: 3, cols: 3, data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}
projection_matrix: {rows: 3, cols: 4, data: [4, 0, 2.5, 0, 0, 4, 1.5, 0, 0, 0, 1, 0]}
"""


def picture(value: int, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray[Any, Any]:
    """uint8 (H, W, 3) RGB of one colour that says which it is."""
    return np.full((height, width, 3), (value, 2 * value, 3 * value), dtype=np.uint8)


def write_folder(folder: Path, count: int = 3, depth: bool = False) -> Path:
    """Pictures a0.png, a1.png … with the colours of picture(10), picture(11) …"""
    folder.mkdir(parents=True)
    for number in range(count):
        cv2.imwrite(str(folder / f"a{number}.png"), picture(10 + number)[:, :, ::-1])
    if depth:
        (folder / "depth").mkdir()
        for number in range(count):
            write_depth(folder / "depth" / f"a{number}.png", 1000 + number)
    return folder


def write_depth(path: Path, millimetres: int, height: int = HEIGHT, width: int = WIDTH) -> None:
    """One distance everywhere but in the first pixel, where nothing was measured."""
    pixels = np.full((height, width), millimetres, dtype=np.uint16)
    pixels[0, 0] = 0
    cv2.imwrite(str(path), pixels)


def write_video(path: Path, count: int, rate_hz: float) -> Path:
    """A video whose frame n is grey of 20 n; 64 x 48, as codecs want more than a few pixels."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate_hz, (64, 48))
    for number in range(count):
        writer.write(np.full((48, 64, 3), 20 * number, dtype=np.uint8))
    writer.release()
    return path


def header(stamp_ns: int, frame_id: str = "lens") -> Any:
    stamp = TYPES.types["builtin_interfaces/msg/Time"](
        sec=stamp_ns // SECOND, nanosec=stamp_ns % SECOND
    )
    return TYPES.types["std_msgs/msg/Header"](stamp=stamp, frame_id=frame_id)


def image(stamp_ns: int, pixels: np.ndarray[Any, Any], encoding: str) -> Any:
    return TYPES.types["sensor_msgs/msg/Image"](
        header=header(stamp_ns),
        height=pixels.shape[0],
        width=pixels.shape[1],
        encoding=encoding,
        is_bigendian=int(sys.byteorder == "big"),
        step=pixels[0].nbytes,
        data=np.frombuffer(pixels.tobytes(), np.uint8),
    )


def compressed(stamp_ns: int, text: str, data: bytes) -> Any:
    return TYPES.types["sensor_msgs/msg/CompressedImage"](
        header=header(stamp_ns), format=text, data=np.frombuffer(data, np.uint8)
    )


def camera_info(stamp_ns: int, k: Sequence[float] = tuple(K)) -> Any:
    roi = TYPES.types["sensor_msgs/msg/RegionOfInterest"](
        x_offset=0, y_offset=0, height=0, width=0, do_rectify=False
    )
    return TYPES.types["sensor_msgs/msg/CameraInfo"](
        header=header(stamp_ns),
        height=HEIGHT,
        width=WIDTH,
        distortion_model="plumb_bob",
        d=np.zeros(5),
        k=np.array(k, dtype=np.float64),
        r=np.array(R),
        p=np.array(P),
        binning_x=0,
        binning_y=0,
        roi=roi,
    )


def transforms(stamp_ns: int, child: str, x: float = 1.0) -> Any:
    kinds = TYPES.types
    one = kinds["geometry_msgs/msg/TransformStamped"](
        header=header(stamp_ns, "base"),
        child_frame_id=child,
        transform=kinds["geometry_msgs/msg/Transform"](
            translation=kinds["geometry_msgs/msg/Vector3"](x=x, y=0.0, z=0.5),
            rotation=kinds["geometry_msgs/msg/Quaternion"](x=0.0, y=0.0, z=0.0, w=1.0),
        ),
    )
    return kinds["tf2_msgs/msg/TFMessage"](transforms=[one])


COLOR = "/camera/color/image_raw"
DEPTH = "/camera/depth/image_rect"
INFO = "/camera/color/camera_info"


@dataclass
class Recording:
    """Writes a bag; a message is received 5 ms after its stamp unless `at_ns` says when."""

    writer: Writer
    connections: dict[str, Any] = field(default_factory=dict)

    def color(self, stamp_ns: int, value: int, topic: str = COLOR, at_ns: int = 0) -> None:
        message = image(stamp_ns, picture(value), "rgb8")
        self.write(topic, message, at_ns or stamp_ns + 5_000_000)

    def depth(self, stamp_ns: int, metres: float, topic: str = DEPTH, at_ns: int = 0) -> None:
        message = image(stamp_ns, np.full((HEIGHT, WIDTH), metres, np.float32), "32FC1")
        self.write(topic, message, at_ns or stamp_ns + 5_000_000)

    def info(self, stamp_ns: int, topic: str = INFO, at_ns: int = 0) -> None:
        self.write(topic, camera_info(stamp_ns), at_ns or stamp_ns + 5_000_000)

    def write(self, topic: str, message: Any, at_ns: int) -> None:
        msgtype = message.__msgtype__
        if topic not in self.connections:
            text, digest = definition_of(msgtype)
            self.connections[topic] = self.writer.add_connection(
                topic, msgtype, msgdef=text, rihs01=digest
            )
        data = bytes(TYPES.serialize_cdr(message, msgtype))
        self.writer.write(self.connections[topic], at_ns, data)


@contextmanager
def recording(path: Path, storage: str = "mcap") -> Iterator[Recording]:
    """A bag in the folder `path`."""
    with Writer(path, version=9, storage_plugin=StoragePlugin[storage.upper()]) as writer:
        yield Recording(writer)


@pytest.fixture(scope="session")
def kit() -> Any:
    """This module: tests are no package, so they can not import it."""
    return sys.modules[__name__]
