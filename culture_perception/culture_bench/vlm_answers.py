"""Answers of a vision-language model that writes: the letter in what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, final

from culture_perception.culture_bench.answering import Answer, Question
from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.letters import parse, prompt
from culture_perception.culture_bench.pictures import blank_picture
from culture_perception.masks import Uint8Array

SHOWN_TEXT: Final = 200
"""Characters of what a model said that are kept."""


class Writer(Protocol):
    """Answers pictures with words; models.vlm has one of transformers."""

    @property
    def name(self) -> str:
        """Identifies the model and its weights."""

    @property
    def max_new_tokens(self) -> int:
        """The most that an answer may have."""

    def write(self, pictures: Sequence[Uint8Array], prompts: Sequence[str]) -> list[str]:
        """What it says to each picture (uint8 (H, W, 3) RGB) and its prompt."""


@final
class WriterAnswerer:
    """An Answerer of a Writer; blind it sees grey, as such models need a picture."""

    about = ""

    def __init__(self, writer: Writer, title: str, picture_side: int) -> None:
        """Wraps a model.

        Args:
            writer: any.
            title: what the model is called for people.
            picture_side: longest side of the pictures it is shown, pixels.
        """
        self._writer = writer
        self.title = title
        self.picture_side = picture_side
        self.name = writer.name

    def asked(self, item: Item) -> str:
        """The prompt, and what else decides the answer."""
        return f"{prompt(item)}\n{self.picture_side} px, {self._writer.max_new_tokens} tokens"

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """The letters that it wrote; no questions give no answers."""
        if not questions:
            return []
        blank = blank_picture()
        pictures = [blank if one.picture is None else one.picture for one in questions]
        texts = self._writer.write(pictures, [prompt(one.item) for one in questions])
        return [said(text, one.item) for text, one in zip(texts, questions, strict=True)]


def said(text: str, item: Item) -> Answer:
    """The answer that a text is."""
    choice = parse(text, item)
    shown = text.strip()[:SHOWN_TEXT]
    reason = "" if choice is not None else "no letter in the answer" if shown else "empty answer"
    return Answer(choice, reason, shown)
