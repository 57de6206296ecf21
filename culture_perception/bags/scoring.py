"""Scores one bag: its recorded results, or results made anew of its images."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from culture_perception.bags.bag import Bag
from culture_perception.bags.bag_score import BagScore, ScoreOptions
from culture_perception.bags.coco import CocoTruth, load_coco
from culture_perception.bags.messages import Message, Messages
from culture_perception.bags.recompute import Recomputation
from culture_perception.bags.topics import COMPRESSED_IMAGE, IMAGE, LABELS, MASKS
from culture_perception.concepts import STYLES, ActiveLabels
from culture_perception.labels import load_label_sets
from culture_perception.message_records import (
    Result,
    Unreadable,
    read_labels,
    read_result,
    read_truth,
    stamp_ns_of,
)
from culture_perception.resources import share_path
from culture_perception.score_book import ScoreBook
from culture_perception.tally import FrameOutcome


def score_bag(
    path: Path,
    options: ScoreOptions,
    on_frame: Callable[[FrameOutcome], None] = lambda outcome: None,
    on_progress: Callable[[float], None] = lambda share: None,
) -> BagScore:
    """Scores a bag in one pass and constant memory; faults are counted, not raised.

    Args:
        path: See bag.Bag.
        options: How.
        on_frame: Takes each frame's outcome.
        on_progress: Takes the share of the bag that was read, 0 to 1, after each message.

    Raises:
        UnreadableBagError: The bag can not be read at all.
        BagError: A model or the COCO file can not be loaded.
    """
    return _BagScoring(path, options, on_frame).run(on_progress)


class _Handler(NamedTuple):
    """What takes the messages of a topic, and the types that they may have."""

    types: tuple[str, ...]
    take: Callable[[Message], None]


class _BagScoring:
    """One pass over one bag."""

    def __init__(
        self, path: Path, options: ScoreOptions, on_frame: Callable[[FrameOutcome], None]
    ) -> None:
        self._path = path
        self._topics = options.topics
        self._score = BagScore(str(path))
        self._on_frame = on_frame
        self._book = ScoreBook(on_frame=self._take_outcome)
        chosen = options.recompute.labels if options.recompute else ()
        for labels in (*_installed_labels(), *chosen):
            self._book.announce(labels)
        self._coco: CocoTruth | None = load_coco(options.coco) if options.coco else None
        self._recomputation: Recomputation | None = None
        if options.recompute:
            self._recomputation = Recomputation(path, options.recompute, options.topics)
        self._labels_needed = not chosen
        self._last_ns: dict[str, int] = {}

    def run(self, on_progress: Callable[[float], None]) -> BagScore:
        """Reads the bag from its beginning to its end."""
        started_s = time.monotonic()
        score = self._score
        bag = Bag(self._path, score.faults)
        handlers = self._handlers()
        types = {topic: handler.types for topic, handler in handlers.items()}
        messages = Messages(bag, types, score.faults)
        for message in messages:
            handlers[message.topic].take(message)
            on_progress(bag.progress)
        on_progress(1.0)
        self._book.finish()
        self._name_missing(messages)
        score.tally = self._book.tally
        score.messages = messages.counts
        if self._recomputation:
            score.image_ms = self._recomputation.image_ms
            score.adapters = self._recomputation.adapters
        score.seconds = time.monotonic() - started_s
        return score

    def _handlers(self) -> dict[str, _Handler]:
        """By topic; what is not needed is not read."""
        handlers = dict.fromkeys(self._topics.labels, _Handler((LABELS,), self._on_labels))
        if self._coco is None:
            handlers[self._topics.truth] = _Handler((MASKS,), self._on_truth)
        if self._recomputation:
            images = _Handler((IMAGE, COMPRESSED_IMAGE), self._on_image)
            handlers[self._topics.image] = images
        else:
            handlers[self._topics.result] = _Handler((MASKS,), self._on_result)
        return handlers

    def _on_labels(self, message: Message) -> None:
        self._book.announce(read_labels(message.content))

    def _on_truth(self, message: Message) -> None:
        self._book.put_truth(self._stamp_of(message), read_truth(message.content))

    def _on_result(self, message: Message) -> None:
        stamp_ns = self._stamp_of(message)
        if self._has_truth(stamp_ns):
            self._put(stamp_ns, [read_result(message.content)], message.received_ns)

    def _on_image(self, message: Message) -> None:
        assert self._recomputation is not None
        stamp_ns = self._stamp_of(message)
        if self._has_truth(stamp_ns):
            self._put(stamp_ns, self._recomputation.results(message), None)

    def _has_truth(self, stamp_ns: int) -> bool:
        """Whether it may have: footage is annotated here and there, the rest is left alone."""
        return self._coco is None or stamp_ns in self._coco.stamps

    def _put(
        self, stamp_ns: int, results: Sequence[Result | Unreadable], at_ns: int | None
    ) -> None:
        if self._coco is not None and stamp_ns not in self._score.annotated:
            self._score.annotated.add(stamp_ns)
            self._book.put_truth(stamp_ns, self._coco.truth_at(stamp_ns))
        self._score.images += 1
        self._book.put_results(stamp_ns, results, at_ns)

    def _stamp_of(self, message: Message) -> int:
        stamp_ns = stamp_ns_of(message.content)
        last_ns = self._last_ns.get(message.topic, stamp_ns)
        if stamp_ns < last_ns:
            self._score.faults.add(
                "stamps_out_of_order", f"{message.topic}: {stamp_ns} after {last_ns}"
            )
        self._last_ns[message.topic] = stamp_ns
        return stamp_ns

    def _take_outcome(self, outcome: FrameOutcome) -> None:
        if outcome.reason:
            example = ": ".join(filter(None, (str(outcome.stamp_ns), outcome.detail)))
            self._score.faults.add(outcome.reason, example)
        self._on_frame(outcome)

    def _name_missing(self, messages: Messages) -> None:
        """Counts the topics that are needed and have no message."""
        topics = self._topics
        needed = [topics.image if self._recomputation else topics.result]
        if self._coco is None:
            needed.append(topics.truth)
        missing = [topic for topic in needed if not messages.counts[topic]]
        if self._labels_needed and not any(messages.counts[topic] for topic in topics.labels):
            missing.append(" or ".join(topics.labels))
        for name in missing:
            self._score.faults.add("missing_topic", name)


@lru_cache(maxsize=1)
def _installed_labels() -> tuple[ActiveLabels, ...]:
    """Every installed set in each language and style: a version says all about the labels."""
    return tuple(
        label_set.select(language, style)
        for label_set in load_label_sets(share_path("config", "labels")).values()
        for language in label_set.languages
        for style in STYLES
    )
