"""SAM, SAM 2 and EdgeTAM of transformers: small ones of the real architectures, random weights."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import constants

from culture_perception.models import transformers_files
from culture_perception.models.errors import CheckpointError
from culture_perception.models.registry import load_segmenter
from culture_perception.models.runtime import Runtime
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()
transformers = pytest.importorskip(
    "transformers",
    reason="the extra is not installed: pip install 'culture_perception[transformers]'",
)

SIDE = 128
HEADS = {"hidden_size": 32, "mlp_dim": 32, "num_attention_heads": 2, "iou_head_hidden_dim": 32}
RUNTIME = Runtime(device="cpu", threads=1)
EVERYTHING: dict[str, Any] = {
    "points_per_side": 3,
    "pred_iou_thresh": 0.0,
    "stability_score_thresh": 0.0,
    "box_nms_thresh": 1.0,
}


def image(height: int = 60, width: int = 100) -> Any:
    rng = np.random.default_rng(5)
    blocks = rng.integers(0, 256, (height // 10, width // 10, 3), dtype=np.uint8)
    return blocks.repeat(10, 0).repeat(10, 1)


def sam() -> tuple[Any, Any]:
    config = transformers.SamConfig(
        vision_config={
            "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "mlp_dim": 32,
            "image_size": SIDE, "output_channels": 32, "num_pos_feats": 16, "window_size": 2,
            "global_attn_indexes": [1],
        },
        prompt_encoder_config={
            "hidden_size": 32, "image_size": SIDE, "image_embedding_size": SIDE // 16,
        },
        mask_decoder_config=HEADS,
    )  # fmt: skip
    sizes = {"size": {"longest_edge": SIDE}, "pad_size": {"height": SIDE, "width": SIDE}}
    processor = transformers.SamProcessor(transformers.SamImageProcessor(**sizes))
    return transformers.SamModel(config), processor


def maps(side: int) -> list[list[int]]:
    return [[side // 4] * 2, [side // 8] * 2, [side // 16] * 2]


def sam2_processor(side: int) -> Any:
    size = {"height": side, "width": side}
    return transformers.Sam2Processor(transformers.Sam2ImageProcessor(size=size))


def sam2() -> tuple[Any, Any]:
    config = transformers.Sam2Config(
        vision_config={
            "backbone_config": {
                "model_type": "sam2_hiera_det_model", "image_size": [SIDE, SIDE],
                "hidden_size": 16, "embed_dim_per_stage": [16, 32, 64, 128],
                "blocks_per_stage": [1, 2, 3, 1], "global_attention_blocks": [4, 5],
            },
            "backbone_channel_list": [128, 64, 32, 16], "backbone_feature_sizes": maps(SIDE),
            "fpn_hidden_size": 32,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": SIDE},
        mask_decoder_config=HEADS,
    )  # fmt: skip
    return transformers.Sam2Model(config), sam2_processor(SIDE)


def edgetam() -> tuple[Any, Any]:
    """The published size: its tower is a fixed one of timm's."""
    config = transformers.EdgeTamConfig(
        vision_config={
            "backbone_config": {
                "model_type": "timm_wrapper", "architecture": "repvit_m1", "num_classes": 1000,
                "model_args": {"in_chans": 3, "features_only": True, "out_indices": [0, 1, 2, 3]},
            },
            "backbone_feature_sizes": maps(SIDE),
        },
        prompt_encoder_config={"image_size": SIDE},
    )  # fmt: skip
    return transformers.EdgeTamModel(config), sam2_processor(SIDE)


BUILDERS: dict[str, Callable[[], tuple[Any, Any]]] = {"sam": sam, "sam2": sam2, "edgetam": edgetam}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a model, as the library saves it; made once."""
    folders: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in folders:
            torch.manual_seed(0)
            model, processor = BUILDERS[kind]()
            with torch.no_grad():  # random heads answer alike for every prompt
                for name, value in model.named_parameters():
                    if "mask_decoder" in name and value.ndim > 1:
                        value.mul_(6)
            path = folders[kind] = tmp_path_factory.mktemp(kind)
            model.save_pretrained(path)
            processor.save_pretrained(path)
        return folders[kind]

    return folder


def library_masks(folder: Path, pixels: Any, points_xy: list[list[float]]) -> tuple[Any, Any]:
    """Masks (N, 3, H, W) and scores (N, 3) as the library's own documentation makes them."""
    classes = {"sam": "SamModel", "sam2": "Sam2Model", "edgetam": "EdgeTamModel"}
    kind = json.loads((folder / "config.json").read_text())["model_type"]
    model = getattr(transformers, classes[kind]).from_pretrained(folder).eval()
    name = "SamProcessor" if kind == "sam" else "Sam2Processor"
    processor = getattr(transformers, name).from_pretrained(folder)
    inputs = processor(
        images=pixels, input_points=[[[point] for point in points_xy]], return_tensors="pt"
    )
    inputs["input_points"] = inputs["input_points"].float()
    sizes = [inputs[key] for key in ("original_sizes", "reshaped_input_sizes") if key in inputs]
    with torch.inference_mode():
        known = {key: inputs[key] for key in ("pixel_values", "input_points")}
        answer = model(**known, multimask_output=True)
        masks = processor.post_process_masks(answer.pred_masks, *sizes)
    return masks[0].numpy(), answer.iou_scores[0].numpy()


@pytest.mark.parametrize("kind", BUILDERS)
def test_masks_are_the_librarys_own_at_the_same_points(
    kind: str, saved: Callable[[str], Path]
) -> None:
    pixels = image()
    height, width = pixels.shape[:2]
    grid = [[(x + 0.5) * width / 3, (y + 0.5) * height / 3] for y in range(3) for x in range(3)]
    masks, scores = library_masks(saved(kind), pixels, grid)
    wanted = {
        (mask.tobytes(), round(float(np.clip(score, 0, 1)), 4))
        for mask, score in zip(masks.reshape(-1, height, width), scores.ravel(), strict=True)
        if mask.any() and score > 0
    }

    segments = load_segmenter(str(saved(kind)), runtime=RUNTIME, **EVERYTHING).segment(pixels)

    found = {(item.mask.tobytes(), round(item.predicted_iou, 4)) for item in segments}
    assert len(wanted) > 3
    assert found == wanted


def test_an_image_that_is_not_square_is_prompted_where_asked(
    saved: Callable[[str], Path],
) -> None:
    from transformers.models.sam2.image_processing_sam2 import _generate_crop_boxes

    pixels = image()
    _, theirs, _, _ = _generate_crop_boxes(
        torch.from_numpy(pixels).permute(2, 0, 1), SIDE, points_per_crop=1
    )
    ours: Any = load_segmenter(str(saved("sam2")), runtime=RUNTIME, points_per_side=1)

    assert theirs.flatten().tolist() == pytest.approx([64, 38.5])  # of 128 x 128: not the centre
    assert ours._encoded(pixels, (0, 0, 100, 60), 0).prompts.flatten().tolist() == [64, 64]


def test_thresholds_are_those_of_every_segmenter(saved: Callable[[str], Path]) -> None:
    pixels = image()
    every = load_segmenter(str(saved("sam2")), runtime=RUNTIME, **EVERYTHING).segment(pixels)
    cut = sorted(segment.predicted_iou for segment in every)[len(every) // 2]
    options = {**EVERYTHING, "pred_iou_thresh": cut}

    fewer = load_segmenter(str(saved("sam2")), runtime=RUNTIME, **options).segment(pixels)

    assert fewer
    assert [item.predicted_iou for item in fewer] == [
        item.predicted_iou for item in every if item.predicted_iou > cut
    ]
    strict = load_segmenter(str(saved("sam2")), runtime=RUNTIME, stability_score_thresh=1.0)
    assert all(segment.stability == 1 for segment in strict.segment(pixels))


def test_crops_add_masks_of_the_images_size(saved: Callable[[str], Path]) -> None:
    options = {**EVERYTHING, "points_per_side": 1, "crop_n_layers": 1, "min_mask_region_area": 9}
    pixels = image(80, 120)

    segments = load_segmenter(str(saved("sam2")), runtime=RUNTIME, **options).segment(pixels)

    assert segments
    assert {segment.mask.shape for segment in segments} == {(80, 120)}


def test_reduced_precision_of_the_image_encoder_changes_little(
    saved: Callable[[str], Path],
) -> None:
    pixels = image()
    full = load_segmenter(str(saved("sam2")), runtime=RUNTIME, **EVERYTHING).segment(pixels)
    reduced = Runtime(device="cpu", threads=1, precision="bfloat16")
    half = load_segmenter(str(saved("sam2")), runtime=reduced, **EVERYTHING).segment(pixels)

    best = [max(float(np.mean(a.mask == b.mask)) for b in half) for a in full]
    assert np.median(best) > 0.95


@pytest.mark.parametrize("kind", ["sam", "sam2"])
@pytest.mark.parametrize("shape_hw", [(1, 2000), (3, 5000), (5000, 1), (1, 1), (2, 1)])
def test_thin_images_have_masks_of_their_size(
    kind: str, shape_hw: tuple[int, int], saved: Callable[[str], Path]
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*shape_hw, 3), dtype=np.uint8)
    options = {**EVERYTHING, "crop_n_layers": 1}

    segments = load_segmenter(str(saved(kind)), runtime=RUNTIME, **options).segment(pixels)

    assert segments
    assert {segment.mask.shape for segment in segments} == {shape_hw}


def test_a_device_without_room_for_the_model_leaves_it_on_the_cpu(
    saved: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = load_segmenter(str(saved("sam2")), runtime=RUNTIME, **EVERYTHING).segment(image())

    class FullDevice(Runtime):
        def torch_device(self) -> torch.device:
            return torch.device("cpu" if self.device == "cpu" else "meta")

    move = torch.nn.Module.to

    def to(self: torch.nn.Module, *args: Any, **options: Any) -> torch.nn.Module:
        if torch.device("meta") in args:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return move(self, *args, **options)

    monkeypatch.setattr(torch.nn.Module, "to", to)
    segmenter = load_segmenter(str(saved("sam2")), runtime=FullDevice(threads=1), **EVERYTHING)

    assert segmenter.notice.startswith("out of memory on meta: computing on the CPU")
    found = segmenter.segment(image())
    assert [item.area for item in found] == [item.area for item in expected]


def test_an_empty_image_has_no_segments(saved: Callable[[str], Path]) -> None:
    segmenter = load_segmenter(str(saved("sam2")), runtime=RUNTIME)
    assert segmenter.segment(np.zeros((0, 5, 3), np.uint8)) == []
    with pytest.raises(ValueError, match="give RGB as"):
        segmenter.segment(np.zeros((4, 5), np.uint8))


def test_a_checkpoint_for_video_segments_images(
    saved: Callable[[str], Path], tmp_path: Path
) -> None:
    """As SAM 2 and EdgeTAM are published."""
    shutil.copytree(saved("sam2"), tmp_path, dirs_exist_ok=True)
    change(tmp_path / "config.json", model_type="sam2_video")
    assert load_segmenter(str(tmp_path), runtime=RUNTIME, **EVERYTHING).segment(image())


def test_a_model_in_the_hubs_cache_is_found_by_name(
    saved: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--facebook--sam2-tiny"
    shutil.copytree(saved("sam2"), repository / "snapshots" / "abc")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")

    assert load_segmenter("hf:facebook/sam2-tiny", runtime=RUNTIME).name == "facebook/sam2-tiny"


def test_a_model_that_cannot_be_had_is_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "https://127.0.0.1:9")
    started = time.monotonic()
    with pytest.raises(CheckpointError, match=r"of facebook/sam2 is not cached and https://127"):
        load_segmenter("hf:facebook/sam2")
    assert time.monotonic() - started < 5


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "not a configuration of transformers"),
        (lambda folder: change(folder / "config.json", model_type="bert"), "'bert' is no segment"),
        (lambda folder: (folder / "model.safetensors").unlink(), "missing or damaged files"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"?"), "missing or damaged"),
        (
            lambda folder: (
                (folder / "model.safetensors")
                .rename(folder / "pytorch_model.bin")
                .write_bytes(b"garbage")
            ),
            r"missing or damaged files \(.*\); fetch the model again",
        ),
        (
            lambda folder: change(folder / "config.json", vision_config="x"),
            r"missing or damaged files \(.*\); fetch the model again",
        ),
        (
            lambda folder: (folder / "processor_config.json").write_text("{"),
            r"missing or damaged files \(.*\); fetch the model again",
        ),
        (
            lambda folder: change(
                folder / "config.json", mask_decoder_config={**HEADS, "mlp_dim": 8}
            ),
            "weights are missing or of another shape",
        ),
    ],
)
def test_a_damaged_folder_is_named(
    saved: Callable[[str], Path],
    tmp_path: Path,
    fault: Callable[[Path], object],
    message: str,
) -> None:
    shutil.copytree(saved("sam2"), tmp_path, dirs_exist_ok=True)
    fault(tmp_path)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_segmenter(str(tmp_path))
    assert "weights_only" not in str(caught.value)


def test_the_missing_extra_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformers_files, "find_spec", lambda name: None)
    with pytest.raises(CheckpointError, match=r"needs the package transformers: pip install "):
        transformers_files.require_transformers("segmenter x")


@pytest.mark.parametrize(
    ("options", "runtime", "message"),
    [
        ({"centre_prompts": True}, RUNTIME, "has no dense head"),
        ({"mode": "fast"}, RUNTIME, "has no mode fast, .* set mode to exact, or choose one"),
        ({"points": 3}, RUNTIME, "unknown segmenter options"),
        ({}, Runtime(device="cuda:77"), "'cuda:77' is not there"),
    ],
)
def test_what_the_model_cannot_do_is_refused(
    saved: Callable[[str], Path], options: dict[str, Any], runtime: Runtime, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        load_segmenter(str(saved("sam2")), runtime=runtime, **options)
