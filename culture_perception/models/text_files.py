"""What open_clip's models need beside their weights: tokenizers and text towers of transformers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from culture_perception.models.hub import hub_file, hub_files
from culture_perception.models.model_files import (
    BESIDE_TOKENIZER,
    CONFIG_FILE,
    TOKENIZER_FILES,
    VOCABULARIES,
)
from culture_perception.models.transformers_files import require_transformers


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
    if own_folder and any((own_folder / name).is_file() for name in VOCABULARIES):
        return own_folder
    return hub_files(str(tokenizer), TOKENIZER_FILES, BESIDE_TOKENIZER)
