"""What open_clip's models need beside their weights: tokenizers and text towers of transformers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from culture_perception.models.hub import hub_file, hub_files
from culture_perception.models.transformers_files import CONFIG_FILE, require_transformers

# The vocabulary under the names that transformers gives it, each kind of tokenizer its own.
_VOCABULARIES: Final = (
    "tokenizer.json",
    "sentencepiece.bpe.model",
    "spiece.model",
    "tokenizer.model",
    "vocab.txt",
    "vocab.json",
)
_BESIDE: Final = (
    CONFIG_FILE,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "merges.txt",
)


def tokenizer_folder(
    wanted_by: str, text_config: Mapping[str, Any], own_folder: Path | None
) -> Path | None:
    """Sees to what a text tower is built from, and says where its tokenizer's files are.

    Args:
        wanted_by: what the model is called, for error messages.
        text_config: open_clip's `text_cfg`.
        own_folder: the model's own folder, whose tokenizer goes before that of the hub.

    Returns:
        A folder of transformers; None for the tokenizer that open_clip brings along.

    Raises:
        CheckpointError: transformers is needed and not installed, or a file is neither cached nor
            to be had.
    """
    tower = text_config.get("hf_model_name")
    tokenizer = text_config.get("hf_tokenizer_name")
    if not (tower or tokenizer):
        return None
    require_transformers(f"encoder {wanted_by}")
    if tower:
        hub_file(str(tower), (CONFIG_FILE,))
    if not tokenizer:
        return None
    if own_folder and any((own_folder / name).is_file() for name in _VOCABULARIES):
        return own_folder
    return hub_files(str(tokenizer), _VOCABULARIES, _BESIDE)
