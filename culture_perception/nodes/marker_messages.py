"""From masks in space to what rviz and Foxglove draw: a box and a name each."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Pose, Vector3
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from culture_perception.message_records import NANOSECONDS
from culture_perception.nodes.object_messages import pose_to_message
from culture_perception.objects_3d import LocatedObject
from culture_perception.overlay import caption_of, colour_of
from culture_perception.results import NamedMask, Recognition

BOXES: Final = "boxes"
NAMES: Final = "names"
_SOLID: Final = 0.5
_TEXT_M: Final = 0.025
_THINNEST_M: Final = 0.001  # rviz warns about a scale of 0


def objects_to_markers(
    recognition: Recognition,
    track_ids: Sequence[int],
    located: Sequence[LocatedObject | None],
    header: Header,
    lifetime_s: float = 2.0,
) -> MarkerArray:
    """A cube and a text for each object with a place; ids are track ids.

    The first marker deletes what was there, so that nothing stays of objects that are gone;
    without depth it is the only one.

    Args:
        recognition: N named masks.
        track_ids: N, one a mask.
        located: N, one a mask; None where it has no place. All in the frame of `header`.
        header: the image's stamp, and the frame that places are given in.
        lifetime_s: how long a marker stays if no others follow, seconds; 0: for ever.

    Raises:
        ValueError: there are not as many ids or places as masks, or lifetime_s is negative.
    """
    if not lifetime_s >= 0:
        raise ValueError(f"lifetime_s {lifetime_s} must be 0 or more")
    sec, nanosec = divmod(round(lifetime_s * NANOSECONDS), NANOSECONDS)
    lifetime = Duration(sec=sec, nanosec=nanosec)
    markers = [Marker(header=header, action=Marker.DELETEALL)]
    for named, track_id, place in zip(recognition.masks, track_ids, located, strict=True):
        if place is not None:
            markers.append(_box(named, place))
            markers.append(_name(named, place))
            for marker in markers[-2:]:
                marker.header, marker.id, marker.lifetime = header, track_id, lifetime
    return MarkerArray(markers=markers)


def _box(named: NamedMask, place: LocatedObject) -> Marker:
    x, y, z = (max(edge, _THINNEST_M) for edge in place.size)
    red, green, blue = (one / 255 for one in colour_of(named.concept_id))
    return Marker(
        ns=BOXES,
        type=Marker.CUBE,
        action=Marker.ADD,
        pose=pose_to_message(place).pose,
        scale=Vector3(x=x, y=y, z=z),
        color=ColorRGBA(r=red, g=green, b=blue, a=_SOLID),
    )


def _name(named: NamedMask, place: LocatedObject) -> Marker:
    """The overlay's caption, above the box along its z axis; it always faces the viewer."""
    above = np.array([0.0, 0.0, place.size[2] / 2 + _TEXT_M])
    x, y, z = (float(one) for one in place.pose.apply(above))
    return Marker(
        ns=NAMES,
        type=Marker.TEXT_VIEW_FACING,
        action=Marker.ADD,
        pose=Pose(position=Point(x=x, y=y, z=z)),
        scale=Vector3(z=_TEXT_M),
        color=ColorRGBA(r=1.0, g=1.0, b=1.0, a=1.0),
        text=caption_of(named),
    )
