"""Parameters of the camera player and the source that they make."""

import math
from pathlib import Path
from typing import Final

from culture_perception.cameras.bag import BagCamera, BagTopics
from culture_perception.cameras.folder import FolderCamera, loaded
from culture_perception.cameras.frames import CameraSource, Pose
from culture_perception.cameras.mounting import OPTICAL_FRAME, mounting
from culture_perception.cameras.pacing import OWN_PACE
from culture_perception.cameras.video import VideoCamera
from culture_perception.nodes.parameters import ConfigurationError, Setting, Values

_TOPICS: Final = BagTopics()

SETTINGS: Final = (
    Setting(
        "source",
        "folder",
        "what is played: a folder of pictures, a rosbag, a video file or /dev/videoN",
        choices=("folder", "bag", "video"),
    ),
    Setting("path", "", "folder, bag, video file or device"),
    Setting(
        "rate_hz",
        OWN_PACE,
        "frames a second; -1: as recorded, a folder at 10 Hz; 0: only on camera_player/capture",
        dynamic=True,
        minimum=OWN_PACE,
        maximum=1000.0,
    ),
    Setting("loop", True, "whether to begin again at the end"),
    Setting(
        "restamp",
        "now",
        "stamps: now, or as a bag has them, which jump back where it is repeated",
        choices=("now", "recorded"),
    ),
    Setting("frame_id", "", f"optical frame; empty: as recorded, else {OPTICAL_FRAME}"),
    Setting(
        "fov_deg",
        60.0,
        "horizontal field of view where there is no calibration, degrees",
        minimum=1.0,
        maximum=179.0,
    ),
    Setting(
        "calibration",
        "",
        "file of camera_calibration; empty: camera_info.yaml of the folder, camera info of the bag",
    ),
    Setting("compressed", False, "whether camera/color/image_raw/compressed comes as well (JPEG)"),
    Setting("depth_encoding", "32FC1", "metres, or whole millimetres", choices=("32FC1", "16UC1")),
    Setting("publish_tf", True, "whether base_frame -> link_frame -> optical frame are published"),
    Setting("base_frame", "world", "what the camera is mounted on; empty: link_frame is the root"),
    Setting("link_frame", "camera_link", "the camera's body: x forward, y left, z up (REP-103)"),
    Setting("mount", "0 0 0 0 0 0", "x y z roll pitch yaw of link_frame in base_frame, m and rad"),
    Setting("color_topic", _TOPICS.color, "of a bag; its camera info is camera_info beside it"),
    Setting("depth_topic", _TOPICS.depth, "of a bag, aligned to colour"),
    Setting("width", 0, "of a device's images, pixels; 0: its own", minimum=0, maximum=16384),
    Setting("height", 0, "of a device's images, pixels; 0: its own", minimum=0, maximum=16384),
)


def open_source(values: Values) -> CameraSource:
    """Opens what the parameters name.

    Raises:
        ConfigurationError: A parameter is missing or not of this source.
        CameraError: It can not be played.
    """
    if not values["path"]:
        raise ConfigurationError(f"parameter path is empty: name the {values['source']} to play")
    if values["restamp"] == "recorded" and values["source"] != "bag":
        raise ConfigurationError("parameter restamp is 'recorded': only a bag has stamps")
    path = Path(str(values["path"])).expanduser()
    fov_deg = float(values["fov_deg"])
    named = str(values["calibration"])
    calibration = loaded(Path(named).expanduser()) if named else None
    if values["source"] == "folder":
        return FolderCamera(path, fov_deg, calibration)
    if values["source"] == "video":
        size_wh = int(values["width"]), int(values["height"])
        return VideoCamera(path, fov_deg, calibration, size_wh)
    topics = BagTopics(str(values["color_topic"]), str(values["depth_topic"]))
    return BagCamera(path, fov_deg, calibration, topics)


def mounting_of(values: Values, frame_id: str) -> tuple[Pose, ...]:
    """The static transforms to an optical frame; none where they are not wanted.

    Raises:
        ConfigurationError: mount is not six numbers.
    """
    try:
        mount = tuple(float(part) for part in str(values["mount"]).split())
    except ValueError:
        mount = ()
    if len(mount) != 6 or not all(map(math.isfinite, mount)):
        raise ConfigurationError(
            f"parameter mount is {values['mount']!r}: give x y z roll pitch yaw, six numbers"
        )
    if not values["publish_tf"]:
        return ()
    return mounting(str(values["base_frame"]), str(values["link_frame"]), frame_id, mount)
