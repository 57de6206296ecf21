"""Meshes to render, and what can render them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sim_bridge.products.export import Product, write_product
from sim_bridge.products.meshes import BOX_FACES, Mesh, box, lathe
from sim_bridge.renderer import Renderer, RendererError

WHOLE = (0.0, 0.0, 1.0, 1.0)


def _box(width: float, depth: float, height: float) -> Mesh:
    return box(width, depth, height, dict.fromkeys(BOX_FACES, WHOLE)).centred()


@pytest.fixture(scope="session")
def mesh_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """OBJ files: a marker of 2 cm, a sheet of 1 m, and four products."""
    folder = tmp_path_factory.mktemp("meshes")
    can = lathe([(0, 0), (0.033, 0), (0.033, 0), (0.033, 0.1), (0.033, 0.1), (0, 0.1)], WHOLE)
    shapes = {
        "marker": (_box(0.02, 0.02, 0.02), (220, 40, 40)),
        "sheet": (_box(1.0, 1.0, 0.002), (200, 200, 200)),
        "test.carton": (_box(0.06, 0.03, 0.12), (240, 200, 30)),
        "test.can": (can.centred(), (200, 30, 30)),
        "test.block": (_box(0.05, 0.05, 0.05), (30, 90, 200)),
        "test.bar": (_box(0.15, 0.05, 0.02), (90, 50, 30)),
    }
    return {
        name: write_product(Product(name, mesh, Image.new("RGB", (8, 8), colour)), folder)
        for name, (mesh, colour) in shapes.items()
    }


@pytest.fixture(params=["egl", "tiny"])
def renderer(request: pytest.FixtureRequest) -> Iterator[Renderer]:
    """Each way of drawing, where it works."""
    try:
        opened = Renderer(request.param, 1024, 768)
    except RendererError as error:
        pytest.skip(str(error))
    with opened:
        yield opened


@pytest.fixture(scope="session")
def kind() -> str:
    """The better way of drawing that works here, without the warning of "auto"."""
    try:
        Renderer("egl").close()
    except RendererError:
        return "tiny"
    return "egl"


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
