"""Segmenters of the library transformers: by their name on the hub, or from a folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from culture_perception.models.errors import CheckpointError, reason_of
from culture_perception.models.hub import cached_files_only, hub_file
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.model_files import CONFIG_FILE, SEGMENTER_FILES
from culture_perception.models.runtime import Runtime
from culture_perception.models.torchvision_compat import ensure_torchvision

if TYPE_CHECKING:
    from culture_perception.models.transformers_sam import TransformersSegmenter

_CLASSES: Final = {
    "sam": ("SamModel", "SamProcessor"),
    "sam2": ("Sam2Model", "Sam2Processor"),
    "sam2_video": ("Sam2Model", "Sam2Processor"),
    "edgetam": ("EdgeTamModel", "Sam2Processor"),
    "edgetam_video": ("EdgeTamModel", "Sam2Processor"),
}
"""The library's classes by the `model_type` of config.json; those for video segment images too."""


def load_transformers_segmenter(
    source: str, overrides: Mapping[str, object], runtime: Runtime
) -> TransformersSegmenter:
    """A SAM, SAM 2 or EdgeTAM with its weights.

    Args:
        source: "organisation/name" on the hub, or a folder that `save_pretrained` wrote.
        overrides: options of the mask generator.
        runtime: device, threads and precision.

    Raises:
        CheckpointError: the library is not installed, a file is missing, damaged or of another
            model, or it is neither cached nor to be had.
        ValueError: an option is unknown or out of range, or the runtime is not there.
    """
    options = MaskGeneratorOptions().changed(overrides)
    require_transformers(f"segmenter {source}")
    folder = Path(source) if Path(source).is_dir() else _from_hub(source)
    model_class, processor_class = _classes(folder / CONFIG_FILE)
    model, processor = _loaded(folder, model_class, processor_class)

    from culture_perception.models.transformers_sam import TransformersSegmenter

    return TransformersSegmenter(model, processor, source, options, runtime)


def require_transformers(wanted_by: str) -> None:
    """Raises CheckpointError, with the command that installs it, where transformers is missing."""
    if find_spec("transformers") is None:
        raise CheckpointError(
            f"{wanted_by} needs the package transformers: pip install "
            "'culture_perception[transformers]', or pip install -c constraints.txt transformers "
            "sentencepiece protobuf"
        )


def _from_hub(repository: str) -> Path:
    """The folder of the hub's cache that holds the model's files."""
    return [hub_file(repository, names) for names in SEGMENTER_FILES][-1].parent


def _classes(config: Path) -> tuple[str, str]:
    try:
        kind = json.loads(config.read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise CheckpointError(
            f"{config}: not a configuration of transformers ({error}); give a folder that "
            "save_pretrained wrote, or hf:ORGANISATION/NAME"
        ) from error
    if kind not in _CLASSES:
        raise CheckpointError(
            f"{config}: model type {kind!r} is no segmenter; known are {', '.join(_CLASSES)}"
        )
    return _CLASSES[kind]


def _loaded(folder: Path, model_class: str, processor_class: str) -> tuple[Any, Any]:
    ensure_torchvision()
    import transformers

    try:
        with cached_files_only(), _quiet(transformers):
            model, loading = getattr(transformers, model_class).from_pretrained(
                folder,
                output_loading_info=True,
                weights_only=True,
                ignore_mismatched_sizes=True,  # the library's error does not say which
            )
            processor = getattr(transformers, processor_class).from_pretrained(folder)
    except Exception as error:  # a damaged description can fail anywhere in the library
        raise CheckpointError(
            f"{folder}: missing or damaged files ({type(error).__name__}: {reason_of(error)}); "
            "fetch the model again"
        ) from error
    absent = sorted(loading["missing_keys"]) + sorted(map(str, loading["mismatched_keys"]))
    if absent:
        raise CheckpointError(
            f"{folder}: {len(absent)} weights are missing or of another shape, {absent[0]} first; "
            "fetch the model again"
        )
    return model, processor


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """The library remarks that a checkpoint for video is loaded for images, as is meant."""
    log = transformers.utils.logging
    level, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity(logging.ERROR)
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(level)
        if bars:
            log.enable_progress_bar()
