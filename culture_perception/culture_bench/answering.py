"""What answers questions, and what an answer is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from culture_perception.culture_bench.items import Item
from culture_perception.masks import Uint8Array

Mode: TypeAlias = Literal["image", "blind"]
"""blind: the same questions without their pictures, which tells what the texts give away."""


class AnswererError(RuntimeError):
    """A model can not go on answering; what is answered is kept. The message says what to do."""


@dataclass(frozen=True)
class Question:
    """An item with its picture: uint8 (H, W, 3) RGB; None where it is asked blind."""

    item: Item
    picture: Uint8Array | None


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        choice: index of an option; None: no option could be read from it.
        reason: why there is no choice; "" where there is one.
        text: what the model said; "" where it says nothing.
        broken: the item's picture is missing or damaged, so that nobody was asked.
    """

    choice: int | None
    reason: str = ""
    text: str = ""
    broken: bool = False


class Answerer(Protocol):
    """Answers batches of questions."""

    @property
    def name(self) -> str:
        """Identifies the model and its weights: answers are kept under it."""

    @property
    def picture_side(self) -> int:
        """Longest side of the pictures that it wants, pixels; 0: as they are."""

    def asked(self, item: Item) -> str:
        """All text that it is given for an item: another text is another question."""

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """One answer a question, in their order; questions are all with or all without picture.

        Raises:
            AnswererError: it can not go on.
        """
