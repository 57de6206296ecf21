"""Learning from items: a lesson of four options, groups in turn, and the verb with its page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from culture_perception.adapt.base import load_base
from culture_perception.adapt.item_lesson import ItemLesson, trust, with_margin
from culture_perception.adapt.item_transfer import TransferRequest, transfer
from culture_perception.adapt.options import AdaptOptions
from culture_perception.cli import main
from culture_perception.concepts import Language
from culture_perception.culture_bench.answering import Question
from culture_perception.culture_bench.encoder_answers import EncoderAnswerer
from culture_perception.culture_bench.item_files import read_items
from culture_perception.culture_bench.items import Item, ItemError
from culture_perception.culture_bench.transfer_cells import OTHERS
from culture_perception.models import lora
from culture_perception.models.lora_options import KINDS, LoraOptions
from culture_perception.resources import share_path

ENGLISH = Language("en", "English", None, ("{}", "a photo of {}"))
SHIPPED = share_path("config", "culture_items", "items.jsonl")
CALL = ["--steps", "2", "--batch", "4", "--threads", "1", "--least", "2"]


def test_the_right_option_of_the_four_is_learned(make_item: Any) -> None:
    base = load_base("embedded", "", "cpu", 1)
    colours = np.array([[200, 20, 20], [20, 20, 200]], dtype=np.uint8)
    questions = [
        Question(
            make_item(str(i), options=("zub", "wog", "kip", "dax"), answer=i),
            np.broadcast_to(colour, (40, 60, 3)).copy(),
        )
        for i, colour in enumerate(colours)
    ]
    answerer = EncoderAnswerer(base.encoder, {"en": ENGLISH}, "embedded")
    before = answerer.cosines(questions)
    torch.manual_seed(0)
    lora.inject(base.model, LoraOptions(rank=4, kinds=KINDS))
    assert np.array_equal(answerer.cosines(questions), before)  # nothing is changed at first
    lesson = ItemLesson(base, questions, {"en": ENGLISH}, batch=6)
    optimizer = torch.optim.AdamW(lora.trainable(base.model), 3e-3)
    rng, seeds = np.random.default_rng(0), torch.Generator().manual_seed(0)
    trusted = trust(answerer, questions, 20.0)
    for _ in range(8):
        optimizer.zero_grad()
        loss = lesson.loss(rng, seeds)
        loss.backward()
        optimizer.step()
    assert trust(answerer, questions, 20.0) > max(0.6, trusted + 0.2)
    assert [one.choice for one in answerer.answer(questions)] == [0, 1]
    lora.remove(base.model)
    assert np.array_equal(answerer.cosines(questions), before)


def test_trust_is_the_mean_probability_of_the_right_option(make_item: Any) -> None:
    class Fixed:
        def cosines(self, questions: list[Question]) -> Any:
            return np.array([[0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])

    questions = [Question(make_item("a", answer=2), None), Question(make_item("b"), None)]
    fixed: Any = Fixed()
    assert trust(fixed, questions, float(np.log(3))) == pytest.approx((1 / 4 + 3 / 6) / 2)


def test_a_margin_is_drawn_out_of_the_border() -> None:
    picture = np.zeros((10, 20, 3), dtype=np.uint8)
    picture[:, 10:] = 200
    found = with_margin(picture, 10)
    assert found.shape == (14, 14, 3)
    assert found[0, 0].tolist() == [0, 0, 0] and found[-1, -1].tolist() == [200, 200, 200]
    assert np.array_equal(found[2:-2, :2], np.zeros((10, 2, 3)))


def test_an_adapter_of_one_group_is_tested_on_all_and_forgotten(tmp_path: Path) -> None:
    items = [one for one in read_items(SHIPPED) if one.kind == "recognition"]
    broken = [*items, replace_image(items[0], tmp_path / "nowhere.jpg")]
    options = AdaptOptions(lora=LoraOptions(rank=2), steps=1, batch=2, every=1, replay=0.0)
    request = TransferRequest("region", "embedded", options, least=1, states=tmp_path, threads=1)
    found = transfer(broken, request)
    assert found.groups == ("JP", "US") and found.broken == 1
    assert [one.group for one in found.trained] == ["JP", "US"]
    assert [(one.trained_on, one.tested_on) for one in found.cells] == [
        ("JP", "JP"), ("JP", "US"), ("JP", OTHERS), ("US", "JP"), ("US", "US"), ("US", OTHERS),
    ]  # fmt: skip
    assert found.cells[0].before == found.cells[3].before  # the base comes back in between
    again = transfer(broken, request)
    assert again.cells == found.cells and again.trained == found.trained
    with pytest.raises(ItemError, match="two groups or more need 99 items"):
        transfer(items, TransferRequest("region", "embedded", options, 99, tmp_path))


def replace_image(item: Item, path: Path) -> Item:
    return Item(**{**vars(item), "item_id": "broken", "image": path})


def test_the_verb_prints_writes_and_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    call = ["culture-bench", "transfer", "shipped", "--by", "language", *CALL]
    assert main([*call, "--json", "t.json"]) == 0
    printed = capsys.readouterr().out
    assert "trained on" in printed and "all others" in printed
    record = json.loads(Path("t.json").read_text())
    assert record["by"] == "language" and record["groups"] == ["en", "ja"]
    assert main([*call, "--json", "again.json", "--resume"]) == 0
    assert json.loads(Path("again.json").read_text())["cells"] == record["cells"]
    assert main(["report", "t.json", "--out", "t.html", "--figures", "figures"]) == 0
    html = Path("t.html").read_text(encoding="utf-8")
    assert "trained on one language, tested on all" in html
    assert len(re.findall(r'<td class="own" style="background: rgb\(', html)) == 2
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)", html)


def test_mistakes_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words, message in (
        (["shipped", "--least", "90"], "two groups or more need 90 items each"),
        (["shipped", "--encoder", "no-such-model"], "no-such-model"),
        (["nowhere.jsonl"], "nowhere.jsonl"),
        ([], "write one of"),
    ):
        assert main(["culture-bench", "transfer", *words[:1], *CALL, *words[1:]]) == 1
        assert message in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["culture-bench", "transfer", "shipped", "--by", "colour"])
