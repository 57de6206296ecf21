"""The published sizes end to end: SAM's ViT-B and CLIP's ViT-B-32, both of random weights."""

from __future__ import annotations

import copy
from typing import Any, Final

import torch

from culture_perception.bench.chains import OneByOneEncoder, OurChain, ReferenceChain
from culture_perception.bench.random_sam import make_object_like
from culture_perception.masks import Uint8Array
from culture_perception.models.clip import ClipEncoder
from culture_perception.models.mask_options import MaskGeneratorOptions, Mode
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

import open_clip  # noqa: E402
from open_clip.transform import PreprocessCfg  # noqa: E402
from segment_anything import sam_model_registry  # noqa: E402
from segment_anything.modeling import Sam  # noqa: E402

CLIP_NAME: Final = "ViT-B-32"
_SEED: Final = 0


def vit_b_chains(
    mode: Mode, image_rgb: Uint8Array, points_per_side: int, reference: Runtime, ours: Runtime
) -> tuple[ReferenceChain, OurChain, dict[str, Any]]:
    """The two chains on the same weights, and a record of what these are.

    In fast mode all points of the grid are asked: to skip some presumes that a point in an object
    gives the object again, as a trained model does; here a mask follows its own point.

    Args:
        mode: of our mask generator.
        image_rgb: (H, W, 3), on which the weights' shares are met.
        points_per_side: of both grids.
        reference: what the published libraries run on.
        ours: what our chain runs on.
    """
    torch.manual_seed(_SEED)
    sam: Sam = sam_model_registry["vit_b"]().to(reference.torch_device()).eval()
    pass_share = make_object_like(sam, image_rgb)
    grid = MaskGeneratorOptions(points_per_side=points_per_side)
    options = grid.changed({"mode": mode, "skip_covered_points": False})
    model: Any = open_clip.create_model(CLIP_NAME, load_weights=False).eval()
    preprocess = PreprocessCfg(**model.visual.preprocess_cfg)
    encoder = ClipEncoder(
        copy.deepcopy(model),
        open_clip.get_tokenizer(CLIP_NAME),
        preprocess,
        CLIP_NAME,
        runtime=ours,
    )
    device = reference.torch_device()
    one_by_one = OneByOneEncoder(model.to(device), preprocess, device)
    return (
        ReferenceChain(copy.deepcopy(sam), grid, one_by_one),
        OurChain(SamSegmenter(sam, "vit_b", options, ours), encoder),
        {"weights": "random, as bench/random_sam.py says", "pass_share": pass_share},
    )
