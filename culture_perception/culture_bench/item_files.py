"""Items as JSON lines: one object a line, pictures by paths relative to the file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from culture_perception.culture_bench.items import Item, ItemError

_TEXTS: Final = ("id", "image", "question", "concept", "category", "type", "language")
_PLACES: Final = ("country", "region")
_FIELDS: Final = (*_TEXTS, "options", "answer")
_LETTERS: Final = "ABCD"


def read_items(path: Path) -> tuple[Item, ...]:
    """Every item of a file, in its order; empty lines are skipped.

    Whether pictures are there and whole shows when they are asked about.

    Raises:
        ItemError: a line is wrong, an id is there twice, or there is no item; the message has
            file:line and what to do.
        OSError: the file can not be read.
    """
    found: list[Item] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            item = _item(line, path.parent)
        except ItemError as error:
            raise ItemError(f"{path}:{number}: {error}") from error
        if item.item_id in lines:
            raise ItemError(
                f"{path}:{number}: id {item.item_id!r} is there already, in line "
                f"{lines[item.item_id]}; rename one of the two"
            )
        lines[item.item_id] = number
        found.append(item)
    if not found:
        raise ItemError(f"{path}:1: no item is in this file; write one JSON object a line")
    return tuple(found)


def write_items(items: Iterable[Item], path: Path) -> int:
    """Writes items, pictures as paths relative to the file; gives how many.

    Raises:
        ItemError: two items have one id.
        OSError: the file can not be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    records = [_record(item, path.parent) for item in items]
    ids = [one["id"] for one in records]
    twice = sorted({one for one in ids if ids.count(one) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise ItemError(f"{path}: several items have the id {twice[0]!r}; give each its own")
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records)
    path.write_text(text, encoding="utf-8")
    return len(records)


def _item(line: str, folder: Path) -> Item:
    record = _object(line)
    texts = {name: _text(record, name) for name in _TEXTS}
    places = {name: _text(record, name) if name in record else "" for name in _PLACES}
    if all(places.values()):
        raise ItemError("country and region are both given; the country is enough")
    options = record["options"]
    if not isinstance(options, list) or not all(isinstance(one, str) for one in options):
        raise ItemError(f"options {options!r} are no list of texts; write four")
    return Item(
        item_id=texts["id"],
        image=folder / texts["image"],
        question=texts["question"],
        options=tuple(options),
        answer=_answer(record["answer"]),
        concept=texts["concept"],
        country=places["country"],
        region=places["region"],
        category=texts["category"],
        kind=texts["type"],
        language=texts["language"],
    )


def _object(line: str) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise ItemError(f"no JSON ({error}); write one object a line") from error
    if not isinstance(record, dict):
        raise ItemError(f"{line[:40]!r} is no JSON object; write {{...}}")
    missing = [name for name in _FIELDS if name not in record]
    if missing:
        raise ItemError(f"{', '.join(missing)} missing; add it")
    unknown = sorted(set(record) - {*_FIELDS, *_PLACES})
    if unknown:
        raise ItemError(f"unknown field {unknown[0]!r}; there is {', '.join((*_FIELDS, *_PLACES))}")
    return record


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record[name]
    if not isinstance(value, str):
        raise ItemError(f"{name} {value!r} is no text; put it in quotes")
    return value


def _answer(value: Any) -> int:
    """An index or a letter."""
    if isinstance(value, str) and len(value) == 1 and value in _LETTERS:
        return _LETTERS.index(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ItemError(f"answer {value!r} is no option; give 0 to 3, or A to D")
    return value


def _record(item: Item, folder: Path) -> dict[str, Any]:
    place = {"country": item.country} if item.country else {"region": item.region}
    return {
        "id": item.item_id,
        "image": Path(os.path.relpath(item.image, folder)).as_posix(),
        "question": item.question,
        "options": list(item.options),
        "answer": item.answer,
        "concept": item.concept,
        **place,
        "category": item.category,
        "type": item.kind,
        "language": item.language,
    }
