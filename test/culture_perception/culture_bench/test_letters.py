"""What a model is asked, and what is read from its words."""

from __future__ import annotations

from typing import Any

import pytest

from culture_perception.culture_bench.letters import parse, prompt, stripped


def test_the_prompt_is_in_the_items_language(make_item: Any) -> None:
    english = prompt(make_item())
    assert english.splitlines()[:3] == ["What is this?", "A. red box", "B. blue can"]
    assert english.endswith("alone.")
    japanese = prompt(make_item(language="ja", question="何ですか。"))
    assert japanese.endswith("答えてください。")
    assert prompt(make_item(language="sw")).endswith("alone.")


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("B", 1),
        ("(b)", 1),
        ("**C**", 2),
        ("B. blue can", 1),
        ("The answer is C.", 2),
        ("答えはDです", 3),
        ("Option B: blue can", 1),
        ("I think it is green tea", 2),
        ("A red box", 0),  # an article, and an option written out
        ("A blue can", 1),
        ("<think>A or B?</think>D", 3),
        ("I see D here", 3),
        ("maybe A or B", None),
        ("maybe B or C", None),
        ("red box or blue can", None),
        ("None of these", None),
        ("Delicious", None),
        ("", None),
    ],
)
def test_choices_are_read(said: str, choice: int | None, make_item: Any) -> None:
    assert parse(said, make_item()) == choice


@pytest.mark.parametrize(
    ("text", "bare"),
    [("A. red box.", "red box"), ("(c) お茶。", "お茶"), ("B-52", "B-52"), ("Dango", "Dango")],
)
def test_options_are_stripped(text: str, bare: str) -> None:
    assert stripped(text) == bare
