"""From messages to the core's records, whichever library made the messages.

Messages of rclpy (live) and of rosbags (recorded) have the same fields and go through this same
code, so that a run scored live and from its recording gets the same figures. Nothing here imports
a message type.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from culture_perception.concepts import ActiveLabels, LabelText
from culture_perception.images import image_to_array
from culture_perception.masks import BoxedMask, MaskArray, crop_to_box
from culture_perception.metrics import ResultObject, TruthObject
from culture_perception.results import Recognition

NANOSECONDS: Final = 1_000_000_000


@dataclass(frozen=True, eq=False)
class Truth:
    """What is in one frame.

    Attributes:
        label_set: whose concepts it names; None: of any set, and a concept may be named by the
            text of a label in place of its id.
        shape_hw: height and width of the image, pixels.
        objects: in the image.
    """

    label_set: str | None
    shape_hw: tuple[int, int]
    objects: tuple[TruthObject, ...]


@dataclass(frozen=True, eq=False)
class Result:
    """What was found in one frame, and the labels that named it."""

    label_set: str
    labels_version: str
    language: str
    style: str
    shape_hw: tuple[int, int]
    objects: tuple[ResultObject, ...]


@dataclass(frozen=True)
class Unreadable:
    """In place of a record whose message contradicts itself; says how."""

    why: str


def stamp_ns_of(message: Any) -> int:
    """The stamp of a message's header, integer nanoseconds."""
    stamp = message.header.stamp
    return int(stamp.sec) * NANOSECONDS + int(stamp.nanosec)


def read_truth(message: Any) -> Truth | Unreadable:
    """The record of a LabelledMaskArray with ground truth."""
    try:
        objects = tuple(message_to_truth(message.masks))
        return Truth(str(message.label_set), _shape_hw(message), objects)
    except ValueError as error:
        return Unreadable(str(error))


def read_result(message: Any) -> Result | Unreadable:
    """The record of a LabelledMaskArray of perception's."""
    try:
        return Result(
            label_set=str(message.label_set),
            labels_version=str(message.labels_version),
            language=str(message.language),
            style=str(message.style),
            shape_hw=_shape_hw(message),
            objects=tuple(message_to_results(message.masks)),
        )
    except ValueError as error:
        return Unreadable(str(error))


def recognition_to_result(recognition: Recognition) -> Result:
    """The record that the message of this recognition would give."""
    return Result(
        label_set=recognition.label_set,
        labels_version=recognition.labels_version,
        language=recognition.language,
        style=recognition.style,
        shape_hw=recognition.shape_hw,
        objects=tuple(
            ResultObject(
                concept_id=named.concept_id,
                top1_concept_id=_first(named.hypotheses, named.concept_id),
                mask=own_crop(named.segment.mask),
            )
            for named in recognition.masks
        ),
    )


def own_crop(mask: MaskArray) -> BoxedMask:
    """As crop_to_box, but a copy: what waits for its partner holds no whole (H, W) mask."""
    view = crop_to_box(mask)
    return BoxedMask(view.box, view.inside.copy())


def message_to_truth(masks: Iterable[Any]) -> list[TruthObject]:
    """Objects of the masks (LabelledMask) of a ground-truth message; ValueError as below."""
    return [TruthObject(str(mask.concept_id), message_to_mask(mask)) for mask in masks]


def message_to_results(masks: Iterable[Any]) -> list[ResultObject]:
    """Masks of a result; the top-1 answer is the first alternative, else the name itself."""
    return [
        ResultObject(
            concept_id=str(mask.concept_id),
            top1_concept_id=_first(mask.alternatives, str(mask.concept_id)),
            mask=message_to_mask(mask),
        )
        for mask in masks
    ]


def message_to_mask(message: Any) -> BoxedMask:
    """The mask of a LabelledMask in its box.

    Raises:
        ValueError: Mask and box differ in size, or the mask is not mono8.
    """
    box = message.box
    inside = image_to_array(message.mask) > 0
    x0, y0 = int(box.x_offset), int(box.y_offset)
    return BoxedMask((x0, y0, x0 + int(box.width), y0 + int(box.height)), inside)


def read_labels(message: Any) -> ActiveLabels:
    """The labels of a LabelSet message, with the publisher's version."""
    return ActiveLabels(
        label_set=str(message.label_set),
        language=str(message.language),
        style=str(message.style),
        version=str(message.version),
        labels=tuple(
            LabelText(
                concept_id=str(label.concept_id),
                label=str(label.label),
                prompts=tuple(map(str, label.prompts)),
                culture=str(label.culture),
                category=str(label.category),
                language=str(label.language),
            )
            for label in message.labels
        ),
    )


def _shape_hw(message: Any) -> tuple[int, int]:
    return int(message.image_height), int(message.image_width)


def _first(hypotheses: Any, otherwise: str) -> str:
    return str(hypotheses[0].concept_id) if len(hypotheses) else otherwise
