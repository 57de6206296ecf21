"""Segmenters and encoders by name; the only place that knows which names there are."""

from pathlib import Path
from typing import TYPE_CHECKING

from culture_perception.models.catalogue import EMBEDDED, TRANSFORMERS_PREFIX
from culture_perception.models.published_sam import SAM_FILES, sam_checkpoint
from culture_perception.models.runtime import DEFAULT_RUNTIME, Runtime
from culture_perception.protocols import Encoder, Segmenter
from culture_perception.resources import share_path

if TYPE_CHECKING:
    from culture_perception.models.clip import ClipEncoder
    from culture_perception.models.sam import SamSegmenter


class UnknownModelError(ValueError):
    """A name that no model has; the message lists those there are."""


def load_segmenter(
    name: str = EMBEDDED,
    checkpoint: str | Path = "",
    runtime: Runtime = DEFAULT_RUNTIME,
    **options: object,
) -> Segmenter:
    """Load a segmenter.

    Args:
        name: "embedded"; "vit_b", "vit_l" or "vit_h" for a published SAM; "hf:ORGANISATION/NAME"
            or a folder for a SAM, SAM 2 or EdgeTAM of the library transformers; or the path of a
            small segmenter's .safetensors file, as `culture-perception train segmenter` writes.
        checkpoint: the published model's checkpoint file; "" for the published one, which is
            downloaded at the first call (see `published_sam`).
        runtime: device, threads, precision and backend.
        options: parameters of the mask generator: see `MaskGeneratorOptions`.

    Raises:
        UnknownModelError: there is no such segmenter.
        CheckpointError: a file is missing, damaged or of another model, or cannot be downloaded.
        ValueError: an option is unknown or out of range, or the runtime is not there.
    """
    from culture_perception.models import segmenter_files, transformers_files

    if name in SAM_FILES:
        path = Path(checkpoint) if checkpoint else sam_checkpoint(name)
        return segmenter_files.load_published_segmenter(name, path, options, runtime)
    if name.startswith(TRANSFORMERS_PREFIX) or (name != EMBEDDED and Path(name).is_dir()):
        source = name.removeprefix(TRANSFORMERS_PREFIX)
        return transformers_files.load_transformers_segmenter(source, options, runtime)
    if name == EMBEDDED:
        path = share_path("models", "segmenter.safetensors")
    elif name.endswith(".safetensors"):
        path = Path(name)
    else:
        known = ", ".join((EMBEDDED, *SAM_FILES))
        raise UnknownModelError(
            f"segmenter {name!r}: known are {known}, {TRANSFORMERS_PREFIX}ORGANISATION/NAME, "
            "folders of transformers models, and .safetensors files"
        )
    return segmenter_files.load_small_segmenter(path, options, runtime)


def load_encoder(
    name: str = EMBEDDED,
    pretrained: str = "",
    runtime: Runtime = DEFAULT_RUNTIME,
) -> "ClipEncoder":
    """Load an encoder.

    Args:
        name: "embedded", the folder of an encoder that `culture-perception train encoder` wrote,
            or the name of any open_clip model.
        pretrained: for an open_clip model, the tag of its weights or a checkpoint file.
        runtime: device, threads, precision and backend.

    Raises:
        ValueError: there is no such model, its file is missing, damaged or of another model, or
            the runtime is not there.
    """
    from culture_perception.models import clip

    if name == EMBEDDED or Path(name).is_dir():
        folder = None if name == EMBEDDED else Path(name)
        return clip.load_embedded_encoder(folder, runtime)
    return clip.load_published_encoder(name, pretrained, runtime)


def _satisfies_protocols(segmenter: "SamSegmenter", encoder: "ClipEncoder") -> None:
    """Checked by mypy, never called: the adapters are what the core asks for."""
    _: Segmenter = segmenter
    __: Encoder = encoder
