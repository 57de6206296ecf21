"""From frames of a camera stand-in, and its transforms, to messages."""

from collections.abc import Iterable

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from culture_perception.cameras.calibration import Calibration
from culture_perception.cameras.frames import Pose
from culture_perception.depth_images import depth_to_metres, metres_to_millimetres
from culture_perception.images import array_to_image
from culture_perception.nodes.label_messages import ns_to_stamp
from culture_perception.packed_image import AnyArray


def camera_info_message(calibration: Calibration, header: Header) -> CameraInfo:
    """Calibration as a message."""
    return CameraInfo(
        header=header,
        height=calibration.height,
        width=calibration.width,
        distortion_model=calibration.distortion_model,
        d=list(calibration.d),
        k=list(calibration.k),
        r=list(calibration.r),
        p=list(calibration.p),
    )


def depth_message(depth: AnyArray, encoding: str, header: Header) -> Image:
    """Depth in an encoding of REP-118, whichever it was recorded in.

    Args:
        depth: (H, W), float32 metres or uint16 millimetres.
        encoding: 32FC1 or 16UC1.
        header: of the image.
    """
    if encoding == "16UC1":
        depth = depth if depth.dtype == np.uint16 else metres_to_millimetres(depth)
        return array_to_image(depth, encoding, header)
    return array_to_image(depth_to_metres(depth), encoding, header)


def transforms(poses: Iterable[Pose], shift_ns: int = 0) -> list[TransformStamped]:
    """Poses as messages, their stamps shifted by nanoseconds."""
    return [_transform(pose, ns_to_stamp(max(0, pose.stamp_ns + shift_ns))) for pose in poses]


def _transform(pose: Pose, stamp: Time) -> TransformStamped:
    return TransformStamped(
        header=Header(stamp=stamp, frame_id=pose.parent),
        child_frame_id=pose.child,
        transform=Transform(
            translation=Vector3(**dict(zip("xyz", pose.translation, strict=True))),
            rotation=Quaternion(**dict(zip("xyzw", pose.rotation_xyzw, strict=True))),
        ),
    )
