"""From masks in space to LabelledObjectArray and to one cloud with the points of all objects."""

import array
import sys
from collections.abc import Sequence
from typing import Final

import numpy as np
from culture_interfaces.msg import LabelledObject, LabelledObjectArray
from geometry_msgs.msg import Point, Pose, PoseWithCovariance, Quaternion, Vector3
from sensor_msgs.msg import PointCloud2, PointField
from std_msgs.msg import Header

from culture_perception.masks import Uint8Array
from culture_perception.objects_3d import LocatedObject
from culture_perception.results import NamedMask, Recognition

# rgb as rviz and PCL have it: 0x00rrggbb in the bits of a float32.
CLOUD_POINT: Final = np.dtype(
    [
        ("x", np.float32),
        ("y", np.float32),
        ("z", np.float32),
        ("rgb", np.uint32),
        ("instance_id", np.uint16),
        ("track_id", np.uint16),
    ]
)
_FIELDS: Final = (
    PointField(name="x", offset=0, datatype=PointField.FLOAT32, count=1),
    PointField(name="y", offset=4, datatype=PointField.FLOAT32, count=1),
    PointField(name="z", offset=8, datatype=PointField.FLOAT32, count=1),
    PointField(name="rgb", offset=12, datatype=PointField.FLOAT32, count=1),
    PointField(name="instance_id", offset=16, datatype=PointField.UINT16, count=1),
    PointField(name="track_id", offset=18, datatype=PointField.UINT16, count=1),
)


def objects_to_message(
    recognition: Recognition,
    track_ids: Sequence[int],
    located: Sequence[LocatedObject | None],
    header: Header,
) -> LabelledObjectArray:
    """Masks in space as a message; its points are numbered as in object_cloud.

    Args:
        recognition: N named masks.
        track_ids: N, one a mask.
        located: N, one a mask; None where it has no place. All in the frame of `header`.
        header: the image's stamp, and the frame that places are given in.

    Raises:
        ValueError: there are not as many ids or places as masks.
    """
    height, width = recognition.shape_hw
    message = LabelledObjectArray(
        header=header,
        label_set=recognition.label_set,
        labels_version=recognition.labels_version,
        language=recognition.language,
        style=recognition.style,
        image_height=height,
        image_width=width,
        without_depth=sum(one is None for one in located),
    )
    start = 0
    for named, track_id, place in zip(recognition.masks, track_ids, located, strict=True):
        if place is not None:
            message.objects.append(object_to_message(named, track_id, place, start))
            start += len(place.points)
    return message


def object_to_message(
    named: NamedMask, track_id: int, place: LocatedObject, start: int = 0
) -> LabelledObject:
    """One mask in space; `start` is its first point in the object cloud."""
    x, y, z = place.centroid
    size_x, size_y, size_z = place.size
    return LabelledObject(
        track_id=track_id,
        instance_id=named.instance_id,
        concept_id=named.concept_id,
        label=named.label,
        probability=float(named.probability),
        centroid=Point(x=x, y=y, z=z),
        pose=pose_to_message(place),
        size=Vector3(x=size_x, y=size_y, z=size_z),
        # An array.array goes in as it is; other types are checked value by value.
        point_indices=array.array("I", place.points.indices.astype(np.uintc).tobytes()),
        cloud_start=start,
        cloud_count=len(place.points),
    )


def pose_to_message(place: LocatedObject) -> PoseWithCovariance:
    """Centre and axes of the object's box, and their covariance."""
    x, y, z = place.pose.translation
    qx, qy, qz, qw = place.pose.quaternion_xyzw
    return PoseWithCovariance(
        pose=Pose(position=Point(x=x, y=y, z=z), orientation=Quaternion(x=qx, y=qy, z=qz, w=qw)),
        covariance=place.covariance.astype(np.float64).ravel(),
    )


def object_cloud(
    image_rgb: Uint8Array,
    recognition: Recognition,
    track_ids: Sequence[int],
    located: Sequence[LocatedObject | None],
    header: Header,
) -> PointCloud2:
    """The points of all objects, object by object, with their colours in the image.

    Args:
        image_rgb: uint8 (H, W, 3), RGB, that was recognised.
        recognition: as in objects_to_message.
        track_ids: as there.
        located: as there.
        header: as there.

    Raises:
        ValueError: there are not as many ids or places as masks.
    """
    masks = zip(recognition.masks, track_ids, located, strict=True)
    found = [(named, track_id, place) for named, track_id, place in masks if place is not None]
    points = np.zeros(sum(len(place.points) for _, _, place in found), dtype=CLOUD_POINT)
    start = 0
    for named, track_id, place in found:
        part = points[start : start + len(place.points)]
        part["x"], part["y"], part["z"] = place.points.points.T
        part["rgb"] = _packed_colours(image_rgb, place)
        part["instance_id"], part["track_id"] = named.instance_id, track_id
        start += len(part)
    return PointCloud2(
        header=header,
        height=1,
        width=len(points),
        fields=list(_FIELDS),
        is_bigendian=sys.byteorder == "big",
        point_step=CLOUD_POINT.itemsize,
        row_step=CLOUD_POINT.itemsize * len(points),
        data=array.array("B", points.tobytes()),
        is_dense=True,
    )


def _packed_colours(image_rgb: Uint8Array, place: LocatedObject) -> np.typing.NDArray[np.uint32]:
    red, green, blue = image_rgb.reshape(-1, 3)[place.points.indices].astype(np.uint32).T
    return np.asarray(red << 16 | green << 8 | blue, dtype=np.uint32)
