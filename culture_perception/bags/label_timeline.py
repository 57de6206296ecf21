"""Which labels were active when, in a recording."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

from culture_perception.bags.bag import Bag
from culture_perception.bags.faults import Faults
from culture_perception.bags.messages import Messages
from culture_perception.bags.topics import LABELS, Topics
from culture_perception.concepts import ActiveLabels
from culture_perception.message_records import read_labels


class LabelTimeline:
    """Labels by time; before the first announcement they are those of the first."""

    def __init__(self, path: Path, topics: Topics) -> None:
        """Reads the announcements of a bag: of the last of the label topics that has any."""
        by_topic: dict[str, list[tuple[int, ActiveLabels]]] = {name: [] for name in topics.labels}
        # Faults are counted where the bag is read for its images.
        faults = Faults()
        types = dict.fromkeys(topics.labels, (LABELS,))
        for message in Messages(Bag(path, faults), types, faults):
            changes = by_topic[message.topic]
            if not changes or changes[-1][1].version != message.content.version:
                changes.append((message.received_ns, read_labels(message.content)))
        changes = next((by_topic[name] for name in reversed(topics.labels) if by_topic[name]), [])
        self._changes = sorted(changes, key=lambda change: change[0])

    def at(self, received_ns: int) -> ActiveLabels | None:
        """Those in use at a time of the recorder's clock; None where the bag announces none."""
        if not self._changes:
            return None
        place = bisect_right(self._changes, received_ns, key=lambda change: change[0])
        return self._changes[max(0, place - 1)][1]
