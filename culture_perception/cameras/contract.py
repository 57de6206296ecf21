"""What every camera has to publish for perception: one table, for simulator, player and driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from culture_perception.bags.topics import IMAGE
from culture_perception.image_encodings import COLOURED

CAMERA_INFO: Final = "sensor_msgs/msg/CameraInfo"


@dataclass(frozen=True)
class Stream:
    """One topic.

    Attributes:
        name: for messages about it.
        topic: relative to the namespace.
        msgtype: its type.
        encodings: that an image may have; empty for what is no image.
        needed: whether it must be there; depth and its camera info may both be absent.
    """

    name: str
    topic: str
    msgtype: str
    encodings: tuple[str, ...] = ()
    needed: bool = True


@dataclass(frozen=True)
class Contract:
    """All of it; contract_checks says what is broken.

    Attributes:
        streams: the topics. In one frame all have one stamp, one frame_id and one size.
        frame_suffix: how the name of an optical frame ends (REP-103).
        reliability: of the publishers; large best-effort images are lost.
        durability: of the publishers; old images are of no use to who comes late.
        oldest_s: age of an image on arrival, seconds; more means lag, or another clock.
        newest_s: how far a stamp may lie in the future, seconds.
        depth_m: smallest and largest median distance, metres; others mean another unit.
    """

    streams: tuple[Stream, ...]
    frame_suffix: str = "_optical_frame"
    reliability: str = "RELIABLE"
    durability: str = "VOLATILE"
    oldest_s: float = 2.0
    newest_s: float = 0.05
    depth_m: tuple[float, float] = (0.05, 50.0)


COLOR: Final = Stream("color", "camera/color/image_raw", IMAGE, COLOURED)
COLOR_INFO: Final = Stream("color camera info", "camera/color/camera_info", CAMERA_INFO)
DEPTH: Final = Stream("depth", "camera/depth/image_rect", IMAGE, ("32FC1", "16UC1"), needed=False)
DEPTH_INFO: Final = Stream(
    "depth camera info", "camera/depth/camera_info", CAMERA_INFO, needed=False
)
CONTRACT: Final = Contract((COLOR, COLOR_INFO, DEPTH, DEPTH_INFO))
