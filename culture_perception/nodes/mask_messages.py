"""From named masks to LabelledMaskArray messages; the way back is message_records."""

from collections.abc import Sequence

import numpy as np
from culture_interfaces.msg import Hypothesis as HypothesisMessage
from culture_interfaces.msg import LabelledMask, LabelledMaskArray
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from culture_perception.images import array_to_image
from culture_perception.masks import MaskArray, crop_to_box
from culture_perception.results import Hypothesis, NamedMask, Recognition

INSIDE = 255


def recognition_to_message(recognition: Recognition, header: Header) -> LabelledMaskArray:
    """A recognition as a message; `header` is the image's own."""
    height, width = recognition.shape_hw
    return LabelledMaskArray(
        header=header,
        label_set=recognition.label_set,
        labels_version=recognition.labels_version,
        language=recognition.language,
        style=recognition.style,
        image_height=height,
        image_width=width,
        masks=[named_mask_to_message(named, header) for named in recognition.masks],
    )


def named_mask_to_message(named: NamedMask, header: Header) -> LabelledMask:
    """A named mask as a message; `header` is the image's own."""
    message = mask_to_message(named.segment.mask, header)
    message.track_id = named.track_id
    message.instance_id = named.instance_id
    message.concept_id = named.concept_id
    message.label = named.label
    message.probability = float(named.probability)
    message.similarity = float(named.similarity)
    message.alternatives = [_hypothesis_to_message(one) for one in named.hypotheses]
    message.predicted_iou = min(max(float(named.segment.predicted_iou), 0.0), 1.0)
    message.stability = float(named.segment.stability)
    return message


def _hypothesis_to_message(hypothesis: Hypothesis) -> HypothesisMessage:
    return HypothesisMessage(
        concept_id=hypothesis.concept_id,
        label=hypothesis.label,
        probability=float(hypothesis.probability),
        similarity=float(hypothesis.similarity),
    )


def truth_to_message(
    label_set: str, concept_ids: Sequence[str], masks: Sequence[MaskArray], header: Header
) -> LabelledMaskArray:
    """Ground truth as a message.

    Args:
        label_set: The products' set.
        concept_ids: One an object; instance ids are 1, 2, … in this order.
        masks: (H, W) bool, one an object, in the same order; at least one.
        header: The image's own.
    """
    height, width = masks[0].shape
    array = LabelledMaskArray(
        header=header, label_set=label_set, image_height=height, image_width=width
    )
    for number, (concept_id, mask) in enumerate(zip(concept_ids, masks, strict=True), start=1):
        message = mask_to_message(mask, header)
        message.track_id = message.instance_id = number
        message.concept_id = concept_id
        message.probability = message.predicted_iou = message.stability = 1.0
        array.masks.append(message)
    return array


def mask_to_message(mask: MaskArray, header: Header) -> LabelledMask:
    """Box, area and cropped mono8 mask of a (H, W) bool mask; everything else is left empty."""
    boxed = crop_to_box(mask)
    x0, y0, x1, y1 = boxed.box
    return LabelledMask(
        box=RegionOfInterest(x_offset=x0, y_offset=y0, width=x1 - x0, height=y1 - y0),
        area=boxed.area,
        mask=array_to_image(boxed.inside.astype(np.uint8) * INSIDE, "mono8", header),
    )
