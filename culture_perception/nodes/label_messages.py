"""Between the core's labels and their messages; times."""

from builtin_interfaces.msg import Time
from culture_interfaces.msg import Label
from culture_interfaces.msg import LabelSet as LabelSetMessage
from std_msgs.msg import Header

from culture_perception.concepts import ActiveLabels, LabelText
from culture_perception.message_records import NANOSECONDS


def stamp_to_ns(stamp: Time) -> int:
    """A message's time as integer nanoseconds."""
    return int(stamp.sec) * NANOSECONDS + int(stamp.nanosec)


def ns_to_stamp(stamp_ns: int) -> Time:
    """Integer nanoseconds as a message's time."""
    sec, nanosec = divmod(stamp_ns, NANOSECONDS)
    return Time(sec=sec, nanosec=nanosec)


def labels_to_message(labels: ActiveLabels, stamp: Time) -> LabelSetMessage:
    """Active labels as a message; `stamp` is when it is published."""
    return LabelSetMessage(
        header=Header(stamp=stamp),
        label_set=labels.label_set,
        version=labels.version,
        language=labels.language,
        style=labels.style,
        labels=[label_to_message(label) for label in labels.labels],
    )


def label_to_message(label: LabelText) -> Label:
    """One concept's text as a message."""
    return Label(
        concept_id=label.concept_id,
        label=label.label,
        prompts=list(label.prompts),
        culture=label.culture,
        category=label.category,
        language=label.language,
    )
