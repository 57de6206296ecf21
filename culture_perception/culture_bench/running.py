"""Puts items to a model: batched, with a progress bar, going on where an earlier run stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from tqdm import tqdm

from culture_perception.culture_bench.answer_files import AnswerFile, key_of_question
from culture_perception.culture_bench.answering import Answer, Answerer, Mode, Question
from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.pictures import BrokenImageError, read_picture
from culture_perception.masks import Uint8Array


def answer_all(
    answerer: Answerer, items: Sequence[Item], mode: Mode, file: AnswerFile, batch: int, title: str
) -> list[Answer]:
    """An answer to each item, in their order; what the file has is not asked again.

    Args:
        answerer: any.
        items: what is asked.
        mode: with pictures or without.
        file: that answers are kept in.
        batch: questions at a time, pictures in memory.
        title: of the progress bar.

    Raises:
        AnswererError: the model can not go on; answers of earlier batches are kept.
    """
    keys = [key_of_question(answerer, mode, item) for item in items]
    missing = [i for i, key in enumerate(keys) if key not in file.known]
    bar = tqdm(total=len(missing), unit="item", desc=title, disable=_is_silent(missing))
    with bar:
        for part in _parts(missing, batch):
            answers = ask(answerer, [items[i] for i in part], mode)
            file.add(zip([keys[i] for i in part], answers, strict=True))
            bar.update(len(part))
    return [file.known[key] for key in keys]


def ask(answerer: Answerer, items: Sequence[Item], mode: Mode) -> list[Answer]:
    """Broken pictures are told at once, the others asked about together; nothing is kept.

    Raises:
        AnswererError: the model can not go on.
    """
    pictures = [_picture(answerer, item) if mode == "image" else None for item in items]
    questions = [
        Question(item, picture)
        for item, picture in zip(items, pictures, strict=True)
        if not isinstance(picture, BrokenImageError)
    ]
    answers = iter(answerer.answer(questions))
    return [
        Answer(None, str(one), broken=True) if isinstance(one, BrokenImageError) else next(answers)
        for one in pictures
    ]


def _picture(answerer: Answerer, item: Item) -> Uint8Array | BrokenImageError:
    try:
        return read_picture(item.image, answerer.picture_side)
    except BrokenImageError as error:
        return error


def _parts(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def _is_silent(missing: Sequence[int]) -> bool | None:
    """None: a bar where a terminal shows it."""
    return True if not missing or os.environ.get("TERM") == "dumb" else None
