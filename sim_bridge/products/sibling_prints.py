"""Paints the faces of a sibling's package: ground, pictogram, words, brand, small print."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from sim_bridge.products.lettering import is_readable, readable_on, write_fitted
from sim_bridge.products.motifs import draw_motif
from sim_bridge.products.pen import Rgb
from sim_bridge.products.sibling_look import BrandMark, Look

Side: TypeAlias = Literal["front", "side", "top"]
_Pair: TypeAlias = tuple[float, float]
_PAPER: Final[Rgb] = (242, 242, 238)
_TINT: Final[Rgb] = (168, 200, 222)
_PALE_MOTIFS: Final = frozenset(
    "coffee tea_cup sugar_cubes salt egg milk rice shirt tooth bubbles soup_bowl window "
    "curry".split()
)
_DARK_MOTIFS: Final = frozenset(
    "chocolate chocolate_cookies chocolate_jelly drop cat macadamias chocolate_sticks".split()
)
_SMALL_PRINT: Final = ("NET WT 12 OZ", "340 g", "since 1921", "new!", "original", "12 FL OZ")


def paint_face(
    look: Look,
    size: tuple[int, int],
    side: Side,
    rng: np.random.Generator,
    reach: float = 1.0,
) -> Image.Image:
    """Paints one face.

    Args:
        look: what it shares with the other faces.
        size: (width, height), pixels, at least 8 each.
        side: front (all the print), side (small print, sometimes the front's), top.
        rng: of what differs from face to face.
        reach: share of the width that words may fill; the rest would lie out of view.

    Returns:
        RGB picture.
    """
    image = Image.new("RGB", size, look.colour1)
    if look.word == "" and look.brand is None:
        _paint_ground(image, look)
        return image
    if side == "side" and rng.random() < 0.2:
        _paint_plain_back(image, look)
    else:
        _paint_ground(image, look)
    if side == "front" or rng.random() < 0.4:
        _paint_front(image, look, 1.0 if side == "front" else 0.75, reach)
    elif side == "side" and rng.random() < 0.7:
        _paint_facts(image, rng)
    for _ in range(look.clutter):
        _strew(image, rng)
    return image


def _paint_ground(image: Image.Image, look: Look) -> None:
    """Divides the face between the two colours; the main one keeps the larger part."""
    if not look.two_coloured and look.layout > 3:
        return
    draw = ImageDraw.Draw(image)
    w, h = image.size
    share, colour = look.share, look.colour2
    bands: dict[int, list[tuple[float, float, float, float]]] = {
        0: [(0, h * (1 - share), w, h)],
        1: [(0, 0, w, h * share)],
        2: [(0, h * (0.5 - share / 2), w, h * (0.5 + share / 2))],
        5: [(w * i / 5, 0, w * (i / 5 + share / 5), h) for i in range(5)],
        6: [(0, 0, w, h * 0.17), (0, h * 0.82, w, h)],
        7: [(w * 0.12, h * (0.5 - share * 0.7), w * 0.88, h * (0.5 + share * 0.7))],
    }
    for band in bands.get(look.layout, []):
        draw.rectangle(band, fill=colour)
    if look.layout == 3:
        slope = [(0, h), (0, h * (1 - share * 1.3)), (w, h * (1 - share * 0.5)), (w, h)]
        draw.polygon(slope, fill=colour)
    if look.layout == 4:
        draw.ellipse((w * 0.06, h * (0.5 - share * 0.8), w * 0.94, h * (0.5 + share * 0.8)), colour)
    if look.layout == 8:
        draw.rectangle((0, 0, w * share, h), fill=colour)


def _paint_plain_back(image: Image.Image, look: Look) -> None:
    """A pale back between two strips of the main colour."""
    draw = ImageDraw.Draw(image)
    w, h = image.size
    draw.rectangle((0, h * 0.22, w, h * 0.85), fill=_PAPER)
    draw.rectangle((0, h * 0.16, w, h * 0.22), fill=look.colour2)


def _paint_front(image: Image.Image, look: Look, scale: float, reach: float) -> None:
    """Pictogram, content word and brand, one above the other; side by side on wide faces."""
    (motif_at, motif_px), (brand_at, brand_box), (word_at, word_box) = _arranged(
        look, image.size, reach
    )
    if look.motif:
        draw = ImageDraw.Draw(image)
        halo = look.halo or _needed_halo(look.motif, _pixel(image, motif_at))
        if halo is not None:
            _paint_patch(draw, 0, motif_at, (motif_px * 2.3, motif_px * 2.2), halo)
        seeded = np.random.default_rng(look.motif_seed)
        draw_motif(draw, look.motif, *motif_at, motif_px * scale, seeded)
    if look.brand is not None:
        _paint_mark(image, look.brand, brand_at, brand_box, look.bold)
    if look.word:
        _paint_word(image, look.word, word_at, word_box, look.bold)


def _needed_halo(motif: str, ground: Rgb) -> Rgb | None:
    """A disc behind a pictogram that the ground would swallow, white on white or dark on dark."""
    if motif in _PALE_MOTIFS and sum(ground) > 600:
        return _TINT
    return _PAPER if motif in _DARK_MOTIFS and sum(ground) < 260 else None


def _arranged(
    look: Look, size: tuple[int, int], reach: float
) -> tuple[tuple[_Pair, float], tuple[_Pair, _Pair], tuple[_Pair, _Pair]]:
    """Where pictogram (centre, half size), brand and word (centre, box) go, in pixels."""
    w, h = size
    if w * reach > 1.8 * h:  # a wide face: words left, pictogram right
        radius = min(w * 0.2 * reach, h * 0.46)
        middle, left = w * (0.5 + 0.32 * reach), w * (0.5 - 0.17 * reach)
        motif = ((middle, h / 2), radius)
        widths = w * 0.6 * reach
        return motif, ((left, h * 0.28), (widths, h * 0.44)), ((left, h * 0.76), (widths, h * 0.34))
    top, bottom = (h * 0.15, h * 0.88) if look.brand_on_top else (h * 0.86, h * 0.12)
    height = look.brand.height if look.brand else 0.2
    across = w * (0.5 + (look.motif_x - 0.5) * reach)
    motif = ((across, h * look.motif_y), min(w * reach, h * 0.8) * look.motif_size)
    width = 0.92 * w * reach
    return motif, ((w / 2, top), (width, h * height)), ((w / 2, bottom), (width, h * 0.16))


def _paint_word(
    image: Image.Image,
    word: str,
    at: tuple[float, float],
    box: tuple[float, float],
    bold: bool,
) -> None:
    colour = readable_on(_pixel(image, at))
    if "\n" in word:
        box = (box[0], box[1] * 1.5)
    write_fitted(image, word, at, box, colour, bold)


def _paint_mark(
    image: Image.Image,
    mark: BrandMark,
    at: tuple[float, float],
    box: tuple[float, float],
    bold: bool,
) -> None:
    """The brand's patch, if any, and its word as large as fits."""
    if mark.patch is not None:
        _paint_patch(ImageDraw.Draw(image), mark.form, at, box, mark.patch)
    ground = mark.patch or _pixel(image, at)
    letters = mark.letters if mark.letters and is_readable(mark.letters, ground) else None
    inner = (box[0] * (0.88 if mark.patch else 1.0), box[1] * (0.85 if mark.patch else 1.0))
    colour = letters or readable_on(ground)
    write_fitted(image, mark.text, at, inner, colour, bold, mark.tilt_deg)


def _paint_patch(
    draw: ImageDraw.ImageDraw,
    form: int,
    at: tuple[float, float],
    box: tuple[float, float],
    colour: Rgb,
) -> None:
    """An ellipse, a rectangle, a slanted one, or a hexagon."""
    (x, y), (w, h) = at, (box[0] / 2 * 1.05, box[1] / 2 * 1.1)
    if form == 0:
        draw.ellipse((x - w, y - h, x + w, y + h), fill=colour)
    elif form == 1:
        draw.rectangle((x - w, y - h, x + w, y + h), fill=colour)
    elif form == 2:
        slanted = [(x - w, y + h * 1.2), (x - w * 0.85, y - h), (x + w, y - h * 1.2)]
        draw.polygon([*slanted, (x + w * 0.85, y + h)], fill=colour)
    else:
        half = [(x - w, y), (x - w * 0.8, y - h), (x + w * 0.8, y - h), (x + w, y)]
        draw.polygon([*half, (x + w * 0.8, y + h), (x - w * 0.8, y + h)], fill=colour)


def _paint_facts(image: Image.Image, rng: np.random.Generator) -> None:
    """A table of small print, as on the backs of packages."""
    draw = ImageDraw.Draw(image)
    w, h = image.size
    x, y = w * rng.uniform(0.06, 0.2), h * rng.uniform(0.1, 0.5)
    draw.rectangle((x, y, w * 0.9, y + h * 0.36), fill=(245, 245, 240))
    for i in range(7):
        line_y = y + h * 0.05 * i + 3
        draw.line((x + 2, line_y, x + w * rng.uniform(0.3, 0.6), line_y), fill=(60, 60, 60))


def _strew(image: Image.Image, rng: np.random.Generator) -> None:
    """One small disc, line of print or highlight somewhere."""
    draw = ImageDraw.Draw(image)
    w, h = image.size
    s = min(w, h)
    x, y = rng.uniform(0, w), rng.uniform(0, h)
    choice = rng.integers(3)
    if choice == 0:
        red, green, blue = (int(v) for v in rng.integers(0, 255, 3))
        r = s * rng.uniform(0.04, 0.08)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(red, green, blue))
    elif choice == 1:
        text = str(rng.choice(_SMALL_PRINT))
        colour = readable_on(_pixel(image, (x, y)))
        write_fitted(image, text, (x, y), (s * 0.5, s * 0.08), colour, bold=False)
    else:
        end = (x + s * rng.uniform(-0.4, 0.4), y + s * rng.uniform(-0.2, 0.2))
        draw.line([(x, y), end], fill=(250, 250, 250), width=max(1, int(s * 0.025)))


def _pixel(image: Image.Image, at: tuple[float, float]) -> Rgb:
    """The colour at a place, moved inside the image where it lies outside."""
    x = min(max(int(at[0]), 0), image.width - 1)
    y = min(max(int(at[1]), 0), image.height - 1)
    value = image.getpixel((x, y))
    assert isinstance(value, tuple)
    return int(value[0]), int(value[1]), int(value[2])
