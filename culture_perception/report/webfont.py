"""The shipped font cut down to the characters of a page, for machines without Japanese fonts."""

from __future__ import annotations

import base64
import io
from typing import Final

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from culture_perception.fonts import font_path

FIRST: Final = 0x2E80
"""Where the scripts of East Asia begin; below, every machine has letters of its own."""


def font_uri(text: str) -> str:
    """A WOFF of the characters of a text beyond Latin, as a data URI; "" where it has none.

    Characters that the shipped font lacks are left to the fonts of the reader's machine.
    """
    font = TTFont(str(font_path()), recalcTimestamp=False)  # the same bytes at every run
    wanted = {ord(one) for one in text if ord(one) >= FIRST} & set(font.getBestCmap())
    if not wanted:
        return ""
    options = Options()
    options.layout_features = []
    options.recalc_timestamp = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(wanted))
    subsetter.subset(font)
    font.flavor = "woff"
    with io.BytesIO() as file:
        font.save(file)
        return "data:font/woff;base64," + base64.b64encode(file.getvalue()).decode("ascii")
