"""What an adapter says of itself: its card, as JSON in the metadata of its file. Without torch."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError, safe_open

from culture_perception.models.errors import CheckpointError, reason_of
from culture_perception.models.lora_options import LoraError, LoraOptions

FORMAT: Final = 1
METADATA_KEY: Final = "culture_adapter"


class AdapterError(CheckpointError):
    """An adapter's file is missing, damaged or of another base; the message names the cure."""


@dataclass(frozen=True)
class Figure:
    """One measurement, with the bare base and with the adapter."""

    what: str
    before: float
    after: float


@dataclass(frozen=True)
class AdapterCalibration:
    """What replaces the base's calibration, since embeddings move; see protocols.Calibration.

    A verifier is no part of it: its weights are tensors of the file.

    Raises:
        AdapterError: the logit scale is not above 0, or a value is no number.
    """

    logit_scale: float
    min_probability: float = 0.0
    min_similarity: float = -1.0
    min_match: float = 0.0

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, astuple(self))) or self.logit_scale <= 0:
            raise AdapterError(f"{self}: give numbers, and a logit scale above 0")


@dataclass(frozen=True)
class AdapterCard:
    """All that an adapter's file says beside its tensors.

    Attributes:
        name: of the adapter, for people and in the name of an encoder that uses it.
        base_name: what the base was loaded by, for example "embedded".
        base_hash: fingerprint.weights_fingerprint of the base in float32.
        label_sets: names of those that it is for.
        languages: tags of those that it is for, of the labels' texts.
        options: what was changed.
        scale: 0 to 1, of the change.
        data: what it was trained on.
        figures: measured with the scale.
        licence: of the adapter.
        calibration: None: the base's own is used.

    Raises:
        AdapterError: a value is missing or out of range.
    """

    name: str
    base_name: str
    base_hash: str
    label_sets: tuple[str, ...]
    languages: tuple[str, ...]
    options: LoraOptions = field(default_factory=LoraOptions)
    scale: float = 1.0
    data: str = ""
    figures: tuple[Figure, ...] = ()
    licence: str = ""
    calibration: AdapterCalibration | None = None

    def __post_init__(self) -> None:
        given = (self.name, self.base_name, self.base_hash, self.label_sets, self.languages)
        if not all(given):
            raise AdapterError(
                "an adapter needs a name, a base's name and hash, label sets and languages; "
                f"given are {given}"
            )
        if not 0.0 <= self.scale <= 1.0:
            raise AdapterError(f"scale {self.scale} is out of range; give 0 to 1")

    def fits(self, label_set: str, languages: Sequence[str]) -> bool:
        """Whether it is for a label set whose texts are in these languages."""
        return label_set in self.label_sets and set(languages) <= set(self.languages)

    def to_json(self) -> str:
        """As one JSON object, with the version of the format."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False)


def card_from_json(text: str) -> AdapterCard:
    """Reads what `to_json` wrote; unknown keys are passed over.

    Raises:
        AdapterError: it is no card, of another format, or a value is missing or of another type.
    """
    try:
        record = json.loads(text)
        if record["format"] != FORMAT:
            raise AdapterError(
                f"its format is {record['format']}, this release reads {FORMAT}: install the "
                "release that it was made with, or make the adapter again"
            )
        return _card(record)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError, LoraError) as error:
        raise AdapterError(f"its card is damaged ({error!r}): take a whole copy") from error


def _card(record: Mapping[str, Any]) -> AdapterCard:
    options, calibration = record["options"], record["calibration"]
    return AdapterCard(
        **{key: _text(record[key]) for key in _TEXTS},
        label_sets=_texts(record["label_sets"]),
        languages=_texts(record["languages"]),
        options=LoraOptions(
            rank=int(_number(options["rank"])),
            alpha=_number(options["alpha"]),
            towers=_texts(options["towers"]),  # type: ignore[arg-type]  # it checks them itself
            kinds=_texts(options["kinds"]),  # type: ignore[arg-type]
            dropout=_number(options["dropout"]),
        ),
        scale=_number(record["scale"]),
        figures=tuple(
            Figure(_text(one["what"]), _number(one["before"]), _number(one["after"]))
            for one in record["figures"]
        ),
        calibration=None
        if calibration is None
        else AdapterCalibration(**{key: _number(calibration[key]) for key in _NUMBERS}),
    )


_TEXTS: Final = ("name", "base_name", "base_hash", "data", "licence")
_NUMBERS: Final = ("logit_scale", "min_probability", "min_similarity", "min_match")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list of texts")
    return tuple(_text(one) for one in value)


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def read_card(path: Path) -> AdapterCard:
    """The card of a file; its tensors are not read.

    Raises:
        AdapterError: the file is missing, damaged or no adapter.
    """
    metadata = _metadata(path)
    if METADATA_KEY not in metadata:
        raise AdapterError(f"{path}: weights without an adapter's card; give an adapter's file")
    try:
        return card_from_json(metadata[METADATA_KEY])
    except AdapterError as error:
        raise AdapterError(f"{path}: {error}") from error


def is_adapter(path: Path) -> bool:
    """Whether a file of weights has an adapter's card, of whatever format.

    Raises:
        AdapterError: the file is missing or damaged.
    """
    return METADATA_KEY in _metadata(path)


def _metadata(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise AdapterError(f"{path}: no such adapter; give the path of its .safetensors file")
    try:
        with safe_open(path, framework="numpy") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise AdapterError(f"{path}: damaged ({reason_of(error)}); take a whole copy") from error


def with_scale(card: AdapterCard, scale: float) -> AdapterCard:
    """The card of the same adapter at another strength; its figures are of the old one, and go."""
    return replace(card, scale=scale, figures=())
