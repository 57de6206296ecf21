"""Published open_clip models: which weights, where from, and how their images are prepared."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from culture_perception.models.checkpoints import (
    PICKLED_SUFFIXES,
    SAFE_SUFFIXES,
    CheckpointError,
)
from culture_perception.models.clip_small import ClipModel
from culture_perception.models.hub import cached_files_only, hub_file
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

import open_clip  # noqa: E402

LOCAL_PREFIX, HUB_PREFIX = "local-dir:", "hf-hub:"
_HUB_WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
_SHOWN_TAGS = 12
# What open_clip raises for weights that do not fit; it asserts widths.
_LOAD_FAULTS = (
    RuntimeError,
    KeyError,
    AssertionError,
    EOFError,
    pickle.UnpicklingError,
    SafetensorError,
)


class UnknownEncoderError(ValueError):
    """No open_clip model or weights of this name; the message lists those there are."""


def create_published_model(name: str, pretrained: str) -> tuple[ClipModel, Any]:
    """Makes an open_clip model with weights and its tokenizer.

    Weights are unpickled safely. A file does not tell how its images were prepared: they are
    prepared as for the first published tag of the same architecture.

    Args:
        name: open_clip's name of the architecture, or "local-dir:FOLDER" or "hf-hub:ORG/NAME".
        pretrained: tag of published weights or the path of a checkpoint file; "" with a prefix.

    Raises:
        UnknownEncoderError: there is no such architecture or tag.
        CheckpointError: the weights are missing, damaged, of another model, or cannot be fetched.
    """
    if name.startswith((LOCAL_PREFIX, HUB_PREFIX)):
        return _create_from_folder(name)
    architecture = name.replace("/", "-")
    config = open_clip.get_model_config(architecture)
    if config is None:
        known = ", ".join(open_clip.list_models())
        raise UnknownEncoderError(f"encoder {name!r}: known are embedded, {known}")
    path, about = _weights(architecture, pretrained)
    _fetch_text_files(config["text_cfg"])
    with cached_files_only(), _quiet():
        model = open_clip.create_model(
            architecture,
            load_weights=False,
            pretrained_text=False,
            force_quick_gelu=bool(about.get("quick_gelu")),
            force_preprocess_cfg=_preprocessing(about),
        )
        _load(model, path)
        return model, open_clip.get_tokenizer(architecture)


def _weights(architecture: str, pretrained: str) -> tuple[Path, dict[str, Any]]:
    """The file of the weights, and what open_clip's pretrained_cfg tells of them."""
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if pretrained in tags:
        config = open_clip.get_pretrained_cfg(architecture, pretrained)
        return _published_file(architecture, pretrained, config), config
    path = Path(pretrained)
    if pretrained and (path.is_file() or path.suffix):
        _check_file(path)
        alike = open_clip.get_pretrained_cfg(architecture, tags[0]) if tags else {}
        return path, _preprocessing(alike)
    shown = ", ".join(tags[:_SHOWN_TAGS]) or "none"
    raise UnknownEncoderError(
        f"encoder {architecture} with pretrained {pretrained!r}: give a checkpoint file or a tag; "
        f"its tags are {shown}"
    )


def _published_file(architecture: str, tag: str, config: dict[str, Any]) -> Path:
    repository, _, name = str(config.get("hf_hub", "")).rpartition("/")
    if not repository:
        raise CheckpointError(
            f"{architecture} {tag} is not on the hub: fetch {config.get('url')} and give its path"
        )
    return hub_file(repository, (name,) if name else _HUB_WEIGHTS)


def _check_file(path: Path) -> None:
    known = PICKLED_SUFFIXES + SAFE_SUFFIXES
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; give a checkpoint file or a published tag")
    if path.suffix not in known:
        raise CheckpointError(
            f"{path}: unknown suffix {path.suffix!r}; known are {', '.join(known)}"
        )


def _fetch_text_files(text_config: dict[str, Any]) -> None:
    """Text towers and tokenizers of other libraries need their own configuration."""
    for key in ("hf_model_name", "hf_tokenizer_name"):
        if repository := text_config.get(key):
            hub_file(str(repository), ("config.json", "tokenizer_config.json"))


def _preprocessing(config: dict[str, Any]) -> dict[str, Any]:
    keys = ("mean", "std", "interpolation", "resize_mode", "fill_color")
    return {key: config[key] for key in keys if key in config}


def _load(model: ClipModel, path: Path) -> None:
    try:
        open_clip.load_checkpoint(model, str(path), strict=True, weights_only=True)
    except _LOAD_FAULTS as error:
        reason = str(error).strip().splitlines()[:3]
        raise CheckpointError(
            f"{path}: not the weights of this model, or damaged: {' '.join(reason)}. Choose the "
            "architecture that the file was made for"
        ) from error


def _create_from_folder(name: str) -> tuple[ClipModel, Any]:
    if name.startswith(HUB_PREFIX):
        repository = name.removeprefix(HUB_PREFIX)
        hub_file(repository, ("open_clip_config.json",))
        hub_file(repository, _HUB_WEIGHTS)
    try:
        with cached_files_only(), _quiet():
            model = open_clip.create_model(name, require_pretrained=True, weights_only=True)
            return model, open_clip.get_tokenizer(name)
    except (RuntimeError, ValueError, OSError) as error:
        raise CheckpointError(f"{name}: {error}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """open_clip warns of random weights, which are filled right after."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
