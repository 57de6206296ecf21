"""One shard of training frames: its own siblings, clutter, tables, and scenes of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sim_bridge.products.captions import describe
from sim_bridge.products.export import Product, write_product
from sim_bridge.products.meshes import Mesh, quad
from sim_bridge.products.sibling import WEST
from sim_bridge.products.siblings import build_sibling, sample_sibling
from sim_bridge.renderer import Frame, Renderer
from sim_bridge.training.clutter import clutter_product
from sim_bridge.training.random_prints import random_table_print
from sim_bridge.training.stage import Placement, place_objects, random_camera, random_light

WIDTH, HEIGHT = 1024, 768
"""Of the renderer's buffer: the larger camera profile."""
_TABLE_HALF = (0.6, 0.75)
_MIN_PIXELS = 60


@dataclass(frozen=True)
class ShardRequest:
    """What to render.

    Attributes:
        folder: where to; made where missing.
        seed: decides everything; see training_data.shard_seed.
        frames: how many images.
        products: how many siblings take part.
        clutter: how many nameless things take part.
        held_out: only attribute combinations that training never has, and no clutter.
        visibility: also measure each object's visible share (one more rendering an object).
        tables: how many tables and floors take part.
        high_resolution: share of frames from the 1024x768 camera profile.
        market: whose siblings, a key of markets.MARKETS.
        smooth: share of frames whose pixels average 2x2 points, as a sensor's do.
    """

    folder: Path
    seed: int
    frames: int
    products: int = 170
    clutter: int = 24
    held_out: bool = False
    visibility: bool = False
    tables: int = 6
    high_resolution: float = 0.2
    smooth: float = 0.4
    market: str = WEST


@dataclass(frozen=True)
class _Body:
    handle: int
    vertices: NDArray[np.float64]
    product: int  # index into products.json, -1 for clutter


class _Stage:
    """The loaded bodies of a shard and the renderer that draws them."""

    def __init__(self, request: ShardRequest, rng: np.random.Generator, scratch: Path) -> None:
        self._renderer = Renderer("auto", WIDTH, HEIGHT)
        self._scratch = scratch
        siblings = [
            sample_sibling(rng, request.held_out, request.market) for _ in range(request.products)
        ]
        self.records = [describe(sibling, rng) for sibling in siblings]
        self.bodies = [self._load(build_sibling(s), i) for i, s in enumerate(siblings)]
        self.bodies += [self._load(clutter_product(rng, i), -1) for i in range(request.clutter)]
        self._tables = [self._load_plane(rng, f"table.{i}", 1) for i in range(request.tables)]
        self._floors = [self._load_plane(rng, f"floor.{i}", 5) for i in range(request.tables)]

    @property
    def renderer_kind(self) -> str:
        return self._renderer.kind

    def close(self) -> None:
        self._renderer.close()

    def _load(self, product: Product, index: int) -> _Body:
        handle = self._renderer.load(write_product(product, self._scratch))
        return _Body(handle, product.mesh.vertices, index)

    def _load_plane(self, rng: np.random.Generator, name: str, scale: float) -> int:
        return self._load(Product(name, _plane(scale), random_table_print(rng)), -1).handle

    def shoot(self, rng: np.random.Generator, request: ShardRequest) -> _Shot:
        """Arranges a random scene and draws it."""
        chosen = self._choose(rng)
        count = int(rng.integers(2, 17))
        placements = place_objects(rng, [self.bodies[i].vertices for i in chosen], count)
        ground = [self._tables[int(rng.integers(len(self._tables)))]]
        self._renderer.place(ground[0], (0.5, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))
        if rng.random() < 0.8:
            ground.append(self._floors[int(rng.integers(len(self._floors)))])
            below = (0.0, 0.0, -float(rng.uniform(0.01, 0.8)))
            self._renderer.place(ground[1], below, (0.0, 0.0, 0.0, 1.0))
        bodies = [self.bodies[chosen[p.body]] for p in placements]
        for body, placement in zip(bodies, placements, strict=True):
            self._put(body, placement)
        profile = "high_resolution" if rng.random() < request.high_resolution else "ravens"
        camera, light = random_camera(rng, profile), random_light(rng)
        samples = 2 if rng.random() < request.smooth else 1
        frame = self._renderer.render(camera, light, samples)
        alone = None
        if request.visibility:
            alone = self._pixels_alone(
                bodies, placements, lambda: self._renderer.render(camera, light)
            )
        for handle in [*ground, *(body.handle for body in bodies)]:
            self._renderer.park(handle)
        return _Shot(frame, profile, tuple(bodies), alone)

    def _choose(self, rng: np.random.Generator) -> list[int]:
        """Candidates for one scene: mostly siblings, some clutter."""
        named = [i for i, body in enumerate(self.bodies) if body.product >= 0]
        nameless = [i for i, body in enumerate(self.bodies) if body.product < 0]
        some = rng.permutation(nameless)[: int(rng.integers(0, 4))]
        return [*rng.permutation(named)[:18].tolist(), *some.tolist()]

    def _put(self, body: _Body, placement: Placement) -> None:
        x, y, z = (float(value) for value in placement.position)
        qx, qy, qz, qw = (float(value) for value in placement.rotation.as_quat())
        self._renderer.place(body.handle, (x, y, z), (qx, qy, qz, qw))

    def _pixels_alone(
        self, bodies: Sequence[_Body], placements: Sequence[Placement], render: Any
    ) -> list[int]:
        for body in bodies:
            self._renderer.park(body.handle)
        pixels = []
        for body, placement in zip(bodies, placements, strict=True):
            self._put(body, placement)
            pixels.append(int((render().body_image == body.handle).sum()))
            self._renderer.park(body.handle)
        return pixels


@dataclass(frozen=True)
class _Shot:
    frame: Frame
    profile: str
    bodies: tuple[_Body, ...]
    pixels_alone: list[int] | None


def _plane(scale: float) -> Mesh:
    x, y = _TABLE_HALF[0] * scale, _TABLE_HALF[1] * scale
    return quad([(-x, -y, 0), (x, -y, 0), (x, y, 0), (-x, y, 0)], (0.0, 0.0, 1.0, 1.0))


def render_shard(request: ShardRequest) -> str:
    """Renders one shard into its folder and returns the renderer's kind.

    Writes 00000.jpg (colour), 00000.png (uint8 ids: 0 background, 1 to K objects) and so on,
    frames.json and products.json, which is written last: a folder with it is whole.
    """
    request.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(request.seed)
    frames: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        stage = _Stage(request, rng, Path(scratch))
        try:
            while len(frames) < request.frames:
                record = _write_shot(stage.shoot(rng, request), request.folder, len(frames))
                frames += [record] if record["objects"] else []
            kind = stage.renderer_kind
        finally:
            stage.close()
    (request.folder / "frames.json").write_text(json.dumps(frames))
    (request.folder / "products.json").write_text(json.dumps(stage.records))
    return kind


def _write_shot(shot: _Shot, folder: Path, index: int) -> dict[str, Any]:
    ids = np.zeros(shot.frame.body_image.shape, np.uint8)
    objects = []
    for instance, body in enumerate(shot.bodies, start=1):
        visible = shot.frame.body_image == body.handle
        pixels = int(visible.sum())
        if pixels < _MIN_PIXELS:
            continue  # too small to learn from: stays background
        ids[visible] = instance
        alone = shot.pixels_alone[instance - 1] if shot.pixels_alone else None
        visibility = None if alone is None else round(pixels / max(alone, 1), 4)
        objects.append(
            {
                "instance_id": instance,
                "product": body.product,
                "visible_px": pixels,
                "visibility": visibility,
            }
        )
    names = {"image": f"{index:05d}.jpg", "ids": f"{index:05d}.png"}
    bgr = np.ascontiguousarray(shot.frame.image_rgb[..., ::-1])
    cv2.imwrite(str(folder / names["image"]), bgr, [cv2.IMWRITE_JPEG_QUALITY, 95])
    cv2.imwrite(str(folder / names["ids"]), ids, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return {**names, "profile": shot.profile, "objects": objects}
