"""Published open_clip models: which weights, where from, and how their images are prepared."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from culture_perception.models.checkpoints import (
    PICKLED_SUFFIXES,
    SAFE_SUFFIXES,
    refuse_torchscript,
)
from culture_perception.models.clip_small import ClipModel
from culture_perception.models.errors import CheckpointError, reason_of
from culture_perception.models.hub import cached_files_only, hub_file
from culture_perception.models.image_batches import ImageBatcher
from culture_perception.models.model_files import OPEN_CLIP_WEIGHTS
from culture_perception.models.open_clip_recipes import Recipe, recipe_of_file, recipe_of_tag
from culture_perception.models.text_files import tokenizer_folder
from culture_perception.models.text_language import LanguageTokenizer, has_languages
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

import open_clip  # noqa: E402
from open_clip.tokenizer import DEFAULT_CONTEXT_LENGTH, HFTokenizer  # noqa: E402
from open_clip.transform import PreprocessCfg  # noqa: E402

LOCAL_PREFIX, HUB_PREFIX = "local-dir:", "hf-hub:"
CONFIG_FILE = "open_clip_config.json"
_FOLDER_SUFFIXES = (".safetensors", ".bin", ".pth")  # of weights, as open_clip looks for them
_SHOWN_TAGS = 12


class UnknownEncoderError(ValueError):
    """No open_clip model or weights of this name; the message lists those there are."""


def create_published_model(name: str, pretrained: str) -> tuple[ClipModel, Any]:
    """Makes an open_clip model with weights and its tokenizer.

    Weights are unpickled safely. What a file does not tell: see `open_clip_recipes`.

    Args:
        name: open_clip's name of the architecture, or "local-dir:FOLDER" or "hf-hub:ORG/NAME".
        pretrained: tag of published weights or the path of a checkpoint file; "" with a prefix.

    Raises:
        UnknownEncoderError: there is no such architecture or tag.
        CheckpointError: the weights are missing, damaged, of another model, or cannot be fetched.
        ValueError: weights are given beside a name that has its own.
    """
    if name.startswith((LOCAL_PREFIX, HUB_PREFIX)):
        if pretrained:
            raise ValueError(
                f"encoder {name} has its own weights: leave pretrained empty instead of "
                f"{pretrained!r}, or give the name of an architecture with these weights"
            )
        return _create_from_folder(name)
    architecture = name.replace("/", "-")
    config = open_clip.get_model_config(architecture)
    if config is None:
        known = ", ".join(open_clip.list_models())
        raise UnknownEncoderError(f"encoder {name!r}: known are embedded, {known}")
    path, recipe = _weights(architecture, pretrained)
    words = tokenizer_folder(architecture, config["text_cfg"], None)
    with cached_files_only(), _quiet():
        model = open_clip.create_model(
            architecture,
            load_weights=False,
            pretrained_text=False,
            force_quick_gelu=recipe.quick_gelu,
            force_preprocess_cfg=recipe.preparation,
        )
        _load(model, path)
    return model, _tokenizer(architecture, config["text_cfg"], words)


def _weights(architecture: str, pretrained: str) -> tuple[Path, Recipe]:
    """The file of the weights, and how they are to be run."""
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if pretrained in tags:
        config = open_clip.get_pretrained_cfg(architecture, pretrained)
        path = _published_file(architecture, pretrained, config)
        return path, recipe_of_tag(architecture, pretrained)
    path = Path(pretrained)
    if pretrained and (path.is_file() or path.suffix):
        _check_file(path)
        return path, recipe_of_file(architecture, path)
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
    refuse_torchscript(path)


def _load(model: ClipModel, path: Path) -> None:
    try:
        open_clip.load_checkpoint(model, str(path), strict=True, weights_only=True)
    except Exception as error:  # open_clip asserts, looks up and converts: it can be anything
        raise CheckpointError(
            f"{path}: not the weights of this model, or damaged: {reason_of(error)}. Choose the "
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
    if own_folder and not any(path.suffix in _FOLDER_SUFFIXES for path in own_folder.iterdir()):
        raise CheckpointError(
            f"{own_folder} holds no weights: {OPEN_CLIP_WEIGHTS[0]} belongs there"
        )
    words = tokenizer_folder(name, text_config, own_folder)
    try:
        with cached_files_only(), _quiet():
            model = open_clip.create_model(name, require_pretrained=True, weights_only=True)
        ImageBatcher(PreprocessCfg(**model.visual.preprocess_cfg))
        return model, _tokenizer(name, text_config, words)
    except CheckpointError:
        raise
    except Exception as error:  # as for _load, and any value of the configuration may be wrong
        raise CheckpointError(
            f"{name}: its {CONFIG_FILE} or its weights are damaged, or of different models "
            f"({type(error).__name__}: {reason_of(error)}); fetch both again"
        ) from error


def _tokenizer(name: str, text_config: Mapping[str, Any], folder: Path | None) -> Any:
    """As open_clip.get_tokenizer, but from a folder.

    By a name on the hub, transformers asks the hub for files that the repository may lack.
    """
    with cached_files_only(), _quiet():
        if folder is None:
            return open_clip.get_tokenizer(name)
        try:
            tokenizer = HFTokenizer(
                str(folder),
                context_length=text_config.get("context_length", DEFAULT_CONTEXT_LENGTH),
                tokenizer_mode=text_config.get("tokenizer_mode"),
                **text_config.get("tokenizer_kwargs", {}),
            )
        except Exception as error:  # the library tokenizers raises nothing more special
            raise CheckpointError(
                f"{folder}: the tokenizer's files are damaged or incomplete ({reason_of(error)}); "
                "remove them and fetch them again"
            ) from error
    return LanguageTokenizer(tokenizer) if has_languages(tokenizer) else tokenizer


def _text_config(path: Path) -> dict[str, Any]:
    try:
        text_config = json.loads(path.read_text(encoding="utf-8"))["model_cfg"]["text_cfg"]
        config: dict[str, Any] = dict(text_config)
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
