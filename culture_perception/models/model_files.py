"""Which files a published model is made of, and whether this machine has all of them.

What loads a model and what lists models both ask here, so that nothing is called cached that would
have to fetch the rest. Nothing heavy is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from culture_perception.models.hub import cached_file

CONFIG_FILE: Final = "config.json"
OPEN_CLIP_WEIGHTS: Final = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
TRANSFORMERS_WEIGHTS: Final = ("model.safetensors", "pytorch_model.bin")
PREPROCESSING: Final = ("preprocessor_config.json", "processor_config.json")
SEGMENTER_FILES: Final = (TRANSFORMERS_WEIGHTS, PREPROCESSING, (CONFIG_FILE,))
"""Of a segmenter of transformers: alternative names of each file; its weights first."""

# The vocabulary under the names that transformers gives it, each kind of tokenizer its own.
VOCABULARIES: Final = (
    "tokenizer.json",
    "sentencepiece.bpe.model",
    "spiece.model",
    "tokenizer.model",
    "vocab.txt",
    "vocab.json",
)
TOKENIZER_FILES: Final = (VOCABULARIES, ("tokenizer_config.json", CONFIG_FILE))
"""Of a tokenizer: alternative names of each file; the second kind says which class it is."""
BESIDE_TOKENIZER: Final = ("special_tokens_map.json", "added_tokens.json", "merges.txt")


def cached_segmenter(repository: str) -> Path | None:
    """Weights of a segmenter of transformers, if every file of it is cached."""
    return _first_if_all(repository, SEGMENTER_FILES)


def cached_encoder(
    repository: str, weights: tuple[str, ...], tower: str | None, tokenizer: str | None
) -> Path | None:
    """Weights of an open_clip model, if every file of it is cached.

    Args:
        repository: of the weights, "organisation/name".
        weights: their file's alternative names.
        tower: repository of the text tower's configuration; None: it needs none.
        tokenizer: repository of the tokenizer; None: open_clip brings it along.
    """
    if tower and cached_file(tower, (CONFIG_FILE,)) is None:
        return None
    if tokenizer and _first_if_all(tokenizer, TOKENIZER_FILES) is None:
        return None
    return cached_file(repository, weights)


def _first_if_all(repository: str, all_of: tuple[tuple[str, ...], ...]) -> Path | None:
    found = [cached_file(repository, names) for names in all_of]
    return found[0] if all(found) else None
