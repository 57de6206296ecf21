"""Recordings made by hand: every message and its faults are chosen by the test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rosbags.rosbag2 import Writer
from rosbags.rosbag2.enums import CompressionFormat, CompressionMode, StoragePlugin
from rosbags.typesys import Stores, get_typestore

from culture_perception.bags.definitions import definition_of, installed_types
from culture_perception.bags.topics import IMAGE, LABELS, MASKS, Topics
from culture_perception.concepts import ActiveLabels, LabelText

TOPICS = Topics()
SHAPE_HW = (4, 100)
SECOND = 1_000_000_000
TYPES = get_typestore(Stores.EMPTY)
for _name in (MASKS, LABELS, IMAGE, "std_msgs/msg/String"):
    TYPES.register(installed_types(_name))

Strip = tuple[str, int, int]
"""A concept id (or "" for no name) and the first and last but one column of a mask."""


def make(msgtype: str, **fields: Any) -> Any:
    """A message; what is not given is empty."""
    empty: dict[str, Callable[[], Any]] = {
        "header": lambda: header(0),
        "alternatives": list,
        "label_set": str,
        "labels_version": str,
        "language": str,
        "style": str,
        "label": str,
        "concept_id": str,
    }
    names = [name for name, _ in TYPES.fielddefs[msgtype][1]]
    values: dict[str, Any] = {name: fields.get(name, empty.get(name, int)()) for name in names}
    return TYPES.types[msgtype](**values)


def header(stamp_ns: int) -> Any:
    time = TYPES.types["builtin_interfaces/msg/Time"](
        sec=stamp_ns // SECOND, nanosec=stamp_ns % SECOND
    )
    return TYPES.types["std_msgs/msg/Header"](stamp=time, frame_id="camera")


def image(stamp_ns: int, pixels: np.ndarray[Any, Any], encoding: str) -> Any:
    return TYPES.types[IMAGE](
        header=header(stamp_ns),
        height=pixels.shape[0],
        width=pixels.shape[1],
        encoding=encoding,
        is_bigendian=0,
        step=pixels.shape[1] * (pixels.shape[2] if pixels.ndim == 3 else 1),
        data=pixels.reshape(-1),
    )


def mask(strip: Strip, top1: str = "") -> Any:
    """One pixel high, so that IoU can be read off the ends."""
    concept_id, x0, x1 = strip
    alternatives = []
    if top1:
        alternatives = [make("culture_interfaces/msg/Hypothesis", concept_id=top1)]
    return make(
        "culture_interfaces/msg/LabelledMask",
        concept_id=concept_id,
        alternatives=alternatives,
        box=TYPES.types["sensor_msgs/msg/RegionOfInterest"](
            x_offset=x0, y_offset=1, height=1, width=x1 - x0, do_rectify=False
        ),
        area=x1 - x0,
        mask=image(0, np.full((1, x1 - x0), 255, np.uint8), "mono8"),
    )


def labels_of(
    *concept_ids: str, label_set: str = "toys", language: str = "en", style: str = "plain"
) -> ActiveLabels:
    """Labels of these concepts, each called by the last part of its id, in capitals."""
    texts = tuple(
        LabelText(one, one.split(".")[-1].upper(), (), "JP", "toy", language) for one in concept_ids
    )
    return ActiveLabels.of(label_set, language, style, texts)


@dataclass
class Recording:
    """Writes a bag; each method adds a message.

    `delay_ns` after its stamp a message is received, unless `at_ns` says when.
    """

    writer: Writer
    delay_ns: int = 20_000_000
    definitions: bool = True
    connections: dict[str, Any] = field(default_factory=dict)

    def truth(
        self, stamp_ns: int, strips: Sequence[Strip], label_set: str = "toys", at_ns: int = 0
    ) -> None:
        message = make(
            MASKS,
            header=header(stamp_ns),
            label_set=label_set,
            image_height=SHAPE_HW[0],
            image_width=SHAPE_HW[1],
            masks=[mask(strip) for strip in strips],
        )
        self.write(TOPICS.truth, MASKS, message, at_ns or stamp_ns)

    def result(
        self, stamp_ns: int, masks: Sequence[Any], labels: ActiveLabels, at_ns: int = 0
    ) -> None:
        message = make(
            MASKS,
            header=header(stamp_ns),
            label_set=labels.label_set,
            labels_version=labels.version,
            language=labels.language,
            style=labels.style,
            image_height=SHAPE_HW[0],
            image_width=SHAPE_HW[1],
            masks=[mask(one) if isinstance(one, tuple) else one for one in masks],
        )
        self.write(TOPICS.result, MASKS, message, at_ns or stamp_ns + self.delay_ns)

    def labels(self, labels: ActiveLabels, at_ns: int = 1, topic: str = TOPICS.labels[1]) -> None:
        texts = [
            make(
                "culture_interfaces/msg/Label",
                concept_id=one.concept_id,
                label=one.label,
                prompts=list(one.prompts),
                culture=one.culture,
                category=one.category,
                language=one.language,
            )
            for one in labels.labels
        ]
        message = make(
            LABELS,
            label_set=labels.label_set,
            version=labels.version,
            language=labels.language,
            style=labels.style,
            labels=texts,
        )
        self.write(topic, LABELS, message, at_ns)

    def image(self, stamp_ns: int, image_rgb: np.ndarray[Any, Any]) -> None:
        self.write(TOPICS.image, IMAGE, image(stamp_ns, image_rgb, "rgb8"), stamp_ns)

    def write(self, topic: str, msgtype: str, message: Any, at_ns: int) -> None:
        self.write_raw(topic, msgtype, bytes(TYPES.serialize_cdr(message, msgtype)), at_ns)

    def write_raw(
        self, topic: str, msgtype: str, data: bytes, at_ns: int, msgdef: str | None = None
    ) -> None:
        if topic not in self.connections:
            text, digest = (msgdef, "") if msgdef is not None else definition_of(msgtype)
            self.connections[topic] = self.writer.add_connection(
                topic, msgtype, msgdef=text if self.definitions else "", rihs01=digest or "none"
            )
        self.writer.write(self.connections[topic], at_ns, data)


@contextmanager
def recording(
    path: Path,
    storage: str = "mcap",
    compression: CompressionMode = CompressionMode.NONE,
    definitions: bool = True,
) -> Iterator[Recording]:
    """A bag in the folder `path`."""
    writer = Writer(path, version=9, storage_plugin=StoragePlugin[storage.upper()])
    writer.set_compression(compression, CompressionFormat.ZSTD)
    with writer:
        yield Recording(writer, definitions=definitions)


def storage_file(bag: Path) -> Path:
    """The one file of a bag that holds messages."""
    (found,) = [one for one in bag.iterdir() if one.name != "metadata.yaml"]
    return found


def cut(bag: Path, share: float) -> None:
    """What a recorder leaves behind that was ended: a beginning, and no metadata.yaml."""
    path = storage_file(bag)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    (bag / "metadata.yaml").unlink()


CAT, DOG, OWL = "toys.cat", "toys.dog", "toys.owl"
LABELS_EN = labels_of(CAT, DOG)
TRUE = [(CAT, 0, 10), (DOG, 20, 30)]
FOUND = [(CAT, 0, 10), ("", 20, 25)]  # IoU 1, right; IoU .5, without a name


def write_run(record: Recording, frames: int, first_ns: int = SECOND) -> None:
    """Labels, then frames every 100 ms that are all as TRUE and FOUND say."""
    record.labels(LABELS_EN)
    for number in range(frames):
        stamp_ns = first_ns + number * SECOND // 10
        record.truth(stamp_ns, TRUE)
        record.result(stamp_ns, FOUND, LABELS_EN)


@pytest.fixture(scope="session")
def kit() -> Any:
    """This module: tests are no package, so they can not import it."""
    return sys.modules[__name__]


@pytest.fixture
def bag_of(tmp_path: Path) -> Callable[..., Path]:
    """(frames, name, **options of recording) -> a bag as write_run writes it."""

    def write(frames: int, name: str = "run", **options: Any) -> Path:
        with recording(tmp_path / name, **options) as record:
            write_run(record, frames)
        return tmp_path / name

    return write
