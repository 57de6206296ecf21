"""The embedded encoder's architecture: an open_clip model small enough to train on a CPU."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any, TypeAlias

import torch

from culture_perception.models.checkpoints import CheckpointError
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from open_clip import CustomTextCLIP, SimpleTokenizer  # noqa: E402

ModelConfig: TypeAlias = dict[str, Any]
ClipModel: TypeAlias = Any
"""An open_clip model: an nn.Module with encode_image, encode_text and logit_scale, untyped."""

IMAGE_SIZE = 96
"""Side in pixels of the square image that the embedded encoder sees."""
CONTEXT_LENGTH = 77
"""Tokens of a text. A Japanese character is three: labels of up to 25 characters fit."""
EMBEDDING_WIDTH = 128

PREPROCESSING: dict[str, Any] = {
    "interpolation": "bilinear",
    "resize_mode": "squash",
    "mean": [0.48145466, 0.4578275, 0.40821073],
    "std": [0.26862954, 0.26130258, 0.27577711],
}
"""open_clip's preprocess_cfg; mean and deviation are CLIP's own, of RGB from 0 to 1."""


def small_clip_config(vocabulary_size: int, image_size: int = IMAGE_SIZE) -> ModelConfig:
    """The architecture in open_clip's model_cfg keys.

    Args:
        vocabulary_size: tokens of the tokenizer.
        image_size: side of the input in pixels; the tower is convolutional, so other sizes work.
    """
    return {
        "embed_dim": EMBEDDING_WIDTH,
        "vision_cfg": {
            "timm_model_name": "resnet10t",
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "linear",
            "timm_drop": 0.0,
            "image_size": image_size,
        },
        "text_cfg": {
            "context_length": CONTEXT_LENGTH,
            "vocab_size": vocabulary_size,
            "width": 96,
            "heads": 3,
            "layers": 2,
        },
    }


def build_small_clip(config: ModelConfig) -> ClipModel:
    """The model with random weights, in evaluation mode and channels-last layout."""
    model = CustomTextCLIP(**config)
    model.to(memory_format=torch.channels_last)
    return model.eval()


def load_tokenizer(bpe_path: Path) -> SimpleTokenizer:
    """The tokenizer over a vocabulary file that `models.bpe` wrote.

    Raises:
        CheckpointError: there is no such file, or it is damaged.
    """
    if not bpe_path.is_file():
        raise CheckpointError(f"{bpe_path}: no such file; it belongs beside the encoder's weights")
    try:
        return SimpleTokenizer(bpe_path=str(bpe_path), context_length=CONTEXT_LENGTH)
    except (OSError, EOFError, zlib.error, ValueError, LookupError) as error:
        raise CheckpointError(
            f"{bpe_path}: damaged, no vocabulary of merges in gzip ({error}); put the one there "
            "that the encoder was trained with, or reinstall the package"
        ) from error
