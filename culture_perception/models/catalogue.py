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

from culture_perception.models.hub import cached_file
from culture_perception.models.published_sam import SAM_FILES, cache_folder
from culture_perception.resources import share_path

Kind: TypeAlias = Literal["segmenter", "encoder"]
State: TypeAlias = Literal["embedded", "cached", "download"]

EMBEDDED: Final = "embedded"
TRANSFORMERS_PREFIX: Final = "hf:"
OPEN_CLIP_WEIGHTS: Final = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
TRANSFORMERS_WEIGHTS: Final = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True)
class ModelEntry:
    """A model that can be chosen.

    Attributes:
        kind: what it is for.
        chosen_by: the perception node's parameters that choose it, and their values.
        state: comes with the package, is on this machine, or has to be downloaded.
        parameters: how many numbers its weights are; None: unknown.
        size_bytes: of its file, here or where it is downloaded from; None: unknown.
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
    """Every model known by name, segmenters first."""
    facts = yaml.safe_load(share_path("config", "models", "facts.yaml").read_text(encoding="utf-8"))
    return [*_segmenters(facts["segmenters"]), *_encoders(facts["encoders"])]


def _segmenters(facts: list[dict[str, Any]]) -> Iterator[ModelEntry]:
    for known in facts:
        name = str(known["name"])
        state, size_bytes = _segmenter_state(name)
        yield ModelEntry(
            kind="segmenter",
            chosen_by={"segmenter": name},
            state=state,
            parameters=known.get("parameters"),
            size_bytes=size_bytes,
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
    return _hub_state(name.removeprefix(TRANSFORMERS_PREFIX), TRANSFORMERS_WEIGHTS)


def _encoders(facts: list[dict[str, Any]]) -> Iterator[ModelEntry]:
    path = share_path("models", "encoder.safetensors")
    yield _encoder({"encoder": EMBEDDED}, EMBEDDED, facts, "embedded", path.stat().st_size)
    listed = json.loads(share_path("config", "models", "open_clip.json").read_text())["models"]
    for name, model in listed.items():
        for tag, address in model["tags"].items():
            repository, _, file = address.rpartition("/")
            chosen_by = {"encoder": name, "encoder_pretrained": tag}
            state, size_bytes = _hub_state(repository, (file,) if file else OPEN_CLIP_WEIGHTS)
            yield _encoder(
                chosen_by,
                repository,
                facts,
                state,
                size_bytes,
                parameters=model["parameters"],
                needs_transformers=model["needs_transformers"],
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
        size_bytes=size_bytes,
        licence=known.get("licence", ""),
        languages=tuple(known.get("languages", ())),
        source=known.get("source", ""),
        needs_transformers=needs_transformers,
    )


def _hub_state(repository: str, weights: tuple[str, ...]) -> tuple[State, int | None]:
    found: Path | None = cached_file(repository, weights)
    return ("cached", found.stat().st_size) if found else ("download", None)
