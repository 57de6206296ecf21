"""From named masks to vision_msgs, where that is installed; it is in no package index.

Read from vision_msgs 4.1.1: a Detection2D's id stays with the object, results are hypotheses, and
LabelInfo says what numbers stand for, 65535 for UNLABELED. It has no mask: those are in
perception/labelled_masks and perception/id_image, whose values are instances, not classes.
"""

from collections.abc import Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any, Final

from builtin_interfaces.msg import Time
from geometry_msgs.msg import PoseWithCovariance
from std_msgs.msg import Header

from culture_perception.concepts import ActiveLabels
from culture_perception.masks import UNLABELLED, Box
from culture_perception.nodes.object_messages import pose_to_message
from culture_perception.objects_3d import LocatedObject
from culture_perception.results import NamedMask, Recognition

UNLABELLED_NAME: Final = "UNLABELED"
"""vision_msgs' own name for its number 65535; class id of a mask that no label names."""


@lru_cache(maxsize=1)
def vision_types() -> ModuleType | None:
    """The module vision_msgs.msg, for publishers' types; None where it is not installed."""
    try:
        from vision_msgs import msg
    except ImportError:
        return None
    types: ModuleType = msg
    return types


def detections_to_message(
    recognition: Recognition,
    track_ids: Sequence[int],
    located: Sequence[LocatedObject | None],
    header: Header,
) -> Any:
    """Named masks as a vision_msgs/Detection2DArray.

    A detection's id is its track id. Its results are the hypotheses, class_id the concept id: the
    name that was given comes first, then the others by falling probability. A mask without a name
    has one result, class UNLABELED with score 0: hypotheses that were rejected are no answer.
    Boxes are those of vision_msgs' createAABB2D: a box of one pixel at the top left has its centre
    at (.5, .5). The pose of each result is that of the object's box, without depth the default.

    Args:
        recognition: N named masks.
        track_ids: N, one a mask.
        located: N, one a mask; None where it has no place. In the frame of `header`.
        header: the image's own.

    Raises:
        ModuleNotFoundError: vision_msgs is not installed; see vision_types.
        ValueError: there are not as many ids or places as masks.
    """
    types = _types()
    detections = []
    for named, track_id, place in zip(recognition.masks, track_ids, located, strict=True):
        pose = PoseWithCovariance() if place is None else pose_to_message(place)
        detections.append(
            types.Detection2D(
                header=header,
                id=str(track_id),
                bbox=_box_to_message(types, named.segment.box_xyxy),
                results=_results(types, named, pose),
            )
        )
    return types.Detection2DArray(header=header, detections=detections)


def label_info(labels: ActiveLabels, threshold: float, stamp: Time) -> Any:
    """What the numbers of the active labels' classes stand for, as a vision_msgs/LabelInfo.

    Class n is the n-th label of perception/label_set, from 1; 0 is kept for background. Names are
    the labels' texts in the active language. To be published latched at every change of labels.

    Args:
        labels: that are active.
        threshold: probability that a name must reach, 0 to 1.
        stamp: of the publication.

    Raises:
        ModuleNotFoundError: vision_msgs is not installed; see vision_types.
    """
    types = _types()
    names = [(number, label.label) for number, label in enumerate(labels.labels, start=1)]
    classes = [
        types.VisionClass(class_id=number, class_name=name)
        for number, name in [*names, (UNLABELLED, UNLABELLED_NAME)]
    ]
    return types.LabelInfo(
        header=Header(stamp=stamp), class_map=classes, threshold=float(threshold)
    )


def _types() -> ModuleType:
    types = vision_types()
    if types is None:
        raise ModuleNotFoundError(
            "vision_msgs is not installed; beside a ROS installation: "
            "apt install ros-$ROS_DISTRO-vision-msgs"
        )
    return types


def _box_to_message(types: ModuleType, box: Box) -> Any:
    x0, y0, x1, y1 = box
    centre = types.Point2D(x=(x0 + x1) / 2, y=(y0 + y1) / 2)
    return types.BoundingBox2D(
        center=types.Pose2D(position=centre), size_x=float(x1 - x0), size_y=float(y1 - y0)
    )


def _results(types: ModuleType, named: NamedMask, pose: PoseWithCovariance) -> list[Any]:
    if not named.is_named:
        answers = [(UNLABELLED_NAME, 0.0)]
    else:
        others = [one for one in named.hypotheses if one.concept_id != named.concept_id]
        answers = [(named.concept_id, float(named.probability))]
        answers += [(one.concept_id, float(one.probability)) for one in others]
    return [
        types.ObjectHypothesisWithPose(
            hypothesis=types.ObjectHypothesis(class_id=class_id, score=score), pose=pose
        )
        for class_id, score in answers
    ]
