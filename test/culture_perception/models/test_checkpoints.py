"""Weights from files, and what is said of those that cannot be used."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from culture_perception.models.checkpoints import CheckpointError, fill, load_weights


class Payload:
    """Something that a pickle can hold and weights never are."""

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (print, ("a pickle ran code",))


@pytest.fixture
def weights() -> dict[str, Tensor]:
    return {"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([3.0])}


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".bin", ".safetensors"])
def test_each_suffix_gives_the_same_weights(
    tmp_path: Path, suffix: str, weights: dict[str, Tensor]
) -> None:
    path = tmp_path / f"model{suffix}"
    save_file(weights, path) if suffix == ".safetensors" else torch.save(weights, path)

    loaded = load_weights(path)

    assert loaded.keys() == weights.keys()
    assert all(torch.equal(loaded[name], weights[name]) for name in weights)


@pytest.mark.parametrize("wrapper", ["state_dict", "model"])
def test_a_wrapped_state_dict_is_unwrapped(
    tmp_path: Path, wrapper: str, weights: dict[str, Tensor]
) -> None:
    path = tmp_path / "model.pt"
    torch.save({wrapper: weights, "epoch": 3}, path)

    assert load_weights(path).keys() == weights.keys()


def test_a_pickle_never_runs_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.pth"
    torch.save({"weight": Payload()}, path)

    with pytest.raises(CheckpointError, match=r"model\.pth: damaged, or it holds more than"):
        load_weights(path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.pth", None, "no such file; fetch it there"),
        ("text.txt", b"hello", r"unknown suffix '\.txt'; known are \.pth"),
        ("text.safetensors", b"hello", "damaged"),
        ("text.pth", b"hello", "damaged"),
        ("empty.pt", b"", "damaged"),
        ("plain.pt", pickle.dumps(3, protocol=2), "damaged"),
    ],
)
def test_a_useless_file_is_named(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CheckpointError, match=message) as caught:
        load_weights(path, cure="fetch it there")
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (torch.zeros(2), "holds Tensor, not named weights"),
        ({}, "holds dict, not named weights"),
        ({"weight": torch.zeros(1), "epoch": 3}, "entries without weights: epoch"),
    ],
)
def test_content_that_is_no_state_dict_is_described(
    tmp_path: Path, content: object, message: str
) -> None:
    path = tmp_path / "model.pt"
    torch.save(content, path)

    with pytest.raises(CheckpointError, match=message):
        load_weights(path)


def test_fill_widens_half_precision(weights: dict[str, Tensor]) -> None:
    layer = nn.Linear(2, 1)

    fill(layer, {name: value.half() for name, value in weights.items()}, Path("half.pt"))

    assert layer.weight.dtype == torch.float32
    assert layer.weight.tolist() == [[1.0, 2.0]]


def test_fill_says_all_that_does_not_fit_and_changes_nothing() -> None:
    layer = nn.Linear(2, 1)
    before = layer.bias.clone()
    given = {"bias": torch.zeros(4), "scale": torch.zeros(1)}

    with pytest.raises(CheckpointError) as caught:
        fill(layer, given, Path("other.pt"))

    message = str(caught.value)
    assert "missing: weight" in message
    assert "unknown: scale" in message
    assert "other shape: bias (4,) instead of (1,)" in message
    assert torch.equal(layer.bias, before)


def test_long_lists_of_names_are_shortened() -> None:
    many = {f"layer{index}": torch.zeros(1) for index in range(9)}

    with pytest.raises(CheckpointError, match="and 5 more"):
        fill(nn.Identity(), many, Path("other.pt"))
