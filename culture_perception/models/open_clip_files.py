"""Published open_clip models: which weights, where from, and how their images are prepared."""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from culture_perception.models.catalogue import OPEN_CLIP_WEIGHTS
from culture_perception.models.checkpoints import PICKLED_SUFFIXES, SAFE_SUFFIXES
from culture_perception.models.clip_small import ClipModel
from culture_perception.models.errors import CheckpointError
from culture_perception.models.hub import cached_files_only, hub_file
from culture_perception.models.text_files import tokenizer_folder
from culture_perception.models.text_language import LanguageTokenizer, has_languages
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

import open_clip  # noqa: E402
from open_clip.tokenizer import DEFAULT_CONTEXT_LENGTH, HFTokenizer  # noqa: E402

LOCAL_PREFIX, HUB_PREFIX = "local-dir:", "hf-hub:"
CONFIG_FILE = "open_clip_config.json"
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
    words = tokenizer_folder(architecture, config["text_cfg"], None)
    with cached_files_only(), _quiet():
        model = open_clip.create_model(
            architecture,
            load_weights=False,
            pretrained_text=False,
            force_quick_gelu=bool(about.get("quick_gelu")),
            force_preprocess_cfg=_preprocessing(about),
        )
        _load(model, path)
        return model, _tokenizer(architecture, config["text_cfg"], words)


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
    return hub_file(repository, (name,) if name else OPEN_CLIP_WEIGHTS)


def _check_file(path: Path) -> None:
    known = PICKLED_SUFFIXES + SAFE_SUFFIXES
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; give a checkpoint file or a published tag")
    if path.suffix not in known:
        raise CheckpointError(
            f"{path}: unknown suffix {path.suffix!r}; known are {', '.join(known)}"
        )


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
    own_folder = None
    if name.startswith(HUB_PREFIX):
        repository = name.removeprefix(HUB_PREFIX)
        config = hub_file(repository, (CONFIG_FILE,))
        hub_file(repository, OPEN_CLIP_WEIGHTS)
    else:
        own_folder = Path(name.removeprefix(LOCAL_PREFIX))
        config = own_folder / CONFIG_FILE
    text_config = _text_config(config)
    words = tokenizer_folder(name, text_config, own_folder)
    try:
        with cached_files_only(), _quiet():
            model = open_clip.create_model(name, require_pretrained=True, weights_only=True)
            return model, _tokenizer(name, text_config, words)
    except (RuntimeError, ValueError, OSError) as error:
        raise CheckpointError(f"{name}: {error}") from error


def _tokenizer(name: str, text_config: Mapping[str, Any], folder: Path | None) -> Any:
    """As open_clip.get_tokenizer, but from a folder.

    By a name on the hub, transformers asks the hub for files that the repository may lack.
    """
    if folder is None:
        return open_clip.get_tokenizer(name)
    tokenizer = HFTokenizer(
        str(folder),
        context_length=text_config.get("context_length", DEFAULT_CONTEXT_LENGTH),
        tokenizer_mode=text_config.get("tokenizer_mode"),
        **text_config.get("tokenizer_kwargs", {}),
    )
    return LanguageTokenizer(tokenizer) if has_languages(tokenizer) else tokenizer


def _text_config(path: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["model_cfg"][
            "text_cfg"
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"{path}: not a configuration of open_clip ({error!r}); give a folder with open_clip's "
            f"{CONFIG_FILE} and weights"
        ) from error
    return config


@contextmanager
def _quiet() -> Iterator[None]:
    """open_clip warns of random weights, which are filled right after."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
