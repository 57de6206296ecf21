"""Encoders: the embedded kind and open_clip's own models, with random weights of real shapes."""

from __future__ import annotations

import importlib
import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from PIL import Image
from safetensors.torch import save_file
from torch.nn import functional

from culture_perception.models import hub
from culture_perception.models.bpe import write_bpe
from culture_perception.models.checkpoints import CheckpointError
from culture_perception.models.clip import (
    BPE_FILE,
    CONFIG_FILE,
    IMAGE_BATCH,
    WEIGHTS_FILE,
    ClipEncoder,
    load_embedded_encoder,
    load_published_encoder,
)
from culture_perception.models.clip_small import (
    EMBEDDING_WIDTH,
    PREPROCESSING,
    ClipModel,
    build_small_clip,
    small_clip_config,
)
from culture_perception.models.image_batches import ImageBatcher
from culture_perception.models.open_clip_files import UnknownEncoderError
from culture_perception.models.runtime import Runtime
from culture_perception.models.verifier_files import VERIFIER_FILE, save_verifier
from culture_perception.verification import Verifier

PUBLISHED = "ViT-S-32-alt"
EXACT = Runtime(device="cpu", threads=1, precision="float32")
SHAPES = ((32, 32), (224, 224), (300, 300), (40, 90), (500, 131))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained embedded encoder's files."""
    path = tmp_path_factory.mktemp("embedded")
    write_bpe([("a", "b")], path / BPE_FILE)
    torch.manual_seed(0)
    config = small_clip_config(512 + 1 + 2, image_size=32)
    weights = build_small_clip(config).state_dict()
    save_file({name: value.contiguous() for name, value in weights.items()}, path / WEIGHTS_FILE)
    record = {
        "model_cfg": config,
        "preprocess_cfg": {"size": [32, 32], **PREPROCESSING},
        "calibration": {"logit_scale": 21.5, "min_probability": 0.3, "min_similarity": 0.1},
    }
    (path / CONFIG_FILE).write_text(json.dumps(record))
    return path


@pytest.fixture(scope="module")
def encoder(folder: Path) -> ClipEncoder:
    """That encoder."""
    return load_embedded_encoder(folder, EXACT)


def _crops(shapes: tuple[tuple[int, int], ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for shape in shapes]


class TestEmbedded:
    """The small encoder."""

    def test_images_become_unit_rows(self, encoder: ClipEncoder) -> None:
        rows = encoder.encode_images(_crops(SHAPES))
        assert rows.shape == (5, 128)
        assert rows.dtype == np.float32
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)

    def test_texts_of_any_language_become_unit_rows(self, encoder: ClipEncoder) -> None:
        rows = encoder.encode_texts(["blue can of coffee", "黄緑色のお菓子の箱", ""])
        assert rows.shape == (3, 128)
        assert rows.dtype == np.float32
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
        assert not np.allclose(rows[0], rows[1], atol=1e-3)

    def test_nothing_gives_no_rows(self, encoder: ClipEncoder) -> None:
        assert encoder.encode_images([]).shape == (0, 128)
        assert encoder.encode_texts([]).shape == (0, 128)

    def test_batches_do_not_change_a_row(self, encoder: ClipEncoder) -> None:
        crops = _crops(((32, 32),) * (IMAGE_BATCH + 3))
        together = encoder.encode_images(crops)
        assert together.shape == (IMAGE_BATCH + 3, 128)
        assert np.allclose(together[-1], encoder.encode_images(crops[-1:])[0], atol=1e-5)

    def test_crop_of_the_crop_size_is_only_normalised(self, encoder: ClipEncoder) -> None:
        (crop,) = _crops(((32, 32),))
        mean, deviation = np.array(PREPROCESSING["mean"]), np.array(PREPROCESSING["std"])
        pixels = torch.from_numpy(((crop / 255 - mean) / deviation).astype(np.float32))
        model = encoder._model
        with torch.inference_mode():
            expected = functional.normalize(model.encode_image(pixels.permute(2, 0, 1)[None]))
        assert np.allclose(encoder.encode_images([crop]), expected.numpy(), atol=1e-5)

    @pytest.mark.parametrize("resize_mode", ["shortest", "longest", "squash"])
    def test_one_batched_step_equals_open_clips_transform(self, resize_mode: str) -> None:
        preparing = open_clip().transform
        config = preparing.PreprocessCfg(
            **{**PREPROCESSING, "size": 32, "resize_mode": resize_mode}
        )
        transform = preparing.image_transform_v2(config, is_train=False)
        crops = _crops(((32, 32),) * 3)
        one_by_one = torch.stack([transform(Image.fromarray(crop)) for crop in crops])
        assert torch.equal(ImageBatcher(config)(crops), one_by_one)

    def test_lower_precision_stays_near(self, folder: Path, encoder: ClipEncoder) -> None:
        reduced = load_embedded_encoder(folder, Runtime(device="cpu", precision="bfloat16"))
        crops, texts = _crops(((32, 32),) * 8), ["blue can", "赤い箱"]
        cosines = (reduced.encode_images(crops) * encoder.encode_images(crops)).sum(axis=1)
        assert 0.99 < cosines.min() < 1
        assert np.array_equal(reduced.encode_texts(texts), encoder.encode_texts(texts))
        assert reduced.name == encoder.name

    def test_out_of_memory_takes_smaller_batches_and_says_so(
        self, folder: Path, encoder: ClipEncoder, holds_at_most: Callable[[int], Any]
    ) -> None:
        crops = _crops(((32, 32),) * 21)
        small = load_embedded_encoder(folder, EXACT)
        small._model.visual.register_forward_pre_hook(holds_at_most(10))
        assert small.notice == ""
        rows = small.encode_images(crops)
        assert np.allclose(rows, encoder.encode_images(crops), atol=1e-5)
        assert "batches of 8 instead of 64" in small.notice

    def test_calibration_comes_from_the_configuration(self, encoder: ClipEncoder) -> None:
        assert (encoder.calibration.logit_scale, encoder.crop_size) == (21.5, 32)
        assert encoder.calibration.min_probability == 0.3
        assert encoder.calibration.verifier is None

    def test_verifier_is_read_beside_the_configuration(self, folder: Path, tmp_path: Path) -> None:
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
        record = json.loads((folder / CONFIG_FILE).read_text())
        record["calibration"]["min_match"] = 0.25
        (tmp_path / CONFIG_FILE).write_text(json.dumps(record))
        with pytest.raises(CheckpointError, match=r"encoder_verifier.safetensors is no verifier"):
            load_embedded_encoder(tmp_path, EXACT)
        width = EMBEDDING_WIDTH
        written = Verifier(
            np.full((4 * width, 2), 0.5, np.float32),
            np.zeros(2, np.float32),
            np.array([1.0, -2.0], np.float32),
            0.75,
        )
        save_verifier(written, tmp_path / VERIFIER_FILE)
        loaded = load_embedded_encoder(tmp_path, EXACT).calibration
        assert loaded.min_match == 0.25
        assert loaded.verifier is not None and loaded.verifier.output_bias == 0.75
        assert np.array_equal(loaded.verifier.hidden, written.hidden)

    @pytest.mark.parametrize(
        "crop",
        [
            np.zeros((4, 4, 3), np.float32),
            np.zeros((4, 4), np.uint8),
            np.zeros((0, 4, 3), np.uint8),
        ],
        ids=["float", "grey", "empty"],
    )
    def test_what_is_no_crop_is_refused(self, encoder: ClipEncoder, crop: np.ndarray) -> None:
        with pytest.raises(ValueError, match=r"crop 0 is .*must be uint8"):
            encoder.encode_images([crop])

    @pytest.mark.parametrize("name", [WEIGHTS_FILE, CONFIG_FILE, BPE_FILE])
    def test_missing_file_is_named(self, folder: Path, tmp_path: Path, name: str) -> None:
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
        (tmp_path / name).unlink()
        with pytest.raises(CheckpointError, match=rf"{name}: no such file"):
            load_embedded_encoder(tmp_path)

    def test_weights_of_another_model_are_refused(self, folder: Path, tmp_path: Path) -> None:
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
        save_file({"logit_scale": torch.zeros(())}, tmp_path / WEIGHTS_FILE)
        with pytest.raises(CheckpointError, match=r"not the weights of this model"):
            load_embedded_encoder(tmp_path)


def open_clip() -> Any:
    """The library itself; it can be imported since models.clip is."""
    return importlib.import_module("open_clip")


@pytest.fixture(scope="module")
def published() -> ClipModel:
    """A published architecture with random weights, made by open_clip itself."""
    logging.disable(logging.WARNING)
    torch.manual_seed(0)
    model = open_clip().create_model(PUBLISHED)
    logging.disable(logging.NOTSET)
    return model.eval()


@pytest.fixture(scope="module", params=[".safetensors", ".pt"])
def checkpoint(
    request: pytest.FixtureRequest, published: ClipModel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Its weights in a file."""
    path = tmp_path_factory.mktemp("published") / f"weights{request.param}"
    weights = published.state_dict()
    if request.param == ".pt":
        torch.save({"state_dict": weights}, path)
    else:
        save_file({name: value.contiguous() for name, value in weights.items()}, path)
    yield path
    path.unlink()


class TestPublished:
    """Models of open_clip's own names."""

    def test_equals_open_clip(self, published: ClipModel, checkpoint: Path) -> None:
        encoder = load_published_encoder(PUBLISHED, str(checkpoint), EXACT)
        transform = open_clip().transform.image_transform_v2(
            open_clip().transform.PreprocessCfg(**published.visual.preprocess_cfg), is_train=False
        )
        crops, texts = _crops(SHAPES), ["blue can of coffee", "赤い箱"]
        with torch.inference_mode():
            pictures = torch.stack([transform(Image.fromarray(crop)) for crop in crops])
            images = published.encode_image(pictures, normalize=True).numpy()
            words = published.encode_text(
                open_clip().get_tokenizer(PUBLISHED)(texts), normalize=True
            )
        assert np.allclose(encoder.encode_images(crops), images, atol=1e-4)
        assert np.allclose(encoder.encode_texts(texts), words.numpy(), atol=1e-4)
        assert encoder.calibration.logit_scale == pytest.approx(1 / 0.07, rel=1e-4)
        assert encoder.crop_size == 224

    def test_file_of_another_architecture_is_refused(self, folder: Path) -> None:
        with pytest.raises(CheckpointError, match=r"not the weights of this model"):
            load_published_encoder(PUBLISHED, str(folder / WEIGHTS_FILE))

    def test_damaged_file_is_refused(self, tmp_path: Path) -> None:
        for name in ("weights.pt", "weights.safetensors"):
            (tmp_path / name).write_bytes(b"not weights")
            with pytest.raises(CheckpointError, match=r"damaged"):
                load_published_encoder(PUBLISHED, str(tmp_path / name))

    @pytest.mark.parametrize(
        ("name", "pretrained", "message"),
        [
            ("ViT-Z-99", "openai", "known are embedded, .*ViT-B-32"),
            ("ViT-B-32", "nowhere", "its tags are openai"),
            ("ViT-B-32", "", "give a checkpoint file or a tag"),
            ("ViT-S-32-alt", "x", "its tags are none"),
        ],
    )
    def test_unknown_names_list_the_known_ones(
        self, name: str, pretrained: str, message: str
    ) -> None:
        with pytest.raises(UnknownEncoderError, match=message):
            load_published_encoder(name, pretrained)

    @pytest.mark.parametrize(
        ("name", "message"), [("w.pt", "no such file"), ("w.onnx", "no such file")]
    )
    def test_missing_checkpoint_is_named(self, tmp_path: Path, name: str, message: str) -> None:
        with pytest.raises(CheckpointError, match=message):
            load_published_encoder("ViT-B-32", str(tmp_path / name))

    def test_unknown_kind_of_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "w.onnx").write_bytes(b"")
        with pytest.raises(CheckpointError, match=r"unknown suffix '.onnx'"):
            load_published_encoder("ViT-B-32", str(tmp_path / "w.onnx"))

    def test_local_folder_without_configuration_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(CheckpointError, match=r"open_clip_config.json: not a configuration"):
            load_published_encoder(f"local-dir:{tmp_path}", "")


class TestOffline:
    """Weights that are not at hand, without a network."""

    @pytest.fixture(autouse=True)
    def _empty_cache(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)

    def test_offline_mode_answers_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        started = time.monotonic()
        with pytest.raises(CheckpointError, match=r"HF_HUB_OFFLINE is set: give the path"):
            load_published_encoder("ViT-B-32", "laion2b_s34b_b79k")
        assert time.monotonic() - started < 5

    def test_unreachable_hub_answers_soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", "https://127.0.0.1:9")
        started = time.monotonic()
        with pytest.raises(CheckpointError, match=r"127.0.0.1:9 cannot be reached"):
            load_published_encoder("ViT-B-16-SigLIP", "webli")
        assert time.monotonic() - started < 10

    def test_cached_file_needs_no_network(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        snapshot = tmp_path / "models--some--model" / "snapshots" / "abc"
        snapshot.mkdir(parents=True)
        (snapshot / "weights.bin").write_bytes(b"w")
        (snapshot.parents[1] / "refs").mkdir()
        (snapshot.parents[1] / "refs" / "main").write_text("abc")
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        found = hub.hub_file("some/model", ("weights.safetensors", "weights.bin"))
        assert found.read_bytes() == b"w"

    def test_cached_files_only_ends(self) -> None:
        before = constants.HF_HUB_OFFLINE
        with hub.cached_files_only():
            assert constants.HF_HUB_OFFLINE
        assert before == constants.HF_HUB_OFFLINE
