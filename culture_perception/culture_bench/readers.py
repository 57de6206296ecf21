"""Items from data sets in the layouts that they are published in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from culture_perception.culture_bench.culture_verse import read_culture_verse
from culture_perception.culture_bench.dollar_street import read_dollar_street
from culture_perception.culture_bench.drawing import draw_items
from culture_perception.culture_bench.geode import read_geode
from culture_perception.culture_bench.items import Item, ItemError

CULTURE_VERSE: Final = "culture-verse"
_NAMED: Final = {"dollar-street": read_dollar_street, "geode": read_geode}
LAYOUTS: Final = (CULTURE_VERSE, *_NAMED)


def read_layout(
    layout: str, source: Path, language: str, seed: int
) -> tuple[tuple[Item, ...], Mapping[str, int]]:
    """The items of a data set on disk, and how many records are none, by reason.

    Args:
        layout: one of LAYOUTS.
        source: its folder or file.
        language: that the data is in.
        seed: of the options that are drawn where the data has none.

    Raises:
        ItemError: there is no such layout, the files have another form, or nothing in them is a
            question.
        OSError: a list can not be read.
    """
    left_out: Counter[str] = Counter()
    if layout == CULTURE_VERSE:
        items = tuple(read_culture_verse(source, language, seed, left_out))
    elif layout in _NAMED:
        items = draw_items(_NAMED[layout](source, left_out), language, seed)
    else:
        raise ItemError(f"layout {layout!r} is none of {', '.join(LAYOUTS)}")
    if not items:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in left_out.items())
        raise ItemError(f"{source}: no question in it. Left out: {reasons or 'nothing'}")
    return items, left_out
