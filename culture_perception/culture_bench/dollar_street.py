"""Dollar Street as it is published: images_v2.csv beside the folder assets.

Columns, as public readers use them (facebookresearch/Geographic_Generalization,
datasets/dollarstreet.py): id, country.name, country.id (alpha-2, lower case), region.id, topics (a
list as Python writes it) and imageRelPath (assets/ID/ID.jpg). Its train and test lists
(images_v2_imagenet_train.csv, …) have the same.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from culture_perception.culture_bench.countries import country_code
from culture_perception.culture_bench.csv_rows import LeftOut, Row, csv_rows
from culture_perception.culture_bench.drawing import Named
from culture_perception.culture_bench.everyday_categories import category_of
from culture_perception.culture_bench.items import ItemError

INDEX: Final = "images_v2.csv"
_COLUMNS: Final = ("id", "country.name", "country.id", "topics", "imageRelPath")


def read_dollar_street(source: Path, left_out: LeftOut) -> list[Named]:
    """Every picture with a topic; the first topic is the concept, the others are true as well.

    Args:
        source: the folder of images_v2.csv, or a list of that form.
        left_out: counts what is no question, by reason.

    Raises:
        ItemError: the list lacks a column, or a line of it can not be read.
        OSError: there is no list.
    """
    index = source / INDEX if source.is_dir() else source
    rows = csv_rows(index, _COLUMNS)
    return [one for row in rows if (one := _named(row, index.parent, left_out)) is not None]


def _named(row: Row, folder: Path, left_out: LeftOut) -> Named | None:
    topics = _topics(row)
    country = country_code(row.of["country.id"]) or country_code(row.of["country.name"])
    if not topics or country is None:
        left_out["no topic" if not topics else "no known country"] += 1
        return None
    return Named(
        item_id=f"dollar-street/{row.of['id']}",
        image=folder / row.of["imageRelPath"],
        concept=topics[0],
        also=topics[1:],
        country=country,
        region="",
        category=category_of(topics[0]),
    )


def _topics(row: Row) -> tuple[str, ...]:
    text = row.of["topics"]
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise ItemError(f"{row.where}: topics {text!r} are no list; write ['…']") from error
    if isinstance(found, str | Mapping) or not hasattr(found, "__iter__"):
        raise ItemError(f"{row.where}: topics {text!r} are no list; write ['…']")
    return tuple(str(one).strip() for one in found)
