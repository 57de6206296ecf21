"""What is compared: a case makes pairs of work, the reference's and ours, on the same weights."""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np
import torch

from culture_perception.bench.agreement import agreement, recall
from culture_perception.bench.chains import (
    CROP,
    Found,
    OneByOneEncoder,
    OurChain,
    ReferenceChain,
    label_one_by_one,
)
from culture_perception.bench.frames import Frame
from culture_perception.bench.interleaving import (
    Run,
    Work,
    interleave,
    mean_stages,
    peak_mib,
    total_s,
)
from culture_perception.bench.vit_b import vit_b_chains
from culture_perception.crops import crop_masks
from culture_perception.masks import MaskArray
from culture_perception.models import clip, segmenter_files
from culture_perception.models.mask_options import MaskGeneratorOptions, Mode
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.stages import Stages
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.resources import share_path

ensure_torchvision()

from open_clip.transform import PreprocessCfg  # noqa: E402

Record: TypeAlias = dict[str, Any]

MASKS_TO_LABEL: Final = 64
_SEED: Final = 0


@dataclass(frozen=True)
class BenchOptions:
    """How it is measured.

    Attributes:
        frames: pictures and what is in them; labelling and vit_b see the first alone.
        repeat: pairs of runs a frame.
        points_per_side: of the prompt grid.
        threads: of torch.
        device: torch's name, or auto.
    """

    frames: Sequence[Frame]
    repeat: int
    points_per_side: int
    threads: int
    device: str = "auto"

    @property
    def exact(self) -> Runtime:
        """What the reference runs on as well."""
        return Runtime(self.device, self.threads, "float32")

    @property
    def fast(self) -> Runtime:
        """As users have it by default."""
        return Runtime(self.device, self.threads)


def run_case(name: str, options: BenchOptions, on_run: Callable[[], None]) -> Record:
    """Measures one of CASES; its record."""
    options.exact.apply_threads()
    return {"name": name, **CASES[name](options, on_run)}


def runs_of(name: str, options: BenchOptions) -> int:
    """How often `on_run` will be called."""
    several = name.startswith("embedded")
    return 2 * options.repeat * (len(options.frames) if several else 1)


def _embedded(mode: str, options: BenchOptions, on_run: Callable[[], None]) -> Record:
    path = share_path("models", "segmenter.safetensors")
    description = segmenter_files.read_description(path.with_suffix(".json"))
    sam = segmenter_files.load_small_sam(path, description)
    shipped = MaskGeneratorOptions().changed(description["options"])
    grid = shipped.changed(
        {
            "mode": "exact",
            "points_per_side": options.points_per_side,
            "centre_prompts": False,
            "snap_edges": False,
            "mask_nms_thresh": 1.0,
            "min_area": 1,
            "max_area_share": 1.0,
        }
    )
    ours = grid if mode == "exact" else shipped.changed({"mode": "fast"})
    runtime = options.exact if mode == "exact" else options.fast
    folder = share_path("models")
    one_by_one = load_encoder(runtime=options.exact)
    preprocess = PreprocessCfg(**clip.read_config(folder / clip.CONFIG_FILE)["preprocess_cfg"])
    return _chains(
        ReferenceChain(
            copy.deepcopy(sam).to(options.exact.torch_device()),
            grid,
            OneByOneEncoder(one_by_one.model, preprocess, options.exact.torch_device()),
        ),
        OurChain(SamSegmenter(sam, "embedded", ours, runtime), load_encoder(runtime=runtime)),
        options,
        list(options.frames),
        on_run,
        truth=mode == "fast",
    )


def _vit_b(mode: Mode, options: BenchOptions, on_run: Callable[[], None]) -> Record:
    frames = list(options.frames[:1])
    runtime = options.exact if mode == "exact" else options.fast
    reference, ours, weights = vit_b_chains(
        mode, frames[0].image_rgb, options.points_per_side, options.exact, runtime
    )
    return {**_chains(reference, ours, options, frames, on_run, truth=False), **weights}


def _chains(
    reference: ReferenceChain,
    ours: OurChain,
    options: BenchOptions,
    frames: list[Frame],
    on_run: Callable[[], None],
    truth: bool,
) -> Record:
    pairs: list[tuple[Work, Work]] = [
        (partial(reference.run, frame.image_rgb, i), partial(ours.run, frame.image_rgb, i))
        for i, frame in enumerate(frames)
    ]
    record = _compared(pairs, options, on_run)
    agreed = agreement(_masks(reference.found), _masks(ours.found))
    loss = agreed.missed_points
    if truth:
        wanted = [list(frame.masks) for frame in frames]
        record["recall"] = {
            "reference": recall(wanted, _masks(reference.found)),
            "ours": recall(wanted, _masks(ours.found)),
        }
        loss = 100 * (record["recall"]["reference"] - record["recall"]["ours"])
    return {
        **record,
        "matched_iou": agreed.matched_iou,
        "recall_loss_points": loss,
        "recall_of": "ground truth" if truth else "the reference's masks",
        "masks": asdict(agreed),
        "points_per_side": reference.points_per_side,
    }


def _labelling(options: BenchOptions, on_run: Callable[[], None]) -> Record:
    """The embedded encoder on discs of the first frame: which masks they are does not matter."""
    frame = options.frames[0]
    masks = _discs(frame.image_rgb.shape[:2])
    one_by_one, batched = load_encoder(runtime=options.exact), load_encoder(runtime=options.fast)
    config = clip.read_config(share_path("models") / clip.CONFIG_FILE)
    device = options.exact.torch_device()
    single = OneByOneEncoder(one_by_one.model, PreprocessCfg(**config["preprocess_cfg"]), device)
    rows: dict[str, Any] = {}

    def reference() -> Mapping[str, float]:
        stages = Stages(device)
        with stages.timed("label"):
            rows["reference"] = label_one_by_one(single, frame.image_rgb, masks)
        return stages.ms

    def ours() -> Mapping[str, float]:
        stages = Stages(device)
        with stages.timed("crop"):
            crops = crop_masks(frame.image_rgb, masks, batched.crop_size, CROP)
        with stages.timed("encode"):
            rows["ours"] = batched.encode_images(list(crops))
        return stages.ms

    record = _compared([(reference, ours)], options, on_run)
    cosines = (rows["reference"] * rows["ours"]).sum(axis=1)
    return {**record, "matched_iou": None, "recall_loss_points": None,
            "masks": len(masks), "least_cosine": float(cosines.min())}  # fmt: skip


def _openvino(options: BenchOptions, on_run: Callable[[], None]) -> Record:
    """The embedded encoder's image tower, 64 crops: torch against OpenVINO in one precision."""
    on_torch = load_encoder(runtime=Runtime("cpu", options.threads))
    on_openvino = load_encoder(runtime=Runtime("cpu", options.threads, backend="openvino"))
    image = options.frames[0].image_rgb
    crops = list(crop_masks(image, _discs(image.shape[:2]), on_torch.crop_size, CROP))
    rows: dict[str, Any] = {}

    def encode(name: str, encoder: clip.ClipEncoder) -> Mapping[str, float]:
        stages = Stages(torch.device("cpu"))
        with stages.timed("encode"):
            rows[name] = encoder.encode_images(crops)
        return stages.ms

    pair = (partial(encode, "torch", on_torch), partial(encode, "openvino", on_openvino))
    record = _compared([pair], options, on_run)
    cosines = (rows["torch"] * rows["openvino"]).sum(axis=1)
    return {**record, "matched_iou": None, "recall_loss_points": None,
            "least_cosine": float(cosines.min())}  # fmt: skip


def _compared(
    pairs: Sequence[tuple[Work, Work]], options: BenchOptions, on_run: Callable[[], None]
) -> Record:
    result = interleave(pairs, options.repeat, on_run)
    return {
        "ratio": result.ratio,
        "cpu_ratio": result.cpu_ratio,
        "ratio_range": list(result.ratio_range),
        "reference": _runs_record(result.reference),
        "ours": _runs_record(result.ours),
    }


def _runs_record(runs: Sequence[Run]) -> Record:
    return {
        "frames_per_s": len(runs) / total_s(runs),
        "cpu_s_a_frame": float(np.mean([run.cpu_s for run in runs])),
        "stage_ms": mean_stages(runs),
        "peak_mib": peak_mib(runs),
    }


def _masks(found: Found) -> list[list[MaskArray]]:
    return [found.masks[frame] for frame in sorted(found.masks)]


def _discs(shape_hw: tuple[int, ...]) -> list[MaskArray]:
    rng = np.random.default_rng(_SEED)
    y, x = np.ogrid[: shape_hw[0], : shape_hw[1]]
    places = rng.uniform(0.1, 0.9, (MASKS_TO_LABEL, 2)) * shape_hw[:2]
    radii = rng.uniform(0.02, 0.08, MASKS_TO_LABEL) * shape_hw[1]
    return [
        (y - at_y) ** 2 + (x - at_x) ** 2 < radius**2
        for (at_y, at_x), radius in zip(places, radii, strict=True)
    ]


Case: TypeAlias = Callable[[BenchOptions, Callable[[], None]], Record]
CASES: Final[Mapping[str, Case]] = {
    "embedded_exact": partial(_embedded, "exact"),
    "embedded_fast": partial(_embedded, "fast"),
    "vit_b_exact": partial(_vit_b, "exact"),
    "vit_b_fast": partial(_vit_b, "fast"),
    "labelling_64": _labelling,
    "openvino": _openvino,
}


def default_cases() -> tuple[str, ...]:
    """All that can run here."""
    missing = {"openvino"} if importlib.util.find_spec("openvino") is None else set()
    return tuple(name for name in CASES if name not in missing)
