"""Learning from siblings: captions in two languages, validation cells, what is left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from culture_perception.adapt.base import Base, load_base
from culture_perception.adapt.kin_trials import kin_sets
from culture_perception.adapt.learning import SiblingLearning
from culture_perception.adapt.lessons import SiblingLesson
from culture_perception.adapt.options import AdaptOptions
from culture_perception.adapt.sibling_source import Siblings
from culture_perception.adapt.sibling_trials import SiblingTrials
from culture_perception.models import lora
from culture_perception.models.lora_options import LoraOptions
from culture_perception.protocols import Encoder
from culture_perception.runner import SystemFailure
from culture_perception.training.encoder_data import CropSet, DataError, load_crops
from culture_perception.training.encoder_evaluation import plain_labels
from culture_perception.training.truth import is_true

captions = pytest.importorskip("sim_bridge.products.captions")
colours = pytest.importorskip("sim_bridge.products.attributes")
siblings = pytest.importorskip("sim_bridge.products.siblings")

PER_FRAME = 4
PRODUCTS = 160
OPTIONS = AdaptOptions(LoraOptions(4, 8.0), batch=16)


def _write_frame(
    folder: Path, index: int, colour_of: list[tuple[int, int, int]]
) -> dict[str, object]:
    picture = np.full((80, 60 * PER_FRAME, 3), 128, np.uint8)
    ids = np.zeros(picture.shape[:2], np.uint8)
    objects = []
    for place in range(PER_FRAME):
        product = (index * PER_FRAME + place) % PRODUCTS
        area = (slice(20, 60), slice(60 * place + 15, 60 * place + 45))
        picture[area], ids[area] = colour_of[product][::-1], place + 1
        objects.append({"instance_id": place + 1, "product": product, "visible_px": 1200})
    names = {"image": f"{index:05d}.png", "ids": f"{index:05d}_ids.png"}
    cv2.imwrite(str(folder / names["image"]), picture)
    cv2.imwrite(str(folder / names["ids"]), ids)
    return {**names, "objects": objects}


@pytest.fixture(scope="module")
def japan(tmp_path_factory: pytest.TempPathFactory) -> CropSet:
    """Rectangles in the main colours of Japan's siblings, with their real captions."""
    folder = tmp_path_factory.mktemp("japan")
    rng = np.random.default_rng(0)
    goods = [siblings.sample_sibling(rng, market="japan") for _ in range(PRODUCTS)]
    shard = folder / "shard_0000"
    shard.mkdir()
    shown = [colours.COLOURS[one.colour1] for one in goods]
    frames = [_write_frame(shard, i, shown) for i in range(2 * PRODUCTS // PER_FRAME)]
    (shard / "frames.json").write_text(json.dumps(frames))
    (shard / "products.json").write_text(
        json.dumps([captions.describe(one, rng, captions=4) for one in goods])
    )
    (folder / "grammar.json").write_text(json.dumps(captions.grammar("japan")))
    return load_crops(folder)


@pytest.fixture(scope="module")
def base() -> Base:
    return load_base("embedded", "", "cpu", 1)


def test_labels_and_captions_are_those_of_the_languages_asked_for(japan: CropSet) -> None:
    assert len(japan) == 2 * PRODUCTS
    assert japan.captions.languages == ("en", "en", "ja", "ja")
    assert all(label.text.isascii() for label in japan.speaking("en").labels)
    assert not any(label.text.isascii() for label in japan.speaking("ja").labels)
    taught = japan.taught_in(["ja"]).captions
    assert taught.languages == ("ja", "ja")
    assert taught.specs.shape == taught.negative_specs.shape == (PRODUCTS, 2, 6)
    assert taught.texts[0] == japan.captions.texts[0][2:]
    with pytest.raises(DataError, match="no labels in fi, only in en, ja"):
        japan.speaking("fi")
    with pytest.raises(DataError, match="no captions in fi"):
        japan.taught_in(["ja", "fi"])


def test_kinds_that_are_held_out_go_with_their_brands(japan: CropSet) -> None:
    left = japan.without_kinds(["pocky", "oi_ocha"])
    shown = np.unique(left.products)
    assert 0 < len(left) < len(japan)
    assert {"pocky", "oi_ocha"}.isdisjoint(japan.kinds[i] for i in shown)
    texts = [text for i in shown for text in japan.captions.texts[i]]
    assert not [text for text in texts if "pocky" in text.lower() or "ポッキー" in text]
    assert [text for text in texts if "calbee" in text.lower()]
    assert len(japan.without_kinds([])) == len(japan)


def test_cells_of_an_encoder_that_knows_all_and_one_that_knows_nothing(
    one_hot_encoder: Callable[..., Encoder], content_crops: Callable[..., CropSet]
) -> None:
    right = SiblingTrials("siblings", content_crops(), ["en"], seed=0)
    assert right.cells == (("siblings", "en", "plain"),)  # they have no brands
    assert right.count == 40
    (tried,) = right.known(one_hot_encoder()).values()
    assert tried.right.all()
    assert tried.trials.similarities.shape[1] == 15
    wrong = SiblingTrials("siblings", content_crops(shown_as=1), ["en"], seed=0)
    (tried,) = wrong.known(one_hot_encoder()).values()
    assert tried.right.mean() < 0.1  # the first of equals, where no label is like the crop
    (unknown,) = right.unknown(one_hot_encoder())
    assert (unknown.answers == -1).all()
    assert (unknown.similarities == 0).all()


def test_training_makes_the_loss_smaller_and_gives_both_languages_cells(
    japan: CropSet, base: Base
) -> None:
    west = japan.taught_in(["en"])  # its captions are short: both markets need one length of tokens
    learning = SiblingLearning(japan, japan, None, None, ["en", "ja"], seed=0, rehearsed=west)
    assert learning.counts == (len(japan), len(japan))
    assert {cell[1:] for cell in learning.targets} == {
        (language, style) for language in ("en", "ja") for style in ("plain", "brand")
    }
    torch.manual_seed(0)
    lora.inject(base.model, OPTIONS.lora)
    lesson = learning.lesson(base, OPTIONS)
    factors = lora.trainable(base.model)
    optimizer = torch.optim.AdamW(factors, 3e-3)
    losses = []
    for step in range(12):
        loss = lesson.loss(np.random.default_rng(step % 2), torch.Generator().manual_seed(step % 2))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert all(factor.grad is not None for factor in factors)
    assert np.mean(losses[-2:]) < 0.8 * np.mean(losses[:2])
    lora.remove(base.model)


def test_rehearsal_takes_its_share_of_the_steps(
    japan: CropSet, base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    west = japan.taught_in(["en"])
    options = replace(OPTIONS, rehearsal=0.25, batch=2)
    lesson = SiblingLesson(base, japan.taught_in(["ja"]), west, options)
    seen: list[bool] = []
    monkeypatch.setattr(
        Base, "embed_tokens", lambda self, tokens: seen.append(_is_english(base, tokens)) or tokens
    )
    for step in range(80):
        with pytest.raises((RuntimeError, TypeError)):  # tokens are no embeddings
            lesson.loss(np.random.default_rng(step), torch.Generator().manual_seed(step))
    assert 10 <= sum(seen) <= 30


def _is_english(base: Base, tokens: torch.Tensor) -> bool:
    """Japanese text is of bytes, far more tokens than words."""
    return bool((tokens != 0).sum(dim=1).max() <= 20)


def test_kin_sets_are_of_each_kind_and_its_usual_brand(japan: CropSet) -> None:
    kinds = [kind for kind in sorted(set(japan.kinds)) if japan.kinds.count(kind) > 2][:4]
    labels = plain_labels(japan.speaking("ja"))
    sets = kin_sets(japan, labels, kinds, np.random.default_rng(0))
    assert 0 < len(sets) <= 30
    for products in sets:
        assert sorted(japan.kinds[one] for one in products) == kinds
        specs = np.array([labels[one].spec for one in products])
        truth = is_true(japan.grammar, specs, japan.attributes[products])
        assert not (truth & ~np.eye(len(products), dtype=bool)).any()
    assert kin_sets(japan, labels, kinds[:1], np.random.default_rng(0)) == []
    assert kin_sets(japan, labels, [*kinds, "no such kind"], np.random.default_rng(0)) == []


def test_what_tells_how_sure_is_like_the_label_set(japan: CropSet, base: Base) -> None:
    kinds = [kind for kind in sorted(set(japan.kinds)) if japan.kinds.count(kind) > 2][:4]
    learning = SiblingLearning(japan, japan, None, None, ["ja"], seed=0, kinds=kinds)
    assert {one.similarities.shape[1] for one in learning.alike(base.encoder)} == {4}
    without = SiblingLearning(japan, japan, None, None, ["ja"], seed=0)
    assert {one.similarities.shape[1] for one in without.alike(base.encoder)} == {15}


def test_an_adapter_of_one_language_hears_only_that(japan: CropSet) -> None:
    data = Siblings(japan, japan, japan.taught_in(["en"]), japan)
    assert {cell[1] for cell in data.learning(["ja"]).targets} == {"ja"}
    with pytest.raises(SystemFailure, match="no captions in fi"):
        data.learning(["fi"])


def test_too_few_siblings_to_choose_by_are_refused(japan: CropSet) -> None:
    kinds = sorted(set(japan.kinds))
    few = japan.without_kinds(kinds[1:])
    with pytest.raises(SystemFailure, match=r"too few .* hold fewer products out"):
        Siblings(japan, few, japan, japan).learning(["ja"])
