"""The shipped font: bold, Latin and Japanese, for overlays and for printed products."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

from culture_perception.resources import share_path

FONT_FILE = "Mplus1-ExtraBold-subset.otf"


@lru_cache(maxsize=256)
def load_font(size_px: int) -> ImageFont.FreeTypeFont:
    """The font at one size; repeated calls give the same object.

    Args:
        size_px: height of the em square in pixels, 1 or more.

    Raises:
        ValueError: size_px is below 1.
        FileNotFoundError: the shipped font is missing; reinstall the package.
    """
    if size_px < 1:
        raise ValueError(f"a font needs a size of 1 px or more, got {size_px}")
    path = share_path("config", "fonts", FONT_FILE)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: reinstall culture_perception, which ships it")
    return ImageFont.truetype(str(path), size_px)
