r"""Data like CultureVerse: records with conversations, as LLaVA is tuned on.

A JSON list, or JSON lines. Each record has `image` and `conversations` ([{"from": "human", "value":
"<image>\nquestion\nA. …\nB. …\nC. …\nD. …"}, {"from": "gpt", "value": "B"}], the form of
haotian-liu/LLaVA, docs/Finetune_Custom_Data.md), and beside them `concept`, `country` (a code or an
English name; or `region`), `category` and `type`, under any of the names in FIELDS. A question of
recognition without options is asked with its concept and three others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from culture_perception.culture_bench.countries import country_code
from culture_perception.culture_bench.csv_rows import LeftOut
from culture_perception.culture_bench.drawing import Named, draw_items
from culture_perception.culture_bench.items import CATEGORIES, KINDS, OPTIONS, Item, ItemError
from culture_perception.culture_bench.letters import LETTERS, parse, stripped
from culture_perception.label_lookup import key_of

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "concept": ("concept", "concept_name", "name"),
    "place": ("country", "region", "country_or_region", "country/region"),
    "category": ("category", "class", "topic"),
    "kind": ("type", "question_type", "task"),
    "language": ("language", "lang"),
}
_OPTION: Final = re.compile(r"^\s*\(?([A-D])[).:：、．]\s*(.+?)\s*$", re.MULTILINE)
_KINDS: Final = {"recog": KINDS[0], "knowledge": KINDS[1], "scene": KINDS[2], "reason": KINDS[2]}


def read_culture_verse(source: Path, language: str, seed: int, left_out: LeftOut) -> list[Item]:
    """Every record that is a question with four options, or can be given some.

    Args:
        source: the JSON file; pictures are relative to its folder.
        language: of records that do not say.
        seed: of options that are drawn.
        left_out: counts what is no such question, by reason.

    Raises:
        ItemError: the file is no list of records.
        OSError: it can not be read.
    """
    read = [
        _item_or_error(record, number, source.parent, language)
        for number, record in enumerate(_records(source))
    ]
    left_out.update(str(one) for one in read if isinstance(one, ItemError))
    open_ones = [one for one in read if isinstance(one, Named)]
    asked = [one for one in read if isinstance(one, Item)]
    if len({key_of(one.concept) for one in open_ones}) < OPTIONS:
        if open_ones:
            left_out["no options, and fewer than four concepts to draw them from"] += len(open_ones)
        return asked
    return [*asked, *draw_items(open_ones, language, seed)]


def _item_or_error(
    record: Mapping[str, Any], number: int, folder: Path, language: str
) -> Item | Named | ItemError:
    try:
        asked, answered = _turns(record)
        if not _OPTION.search(asked) and _kind(_field(record, "kind")) == KINDS[0]:
            return _named(record, number, folder)
        return _item(record, (asked, answered), number, folder, language)
    except ItemError as error:
        return error


def _named(record: Mapping[str, Any], number: int, folder: Path) -> Named:
    place, concept = _field(record, "place"), _field(record, "concept")
    if not place or not concept:
        raise ItemError("neither country nor region is given" if concept else "concept is empty")
    country = country_code(place) or ""
    return Named(
        item_id=str(record.get("id", number)),
        image=folder / str(record.get("image", "")),
        concept=concept,
        also=(),
        country=country,
        region="" if country else place,
        category=_category(_field(record, "category")),
    )


def _records(source: Path) -> Sequence[Mapping[str, Any]]:
    text = source.read_text(encoding="utf-8")
    try:
        found = json.loads(text)
    except ValueError:
        try:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise ItemError(f"{source}: neither JSON nor JSON lines ({error})") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ItemError(f"{source}: no list of records; give [{{…}}, …] or one object a line")
    return found


def _item(
    record: Mapping[str, Any], turns: tuple[str, str], number: int, folder: Path, language: str
) -> Item:
    asked, answered = turns
    question, options = _question(asked)
    place = _field(record, "place")
    country = country_code(place) or ""
    draft = Item(
        item_id=str(record.get("id", number)),
        image=folder / str(record.get("image", "")),
        question=question,
        options=options,
        answer=0,
        concept=_field(record, "concept"),
        country=country,
        region="" if country else place,
        category=_category(_field(record, "category")),
        kind=_kind(_field(record, "kind")),
        language=_field(record, "language") or language,
    )
    choice = parse(answered, draft)
    if choice is None:
        raise ItemError("the answer names no option")
    return Item(**{**vars(draft), "answer": choice})


def _turns(record: Mapping[str, Any]) -> tuple[str, str]:
    """The first question and its answer."""
    turns = record.get("conversations")
    if not isinstance(turns, list) or len(turns) < 2:
        raise ItemError("no conversation of a question and an answer")
    texts = [str(turn.get("value", "")) for turn in turns[:2] if isinstance(turn, dict)]
    if len(texts) < 2:
        raise ItemError("no conversation of a question and an answer")
    return texts[0].replace("<image>", "").strip(), texts[1]


def _question(text: str) -> tuple[str, tuple[str, ...]]:
    found = _OPTION.findall(text)
    if [letter for letter, _ in found] != list(LETTERS):
        raise ItemError(f"no {OPTIONS} options A to D")
    head = _OPTION.split(text, maxsplit=1)[0].strip()
    head = re.sub(r"\s*\n?\s*(options|choices|選択肢)\s*[:：]?\s*$", "", head, flags=re.IGNORECASE)
    return head, tuple(stripped(option) for _, option in found)


def _field(record: Mapping[str, Any], name: str) -> str:
    return next((str(record[key]).strip() for key in FIELDS[name] if record.get(key)), "")


def _category(text: str) -> str:
    """One of the fifteen, however it is written: "Music and Dance", "music & dance"."""
    key = key_of(text.replace("&", "and"))
    for one in CATEGORIES:
        wanted = key_of(one)
        if key and key in (wanted, wanted.removesuffix("s"), f"{wanted}s"):
            return one
    raise ItemError("no category of the fifteen")


def _kind(text: str) -> str:
    key = text.casefold()
    kind = next((kind for part, kind in _KINDS.items() if part in key), None)
    if kind is None:
        raise ItemError("no type of the three")
    return kind
