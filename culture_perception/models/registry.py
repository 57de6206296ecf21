"""Segmenters and encoders by name; the only place that knows which names there are."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from culture_perception.adapting import AdaptableEncoder
from culture_perception.models.catalogue import EMBEDDED, TRANSFORMERS_PREFIX
from culture_perception.models.published_sam import SAM_FILES, sam_checkpoint
from culture_perception.models.runtime import DEFAULT_RUNTIME, Runtime
from culture_perception.protocols import Encoder, Segmenter
from culture_perception.resources import share_path

if TYPE_CHECKING:
    from culture_perception.models.adapter_encoder import AdaptedEncoder
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
        checkpoint: the checkpoint file of "vit_b", "vit_l" or "vit_h"; "" for the published one,
            which is downloaded at the first call (see `published_sam`).
        runtime: device, threads and precision; segmenters run on torch whatever its backend.
        options: parameters of the mask generator: see `MaskGeneratorOptions`.

    Raises:
        UnknownModelError: there is no such segmenter.
        CheckpointError: a file is missing, damaged or of another model, or cannot be downloaded.
        ValueError: an option is unknown, out of range or not of this segmenter, or the runtime is
            not there.
    """
    from culture_perception.models import segmenter_files, transformers_files

    runtime = replace(runtime, backend="torch")
    if name in SAM_FILES:
        path = Path(checkpoint) if checkpoint else sam_checkpoint(name)
        return segmenter_files.load_published_segmenter(name, path, options, runtime)
    if str(checkpoint):
        raise ValueError(
            f"segmenter {name} has its own weights: leave the checkpoint empty instead of "
            f"{str(checkpoint)!r}, or give {', '.join(SAM_FILES)} with it, or, of a small "
            "segmenter, the .safetensors file as the segmenter itself"
        )
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


@overload
def load_encoder(
    name: str = EMBEDDED,
    pretrained: str = "",
    runtime: Runtime = DEFAULT_RUNTIME,
    adapters: Literal["none"] = "none",
) -> "ClipEncoder": ...


@overload
def load_encoder(
    name: str = EMBEDDED,
    pretrained: str = "",
    runtime: Runtime = DEFAULT_RUNTIME,
    *,
    adapters: str,
) -> "ClipEncoder | AdaptedEncoder": ...


def load_encoder(
    name: str = EMBEDDED,
    pretrained: str = "",
    runtime: Runtime = DEFAULT_RUNTIME,
    adapters: str = "none",
) -> "ClipEncoder | AdaptedEncoder":
    """Load an encoder.

    Args:
        name: "embedded", the folder of an encoder that `culture-perception train encoder` wrote,
            the name of any open_clip model, "hf-hub:ORGANISATION/NAME" or "local-dir:FOLDER".
        pretrained: for the name of an open_clip model, the tag of its weights or a checkpoint file.
        runtime: device, threads, precision and backend. An adapter is added to weights of the
            runtime's precision; what it does to an image tower needs the backend torch.
        adapters: "none"; "shipped", those that come with the package and fit the encoder; or files
            of culture adapters with commas between. See `adapter_choice`.

    Raises:
        ValueError: there is no such model or adapter, its file is missing, damaged or of another
            model, it takes no other weights, or the runtime is not there.
    """
    base = _load_base(name, pretrained, runtime)
    if adapters == "none":
        return base
    from culture_perception.models.adapter_choice import with_adapters

    return with_adapters(base, adapters)


def load_named_encoder(name: str, runtime: Runtime = DEFAULT_RUNTIME) -> Encoder:
    """Load an encoder by one text, as verbs that compare models take them.

    Args:
        name: ENCODER, ENCODER@TAG, and with ~ADAPTER behind either: a shipped adapter's name or a
            file, which is then used whatever the labels are.
        runtime: see load_encoder.

    Raises:
        ValueError: as load_encoder.
    """
    whole, _, adapter = name.partition("~")
    encoder, _, pretrained = whole.partition("@")
    base = _load_base(encoder, pretrained, runtime)
    if not adapter:
        return base
    from culture_perception.models.adapter_choice import always_adapted

    return always_adapted(base, adapter)


def _load_base(name: str, pretrained: str, runtime: Runtime) -> "ClipEncoder":
    from culture_perception.models import clip

    if name == EMBEDDED or Path(name).is_dir():
        if pretrained:
            raise ValueError(
                f"encoder {name} has its own weights: leave pretrained empty instead of "
                f"{pretrained!r}, or give the name of an open_clip model with it, such as ViT-B-32"
            )
        folder = None if name == EMBEDDED else Path(name)
        return clip.load_embedded_encoder(folder, runtime)
    return clip.load_published_encoder(name, pretrained, runtime)


def _satisfies_protocols(
    segmenter: "SamSegmenter", encoder: "ClipEncoder", adapted: "AdaptedEncoder"
) -> None:
    """Checked by mypy, never called: the models are what the core asks for."""
    _: Segmenter = segmenter
    __: Encoder = encoder
    ___: Encoder = adapted
    ____: AdaptableEncoder = adapted
