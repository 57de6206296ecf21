"""Texts that compete with the labels when something may have to be called unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np

from culture_perception.masks import Float32Array, FloatArray
from culture_perception.training.encoder_data import DataError
from culture_perception.zero_shot import similarity

_COUNT: Final = 1000


def load_rivals(folder: Path, count: int = _COUNT) -> list[str]:
    """Plain labels of the products of a training data set: what else a thing could be.

    They read as true labels do; words put together at random help less.

    Args:
        folder: what sim_bridge.training_data wrote.
        count: at most so many, chosen by a fixed seed.

    Raises:
        DataError: there is no shard.
    """
    shards = sorted(folder.glob("shard_*/products.json"))
    if not shards:
        raise DataError(f"{folder} has no shard_*/products.json: run sim_bridge.training_data")
    texts = sorted(
        {
            str(product["canonical"]["text"])
            for shard in shards
            for product in json.loads(shard.read_text(encoding="utf-8"))
        }
    )
    chosen = np.random.default_rng(0).permutation(len(texts))[:count]
    return [texts[index] for index in sorted(chosen)]


def rival_cosines(images: Float32Array, rivals: Float32Array) -> FloatArray:
    """The best cosine of each image (N, D) with a rival (R, D): (N,)."""
    return np.asarray(similarity(images, rivals).max(axis=1))
