"""What is printed on packages: panels of coloured shapes, words, pictures and small print.

A panel is data: a ground colour and a tuple of elements, painted in order. Elements place
themselves in shares of the panel: x rightwards and y downwards, 0 to 1, so that one design fits
any size. Panels are painted at twice the wanted size and shrunk, which smooths their edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from sim_bridge.products.motifs import draw_motif
from sim_bridge.products.pen import Pen
from sim_bridge.products.pictures import PICTURES

Rgb: TypeAlias = tuple[int, int, int]
Share: TypeAlias = tuple[float, float]
Area: TypeAlias = tuple[float, float, float, float]
"""(left, top, right, bottom) in shares of the panel."""

SUPERSAMPLING = 2


@dataclass(frozen=True)
class Page:
    """A panel while it is painted.

    Attributes:
        image: RGB.
        draw: of the image.
    """

    image: Image.Image
    draw: ImageDraw.ImageDraw

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.image.width, self.image.height

    def point(self, share: Share) -> tuple[float, float]:
        """Pixels of a point given in shares."""
        return share[0] * self.image.width, share[1] * self.image.height

    def area(self, area: Area) -> tuple[float, float, float, float]:
        """Pixels of an area given in shares."""
        return (*self.point(area[:2]), *self.point(area[2:]))


class Element(Protocol):
    """Something printed on a panel."""

    def paint(self, page: Page) -> None:
        """Paints itself."""


class Print(Protocol):
    """Something that fills a face of a package."""

    def painted(self, width: int, height: int) -> Image.Image:
        """An RGB picture of that many pixels."""


@dataclass(frozen=True)
class Panel:
    """A ground colour with elements on it, later ones over earlier ones."""

    ground: Rgb
    elements: tuple[Element, ...] = ()

    def painted(self, width: int, height: int) -> Image.Image:
        """See Print."""
        scale = SUPERSAMPLING if self.elements else 1
        image = Image.new("RGB", (width * scale, height * scale), self.ground)
        page = Page(image, ImageDraw.Draw(image))
        for element in self.elements:
            element.paint(page)
        return image.reduce(scale)


@dataclass(frozen=True)
class Wrap:
    """Two prints side by side: the front and the back half of a label that goes around."""

    front: Print
    back: Print

    def painted(self, width: int, height: int) -> Image.Image:
        """See Print."""
        image = Image.new("RGB", (width, height))
        middle = width // 2
        image.paste(self.front.painted(middle, height), (0, 0))
        image.paste(self.back.painted(width - middle, height), (middle, 0))
        return image


@dataclass(frozen=True)
class Rotated:
    """A print turned by quarter turns, counter-clockwise."""

    print: Print
    quarters: int

    def painted(self, width: int, height: int) -> Image.Image:
        """See Print."""
        size = (width, height) if self.quarters % 2 == 0 else (height, width)
        return self.print.painted(*size).rotate(90 * self.quarters, expand=True)


@dataclass(frozen=True)
class Rectangle:
    """A filled rectangle; rounded is its corners' radius as a share of its shorter side."""

    area: Area
    colour: Rgb
    rounded: float = 0.0

    def paint(self, page: Page) -> None:
        """See Element."""
        left, top, right, bottom = page.area(self.area)
        radius = self.rounded * min(right - left, bottom - top)
        page.draw.rounded_rectangle((left, top, right, bottom), radius, fill=self.colour)


@dataclass(frozen=True)
class Oval:
    """A filled ellipse within an area."""

    area: Area
    colour: Rgb

    def paint(self, page: Page) -> None:
        """See Element."""
        page.draw.ellipse(page.area(self.area), fill=self.colour)


@dataclass(frozen=True)
class Polygon:
    """A filled polygon."""

    points: tuple[Share, ...]
    colour: Rgb

    def paint(self, page: Page) -> None:
        """See Element."""
        page.draw.polygon([page.point(point) for point in self.points], fill=self.colour)


@dataclass(frozen=True)
class Shade:
    """An area that goes from one colour at its top to another at its bottom."""

    area: Area
    top: Rgb
    bottom: Rgb

    def paint(self, page: Page) -> None:
        """See Element."""
        left, top, right, bottom = (round(pixels) for pixels in page.area(self.area))
        down = np.linspace(0, 1, max(1, bottom - top))[:, None]
        column = np.asarray(self.top) * (1 - down) + np.asarray(self.bottom) * down
        strip = Image.fromarray(np.rint(column).astype(np.uint8)[:, None, :])
        page.image.paste(strip.resize((max(1, right - left), strip.height)), (left, top))


@dataclass(frozen=True)
class Picture:
    """A pictogram: a motif or a picture of this catalogue.

    Attributes:
        name: one of motifs.MOTIFS or pictures.PICTURES.
        centre: where.
        size: half its extent as a share of the panel's shorter side.
        seed: of its loose pieces.
    """

    name: str
    centre: Share
    size: float
    seed: int = 0

    def paint(self, page: Page) -> None:
        """See Element."""
        x, y = page.point(self.centre)
        size = self.size * min(page.size)
        rng = np.random.default_rng(self.seed)
        if self.name in PICTURES:
            PICTURES[self.name](Pen(page.draw, x, y, size), rng)
        else:
            draw_motif(page.draw, self.name, x, y, size, rng)


@dataclass(frozen=True)
class Inset:
    """Another print within an area."""

    area: Area
    print: Print

    def paint(self, page: Page) -> None:
        """See Element."""
        left, top, right, bottom = (round(pixels) for pixels in page.area(self.area))
        size = (max(1, right - left), max(1, bottom - top))
        page.image.paste(self.print.painted(*size), (left, top))
