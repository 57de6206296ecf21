"""A training in miniature: data, batches, loss, resuming, export."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from culture_perception.models.checkpoints import CheckpointError
from culture_perception.models.clip import BPE_FILE, load_embedded_encoder
from culture_perception.training import encoder
from culture_perception.training.encoder import (
    CHECKPOINT_FILE,
    EncoderTraining,
    learning_rate,
    main,
    train_encoder,
)
from culture_perception.training.encoder_augment import random_views
from culture_perception.training.encoder_batches import CLUSTER, BatchSampler, caption_odds
from culture_perception.training.encoder_data import (
    CROP_MARGIN,
    CROP_SIZE,
    CropSet,
    DataError,
    cut_crop,
    load_crops,
)
from culture_perception.training.encoder_loss import AttributeHeads, MatchLoss, contrastive_loss

SMALL = ((0.0, 32),)


@pytest.fixture(scope="module")
def crops(data_set: Path) -> CropSet:
    """The crops of the miniature data set."""
    return load_crops(data_set)


@pytest.fixture(scope="module")
def training(data_set: Path, tmp_path_factory: pytest.TempPathFactory) -> EncoderTraining:
    """Four steps, finished."""
    out = tmp_path_factory.mktemp("run")
    four = EncoderTraining(data_set, out, steps=4, batch=16, merges=50, sizes=SMALL)
    train_encoder(four)
    return four


class TestData:
    """Crops and captions."""

    def test_every_whole_object_becomes_a_crop(self, crops: CropSet) -> None:
        assert crops.images.shape == (48, CROP_SIZE, CROP_SIZE, 3)
        assert crops.masks.shape == (48, CROP_SIZE, CROP_SIZE)
        assert crops.attributes.shape == (12, 6)

    def test_crop_shows_its_product_in_the_middle(self, crops: CropSet) -> None:
        middle = crops.images[:, CROP_SIZE // 2, CROP_SIZE // 2].argmax(axis=1)
        assert np.array_equal(middle, crops.attributes[crops.products, 0])

    def test_margin_is_left_around_the_longer_side(self) -> None:
        image = np.zeros((200, 200, 3), dtype=np.uint8)
        mask = np.zeros((200, 200), dtype=bool)
        mask[60:140, 80:120] = True
        _, inside = cut_crop(image, mask)
        rows = np.flatnonzero(inside.any(axis=1))
        assert len(rows) == pytest.approx(CROP_SIZE / (1 + 2 * CROP_MARGIN), abs=1)
        assert rows[0] == pytest.approx(CROP_SIZE - 1 - rows[-1], abs=1)

    def test_small_nameless_and_cut_objects_are_left_out(
        self, tmp_path: Path, write_data_set: Callable[..., Path]
    ) -> None:
        folder = write_data_set(tmp_path / "data", frames=1)
        path = folder / "shard_0000" / "frames.json"
        frames = json.loads(path.read_text())
        frames[0]["objects"][0]["visible_px"] = 119
        frames[0]["objects"][1]["product"] = -1
        path.write_text(json.dumps(frames))
        assert len(load_crops(folder)) == 2

    def test_empty_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"shard_\*"):
            load_crops(tmp_path)

    def test_untrue_caption_is_refused(
        self, tmp_path: Path, write_data_set: Callable[..., Path]
    ) -> None:
        folder = write_data_set(tmp_path / "data", frames=1)
        path = folder / "shard_0000" / "products.json"
        products = json.loads(path.read_text())
        products[3]["captions"][0]["spec"] = products[3]["captions"][0]["negative_spec"]
        path.write_text(json.dumps(products))
        with pytest.raises(DataError, match=r"product 3: .* is false of it"):
            load_crops(folder)


class TestBatches:
    """Which crops come together and how they look."""

    def test_clusters_share_colour_and_container(self, crops: CropSet) -> None:
        alike = replace(crops, attributes=crops.attributes * np.array([0, 1, 0, 1, 1, 1]))
        chosen = BatchSampler(alike, 16, 0.5).draw(np.random.default_rng(0))
        assert len(chosen) == 16
        assert len(set(crops.products[chosen[:CLUSTER]])) == CLUSTER

    def test_without_large_groups_batches_are_random(self, crops: CropSet) -> None:
        assert len(BatchSampler(crops, 16, 1.0).draw(np.random.default_rng(0))) == 16

    def test_captions_that_tell_more_than_colours_come_oftener(self) -> None:
        words = np.zeros((1, 4, 6), dtype=np.int64)
        words[0, 0, [0, 3]] = 1  # colour and content
        words[0, 1, 3] = 1  # content
        words[0, 2, 2] = 1  # container alone
        words[0, 3, [2, 5]] = 1  # container and brand
        assert caption_odds(words).tolist() == [[1 / 6, 2 / 6, 1 / 6, 2 / 6]]

    def test_views_repeat_with_their_seeds(self) -> None:
        images = torch.randint(0, 256, (4, 3, 96, 96), dtype=torch.uint8)
        masks = torch.ones(4, 1, 96, 96, dtype=torch.uint8)
        one, two = (
            random_views(
                images, masks, 32, np.random.default_rng(3), torch.Generator().manual_seed(3)
            )
            for _ in range(2)
        )
        assert one.shape == (4, 3, 32, 32)
        assert torch.equal(one, two)

    def test_views_keep_the_hue(self) -> None:
        red = torch.zeros(8, 3, 96, 96, dtype=torch.uint8)
        red[:, 0] = 200
        masks = torch.ones(8, 1, 96, 96, dtype=torch.uint8)
        seeds = torch.Generator().manual_seed(0)
        for _ in range(6):
            views = random_views(red, masks, 32, np.random.default_rng(0), seeds)
            red_mean, green_mean, blue_mean = views.mean(dim=(0, 2, 3)).tolist()
            assert red_mean > 0.5 > max(green_mean, blue_mean) + 0.3


class TestLoss:
    """The contrastive loss and the attribute heads."""

    def test_one_to_one_is_cross_entropy(self) -> None:
        logits = torch.tensor([[2.0, 0.0], [0.0, 2.0]])
        expected = -math.log(math.exp(2) / (math.exp(2) + 1))
        truth = torch.eye(2, dtype=torch.bool)
        assert contrastive_loss(logits, truth).item() == pytest.approx(expected)

    def test_all_true_captions_share_the_target(self) -> None:
        truth = torch.ones(2, 2, dtype=torch.bool)
        assert contrastive_loss(torch.zeros(2, 2), truth).item() == pytest.approx(math.log(2))

    def test_false_caption_only_competes(self) -> None:
        # Images choose among a true and a false caption of equal logits: ln 2, weighted by half.
        logits = torch.zeros(2, 1)
        truth = torch.tensor([[True], [False]])
        assert contrastive_loss(logits, truth).item() == pytest.approx(math.log(2) / 2)

    def test_captions_share_the_target_by_how_much_they_tell(self) -> None:
        # Of the image's captions, 2 of 3 parts on the one of logit 1: half of ln(1 + e) - 2 / 3.
        logits = torch.tensor([[1.0], [0.0]])
        truth = torch.ones(2, 1, dtype=torch.bool)
        found = contrastive_loss(logits, truth, torch.tensor([2.0, 1.0])).item()
        assert found == pytest.approx((math.log(1 + math.e) - 2 / 3) / 2)

    def test_match_judges_each_pair_alone(self) -> None:
        # At a scale of 10 and a bias of -10 a cosine of 1 is even odds, 0.9 is a logit of -1.
        cosines = torch.tensor([[1.0, 0.9], [0.9, 1.0]])
        truth = torch.tensor([[True, True], [False, False]])
        pairs = 2 * math.log(2) + math.log(1 + math.exp(1)) + math.log(1 + math.exp(-1))
        assert MatchLoss()(cosines, truth).item() == pytest.approx(pairs / 2)

    def test_match_can_learn_where_true_begins(self) -> None:
        match = MatchLoss()
        match(torch.tensor([[0.8], [0.2]]), torch.tensor([[True], [False]])).backward()
        assert match.bias.grad is not None and match.bias.grad.item() < 0
        assert match.log_scale.grad is not None and match.log_scale.grad.item() != 0

    def test_content_counts_most_of_the_heads(self) -> None:
        heads = AttributeHeads(4, (3, 3, 2, 5, 1, 7))
        for head in heads.heads:
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)
        loss = heads.loss(torch.zeros(2, 4), torch.zeros(2, 6, dtype=torch.int64))
        expected = 0.2 * math.log(3) + 0.2 * math.log(2) + 0.4 * math.log(5) + 0.2 * math.log(7)
        assert loss.item() == pytest.approx(expected)

    def test_heads_ignore_size(self) -> None:
        heads = AttributeHeads(4, (3, 3, 2, 5, 1, 7))
        assert [head.out_features for head in heads.heads] == [3, 3, 2, 5, 7]
        loss = heads.loss(torch.zeros(2, 4), torch.zeros(2, 6, dtype=torch.int64))
        assert loss.shape == ()


class TestTraining:
    """Whole trainings of a few steps."""

    def test_exports_what_loads(self, training: EncoderTraining) -> None:
        encoder = load_embedded_encoder(training.out)
        assert encoder.crop_size == 32
        assert encoder.encode_images([np.zeros((32, 32, 3), np.uint8)]).shape == (1, 128)

    def test_record_names_seed_and_steps(self, training: EncoderTraining) -> None:
        record = json.loads((training.out / "encoder.json").read_text())["training"]
        assert (record["seed"], record["steps"]) == (0, 4)

    def test_finished_training_is_not_repeated(self, training: EncoderTraining) -> None:
        before = (training.out / CHECKPOINT_FILE).stat().st_mtime_ns
        weights = (training.out / "encoder.safetensors").read_bytes()
        train_encoder(training)
        assert (training.out / CHECKPOINT_FILE).stat().st_mtime_ns >= before
        assert (training.out / "encoder.safetensors").read_bytes() == weights

    def test_resumed_training_equals_one_in_one_go(
        self, training: EncoderTraining, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        resumed = replace(training, out=tmp_path)
        with monkeypatch.context() as patch:
            # The schedule is of four steps; the first call ends after two of them.
            patch.setattr(
                EncoderTraining, "progress", lambda self, state: state.step / 4 + (state.step == 2)
            )
            train_encoder(resumed)
        assert torch.load(tmp_path / CHECKPOINT_FILE, weights_only=True)["step"] == 2
        train_encoder(resumed)
        first, second = (
            load_file(str(folder / "encoder.safetensors")) for folder in (training.out, tmp_path)
        )
        assert first.keys() == second.keys()
        assert all(torch.equal(first[name], second[name]) for name in first)

    def test_training_can_start_from_an_encoder(
        self, training: EncoderTraining, tmp_path: Path
    ) -> None:
        _, state, _ = encoder._prepare(
            replace(training, out=tmp_path, initial=training.out), load_crops(training.data)
        )
        given = load_file(str(training.out / "encoder.safetensors"))
        started = state.modules.clip.state_dict()
        assert all(
            torch.equal(started[name].half(), value.half())
            for name, value in given.items()
            if name != "text.attn_mask"  # cut to the captions' length
        )
        vocabulary = (training.out / BPE_FILE).read_bytes()
        assert (tmp_path / BPE_FILE).read_bytes() == vocabulary

    def test_training_does_not_start_from_nowhere(
        self, training: EncoderTraining, tmp_path: Path
    ) -> None:
        with pytest.raises(CheckpointError, match="no such file"):
            train_encoder(replace(training, out=tmp_path, initial=tmp_path / "absent"))

    def test_rate_warms_up_stays_and_falls(self) -> None:
        assert learning_rate(1.0, 0.0, 0) == pytest.approx(0.01)
        assert learning_rate(1.0, 0.2, 500) == 1.0
        assert learning_rate(1.0, 0.65, 500) == pytest.approx(0.5)
        assert learning_rate(1.0, 1.0, 500) == pytest.approx(0.005)

    @pytest.mark.parametrize(
        "fault", [{"minutes": 0.0}, {"steps": 0}, {"batch": 1}, {"cluster_share": 1.5}]
    )
    def test_bad_numbers_are_refused(self, fault: dict[str, float], tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=r"got|nothing"):
            EncoderTraining(tmp_path, tmp_path, **fault)  # type: ignore[arg-type]

    def test_command_tells_what_is_missing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([str(tmp_path), str(tmp_path / "run")]) == 1
        assert "sim_bridge.training_data" in capsys.readouterr().err
