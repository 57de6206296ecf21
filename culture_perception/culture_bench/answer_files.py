"""Answers as JSON lines, appended as they come, so that an interrupted run goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO, TypeAlias, final

from culture_perception.culture_bench.answering import Answer, Answerer, Mode
from culture_perception.culture_bench.items import Item, ItemError

Key: TypeAlias = tuple[str, str, str, str]
"""Model, mode, id of the item, and a hash of what is asked: another question is asked anew."""

_DIGITS: Final = 16


def key_of_question(answerer: Answerer, mode: Mode, item: Item) -> Key:
    """Under which an answer is kept; the picture counts by its path and size, where it is asked."""
    try:
        size = item.image.stat().st_size if mode == "image" else 0
    except OSError:
        size = -1
    parts = [answerer.asked(item), item.image.name if mode == "image" else "", str(size)]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()[:_DIGITS]
    return answerer.name, mode, item.item_id, digest


@final
class AnswerFile:
    """A file of answers. Use it as a context manager; each line is on disk when `add` returns."""

    def __init__(self, path: Path) -> None:
        """Reads what is there.

        Raises:
            ItemError: a line before the last one is no answer; the last one may be cut off, as a
                run that was killed leaves it.
            OSError: the file can not be read or written.
        """
        self._path = path
        self.known: dict[Key, Answer] = {}
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        whole = 0
        for number, line in enumerate(lines, start=1):
            try:
                key, answer = _parsed(line)
            except (ValueError, LookupError, TypeError) as error:
                if number < len(lines):
                    raise ItemError(
                        f"{path}:{number}: no answer ({error}); give another file, or delete it"
                    ) from error
                break
            self.known[key] = answer
            whole += len(line)
        path.parent.mkdir(parents=True, exist_ok=True)
        if lines:
            with path.open("r+b") as file:
                file.truncate(whole)
        self._file: TextIO = path.open("a", encoding="utf-8")

    def add(self, pairs: Iterable[tuple[Key, Answer]]) -> None:
        """Appends answers."""
        for key, answer in pairs:
            self.known[key] = answer
            self._file.write(json.dumps(_record(key, answer), ensure_ascii=False) + "\n")
        self._file.flush()

    def __enter__(self) -> AnswerFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def _record(key: Key, answer: Answer) -> dict[str, Any]:
    model, mode, item_id, asked = key
    return {
        "model": model,
        "mode": mode,
        "id": item_id,
        "asked": asked,
        "choice": answer.choice,
        "reason": answer.reason,
        "text": answer.text,
        "broken": answer.broken,
    }


def _parsed(line: bytes) -> tuple[Key, Answer]:
    if not line.endswith(b"\n"):
        raise ValueError("the line is cut off")
    record = json.loads(line)
    key = (record["model"], record["mode"], record["id"], record["asked"])
    return key, Answer(record["choice"], record["reason"], record["text"], record["broken"])
