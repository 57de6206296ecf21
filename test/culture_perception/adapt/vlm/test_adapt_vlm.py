"""`culture-perception adapt --vlm` on a small LLaVA with random weights, built here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from culture_perception.cli import main
from culture_perception.culture_bench.item_files import read_items, write_items
from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.models import ModelOptions, load_answerer
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()
for library in ("transformers", "peft", "trl"):
    pytest.importorskip(library, reason="pip install 'culture_perception[vlm]'")

from culture_perception.adapt.vlm import tuning  # noqa: E402
from culture_perception.adapt.vlm.options import VlmOptions  # noqa: E402
from culture_perception.adapt.vlm.tuning import (  # noqa: E402
    language_layers,
    question_rows,
    tune,
)
from culture_perception.runner import SystemFailure  # noqa: E402
from test.culture_perception.models.test_vlm import llava, qwen  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
COLOURS = {"red": (220, 20, 20), "blue": (20, 20, 220)}
OPTIONS = ("red", "blue", "green", "black")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red and blue pictures: what a question is about can be seen."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        for number in range(12):
            pixels = np.clip(np.array(colour) + rng.integers(-20, 20, (40, 40, 3)), 0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{name}-{number}.png")
    return folder


def _items(pictures: Path, numbers: range, country: str = "JP") -> Iterator[Item]:
    for number in numbers:
        for answer, name in enumerate(COLOURS):
            yield Item(
                f"{country}-{name}-{number}", pictures / f"{name}-{number}.png", f"Q{number}?",
                OPTIONS, answer, f"{country} {name} {number}", country, "", "food", "recognition",
                "en",
            )  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models") / "tiny"
    network, processor = llava()
    network.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def test_only_the_answer_is_in_the_loss(pictures: Path) -> None:
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    _, processor = llava()
    items = list(_items(pictures, range(1)))
    rows = question_rows(processor, items)
    examples = [{**row, "images": [Image.open(row["images"][0])]} for row in rows]
    collator = DataCollatorForVisionLanguageModeling(processor, completion_only_loss=True)
    batch = collator(examples)
    learned = [labels[labels != -100].tolist() for labels in batch["labels"]]
    end = processor.tokenizer.eos_token_id
    letters = [processor.tokenizer(letter, add_special_tokens=False).input_ids for letter in "AB"]
    assert learned == [[*letters[0], end], [*letters[1], end]]


@pytest.mark.parametrize("build", [llava, qwen])
def test_what_is_changed_is_the_language_model_alone(build: Any) -> None:
    names = language_layers(build()[0])
    assert len(names) == 14  # two layers of q, k, v, out and three of the perceptron
    assert not [name for name in names if "vis" in name or "lm_head" in name]


def test_a_model_without_a_language_model_is_refused() -> None:
    with pytest.raises(SystemFailure, match="no linear layer"):
        language_layers(torch.nn.Sequential(torch.nn.ReLU()))


def test_nothing_is_learned_in_no_step(pictures: Path, tmp_path: Path) -> None:
    network, processor = llava()
    items = list(_items(pictures, range(2)))
    still = VlmOptions(steps=1, learning_rate=0.0, every=1, batch=2, accumulate=1, device="cpu")
    with pytest.raises(SystemFailure, match="nothing was learned"):
        tune(network, processor, items, items, still, tmp_path / "state", False)


def _command(model: Path, out: Path, *options: str) -> list[str]:
    return [
        *("adapt", "--vlm", str(model), "--device", "cpu", "--threads", "1", "--batch", "8"),
        *("--accumulate", "1", "--every", "20", "--out", str(out), *options),
    ]


def test_it_learns_what_it_is_asked_and_the_file_says_so(
    model: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_items(_items(pictures, range(8)), tmp_path / "train.jsonl")
    write_items(_items(pictures, range(8, 12)), tmp_path / "test.jsonl")
    write_items(_items(pictures, range(8, 12), "US"), tmp_path / "general.jsonl")
    out, asked = tmp_path / "lora", tmp_path / "said.json"
    options = "--steps 100 --learning-rate 0.008 --rank 32 --patience 20 --licence CC0-1.0 --resume"
    files = [
        *("--items", str(tmp_path / "train.jsonl"), "--test-items", str(tmp_path / "test.jsonl")),
        *("--general", str(tmp_path / "general.jsonl"), "--json", str(asked)),
    ]
    assert main(_command(model, out, *files, *options.split())) == 0
    said = capsys.readouterr().out
    assert "the gate lets it pass" in said
    record = json.loads(asked.read_text())
    assert record == json.loads((out / "culture_card.json").read_text())
    first = record["cells"][0]
    assert (first["part"], first["by"], first["n"]) == ("test", "all", 8)
    assert first["after"] == 1.0 > first["before"]
    assert record["questions"]["leaking"] == 0
    assert {one["part"] for one in record["cells"]} == {"test", "general"}
    # As culture-bench loads it: the same answers as the tuned model in memory gave.
    answerer = load_answerer(f"vlm:{model}~{out}", ModelOptions(device="cpu"))
    from culture_perception.adapt.vlm.judging import ask

    items = read_items(tmp_path / "test.jsonl")
    assert ask(answerer, items, tmp_path / "again.jsonl", "again").all()
    # Going on from the last checkpoint, which is the end, changes nothing.
    before = (out / "adapter_model.safetensors").read_bytes()
    assert main(_command(model, out, *files, *options.split())) == 0
    assert (out / "adapter_model.safetensors").read_bytes() == before


def test_the_gate_refuses_what_learned_nothing_of_use_and_counts_what_was_left_out(
    model: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = list(_items(pictures, range(8, 10)))
    broken = Item(
        "broken", tmp_path / "none.png", "What?", OPTIONS, 0, "broken", "JP", "", "food",
        "recognition", "en",
    )  # fmt: skip
    write_items([*_items(pictures, range(3)), broken, test[0]], tmp_path / "train.jsonl")
    write_items(test, tmp_path / "test.jsonl")
    files = [
        *("--items", str(tmp_path / "train.jsonl"), "--test-items", str(tmp_path / "test.jsonl")),
        *("--steps", "1", "--every", "1", "--json", str(tmp_path / "said.json")),
    ]
    assert main(_command(model, tmp_path / "bad", *files)) == 1
    said = capsys.readouterr().out
    assert "did not gain beyond their interval" in said
    assert "what is forgotten was not seen" in said
    record = json.loads((tmp_path / "said.json").read_text())
    assert record["passed"] is False
    assert record["questions"]["broken"] == 1
    assert record["questions"]["leaking"] == 1
    assert main(_command(model, tmp_path / "bad", *files, "--allow-forgetting")) == 0


def test_bad_input_is_told(
    model: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert main(_command(model, tmp_path / "x")) == 1
    assert "give --items FILE.jsonl" in capsys.readouterr().err
    write_items(list(_items(pictures, range(1)))[:1], tmp_path / "one.jsonl")
    assert main(_command(model, tmp_path / "x", "--items", str(tmp_path / "one.jsonl"))) == 1
    assert "are left to learn" in capsys.readouterr().err
    monkeypatch.setattr(tuning, "find_spec", lambda name: None if name == "trl" else os)
    assert main(_command(model, tmp_path / "x", "--items", "a.jsonl")) == 1
    assert "needs trl: pip install" in capsys.readouterr().err
