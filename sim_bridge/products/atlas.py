"""One sibling's texture: plain colour swatches on top, printed faces below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from sim_bridge.products.attributes import varied
from sim_bridge.products.meshes import UvRect
from sim_bridge.products.pen import Rgb
from sim_bridge.products.sibling_look import Look
from sim_bridge.products.sibling_prints import Side, paint_face

SIDE_PX: Final = 256
SWATCH_PX: Final = 32
SWATCH_ROWS: Final = 64
PRINT_ROWS: Final = SIDE_PX - SWATCH_ROWS
Swatch: TypeAlias = Literal["metal", "colour1", "colour2", "cap", "dark", "paper", "red", "steel"]
_SWATCHES: Final[tuple[Swatch, ...]] = (
    "metal",
    "colour1",
    "colour2",
    "cap",
    "dark",
    "paper",
    "red",
    "steel",
)
_GRAIN: Final = 0.02
WRAP_REACH: Final = 0.7
"""Of half a circumference, what can be seen well from in front."""


@dataclass(frozen=True)
class Atlas:
    """A square texture in the making.

    Attributes:
        image: RGB, SIDE_PX square, changed in place.
        look: of the faces painted into it.
        rng: of what differs from face to face.
    """

    image: Image.Image
    look: Look
    rng: np.random.Generator

    @staticmethod
    def blank(look: Look, rng: np.random.Generator) -> Atlas:
        """An atlas with its swatches painted."""
        atlas = Atlas(Image.new("RGB", (SIDE_PX, SIDE_PX), look.colour1), look, rng)
        draw = ImageDraw.Draw(atlas.image)
        for i, colour in enumerate(_swatch_colours(look, rng)):
            x = i * SWATCH_PX
            draw.rectangle((x, 0, x + SWATCH_PX - 1, SWATCH_ROWS - 1), fill=colour)
        return atlas

    def swatch(self, name: Swatch) -> UvRect:
        """The texture region of a plain colour, well inside its edges."""
        x = _SWATCHES.index(name) * SWATCH_PX
        return (x + 8) / SIDE_PX, 0.80, (x + 24) / SIDE_PX, 0.95

    def face(
        self, rect: tuple[int, int, int, int], aspect: float, side: Side, reach: float = 1.0
    ) -> UvRect:
        """Paints a face and gives its texture region.

        Args:
            rect: (x, y, width, height) in pixels from the upper left.
            aspect: width by height of the face on the product, to keep letters in shape.
            side: which face.
            reach: share of its width that words may fill.
        """
        longest = 150
        size = (longest, max(20, int(longest / aspect)))
        if aspect < 1:
            size = (max(20, int(longest * aspect)), longest)
        self.paste(paint_face(self.look, size, side, self.rng, reach), rect)
        return region_of(rect)

    def paste(self, picture: Image.Image, rect: tuple[int, int, int, int]) -> None:
        """Puts a picture into a rectangle (x, y, width, height), stretched to fit."""
        x, y, width, height = rect
        resized = picture.resize((width, height), Image.Resampling.BILINEAR)
        self.image.paste(resized, (x, y))

    def wrap(self, aspect: float, rows: tuple[float, float] = (0.0, 1.0)) -> UvRect:
        """Paints a band that runs around a body: the whole print area is its region.

        Args:
            aspect: half the circumference by the height of the body.
            rows: the label's upper and lower edge as shares of the body from its top; beyond
                them the body is plain in the main colour.
        """
        half = SIDE_PX // 2
        second: Side = "front" if self.rng.random() < 0.85 else "side"
        upper, lower = (SWATCH_ROWS + round(PRINT_ROWS * row) for row in rows)
        draw = ImageDraw.Draw(self.image)
        draw.rectangle((0, SWATCH_ROWS, SIDE_PX, SIDE_PX), fill=self.look.colour1)
        shape = aspect / (rows[1] - rows[0])
        self.face((0, upper, half, lower - upper), shape, "front", WRAP_REACH)
        self.face((half, upper, half, lower - upper), shape, second, WRAP_REACH)
        return 0.002, 0.002, 0.998, PRINT_ROWS / SIDE_PX - 0.004

    def finished(self) -> Image.Image:
        """The texture with a little grain."""
        noise = 1 + self.rng.normal(0, _GRAIN, (SIDE_PX, SIDE_PX, 1))
        pixels = np.asarray(self.image, np.float64) * noise
        return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def region_of(rect: tuple[int, int, int, int]) -> UvRect:
    """Texture region of a rectangle (x, y, width, height), half a pixel inside its edges."""
    x, y, width, height = rect
    left, right = (x + 0.5) / SIDE_PX, (x + width - 0.5) / SIDE_PX
    return left, 1 - (y + height - 0.5) / SIDE_PX, right, 1 - (y + 0.5) / SIDE_PX


def _swatch_colours(look: Look, rng: np.random.Generator) -> list[Rgb]:
    """In the order of _SWATCHES."""
    shine = rng.uniform(0.3, 1.15)
    metal = (int(185 * shine), int(187 * shine), int(192 * shine))
    caps: list[Rgb] = [(245, 245, 242), look.colour1, look.colour2, (30, 30, 30), (210, 40, 40)]
    cap = caps[int(rng.choice(5, p=[0.35, 0.2, 0.3, 0.08, 0.07]))]
    paper, steel = (235, 235, 235), (110, 112, 118)
    red = varied("red", rng)
    return [metal, look.colour1, look.colour2, cap, (40, 40, 42), paper, red, steel]
