"""The encoder that the package ships."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from culture_perception.concepts import ActiveLabels
from culture_perception.labels import load_label_sets
from culture_perception.models.clip import BPE_FILE, WEIGHTS_FILE, ClipEncoder
from culture_perception.models.clip_small import CONTEXT_LENGTH, load_tokenizer
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.resources import share_path
from culture_perception.zero_shot import embed_labels, similarity

MAX_BYTES = 14_000_000
COLOURS = {
    "red": (200, 25, 30),
    "yellow": (245, 205, 30),
    "green": (35, 140, 60),
    "blue": (30, 75, 195),
    "white": (240, 240, 238),
}


@pytest.fixture(scope="module")
def encoder() -> ClipEncoder:
    """It."""
    return load_encoder(runtime=Runtime(threads=1))


@pytest.fixture(scope="module")
def selections() -> list[ActiveLabels]:
    """Every label set in every language and style."""
    return [
        label_set.select(language, style)
        for label_set in load_label_sets(share_path("config", "labels")).values()
        for language in label_set.languages
        for style in ("plain", "brand")
    ]


def test_weights_are_small() -> None:
    assert share_path("models", WEIGHTS_FILE).stat().st_size < MAX_BYTES


def test_no_prompt_of_a_label_is_cut(selections: list[ActiveLabels]) -> None:
    tokenizer = load_tokenizer(share_path("models", BPE_FILE))
    for labels in selections:
        for label in labels.labels:
            for prompt in (label.label, *label.prompts):
                assert len(tokenizer.encode(prompt)) + 2 <= CONTEXT_LENGTH, prompt


def test_labels_of_a_set_differ(encoder: ClipEncoder, selections: list[ActiveLabels]) -> None:
    for labels in selections:
        rows = embed_labels(encoder, labels).embeddings
        others = similarity(rows, rows) - np.eye(len(rows))
        assert others.max() < 0.9999, labels.language


def test_it_is_calibrated(encoder: ClipEncoder) -> None:
    assert 2 < encoder.calibration.logit_scale < 100
    assert 0 < encoder.calibration.min_probability < 1


@pytest.mark.parametrize("colour", list(COLOURS))
def test_it_tells_plain_boxes_by_colour(encoder: ClipEncoder, colour: str) -> None:
    picture = Image.new("RGB", (64, 64), (150, 140, 130))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(16, 14), (44, 10), (50, 52), (20, 56)], fill=COLOURS[colour])
    images = encoder.encode_images([np.asarray(picture)])
    texts = encoder.encode_texts([f"{name} box" for name in COLOURS])
    assert list(COLOURS)[int(np.argmax(similarity(images, texts)))] == colour
