"""Models by name, and what is said of names and files that do not lead to one."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from culture_perception.models import published_sam
from culture_perception.models.checkpoints import CheckpointError
from culture_perception.models.download import RemoteFile
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.registry import UnknownModelError, load_encoder, load_segmenter
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam_small import build_small_sam
from culture_perception.models.segmenter_files import save_small_segmenter
from culture_perception.models.small_image_encoder import SmallSamConfig

TINY = SmallSamConfig(image_size=128, channels=32, widths=(8, 8, 16, 32), depth=1, decoder_mlp=32)
WHITE = np.full((96, 128, 3), 255, np.uint8)


def registry_of_builders() -> dict[str, Any]:
    from segment_anything import sam_model_registry  # importable only beside segmenter_files

    registry: dict[str, Any] = sam_model_registry
    return registry


def published_in_small() -> nn.Module:
    """segment-anything's own architecture, as small as it goes: `vit_b` takes minutes to run."""
    from segment_anything import modeling

    sam: nn.Module = modeling.Sam(
        modeling.ImageEncoderViT(
            img_size=64, embed_dim=16, depth=1, num_heads=2, out_chans=16, global_attn_indexes=(0,)
        ),
        modeling.PromptEncoder(
            embed_dim=16, image_embedding_size=(4, 4), input_image_size=(64, 64), mask_in_chans=4
        ),
        modeling.MaskDecoder(
            transformer_dim=16,
            transformer=modeling.TwoWayTransformer(
                depth=1, embedding_dim=16, num_heads=2, mlp_dim=16
            ),
        ),
    )
    return sam.eval()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "segmenter.safetensors"
    options = MaskGeneratorOptions(points_per_side=4, pred_iou_thresh=0.25).to_json()
    description = {"name": "tiny", "architecture": TINY.to_json(), "options": options}
    save_small_segmenter(path, build_small_sam(TINY), description)
    return path


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    torch.manual_seed(0)
    sam = published_in_small()
    monkeypatch.setitem(registry_of_builders(), "vit_b", published_in_small)
    return sam


def test_a_small_segmenter_loads_with_its_own_options(small: Path) -> None:
    segmenter = load_segmenter(str(small), runtime=Runtime(threads=1))

    assert segmenter.name == "tiny"
    assert segmenter.options.pred_iou_thresh == 0.25
    assert segmenter.options.points_per_side == 4


def test_options_given_go_before_those_of_the_file(small: Path) -> None:
    segmenter = load_segmenter(str(small), pred_iou_thresh=0.5, min_area=7)

    assert segmenter.options.pred_iou_thresh == 0.5
    assert segmenter.options.min_area == 7
    assert segmenter.options.points_per_side == 4


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".safetensors"])
def test_a_published_model_loads_from_a_checkpoint(
    tmp_path: Path, published: nn.Module, suffix: str
) -> None:
    path = tmp_path / f"weights{suffix}"
    state = {name: value.contiguous() for name, value in published.state_dict().items()}
    save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)

    segmenter = load_segmenter(
        "vit_b", path, points_per_side=2, pred_iou_thresh=0.0, stability_score_thresh=0.0
    )

    assert segmenter.name == "vit_b:weights"
    assert all(segment.mask.shape == (96, 128) for segment in segmenter.segment(WHITE))


def test_a_published_model_has_the_published_options(tmp_path: Path, published: nn.Module) -> None:
    path = tmp_path / "weights.pth"
    torch.save(published.state_dict(), path)

    assert load_segmenter("vit_b", path).options == MaskGeneratorOptions()


@pytest.fixture(scope="module")
def vit_b(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkpoint of vit_b's size with random weights."""
    path = tmp_path_factory.mktemp("published") / "vit_b.pth"
    torch.manual_seed(0)
    torch.save(registry_of_builders()["vit_b"]().state_dict(), path)
    yield path
    path.unlink()


def test_vit_b_is_what_segment_anything_loads(vit_b: Path) -> None:
    ours: Any = load_segmenter("vit_b", vit_b, Runtime(device="cpu", threads=1))
    theirs = registry_of_builders()["vit_b"](checkpoint=str(vit_b)).state_dict()

    loaded = ours._sam.state_dict()
    assert loaded.keys() == theirs.keys()
    assert all(torch.equal(loaded[name], theirs[name]) for name in theirs)


@pytest.mark.slow
def test_vit_b_finds_segment_anythings_masks(vit_b: Path) -> None:
    from segment_anything import SamAutomaticMaskGenerator

    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8).repeat(16, 0).repeat(16, 1)
    options: dict[str, Any] = {
        "points_per_side": 2,
        "pred_iou_thresh": 0.0,
        "stability_score_thresh": 0.0,
    }
    theirs = SamAutomaticMaskGenerator(
        registry_of_builders()["vit_b"](checkpoint=str(vit_b)), **options
    )
    expected = {
        (record["segmentation"].tobytes(), round(min(max(record["predicted_iou"], 0), 1), 4))
        for record in theirs.generate(image)
        if record["segmentation"].any()
    }

    segmenter = load_segmenter("vit_b", vit_b, Runtime(device="cpu"), **options)
    segments = segmenter.segment(image)

    assert expected
    assert {(one.mask.tobytes(), round(one.predicted_iou, 4)) for one in segments} == expected


def test_a_missing_checkpoint_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"absent\.pth: no such file; leave the checkpoint"):
        load_segmenter("vit_h", tmp_path / "absent.pth")


def test_a_name_alone_finds_the_published_file_in_the_cache(
    tmp_path: Path, published: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "culture_perception" / "models"
    folder.mkdir(parents=True)
    torch.save(published.state_dict(), folder / "sam_vit_b_01ec64.pth")

    assert load_segmenter("vit_b").name == "vit_b:sam_vit_b_01ec64"


def test_a_name_alone_says_at_once_that_nothing_can_be_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    unreachable = RemoteFile("https://127.0.0.1:9/sam_vit_h.pth", "0" * 64, 1)
    monkeypatch.setitem(published_sam.SAM_FILES, "vit_h", unreachable)
    started = time.monotonic()
    with pytest.raises(CheckpointError, match=r"sam_vit_h\.pth is not in .* cannot be reached"):
        load_segmenter("vit_h")
    assert time.monotonic() - started < 5


def test_a_checkpoint_of_another_model_is_named(tmp_path: Path, published: nn.Module) -> None:
    path = tmp_path / "other.pth"
    torch.save({"weight": torch.zeros(1)}, path)

    with pytest.raises(CheckpointError, match=r"other\.pth: not the weights of this model"):
        load_segmenter("vit_b", path)


def test_a_folder_of_that_name_does_not_hide_the_embedded_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "embedded").mkdir()
    monkeypatch.chdir(tmp_path)

    assert load_segmenter().name.startswith("small_sam")


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UnknownModelError, match="known are embedded, vit_b, vit_l, vit_h"):
        load_segmenter("vit_g")


def test_unknown_options_are_refused(small: Path) -> None:
    with pytest.raises(ValueError, match=r"unknown segmenter options \['points'\]"):
        load_segmenter(str(small), points=3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "needs the .json that was written with it"),
        ("{", "not JSON"),
        ("[]", "lacks"),
        ('{"name": "x"}', r"lacks \['architecture', 'options'\]"),
        ('{"name": "x", "architecture": {}, "options": null}', r"lacks \['options'\]"),
        ('{"name": "x", "architecture": "y", "options": {}}', r"lacks \['architecture'\]"),
        ('{"name": null, "architecture": {}, "options": {}}', r"lacks \['name'\]"),
    ],
)
def test_a_damaged_description_is_named(small: Path, text: str | None, message: str) -> None:
    description = small.with_suffix(".json")
    description.unlink() if text is None else description.write_text(text)

    with pytest.raises(CheckpointError, match=message):
        load_segmenter(str(small))


@pytest.mark.parametrize(
    ("part", "key", "value", "message"),
    [
        ("architecture", "channels", "x", r"in architecture: channels 'x': give a whole number"),
        ("architecture", "widths", 3, r"in architecture: widths 3: give four whole numbers"),
        ("architecture", "widths", [1, 2], r"in architecture: widths \(1, 2\): give four"),
        ("architecture", "image_size", 100, r"in architecture: image_size 100: give a positive"),
        ("architecture", "colour", 1, r"unknown architecture keys \['colour'\]"),
        ("options", "pred_iou_thresh", None, r"in options: pred_iou_thresh None: give a float"),
        ("options", "pred_iou_thresh", 7.0, r"in options: pred_iou_thresh 7\.0: give 0 to 1"),
        ("options", "colour", 1, r"in options: unknown segmenter options \['colour'\]"),
    ],
)
def test_a_wrong_value_in_a_description_is_named_with_the_cure(
    small: Path, part: str, key: str, value: object, message: str
) -> None:
    path = small.with_suffix(".json")
    description: dict[str, Any] = json.loads(path.read_text())
    description[part][key] = value
    path.write_text(json.dumps(description))

    with pytest.raises(CheckpointError, match=rf"{message}.*; fetch it .*train segmenter"):
        load_segmenter(str(small))


def test_what_is_given_is_not_blamed_on_the_file(small: Path) -> None:
    with pytest.raises(ValueError, match=r"^pred_iou_thresh 7\.0: give 0 to 1"):
        load_segmenter(str(small), pred_iou_thresh=7.0)


@pytest.mark.parametrize("name", ["embedded", "hf:facebook/sam2", "small"])
def test_a_checkpoint_beside_a_model_with_its_own_is_refused(small: Path, name: str) -> None:
    message = r"has its own weights: leave the checkpoint empty instead of 'mine\.pth', or give vit"
    with pytest.raises(ValueError, match=message):
        load_segmenter(str(small) if name == "small" else name, checkpoint="mine.pth")


@pytest.mark.parametrize("name", ["embedded", "hf-hub:some/model", "local-dir:here", "folder"])
def test_weights_beside_an_encoder_with_its_own_are_refused(tmp_path: Path, name: str) -> None:
    message = r"has its own weights: leave pretrained empty instead of 'tag\.pt', or give the name"
    with pytest.raises(ValueError, match=message):
        load_encoder(str(tmp_path) if name == "folder" else name, "tag.pt")


def test_segmenters_run_on_torch_whatever_the_encoders_backend(small: Path) -> None:
    on_torch = load_segmenter(str(small), runtime=Runtime(device="cpu"))
    beside = load_segmenter(str(small), runtime=Runtime(device="cpu", backend="openvino"))
    image = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    for one, other in zip(beside.segment(image), on_torch.segment(image), strict=True):
        assert np.array_equal(one.mask, other.mask)


def test_weights_that_do_not_fit_their_description_are_named(small: Path) -> None:
    path = small.with_suffix(".json")
    description: dict[str, Any] = json.loads(path.read_text())
    description["architecture"]["depth"] = 2
    path.write_text(json.dumps(description))

    with pytest.raises(CheckpointError, match=r"missing: image_encoder\.blocks\.1"):
        load_segmenter(str(small))


def test_weights_are_written_in_half_precision_and_readable_by_all(small: Path) -> None:
    parameters = sum(value.numel() for value in build_small_sam(TINY).state_dict().values())

    assert small.stat().st_size < 2.3 * parameters + 20_000
    assert small.stat().st_mode & 0o044 == 0o044


def test_the_published_architectures_are_those_of_the_installed_package() -> None:
    assert set(published_sam.SAM_FILES) <= set(registry_of_builders())
