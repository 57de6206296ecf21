"""The messages of a bag, decoded; what does not decode is counted and left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rosbags.serde import SerdeError

from culture_perception.bags.bag import Bag
from culture_perception.bags.definitions import Decoder, UnknownTypeError, decoder_of
from culture_perception.bags.faults import Faults
from culture_perception.bags.storage import Channel


class Message(NamedTuple):
    """A decoded message, its topic, and when it was received (nanoseconds)."""

    topic: str
    received_ns: int
    content: Any


class Messages:
    """Iterates over a bag's messages of some topics.

    Attributes:
        counts: topic -> messages read so far, those that do not decode included.
    """

    def __init__(self, bag: Bag, types: Mapping[str, tuple[str, ...]], faults: Faults) -> None:
        """Reads nothing yet.

        Args:
            bag: Where they come from.
            types: Topic -> the message types that it may have.
            faults: Gets what can not be read.
        """
        self._bag = bag
        self._types = types
        self._faults = faults
        self._decoders: dict[Channel, Decoder | None] = {}
        self.counts: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Message]:
        """Yields them in the order in which they were written."""
        for raw in self._bag.messages(set(self._types)):
            topic = raw.channel.topic
            self.counts[topic] += 1
            decode = self._decoder(raw.channel)
            if decode is None:
                continue
            try:
                content = decode(raw.data)
            except SerdeError as error:
                self._faults.add("undecodable_message", f"{topic}: {error}")
                continue
            yield Message(topic, raw.received_ns, content)

    def _decoder(self, channel: Channel) -> Decoder | None:
        if channel not in self._decoders:
            self._decoders[channel] = self._make_decoder(channel)
        return self._decoders[channel]

    def _make_decoder(self, channel: Channel) -> Decoder | None:
        known = self._types[channel.topic]
        if channel.msgtype not in known:
            named = f"{channel.topic} is of type {channel.msgtype}, not {' or '.join(known)}"
            self._faults.add("unknown_type", named)
            return None
        if channel.encoding != "cdr":
            written = f"{channel.topic} is serialised as {channel.encoding!r}, not as 'cdr'"
            self._faults.add("unknown_type", written)
            return None
        try:
            return decoder_of(channel.msgtype, channel.definition)
        except UnknownTypeError as error:
            self._faults.add("unknown_type", f"{channel.topic}: {error}")
            return None
