"""GeoDE as it is published: index.csv beside the folder images.

Columns, as public readers use them (facebookresearch/Geographic_Generalization,
datasets/geode.py): file_path (below images), object (hand_soap), region and ip_country (Hong Kong).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from culture_perception.culture_bench.countries import country_code
from culture_perception.culture_bench.csv_rows import LeftOut, Row, csv_rows
from culture_perception.culture_bench.drawing import Named
from culture_perception.culture_bench.everyday_categories import category_of

INDEX: Final = "index.csv"
_COLUMNS: Final = ("file_path", "object", "region", "ip_country")


def read_geode(source: Path, left_out: LeftOut) -> list[Named]:
    """Every picture; where its country is none that is known, its region stands for it.

    Args:
        source: the folder of index.csv, or a list of that form.
        left_out: counts what is no question, by reason.

    Raises:
        ItemError: the list lacks a column, or a line of it is cut off.
        OSError: there is no list.
    """
    index = source / INDEX if source.is_dir() else source
    rows = csv_rows(index, _COLUMNS)
    return [one for row in rows if (one := _named(row, index.parent, left_out)) is not None]


def _named(row: Row, folder: Path, left_out: LeftOut) -> Named | None:
    concept = row.of["object"].replace("_", " ")
    country = country_code(row.of["ip_country"]) or ""
    if not concept or not (country or row.of["region"]):
        left_out["neither country nor region" if concept else "no object"] += 1
        return None
    return Named(
        item_id=f"geode/{row.of['file_path']}",
        image=folder / "images" / row.of["file_path"],
        concept=concept,
        also=(),
        country=country,
        region="" if country else row.of["region"],
        category=category_of(concept),
    )
