"""A recording as a camera, in its own order and pace."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from culture_perception.bags.bag import Bag
from culture_perception.bags.errors import BagError
from culture_perception.bags.faults import Faults
from culture_perception.bags.messages import Message, Messages
from culture_perception.bags.topics import COMPRESSED_IMAGE, IMAGE
from culture_perception.cameras.bag_frames import BagFrames, poses_of
from culture_perception.cameras.calibration import Calibration
from culture_perception.cameras.frames import CameraError, Item, Problem, SourceFrame

CAMERA_INFO: Final = "sensor_msgs/msg/CameraInfo"
TF_MESSAGE: Final = "tf2_msgs/msg/TFMessage"
TF: Final = "/tf"
TF_STATIC: Final = "/tf_static"


@dataclass(frozen=True)
class BagTopics:
    """Where the images of a recording are; "…/compressed" and "…/compressedDepth" are read too.

    Attributes:
        color: the picture's topic; its camera info is the topic camera_info beside it.
        depth: depth that is aligned to it.
    """

    color: str = "/camera/color/image_raw"
    depth: str = "/camera/depth/image_rect"

    @property
    def info(self) -> str:
        """Topic of the picture's camera info (the convention of image_transport)."""
        return self.color.rpartition("/")[0] + "/camera_info"

    def types(self) -> dict[str, tuple[str, ...]]:
        """Topic to the message types that it may have."""
        return {
            self.color: (IMAGE, COMPRESSED_IMAGE),
            f"{self.color}/compressed": (COMPRESSED_IMAGE,),
            self.depth: (IMAGE, COMPRESSED_IMAGE),
            f"{self.depth}/compressedDepth": (COMPRESSED_IMAGE,),
            self.info: (CAMERA_INFO,),
            TF: (TF_MESSAGE,),
            TF_STATIC: (TF_MESSAGE,),
        }


class BagCamera:
    """Colour, depth, camera info and transforms of a bag; see CameraSource."""

    is_live: Final = False
    pace_hz: Final = 0.0

    def __init__(
        self,
        path: Path,
        fov_deg: float,
        calibration: Calibration | None = None,
        topics: BagTopics | None = None,
    ) -> None:
        """Reads up to the first frame.

        Args:
            path: what bags.bag.Bag takes.
            fov_deg: horizontal field of view where the bag has no camera info, degrees.
            calibration: to take in place of the bag's camera info.
            topics: where its images are.

        Raises:
            CameraError: it is no bag, holds no image on that topic, or none that can be used.
        """
        self._path = path
        self._fov_deg = fov_deg
        self._calibration = calibration
        self._topics = topics or BagTopics()
        first = self._first()
        self.has_depth = first.depth is not None
        height, width = first.image_rgb.shape[:2]
        self.described = f"bag {path}, {self._topics.color}, {width} x {height}"

    def items(self) -> Generator[Item, None, None]:
        """Frames and transforms, in the order in which they were recorded."""
        faults = Faults()
        frames = BagFrames(self._fov_deg, self._calibration)
        put = _Sorter(frames, self._topics).put
        try:
            for message in Messages(Bag(self._path, faults), self._topics.types(), faults):
                put(message)
                yield from frames.ready()
        except BagError as error:
            raise CameraError(str(error)) from error
        yield from frames.rest()
        for kind, count in sorted(faults.counts.items()):
            yield Problem(f"{self._path}: {kind} ({count}): {faults.examples.get(kind)}")

    def _first(self) -> SourceFrame:
        reasons = []
        with closing(self.items()) as items:
            for item in items:
                if isinstance(item, SourceFrame):
                    return item
                if isinstance(item, Problem):
                    reasons.append(item.reason)
        raise CameraError(self._why_nothing(reasons))

    def _why_nothing(self, reasons: list[str]) -> str:
        images, color = self._image_topics(), self._topics.color
        if {color, f"{color}/compressed"} & images:
            return f"no frame of {self._path} can be used: {reasons[0]}"
        # What else is wrong with the bag comes second: the topic's name is what can be mended.
        listed = ", ".join(sorted(images)) or "no images at all"
        also = "".join(f" ({reason})" for reason in reasons[:1])
        return f"{self._path} has no image on {color}; it has {listed}{also}"

    def _image_topics(self) -> set[str]:
        types = {
            raw.channel.topic: raw.channel.msgtype
            for raw in Bag(self._path, Faults()).messages(_Everything())
        }
        return {topic for topic, kind in types.items() if kind in (IMAGE, COMPRESSED_IMAGE)}


class _Sorter:
    """Hands messages to where they belong; of a raw and a compressed topic, the first it meets."""

    def __init__(self, frames: BagFrames, topics: BagTopics) -> None:
        self._frames = frames
        self._topics = topics
        self._chosen: dict[str, str] = {}

    def put(self, message: Message) -> None:
        topic, content = message.topic, message.content
        if topic in (TF, TF_STATIC):
            self._frames.put_poses(poses_of(content), topic == TF_STATIC, message.received_ns)
        elif topic == self._topics.info:
            self._frames.put_info(content)
        elif self._is_chosen(self._topics.color, topic):
            self._frames.put_color(content, message.received_ns)
        elif self._is_chosen(self._topics.depth, topic):
            self._frames.put_depth(content)

    def _is_chosen(self, base: str, topic: str) -> bool:
        return topic.startswith(base) and self._chosen.setdefault(base, topic) == topic


class _Everything(set[str]):
    """The topics of a bag, whatever they are called."""

    def __contains__(self, topic: object) -> bool:
        return True
