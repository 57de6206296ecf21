"""Parameters of the perception node and what they become."""

from typing import Any, Final, get_args

from culture_perception.assignment import Assignment
from culture_perception.crops import CropForm, CropOptions
from culture_perception.models.registry import load_encoder, load_segmenter
from culture_perception.models.runtime import Backend, Precision, Runtime
from culture_perception.nodes.input_settings import INPUT_SETTINGS
from culture_perception.nodes.mask_settings import MASK_SETTINGS, mask_options_of
from culture_perception.nodes.node_settings import ACTION_SETTINGS, NODE_SETTINGS, TRACK_SETTINGS
from culture_perception.nodes.parameters import Setting, Values
from culture_perception.protocols import Encoder, Segmenter
from culture_perception.recognition import Options

_DEFAULTS: Final = Options()

# ROS parameters have no "none": these values, which cannot be thresholds, say it.
OWN_PROBABILITY: Final = -1.0
OWN_SIMILARITY: Final = -2.0

MODEL_SETTINGS: Final = (
    Setting(
        "segmenter",
        "embedded",
        "a model that `culture-perception models` lists, a file or a folder",
        configuring=True,
    ),
    Setting(
        "segmenter_checkpoint",
        "",
        "file for vit_b, vit_l, vit_h; empty: the published one",
        configuring=True,
    ),
    Setting(
        "encoder",
        "embedded",
        "a model that `culture-perception models` lists, or a folder",
        configuring=True,
    ),
    Setting(
        "encoder_pretrained",
        "",
        "tag or file of an open_clip model's weights, else empty",
        configuring=True,
    ),
    Setting(
        "adapters",
        "shipped",
        "culture adapters, of which the first that fits the labels is used: shipped, those that "
        "come with the package for the encoder; none; or files, or names of shipped ones, with "
        "commas between",
        configuring=True,
    ),
    Setting(
        "device",
        "auto",
        "torch device of both models; auto: cuda where there is one, or cpu; cuda_or_cpu: as auto, "
        "with a warning where it is the CPU",
        configuring=True,
    ),
    Setting(
        "threads",
        0,
        "CPU threads of torch; 0: as torch finds fit",
        configuring=True,
        minimum=0,
        maximum=256,
    ),
    Setting(
        "precision",
        "auto",
        "of weights and computation; auto: float32 for exact masks, else what is fast",
        configuring=True,
        choices=get_args(Precision),
    ),
    Setting(
        "backend",
        "torch",
        "what computes the encoder's image tower; segmenters run on torch with any",
        configuring=True,
        choices=get_args(Backend),
    ),
)
OPTION_SETTINGS: Final = (
    Setting(
        "assignment",
        _DEFAULTS.assignment,
        "how names are dealt out",
        dynamic=True,
        choices=get_args(Assignment),
    ),
    Setting(
        "crop_form",
        _DEFAULTS.crop.form,
        "what the encoder sees outside the mask",
        dynamic=True,
        choices=get_args(CropForm),
    ),
    Setting(
        "crop_padding",
        _DEFAULTS.crop.padding,
        "added on each side of a crop, share of the longer side",
        dynamic=True,
        minimum=0.0,
        maximum=10.0,
    ),
    Setting(
        "min_probability",
        OWN_PROBABILITY,
        "a mask whose best name is less probable is unknown; -1: the encoder's own calibration",
        dynamic=True,
        minimum=OWN_PROBABILITY,
        maximum=1.0,
    ),
    Setting(
        "min_similarity",
        OWN_SIMILARITY,
        "a mask whose best name has a lower cosine is unknown; -2: the encoder's own calibration",
        dynamic=True,
        minimum=OWN_SIMILARITY,
        maximum=1.0,
    ),
    Setting("top_k", _DEFAULTS.top_k, "alternatives a mask", dynamic=True, minimum=1, maximum=1000),
    Setting(
        "min_area",
        _DEFAULTS.min_area,
        "smaller masks are left out, pixels",
        dynamic=True,
        minimum=1,
        maximum=2**31 - 1,
    ),
    Setting(
        "max_area_share",
        _DEFAULTS.max_area_share,
        "larger masks are left out, share of the image",
        dynamic=True,
        minimum=0.0,
        maximum=1.0,
    ),
    Setting(
        "temperature",
        0.0,
        "what cosines are divided by before the softmax; 0: the encoder's own",
        dynamic=True,
        minimum=0.0,
        maximum=100.0,
    ),
)
SETTINGS: Final = (
    *NODE_SETTINGS,
    *INPUT_SETTINGS,
    *MODEL_SETTINGS,
    *MASK_SETTINGS,
    *OPTION_SETTINGS,
    *TRACK_SETTINGS,
    *ACTION_SETTINGS,
)


def load_models(values: Values) -> tuple[Segmenter, Encoder]:
    """Loads what the parameters name.

    Raises:
        ValueError: A model or an option of it is unknown, its file damaged or of another model, or
            the device, the precision or the backend is not there; or an adapter is of another base.
        OSError: A file is missing.
    """
    runtime = runtime_of(values)
    segmenter = load_segmenter(
        str(values["segmenter"]),
        str(values["segmenter_checkpoint"]),
        runtime,
        **mask_options_of(values),
    )
    encoder = load_encoder(
        str(values["encoder"]),
        str(values["encoder_pretrained"]),
        runtime,
        adapters=str(values["adapters"]),
    )
    return segmenter, encoder


def runtime_of(values: Any) -> Runtime:
    """The runtime that the parameters make; ValueError where it can not be."""
    return Runtime(
        device=values["device"],
        threads=values["threads"] or None,
        precision=values["precision"],
        backend=values["backend"],
    )


def options_of(values: Any) -> Options:
    """The options that the parameters make; ValueError where they can not be."""
    return Options(
        crop=CropOptions(form=values["crop_form"], padding=values["crop_padding"]),
        assignment=values["assignment"],
        min_probability=_unless(values["min_probability"], OWN_PROBABILITY),
        min_similarity=_unless(values["min_similarity"], OWN_SIMILARITY),
        top_k=values["top_k"],
        min_area=values["min_area"],
        max_area_share=values["max_area_share"],
        temperature=values["temperature"] or None,
    )


def _unless(value: float, none: float) -> float | None:
    return None if value == none else value
