"""What the readers of the two storages have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple, Protocol

from culture_perception.bags.definitions import Definition


class Channel(NamedTuple):
    """A topic as a bag has it.

    Attributes:
        topic: its name.
        msgtype: for example "sensor_msgs/msg/Image".
        definition: how the bag describes that type.
        encoding: how messages are serialised; anything but "cdr" is not read.
    """

    topic: str
    msgtype: str
    definition: Definition
    encoding: str = "cdr"


def full_name(msgtype: str) -> str:
    """A message type's name in three parts.

    rosbag2 takes "sensor_msgs/Image" as well, which its first release wrote and some programs that
    use its writer still do (rosbag2_cpp/typesupport_helpers.cpp).
    """
    package, _, name = msgtype.partition("/")
    return f"{package}/msg/{name}" if name and "/" not in name else msgtype


class RawMessage(NamedTuple):
    """A serialised message, and when it was received (nanoseconds of the recorder's clock)."""

    channel: Channel
    received_ns: int
    data: bytes


class Storage(Protocol):
    """Reads one file from its beginning to its end or to where it is damaged.

    Messages come in the order in which they were written, which needs no index: a file that was
    cut off is read in the same way as a whole one, and a file of any length in constant memory.
    """

    @property
    def progress(self) -> float:
        """How much of the file was read, 0 to 1."""

    def messages(self, topics: Collection[str]) -> Iterator[RawMessage]:
        """Messages of these topics."""
