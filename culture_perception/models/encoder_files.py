"""The files of an embedded encoder: the one that is shipped, and those that training writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from culture_perception.models.checkpoints import fill, load_weights
from culture_perception.models.clip_small import ClipModel, build_small_clip, load_tokenizer
from culture_perception.models.errors import CheckpointError
from culture_perception.models.image_batches import ImageBatcher
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.models.verifier_files import VERIFIER_FILE, load_verifier
from culture_perception.protocols import Calibration
from culture_perception.resources import share_path

ensure_torchvision()

from open_clip.transform import PreprocessCfg  # noqa: E402

WEIGHTS_FILE: Final = "encoder.safetensors"
CONFIG_FILE: Final = "encoder.json"
BPE_FILE: Final = "encoder_bpe.txt.gz"
OPEN_CLIP_CONFIG_FILE: Final = "open_clip_config.json"
_NUMBERS: Final = ("logit_scale", "min_probability", "min_similarity")


@dataclass(frozen=True)
class EncoderParts:
    """A loaded embedded encoder.

    Attributes:
        model: with its weights, in evaluation mode.
        tokenizer: texts to int64 (N, context length).
        preprocess: how its images are prepared.
        calibration: None where its description has none.
    """

    model: ClipModel
    tokenizer: Any
    preprocess: PreprocessCfg
    calibration: Calibration | None


def load_parts(folder: Path | None) -> EncoderParts:
    """Everything that an embedded encoder's folder holds.

    Args:
        folder: None for the package's own.

    Raises:
        CheckpointError: a file is missing, damaged, or does not fit the others.
    """
    own = folder or share_path("models")
    path = own / CONFIG_FILE
    config = read_config(path)
    calibration = _calibration(config["calibration"], path) if "calibration" in config else None
    try:
        model = build_small_clip(config["model_cfg"])
        preprocess = PreprocessCfg(**config["preprocess_cfg"])
        ImageBatcher(preprocess)
        vocabulary = int(config["model_cfg"]["text_cfg"]["vocab_size"])
    except Exception as error:  # open_clip checks little: a wrong value can raise anything
        raise _damaged(path, f"model_cfg or preprocess_cfg: {error!r}") from error
    weights = own / WEIGHTS_FILE
    fill(model, load_weights(weights, _cure(own)), weights)
    tokenizer = load_tokenizer(own / BPE_FILE)
    if tokenizer.vocab_size != vocabulary:
        reason = f"{tokenizer.vocab_size} tokens where the encoder has {vocabulary}"
        raise _damaged(own / BPE_FILE, reason)
    return EncoderParts(model, tokenizer, preprocess, calibration)


def read_config(path: Path) -> dict[str, Any]:
    """The description of an embedded encoder: its architecture, preparation and calibration.

    Raises:
        CheckpointError: there is no such file, it is damaged, or its folder is one of open_clip's.
    """
    if not path.is_file() and (path.parent / OPEN_CLIP_CONFIG_FILE).is_file():
        raise CheckpointError(
            f"{path.parent} is a folder of open_clip: give local-dir:{path.parent} as the encoder"
        )
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; {_cure(path.parent)}")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _damaged(path, f"not JSON: {error}") from error
    given: Mapping[str, Any] = config if isinstance(config, dict) else {}
    absent = [
        key for key in ("model_cfg", "preprocess_cfg") if not isinstance(given.get(key), dict)
    ]
    if absent:
        raise _damaged(path, f"it lacks {', '.join(absent)}")
    return dict(given)


def _calibration(record: Any, path: Path) -> Calibration:
    """Of the description; its verifier lies beside it where it names a least match."""
    given = record if isinstance(record, dict) else {}
    needed = (*_NUMBERS, "min_match") if "min_match" in given else _NUMBERS
    wrong = [key for key in needed if not _is_number(given.get(key))]
    if wrong:
        raise _damaged(path, f"calibration lacks {', '.join(wrong)}, or not of the right type")
    verifier = load_verifier(path.with_name(VERIFIER_FILE)) if "min_match" in given else None
    return Calibration(**{key: float(given[key]) for key in needed}, verifier=verifier)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _damaged(path: Path, reason: str) -> CheckpointError:
    return CheckpointError(f"{path}: damaged ({reason}); {_cure(path.parent)}")


def _cure(folder: Path) -> str:
    if folder == share_path("models"):
        return "reinstall the package"
    return "give the folder that `culture-perception train encoder` wrote, whole"
