"""Which models there are, what is known of them, and which are on this machine.

Neither torch nor open_clip is imported, and nobody is asked: the list answers within a second, with
or without a network.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import yaml

from culture_perception.models.adapter_card import read_card
from culture_perception.models.model_files import (
    OPEN_CLIP_WEIGHTS,
    cached_encoder,
    cached_segmenter,
)
from culture_perception.models.published_sam import SAM_FILES, cache_folder
from culture_perception.models.shipped_adapters import shipped_files
from culture_perception.resources import share_path

Kind: TypeAlias = Literal["segmenter", "encoder", "adapter"]
State: TypeAlias = Literal["embedded", "cached", "download"]

EMBEDDED: Final = "embedded"
TRANSFORMERS_PREFIX: Final = "hf:"
_BYTES_A_PARAMETER: Final = 4
"""Of float32, in which nearly all weights are published."""


@dataclass(frozen=True)
class ModelEntry:
    """A model that can be chosen.

    Attributes:
        kind: what it is for; an adapter changes the embedded encoder.
        chosen_by: the perception node's parameters that choose it, and their values.
        state: comes with the package; is on this machine with every file that it needs; or has to
            be downloaded, all of it or the rest.
        parameters: how many numbers its weights are; None: unknown.
        size_bytes: of the file of its weights, here or where it is downloaded from; None: unknown.
        size_is_estimate: whether the size is only what so many parameters take in float32.
        licence: as its publisher states it; empty: unknown.
        languages: BCP-47 tags of languages that it is said to know, "mul" for many others; empty:
            unknown, or no model of texts.
        source: where licence and languages are stated; empty: nowhere.
        needs_transformers: whether the extra of that name is needed.
    """

    kind: Kind
    chosen_by: Mapping[str, str]
    state: State
    parameters: int | None = None
    size_bytes: int | None = None
    size_is_estimate: bool = False
    licence: str = ""
    languages: tuple[str, ...] = field(default=())
    source: str = ""
    needs_transformers: bool = False

    @property
    def name(self) -> str:
        """All values that choose it, as one text."""
        return " ".join(self.chosen_by.values())

    @property
    def arguments(self) -> str:
        """What chooses it on the command line of `up`."""
        return " ".join(f"--set perception.{key}={value}" for key, value in self.chosen_by.items())


def catalogue() -> list[ModelEntry]:
    """Every model known by name: segmenters, encoders, shipped adapters."""
    facts = yaml.safe_load(share_path("config", "models", "facts.yaml").read_text(encoding="utf-8"))
    return [*_segmenters(facts["segmenters"]), *_encoders(facts["encoders"]), *_adapters()]


def _segmenters(facts: list[dict[str, Any]]) -> Iterator[ModelEntry]:
    for known in facts:
        name = str(known["name"])
        state, size_bytes = _segmenter_state(name)
        parameters = known.get("parameters")
        yield ModelEntry(
            kind="segmenter",
            chosen_by={"segmenter": name},
            state=state,
            parameters=parameters,
            size_bytes=size_bytes or _estimate(parameters),
            size_is_estimate=size_bytes is None and parameters is not None,
            licence=known.get("licence", ""),
            source=known.get("source", ""),
            needs_transformers=name.startswith(TRANSFORMERS_PREFIX),
        )


def _segmenter_state(name: str) -> tuple[State, int | None]:
    if name == EMBEDDED:
        return "embedded", share_path("models", "segmenter.safetensors").stat().st_size
    if name in SAM_FILES:
        here = (cache_folder() / SAM_FILES[name].name).is_file()
        return "cached" if here else "download", SAM_FILES[name].size_bytes
    return _state_of(cached_segmenter(name.removeprefix(TRANSFORMERS_PREFIX)))


def _encoders(facts: list[dict[str, Any]]) -> Iterator[ModelEntry]:
    path = share_path("models", "encoder.safetensors")
    yield _encoder({"encoder": EMBEDDED}, EMBEDDED, facts, "embedded", path.stat().st_size)
    listed = json.loads(share_path("config", "models", "open_clip.json").read_text())["models"]
    for name, model in listed.items():
        for tag, address in model["tags"].items():
            repository, _, file = address.rpartition("/")
            chosen_by = {"encoder": name, "encoder_pretrained": tag}
            weights = (file,) if file else OPEN_CLIP_WEIGHTS
            tower, tokenizer = model["text_tower"], model["tokenizer"]
            state, size_bytes = _state_of(cached_encoder(repository, weights, tower, tokenizer))
            yield _encoder(
                chosen_by,
                repository,
                facts,
                state,
                size_bytes,
                parameters=model["parameters"],
                needs_transformers=bool(tower or tokenizer),
            )


def _encoder(
    chosen_by: Mapping[str, str],
    repository: str,
    facts: list[dict[str, Any]],
    state: State,
    size_bytes: int | None,
    parameters: int | None = None,
    needs_transformers: bool = False,
) -> ModelEntry:
    known = next((one for one in facts if fnmatch(repository, one["repository"])), {})
    return ModelEntry(
        kind="encoder",
        chosen_by=chosen_by,
        state=state,
        parameters=parameters,
        size_bytes=size_bytes or _estimate(parameters),
        size_is_estimate=size_bytes is None and parameters is not None,
        licence=known.get("licence", ""),
        languages=tuple(known.get("languages", ())),
        source=known.get("source", ""),
        needs_transformers=needs_transformers,
    )


def _adapters() -> Iterator[ModelEntry]:
    for path in shipped_files():
        card = read_card(path)
        yield ModelEntry(
            kind="adapter",
            chosen_by={"adapters": path.stem},
            state="embedded",
            size_bytes=path.stat().st_size,
            licence=card.licence,
            languages=card.languages,
        )


def _state_of(found: Path | None) -> tuple[State, int | None]:
    return ("cached", found.stat().st_size) if found else ("download", None)


def _estimate(parameters: int | None) -> int | None:
    return None if parameters is None else _BYTES_A_PARAMETER * parameters
