"""Weights from files: .pth and .pt without running what a pickle may hold, and .safetensors."""

import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from culture_perception.models.errors import CheckpointError as CheckpointError

PICKLED_SUFFIXES = (".pth", ".pt", ".bin")
SAFE_SUFFIXES = (".safetensors",)

_SHOWN_NAMES = 4
_WRAPPERS = ("state_dict", "model")


def load_weights(path: Path, cure: str = "give the path of a checkpoint file") -> dict[str, Tensor]:
    """Read a file of weights onto the CPU.

    A pickled file is read with `weights_only=True`, so that an untrusted one cannot run code. A
    state dict wrapped as `state_dict` or `model` is unwrapped.

    Args:
        path: a .pth, .pt, .bin or .safetensors file.
        cure: what to do when there is no such file, for the error message.

    Raises:
        CheckpointError: the file is missing, of another kind, damaged or holds no weights.
    """
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; {cure}")
    if path.suffix in SAFE_SUFFIXES:
        return _load_safetensors(path)
    if path.suffix in PICKLED_SUFFIXES:
        return _load_pickled(path)
    known = ", ".join(PICKLED_SUFFIXES + SAFE_SUFFIXES)
    raise CheckpointError(f"{path}: unknown suffix {path.suffix!r}; known are {known}")


def refuse_torchscript(path: Path) -> None:
    """Refuses a program of TorchScript, which torch itself would advise to unpickle unsafely.

    Raises:
        CheckpointError: the file is one.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        is_program = any(PurePosixPath(name).name == "constants.pkl" for name in archive.namelist())
    if is_program:
        raise CheckpointError(
            f"{path}: a program of TorchScript instead of weights, as OpenAI publishes CLIP; give "
            "the tag openai, whose weights are the same, or a file of a state dict"
        )


def fill(module: nn.Module, weights: Mapping[str, Tensor], source: Path) -> None:
    """Load weights into a module, all of them or none; lower precision is widened.

    Raises:
        CheckpointError: names are missing or left over, or shapes differ; it says which.
    """
    expected = module.state_dict()
    faults = _faults(expected, weights)
    if faults:
        raise CheckpointError(
            f"{source}: not the weights of this model: {'; '.join(faults)}. "
            "Choose the model that the file was made for, or the file of this model"
        )
    module.load_state_dict({name: weights[name].to(expected[name].dtype) for name in expected})


def _faults(expected: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> list[str]:
    missing = [name for name in expected if name not in given]
    extra = [name for name in given if name not in expected]
    reshaped = [
        f"{name} {tuple(given[name].shape)} instead of {tuple(value.shape)}"
        for name, value in expected.items()
        if name in given and given[name].shape != value.shape
    ]
    kinds = (("missing", missing), ("unknown", extra), ("other shape", reshaped))
    return [f"{kind}: {_shortened(names)}" for kind, names in kinds if names]


def _shortened(names: list[str]) -> str:
    more = len(names) - _SHOWN_NAMES
    return ", ".join(names[:_SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")


def _load_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise CheckpointError(f"{path}: damaged ({error}); fetch it again") from error


def _load_pickled(path: Path) -> dict[str, Tensor]:
    refuse_torchscript(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged pickle can raise anything
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(
            f"{path}: damaged, or it holds more than weights ({reason}); "
            "fetch it again, or convert it to .safetensors where it can be trusted"
        ) from error
    return _state_dict(content, path)


def _state_dict(content: object, path: Path) -> dict[str, Tensor]:
    for wrapper in _WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    if not isinstance(content, Mapping) or not content:
        raise CheckpointError(f"{path}: holds {type(content).__name__}, not named weights")
    odd = [str(name) for name, value in content.items() if not isinstance(value, Tensor)]
    if odd:
        raise CheckpointError(f"{path}: entries without weights: {_shortened(odd)}")
    return dict(content)
