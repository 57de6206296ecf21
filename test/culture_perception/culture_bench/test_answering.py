"""Encoders, the file of answers, and running over items."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from culture_perception.concepts import Language
from culture_perception.culture_bench.answer_files import AnswerFile, key_of_question
from culture_perception.culture_bench.answering import Answer, AnswererError, Question
from culture_perception.culture_bench.encoder_answers import EncoderAnswerer
from culture_perception.culture_bench.items import Item, ItemError
from culture_perception.culture_bench.majority import majority_choice
from culture_perception.culture_bench.pictures import read_picture
from culture_perception.culture_bench.running import answer_all
from culture_perception.masks import Float32Array, Uint8Array
from culture_perception.protocols import Calibration

WORDS = ("red", "blue", "green", "white")
ENGLISH = Language("en", "English", None, ("{}", "a photo of {}"))


class ColourEncoder:
    """Pictures and texts by their colour: what the brightest channel is, which word is there."""

    name = "colours-1"
    notice = ""
    crop_size = 8
    calibration = Calibration(100.0)

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        channels = [int(crop.reshape(-1, 3).mean(axis=0).argmax()) for crop in crops]
        order = {0: 0, 2: 1, 1: 2}  # RGB to WORDS
        return np.eye(5, dtype=np.float32)[[order[one] for one in channels]]

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        self.texts += texts
        rows = np.zeros((len(texts), 5), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            found = [i for i, word in enumerate(WORDS) if word in text]
            row[found[0] if found else 4] = 1
        return rows


def pixels(channel: int) -> Uint8Array:
    found = np.zeros((8, 8, 3), dtype=np.uint8)
    found[..., channel] = 200
    return found


def test_the_option_that_fits_the_picture_is_taken(make_item: Any) -> None:
    encoder = ColourEncoder()
    answerer = EncoderAnswerer(encoder, {"en": ENGLISH}, "colours")
    item = make_item()
    answers = answerer.answer([Question(item, pixels(2)), Question(item, pixels(1))])
    assert [one.choice for one in answers] == [1, 2]
    assert "a photo of red box" in encoder.texts  # the option in the language's templates
    assert not any("What" in text for text in encoder.texts)  # without the question
    assert answerer.answer([]) == []


def test_blind_the_option_nearest_to_the_question_is_taken(make_item: Any) -> None:
    answerer = EncoderAnswerer(ColourEncoder(), {"en": ENGLISH}, "colours")
    item = make_item(question="Which of these is white?")
    assert [one.choice for one in answerer.answer([Question(item, None)])] == [3]


def test_an_encoder_is_turned_to_each_language_before_it_is_asked(make_item: Any) -> None:
    turned: list[str] = []
    encoder = ColourEncoder()
    answerer = EncoderAnswerer(encoder, {"en": ENGLISH}, "colours", turned.append, "two of them")
    items = [make_item(str(i), language=one) for i, one in enumerate(("en", "ja", "en"))]
    questions = [Question(item, pixels(i)) for i, item in enumerate(items)]
    assert [one.choice for one in answerer.answer(questions)] == [0, 2, 1]  # in their order
    assert turned == ["en", "ja"]
    assert answerer.about == "two of them"
    assert answerer.answer([]) == []


def test_an_unknown_language_has_its_options_alone(make_item: Any) -> None:
    answerer = EncoderAnswerer(ColourEncoder(), {"en": ENGLISH}, "colours")
    assert answerer.asked(make_item(language="sw")).splitlines()[1:3] == ["red box", "blue can"]


class Counting:
    """Says the same to all, and counts; stops at a question if told to."""

    name = "counting-1"
    picture_side = 0

    def __init__(self, stop_at: int = -1) -> None:
        self.asked_ids: list[str] = []
        self._stop_at = stop_at

    def asked(self, item: Item) -> str:
        return item.question

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        for one in questions:
            if len(self.asked_ids) == self._stop_at:
                raise AnswererError("the server is gone")
            self.asked_ids.append(one.item.item_id)
        return [Answer(0, text="A")] * len(questions)


def test_a_stopped_run_goes_on(make_item: Any, tmp_path: Path) -> None:
    items = [make_item(str(i)) for i in range(5)]
    path = tmp_path / "answers.jsonl"
    stopped, second = Counting(stop_at=3), Counting()
    with AnswerFile(path) as file, pytest.raises(AnswererError, match="gone"):
        answer_all(stopped, items, "image", file, 2, "t")
    with path.open("a") as cut:
        cut.write('{"model": "counting-1", "mo')  # a run that was killed while it wrote
    with AnswerFile(path) as file:
        answers = answer_all(second, items, "image", file, 2, "t")
    assert [one.choice for one in answers] == [0] * 5
    assert second.asked_ids == ["2", "3", "4"]
    with AnswerFile(path) as file:
        assert answer_all(third := Counting(), items, "image", file, 2, "t") == answers
    assert third.asked_ids == []


def test_another_question_picture_or_mode_is_asked_anew(
    make_item: Any, make_picture: Any, tmp_path: Path
) -> None:
    item, answerer = make_item(), Counting()
    keys = {
        key_of_question(answerer, "image", item),
        key_of_question(answerer, "blind", item),
        key_of_question(answerer, "image", make_item(question="Which?")),
        key_of_question(answerer, "image", make_item(image=make_picture("b.png", side=128))),
        key_of_question(answerer, "image", make_item(image=tmp_path / "none.png")),
    }
    assert len(keys) == 5


def test_broken_pictures_are_counted_and_nobody_is_asked(make_item: Any, tmp_path: Path) -> None:
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(b"\xff\xd8\xff\xe0 not much of a picture")
    items = [
        make_item("whole"),
        make_item("missing", image=tmp_path / "nowhere.jpg"),
        make_item("torn", image=torn),
    ]
    answerer = Counting()
    with AnswerFile(tmp_path / "answers.jsonl") as file:
        answers = answer_all(answerer, items, "image", file, 8, "t")
        blind = answer_all(answerer, items, "blind", file, 8, "t")
    assert [one.broken for one in answers] == [False, True, True]
    assert all("broken image" in one.reason for one in answers[1:])
    assert answerer.asked_ids == ["whole", "whole", "missing", "torn"]
    assert not any(one.broken for one in blind)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text("hello\nworld\n")
    with pytest.raises(ItemError, match=r"answers\.jsonl:1: no answer"):
        AnswerFile(path)


def test_pictures_are_made_smaller_on_demand(make_picture: Any) -> None:
    path = make_picture("large.png", side=400)
    assert read_picture(path).shape == (400, 400, 3)
    assert read_picture(path, 100).shape == (100, 100, 3)


def test_the_majority_is_the_letter_that_is_right_most_often(make_item: Any) -> None:
    items = [make_item(str(i), answer=answer) for i, answer in enumerate((2, 1, 2, 0, 1))]
    assert majority_choice(items) == 1  # the first of equals
    with pytest.raises(ValueError, match="no majority"):
        majority_choice([])
