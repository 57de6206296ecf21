"""Siblings' round packages: cans, tins, bottles, bowls, cups, tubes."""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np

from sim_bridge.products.atlas import SWATCH_ROWS, Atlas, Swatch
from sim_bridge.products.attributes import SIZES
from sim_bridge.products.meshes import BOX_FACES, Mesh, UvRect, box, disc, lathe, merge, surface
from sim_bridge.products.sibling import Sibling

_Profile: TypeAlias = list[tuple[float, float]]
_RIM: Final = 0.003


def _plain_box(width: float, depth: float, height: float, region: UvRect) -> Mesh:
    return box(width, depth, height, dict.fromkeys(BOX_FACES, region))


def can(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A cylinder of food."""
    radius = rng.uniform(0.028, 0.05) * SIZES[sibling.size]
    return _metal_can(atlas, radius, 2 * radius * rng.uniform(1.1, 2.0), 1.0, 1.0, rng)


def flat_tin(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A low round tin."""
    radius = rng.uniform(0.036, 0.05) * SIZES[sibling.size]
    return _metal_can(atlas, radius, 2 * radius * rng.uniform(0.28, 0.6), 1.0, 1.0, rng, 0.35)


def tin(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A tin of rectangular cross-section with round edges."""
    radius = rng.uniform(0.042, 0.055) * SIZES[sibling.size]
    height = radius * rng.uniform(0.8, 1.9)
    flatten, squareness = rng.uniform(0.5, 0.75), rng.uniform(0.3, 0.5)
    return _metal_can(atlas, radius, height, flatten, squareness, rng, 0.25)


def _metal_can(
    atlas: Atlas,
    radius: float,
    height: float,
    flatten: float,
    squareness: float,
    rng: np.random.Generator,
    painted_lids: float = 0.0,
) -> Mesh:
    """A printed wall between two rims; the lid is painted, plastic or, mostly, bare metal."""
    wall = atlas.wrap(math.pi * radius * (1 + flatten) / 2 / height)
    lid: Swatch = "metal" if rng.random() < 0.75 else "cap"
    if rng.random() < painted_lids:
        lid = "colour1"
    e, top = _RIM, height
    bottom_profile = [(0, e), (radius * 0.9, e), (radius * 0.94, 0), (radius, e)]
    top_profile = [(radius, top - e), (radius, top), (radius * 0.93, top)]
    top_profile += [(radius * 0.9, top - e), (0, top - e)]
    waist = radius * 0.985
    wall_profile = [(radius, e), (waist, height * 0.05 + e)]
    wall_profile += [(waist, height * 0.95 - e), (radius, top - e)]
    return merge(
        [
            lathe(bottom_profile, atlas.swatch("metal"), 24, flatten, squareness),
            lathe(wall_profile, wall, 28, flatten, squareness),
            lathe(top_profile, atlas.swatch(lid), 24, flatten, squareness),
        ]
    )


def bottle(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A bottle of one of four outlines, round or oval, with a cap or a pump."""
    radius = rng.uniform(0.026, 0.042) * SIZES[sibling.size]
    height, outline = radius * rng.uniform(3.2, 4.8), int(rng.integers(4))
    flatten = 1.0 if outline in (0, 3) else rng.uniform(0.5, 0.75)
    neck = radius * rng.uniform(0.28, 0.45)
    profile = _bottle_profile(outline, radius, height, neck)
    straight = height * (0.6, 0.6, 0.64, 0.78)[outline]
    body = _body(atlas, profile, straight, flatten, rng)
    if sibling.content in ("soap", "shampoo", "cream") and rng.random() < 0.6:
        return merge([body, *_pump(atlas, radius, height, neck)])
    wide = neck * (1.7 if outline == 3 else rng.uniform(1.1, 1.6))
    base, tip = 0.88 * height, wide * rng.uniform(0.35, 0.95)
    cap = [(wide, base), (wide, base + 0.03 * height), (tip, base + 0.12 * height)]
    return merge([body, lathe([*cap, (0, base + 0.12 * height)], atlas.swatch("cap"), 18)])


def _bottle_profile(outline: int, radius: float, height: float, neck: float) -> _Profile:
    """Straight, waisted or jar-like shoulders from the foot to the neck."""
    r, h = radius, height
    foot = [(r * 0.92, 0), (r, 0.06 * h), (r, 0.3 * h)]
    if outline == 2:
        waist = [(r * 0.86, 0.45 * h), (r * 0.95, 0.62 * h), (r * 0.8, 0.78 * h)]
        return [*foot, *waist, (neck, 0.86 * h), (neck, 0.9 * h)]
    if outline == 3:
        jar = neck * 1.5
        return [*foot, (r, 0.78 * h), (r * 0.9, 0.83 * h), (jar, 0.86 * h), (jar, 0.9 * h)]
    return [*foot, (r, 0.62 * h), (r * 0.8, 0.75 * h), (neck, 0.87 * h), (neck, 0.9 * h)]


def _pump(atlas: Atlas, radius: float, height: float, neck: float) -> list[Mesh]:
    """The head of a soap dispenser."""
    z, h = 0.88 * height, height
    stem = [(neck * 1.2, z), (neck * 1.2, z + 0.05 * h), (neck * 0.35, z + 0.06 * h)]
    stem += [(neck * 0.35, z + 0.16 * h), (0, z + 0.16 * h)]
    spout = _plain_box(radius * 1.2, neck * 0.8, 0.04 * h, atlas.swatch("cap"))
    offset = (radius * 0.4, 0, z + 0.15 * h)
    return [lathe(stem, atlas.swatch("cap"), 14), spout.moved(offset)]


def spray(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A bottle with a trigger head in the second colour."""
    radius = rng.uniform(0.03, 0.045) * SIZES[sibling.size]
    h, flatten = radius * rng.uniform(4.2, 5.6), rng.uniform(0.5, 0.8)
    neck, r = radius * rng.uniform(0.3, 0.42), radius
    profile = [(r * 0.95, 0), (r, 0.05 * h), (r, 0.42 * h), (r * 0.8, 0.58 * h)]
    profile += [(neck, 0.7 * h), (neck, 0.8 * h)]
    body = _body(atlas, profile, 0.5 * h, flatten, rng)
    head: Swatch = "colour2" if atlas.look.two_coloured else "cap"
    return merge([body, *_trigger(atlas, head, r, h, neck)])


def _trigger(atlas: Atlas, head: Swatch, r: float, h: float, neck: float) -> list[Mesh]:
    """Collar, housing, trigger and nozzle of a spray head, from height 0.78 h to h."""
    region, z = atlas.swatch(head), 0.78 * h
    collar = [(neck * 1.3, z), (neck * 1.3, z + 0.07 * h), (0, z + 0.07 * h)]
    housing = _plain_box(r * 2.0, r * 0.75, 0.13 * h, region)
    lever = _plain_box(r * 0.3, r * 0.35, 0.16 * h, region)
    nozzle = _plain_box(r * 0.4, r * 0.45, 0.06 * h, atlas.swatch("cap"))
    return [
        lathe(collar, region, 14),
        housing.moved((r * 0.35, 0, z + 0.07 * h)),
        lever.moved((r * 0.95, 0, z - 0.08 * h)),
        nozzle.moved((r * 1.5, 0, z + 0.105 * h)),
    ]


def _body(
    atlas: Atlas,
    profile: _Profile,
    straight: float,
    flatten: float,
    rng: np.random.Generator,
) -> Mesh:
    """A bottle's body: its label mostly ends where the straight wall does.

    Args:
        atlas: gets the print.
        profile: from the edge of the foot to the neck.
        straight: height where the shoulder begins.
        flatten: as in meshes.lathe.
        rng: chooses between label and sleeve.
    """
    radius, height = max(r for r, _ in profile), profile[-1][1]
    steps = np.hypot(*np.diff(np.array(profile), axis=0).T)
    length = float(steps.sum())
    rows = (0.0, 1.0)
    if rng.random() < 0.75:
        rows = (1 - (straight / length) * rng.uniform(0.94, 1.0), 1 - rng.uniform(0.0, 0.08))
    region = atlas.wrap(math.pi * radius * (1 + flatten) / 2 / max(length, height), rows)
    base = disc(*profile[0], atlas.swatch("colour1"), 28, flatten, up=False)
    return merge([base, lathe(profile, region, 28, flatten)])


def bowl(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A wide bowl with a lid."""
    radius = rng.uniform(0.055, 0.075) * SIZES[sibling.size]
    return _lidded(atlas, radius, radius * rng.uniform(0.75, 1.1), rng)


def cup(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A tall cup with a lid."""
    radius = rng.uniform(0.036, 0.05) * SIZES[sibling.size]
    return _lidded(atlas, radius, radius * rng.uniform(1.7, 2.5), rng)


def _lidded(atlas: Atlas, radius: float, height: float, rng: np.random.Generator) -> Mesh:
    """A cone that widens upwards, and a flat lid: printed, paper white or the main colour."""
    aspect, foot = math.pi * radius * 0.9 / height, rng.uniform(0.62, 0.8)
    printed = rng.random() < 0.5
    wall = _lower_half(atlas, aspect) if printed else atlas.wrap(aspect)
    rim, swatch = radius * 1.02, rng.random()
    lid = atlas.swatch("paper" if swatch < 0.6 else "colour1")
    if printed:
        lid = atlas.face((0, SWATCH_ROWS, 96, 96), 1.0, "front", 0.75)
    body = [(radius * foot, 0.0), (radius * (foot + 0.04), 0.004)]
    body += [(radius * 0.97, height * 0.96), (rim, height * 0.97), (rim, height)]
    base = disc(radius * foot, 0.0, atlas.swatch("colour1"), up=False)
    return merge([base, lathe(body, wall, 28), disc(rim, height, lid)])


def _lower_half(atlas: Atlas, aspect: float) -> UvRect:
    """A wrap in the lower half of the print area, which leaves room for a printed lid."""
    u0, v0, u1, v1 = atlas.wrap(aspect / 2, (0.5, 1.0))
    return u0, v0, u1, (v0 + v1) / 2 - 0.002


def tube(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A tube that stands on its cap and ends in a flat seal."""
    radius = rng.uniform(0.018, 0.028) * SIZES[sibling.size]
    height, segments, rows = radius * rng.uniform(4.5, 6.5), 24, 8
    u0, v0, u1, v1 = atlas.wrap(math.pi * radius / height)
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    along = np.linspace(0, 1, rows)[:, None]
    flat = np.clip((along - 0.15) / 0.85, 0, 1)
    x = radius * (1 + 0.5 * flat) * np.cos(angle)
    y = radius * (1 - 0.97 * flat) * np.sin(angle)
    z = np.broadcast_to(height * (0.12 + 0.88 * along), x.shape)
    u, v = np.broadcast_arrays(u0 + (u1 - u0) * angle / (2 * np.pi), v0 + (v1 - v0) * along)
    body = surface(np.stack([x, y, z], axis=-1), np.stack([u, v], axis=-1))
    cap = [(0, 0), (radius * 0.6, 0), (radius * 0.75, height * 0.1), (radius, height * 0.12)]
    return merge([lathe(cap, atlas.swatch("cap"), 18), body])
