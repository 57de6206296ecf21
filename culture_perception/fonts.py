"""The shipped font: bold, Latin and Japanese, for overlays and for printed products."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from culture_perception.resources import share_path

FONT_FILE = "Mplus1-ExtraBold-subset.otf"


def font_path() -> Path:
    """Where the font is.

    Raises:
        ResourceError: it is missing; reinstall the package.
    """
    return share_path("config", "fonts", FONT_FILE)


@lru_cache(maxsize=256)
def load_font(size_px: int) -> ImageFont.FreeTypeFont:
    """The font at one size; repeated calls give the same object.

    Args:
        size_px: height of the em square in pixels, 1 or more.

    Raises:
        ValueError: size_px is below 1.
        ResourceError: the font is missing; reinstall the package.
    """
    if size_px < 1:
        raise ValueError(f"a font needs a size of 1 px or more, got {size_px}")
    return ImageFont.truetype(str(font_path()), size_px)
