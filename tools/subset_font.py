"""Makes the shipped font: a subset of a full OpenType font.

    python tools/subset_font.py Mplus1-ExtraBold.otf config/fonts/Mplus1-ExtraBold-subset.otf

Kept: ASCII and Western European letters, punctuation and symbols, kana, full-width forms, and the
2,965 kanji of JIS level 1 (which cover every label shipped here). Needs fontTools.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

RANGES = (
    (0x20, 0x7E),  # ASCII
    (0xA0, 0x17F),  # Latin-1 and Latin Extended-A
    (0x2010, 0x2027),  # dashes, quotation marks, bullet, ellipsis
    (0x2030, 0x203B),  # per mille, primes, reference mark
    (0x20AC, 0x20AC),  # euro
    (0x2100, 0x2122),  # letter-like symbols: numero, trade mark
    (0x2190, 0x2193),  # arrows
    (0x25A0, 0x25CF),  # geometric shapes
    (0x2605, 0x2606),  # stars
    (0x3000, 0x30FF),  # CJK punctuation, hiragana, katakana
    (0xFF01, 0xFF9F),  # full-width and half-width forms
)
JIS_LEVEL_1_ROWS = range(16, 48)


def jis_level_1() -> set[int]:
    """Code points of the kanji of JIS X 0208 level 1, the common ones."""
    cells = (bytes([0xA0 + row, 0xA0 + cell]) for row in JIS_LEVEL_1_ROWS for cell in range(1, 95))
    return {ord(text) for pair in cells if (text := pair.decode("euc_jp", "ignore"))}


def characters() -> set[int]:
    """Code points to keep."""
    ranges = {code for first, last in RANGES for code in range(first, last + 1)}
    return ranges | jis_level_1()


def subset_font(source: Path, target: Path) -> None:
    """Writes to target the source font with only characters()."""
    options = subset.Options(hinting=False, desubroutinize=False, notdef_outline=True)
    options.layout_features = ["kern", "vert"]
    font = TTFont(source)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    cutter.subset(font)
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)


def main() -> None:
    """Reads the command line and writes the subset."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="the full font, .otf or .ttf")
    parser.add_argument("target", type=Path, help="the subset to write")
    arguments = parser.parse_args()
    subset_font(arguments.source, arguments.target)
    print(f"{arguments.target}: {arguments.target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
