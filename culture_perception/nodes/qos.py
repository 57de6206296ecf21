"""Quality of service of every topic, in one place, so that publishers and subscribers match."""

from typing import Final

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy


def _reliable(depth: int, durability: DurabilityPolicy) -> QoSProfile:
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=durability,
    )


# Best effort loses most images of this size on the default transport, hence reliable; a reliable
# publisher also serves subscribers that ask for best effort.
IMAGES: Final = _reliable(5, DurabilityPolicy.VOLATILE)
# A slow consumer wants the newest frame, not a queue of old ones.
NEWEST_IMAGE: Final = _reliable(1, DurabilityPolicy.VOLATILE)
RESULTS: Final = _reliable(10, DurabilityPolicy.VOLATILE)
# Label sets and static transforms: a late subscriber gets the last one at once.
LATCHED: Final = _reliable(1, DurabilityPolicy.TRANSIENT_LOCAL)
# A change of labels must not overwrite one that is not read yet.
LABELS: Final = _reliable(10, DurabilityPolicy.TRANSIENT_LOCAL)
