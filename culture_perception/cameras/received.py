"""What came of a camera that is held to the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from culture_perception.cameras.contract import Stream
from culture_perception.cameras.frames import Pose


@dataclass(frozen=True)
class Offer:
    """A publisher, as the graph shows it.

    Attributes:
        msgtype: of its topic.
        reliability: for example "RELIABLE".
        durability: for example "VOLATILE".
        depth: messages that it keeps; 0: the middleware does not say.
    """

    msgtype: str
    reliability: str
    durability: str
    depth: int = 0


@dataclass(frozen=True)
class Received:
    """What came of a camera in a while.

    Attributes:
        messages: stream's name -> (time of arrival in nanoseconds, message), in their order.
        offers: stream's name -> its publishers.
        poses: all of /tf_static.
    """

    messages: Mapping[str, Sequence[tuple[int, Any]]]
    offers: Mapping[str, Sequence[Offer]]
    poses: Sequence[Pose] = ()

    def of(self, stream: Stream) -> list[Any]:
        """Messages of a stream."""
        return [message for _, message in self.messages.get(stream.name, ())]
