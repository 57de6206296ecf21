"""Parts that packages are put together from: cartons, turned bodies, lids, blocks, bags.

A part says which prints it needs and how large they are, and makes its mesh once their places in
the texture are known. Parts stand on z = 0 and face -y; metres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from sim_bridge.products import meshes
from sim_bridge.products.meshes import BOX_FACES, Mesh, UvRect
from sim_bridge.products.packing import SizeM

Profile: TypeAlias = tuple[tuple[float, float], ...]
"""(radius, z) from bottom to top, metres."""


class Part(Protocol):
    """A piece of a package."""

    def prints(self) -> Mapping[str, SizeM | None]:
        """Names of its prints with width and height in metres, None where a colour will do."""

    def mesh(self, regions: Mapping[str, UvRect]) -> Mesh:
        """Its shape, given the place of each print in the texture."""


@dataclass(frozen=True)
class Carton:
    """A box with a print on each of its faces."""

    width: float
    depth: float
    height: float

    def prints(self) -> dict[str, SizeM | None]:
        """See Part."""
        w, d, h = self.width, self.depth, self.height
        return dict(zip(BOX_FACES, [(w, h), (d, h), (w, h), (d, h), (w, d), (w, d)], strict=True))

    def mesh(self, regions: Mapping[str, UvRect]) -> Mesh:
        """See Part."""
        return meshes.box(self.width, self.depth, self.height, regions)


@dataclass(frozen=True)
class Block:
    """A small box of one colour.

    Attributes:
        name: of its print.
        size: (x, y, z) extents.
        foot: (x, y, z) of the middle of its lower face.
    """

    name: str
    size: tuple[float, float, float]
    foot: tuple[float, float, float]

    def prints(self) -> dict[str, SizeM | None]:
        """See Part."""
        return {self.name: None}

    def mesh(self, regions: Mapping[str, UvRect]) -> Mesh:
        """See Part."""
        return meshes.box(*self.size, dict.fromkeys(BOX_FACES, regions[self.name])).moved(self.foot)


@dataclass(frozen=True)
class Section:
    """The horizontal cross-section of a turned body.

    Attributes:
        flatten: y extent as a share of the x extent.
        squareness: 1 round, towards 0 a rectangle with corners.
        segments: facets around.
    """

    flatten: float = 1.0
    squareness: float = 1.0
    segments: int = 32


ROUND = Section()


@dataclass(frozen=True)
class Turned:
    """A body turned about z; its print goes around, front half first (see prints.Wrap).

    Attributes:
        name: of its print.
        profile: from bottom to top.
        plain: it needs a colour only.
        section: its cross-section.
        at: (x, y) of its axis.
    """

    name: str
    profile: Profile
    plain: bool = False
    section: Section = ROUND
    at: tuple[float, float] = (0.0, 0.0)

    def prints(self) -> dict[str, SizeM | None]:
        """See Part."""
        if self.plain:
            return {self.name: None}
        radius, z = np.asarray(self.profile).T
        along = float(np.hypot(np.diff(radius), np.diff(z)).sum())
        return {
            self.name: (2 * np.pi * float(radius.max()) * (1 + self.section.flatten) / 2, along)
        }

    def mesh(self, regions: Mapping[str, UvRect]) -> Mesh:
        """See Part."""
        body = meshes.lathe(
            self.profile,
            regions[self.name],
            self.section.segments,
            self.section.flatten,
            self.section.squareness,
            start=np.pi,
        )
        return body.moved((*self.at, 0.0))


@dataclass(frozen=True)
class Disc:
    """A flat lid, or a flat bottom.

    Attributes:
        name: of its print.
        radius: half its x extent.
        z: its height.
        plain: it needs a colour only.
        section: its outline.
        up: whether it faces upwards.
        at: (x, y) of its centre.
    """

    name: str
    radius: float
    z: float
    plain: bool = False
    section: Section = ROUND
    up: bool = True
    at: tuple[float, float] = (0.0, 0.0)

    def prints(self) -> dict[str, SizeM | None]:
        """See Part."""
        size = (2 * self.radius, 2 * self.radius * self.section.flatten)
        return {self.name: None if self.plain else size}

    def mesh(self, regions: Mapping[str, UvRect]) -> Mesh:
        """See Part."""
        lid = meshes.disc(
            self.radius,
            self.z,
            regions[self.name],
            self.section.segments,
            self.section.flatten,
            self.section.squareness,
            self.up,
        )
        return lid.moved((*self.at, 0.0))


@dataclass(frozen=True)
class Bag:
    """A pillow-shaped bag with prints "front" and "back"; the seed is its dents'."""

    width: float
    height: float
    thickness: float
    seed: int = 0

    def prints(self) -> dict[str, SizeM | None]:
        """See Part."""
        return {"front": (self.width, self.height), "back": (self.width, self.height)}

    def mesh(self, regions: Mapping[str, UvRect]) -> Mesh:
        """See Part."""
        sides = (regions["front"], regions["back"])
        return meshes.pouch(self.width, self.height, self.thickness, sides, seed=self.seed)


def smooth(profile: Sequence[tuple[float, float]], times: int = 2) -> Profile:
    """The profile with its corners cut, each time by quarters (Chaikin); its ends stay."""
    points = np.asarray(profile, float)
    for _ in range(times):
        quarter, three = (
            0.75 * points[:-1] + 0.25 * points[1:],
            0.25 * points[:-1] + 0.75 * points[1:],
        )
        cut = np.stack([quarter, three], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut[1:-1], points[-1:]])
    return tuple((float(radius), float(z)) for radius, z in points)


def can(
    diameter: float, height: float, section: Section = ROUND, lid: str = "metal"
) -> tuple[Part, ...]:
    """A tin: print "label" around, plain "metal" rims and bottom, and a lid.

    Args:
        diameter: x extent.
        height: z extent.
        section: its cross-section.
        lid: "metal", or the name of the lid's own print.
    """
    radius, rim = diameter / 2, min(0.0035, 0.06 * height)
    inner, waist, top = radius - rim, radius - 0.25 * rim, height - rim
    label: Profile = ((radius, rim), (waist, 2 * rim), (waist, top - rim), (radius, top))
    return (
        Turned("label", label, section=section),
        Turned("metal", ((inner, 0.0), (radius, 0.0), (radius, rim)), True, section),
        Turned("metal", ((radius, top), (radius, height), (inner, height)), True, section),
        Turned("metal", ((inner, height), (inner, top)), True, section),
        Disc("metal", inner, 0.0, True, section, up=False),
        Disc(lid, inner, top, lid == "metal", section),
    )
