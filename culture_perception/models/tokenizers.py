"""Encoders' tokenizers without their weights: how many tokens a text takes, and how many known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from culture_perception.linting.tokens import TokenCount, TokenCounter
from culture_perception.models.catalogue import EMBEDDED
from culture_perception.models.clip import BPE_FILE
from culture_perception.models.clip_small import load_tokenizer
from culture_perception.models.errors import CheckpointError
from culture_perception.models.hub import cached_files_only, hub_file
from culture_perception.models.open_clip_files import (
    CONFIG_FILE,
    HUB_PREFIX,
    LOCAL_PREFIX,
    UnknownEncoderError,
)
from culture_perception.models.text_files import tokenizer_folder
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.resources import share_path

ensure_torchvision()

import open_clip  # noqa: E402
from open_clip.tokenizer import DEFAULT_CONTEXT_LENGTH, HFTokenizer, SimpleTokenizer  # noqa: E402

_PIECE_MARK = "▁"
"""SentencePiece's blank, which may be a token of its own and says nothing."""
_CLIPS_MARKS = 3  # beginning, end and class token, which CLIPS models add themselves


@dataclass(frozen=True)
class SimpleCounter:
    """Counts for CLIP's tokenizer and those of its kind: byte-level, so nothing is unknown."""

    name: str
    tokenizer: SimpleTokenizer

    @property
    def context_length(self) -> int:
        """Tokens that the encoder reads."""
        return int(self.tokenizer.context_length)

    def count(self, text: str) -> TokenCount:
        """Counts the tokens of a text; beginning and end have one mark each."""
        words = len(self.tokenizer.encode(text))
        return TokenCount(words + 2, words, 0)


@dataclass(frozen=True)
class TransformersCounter:
    """Counts for a tokenizer of the library transformers."""

    name: str
    tokenizer: HFTokenizer

    @property
    def context_length(self) -> int:
        """Tokens that the encoder reads."""
        return int(self.tokenizer.context_length)

    def count(self, text: str) -> TokenCount:
        """Counts the tokens of a text, cleaned as the encoder cleans it."""
        library: Any = self.tokenizer.tokenizer
        clean = self.tokenizer.clean_fn(text)
        bare = library(clean, add_special_tokens=False, verbose=False)["input_ids"]
        if self.tokenizer.tokenizer_mode == "clips":
            needed = len(bare) + _CLIPS_MARKS
        else:
            needed = len(library(clean, verbose=False)["input_ids"])
        words = [one for one in library.convert_ids_to_tokens(bare) if one.strip(_PIECE_MARK)]
        return TokenCount(needed, len(words), words.count(library.unk_token))


def load_token_counter(name: str = EMBEDDED, pretrained: str = "") -> TokenCounter:
    """The tokenizer of an encoder, without the encoder.

    Args:
        name: as `load_encoder` takes it: "embedded", the folder of an encoder that was trained
            here, an open_clip name, "local-dir:FOLDER" or "hf-hub:ORGANISATION/NAME".
        pretrained: tag or file of the weights. All weights of an architecture have one tokenizer:
            it is only checked.

    Raises:
        UnknownEncoderError: there is no such encoder or tag.
        CheckpointError: a file is missing, or neither cached nor to be had.
    """
    if name == EMBEDDED or Path(name).is_dir():
        folder = share_path("models") if name == EMBEDDED else Path(name)
        return SimpleCounter(name, load_tokenizer(folder / BPE_FILE))
    own_folder = None
    if name.startswith(LOCAL_PREFIX):
        own_folder = Path(name.removeprefix(LOCAL_PREFIX))
        text_config = _text_config(own_folder / CONFIG_FILE)
    elif name.startswith(HUB_PREFIX):
        text_config = _text_config(hub_file(name.removeprefix(HUB_PREFIX), (CONFIG_FILE,)))
    else:
        text_config = _published_config(name.replace("/", "-"), pretrained)
    return _counter(name, text_config, own_folder)


def _counter(name: str, text_config: dict[str, Any], own_folder: Path | None) -> TokenCounter:
    folder = tokenizer_folder(name, text_config, own_folder)
    length = text_config.get("context_length", DEFAULT_CONTEXT_LENGTH)
    options = text_config.get("tokenizer_kwargs", {})
    if folder is None:
        return SimpleCounter(name, SimpleTokenizer(context_length=length, **options))
    mode = text_config.get("tokenizer_mode")
    with cached_files_only():
        return TransformersCounter(
            name, HFTokenizer(str(folder), context_length=length, tokenizer_mode=mode, **options)
        )


def _published_config(architecture: str, pretrained: str) -> dict[str, Any]:
    config = open_clip.get_model_config(architecture)
    if config is None:
        known = ", ".join(open_clip.list_models())
        raise UnknownEncoderError(f"encoder {architecture!r}: known are {EMBEDDED}, {known}")
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if pretrained and pretrained not in tags and not Path(pretrained).is_file():
        shown = ", ".join(tags) or "none"
        raise UnknownEncoderError(
            f"encoder {architecture} with pretrained {pretrained!r}: give a checkpoint file or a "
            f"tag, or leave it out; its tags are {shown}"
        )
    return dict(config["text_cfg"])


def _text_config(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["model_cfg"]["text_cfg"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"{path}: not a configuration of open_clip ({error!r}); give a folder with open_clip's "
            f"{CONFIG_FILE}"
        ) from error
