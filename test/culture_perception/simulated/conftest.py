"""Rendered scenes whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("pybullet")

from PIL import Image

from culture_perception.masks import BoxedMask, FloatArray, Uint8Array, crop_to_box
from sim_bridge.assets import product_meshes
from sim_bridge.camera import Camera, ravens_camera
from sim_bridge.physics import load_hull
from sim_bridge.products.catalogue import CONCEPTS
from sim_bridge.products.export import Product, write_product
from sim_bridge.products.meshes import BOX_FACES, box
from sim_bridge.renderer import Renderer, RendererError
from sim_bridge.selection import choose_products
from sim_bridge.world import World

BLOCKS = {"test.cube": (0.06, 0.06, 0.06), "test.brick": (0.12, 0.06, 0.04)}


@dataclass(frozen=True, eq=False)
class Stage:
    """A world and where its things really are.

    Attributes:
        world: with all products and two blocks.
        hulls: corners of each thing's convex hull, (N, 3) metres, by concept id.
    """

    world: World
    hulls: dict[str, FloatArray]

    @property
    def camera(self) -> Camera:
        return self.world.camera

    def products(self, seed: int, count: int = 5) -> tuple[str, ...]:
        return choose_products(CONCEPTS, "ycb" if seed % 2 else "konbini", [], count, seed)

    def truth(self) -> list[FloatArray]:
        """Corners of each thing of the scene, in the world."""
        scene = self.world.scene
        return [
            pose.apply(self.hulls[concept_id])
            for concept_id, pose in zip(scene.concept_ids, scene.poses, strict=True)
        ]


def _kind() -> str:
    try:
        Renderer("egl").close()
    except RendererError:
        return "tiny"
    return "egl"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("blocks")
    whole = dict.fromkeys(BOX_FACES, (0.0, 0.0, 1.0, 1.0))
    blocks = {
        name: write_product(
            Product(name, box(*size, whole).centred(), Image.new("RGB", (8, 8), (220, 90, 40))),
            folder,
        )
        for name, size in BLOCKS.items()
    }
    assets: dict[str, Path] = {**product_meshes(""), **blocks}
    with World(assets, ravens_camera("front"), _kind()) as world:
        yield Stage(world, {name: load_hull(path) for name, path in assets.items()})


@pytest.fixture(scope="session")
def segment() -> Callable[[Uint8Array], list[BoxedMask]]:
    """The shipped segmenter's masks of an image, of products' sizes."""
    pytest.importorskip("torch")
    from culture_perception.models.registry import load_segmenter

    segmenter = load_segmenter()

    def masks_of(image_rgb: Uint8Array) -> list[BoxedMask]:
        found = segmenter.segment(image_rgb.copy())  # a rendered image is read-only
        return [crop_to_box(one.mask) for one in found if 64 <= one.area < one.mask.size / 2]

    return masks_of
