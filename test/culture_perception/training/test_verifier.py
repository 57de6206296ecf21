"""A verifier trained on crops that an encoder knows well, or badly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import torch

from culture_perception.protocols import Encoder
from culture_perception.training.encoder_data import CropSet
from culture_perception.training.encoder_evaluation import embed_crops
from culture_perception.training.truth import is_true
from culture_perception.training.verifier import VerifierTraining, train_verifier

MakeCrops: TypeAlias = Callable[..., CropSet]
MakeEncoder: TypeAlias = Callable[..., Encoder]

QUICK = VerifierTraining(steps=500, batch=32, looked_at=1.0, wrong=4, hidden=32)


def test_true_labels_match_and_false_ones_do_not(
    content_crops: MakeCrops, one_hot_encoder: MakeEncoder
) -> None:
    crops, encoder = content_crops(), one_hot_encoder(certainty=0.6)
    verifier = train_verifier(encoder, crops, QUICK)
    texts = encoder.encode_texts([one.text for one in crops.labels])
    matches = verifier.matches(embed_crops(encoder, crops), texts)
    specs = np.asarray([one.spec for one in crops.labels])
    true = is_true(crops.grammar, specs, crops.attributes[crops.products]).T
    assert matches[true].min() > matches[~true].max()
    assert matches[true].mean() > 0.8
    assert matches[~true].mean() < 0.2


def test_seed_decides_everything(content_crops: MakeCrops, one_hot_encoder: MakeEncoder) -> None:
    few = VerifierTraining(steps=3, batch=8)
    one, other = (train_verifier(one_hot_encoder(), content_crops(), few) for _ in range(2))
    assert np.array_equal(one.hidden, other.hidden)
    assert torch.initial_seed() == few.seed
