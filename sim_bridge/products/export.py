"""Writes products as Wavefront OBJ, MTL and PNG, as both renderers read them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sim_bridge.products.meshes import Mesh

MAX_TRIANGLES = 5000
"""Above about 16,000 triangles an object, rendering slows down; products stay far below."""
TEXTURE_STEP_PX = 4
"""A texture's width is a multiple of this: the EGL renderer shears others, row by row."""


@dataclass(frozen=True)
class Product:
    """A thing to put on the table.

    Attributes:
        concept_id: stable name, such as "ycb.cracker_box".
        mesh: its shape, metres, origin at the bounding-box centre, z up.
        texture: its print, RGB; its width a multiple of TEXTURE_STEP_PX.
    """

    concept_id: str
    mesh: Mesh
    texture: Image.Image


def file_stem(concept_id: str) -> str:
    """The name of a concept's files: the id with its dots replaced.

    Raises:
        ValueError: the id holds something that does not belong in a file name.
    """
    stem = concept_id.replace(".", "_")
    if not stem.replace("_", "").replace("-", "").isalnum() or not stem.isascii():
        raise ValueError(
            f"concept id {concept_id!r} cannot name a file: use ASCII letters, digits, _ - and ."
        )
    return stem


def write_product(product: Product, folder: Path) -> Path:
    """Writes STEM.obj, STEM.mtl and STEM.png into folder (made where missing).

    The texture's name is the product's own, because the EGL renderer takes textures only from the
    material file at load, and confuses two of the same name.

    Returns:
        Path of the OBJ file.

    Raises:
        ValueError: the mesh has more than MAX_TRIANGLES triangles, the texture has a width that
            cannot be drawn, or the id cannot name a file.
    """
    stem = file_stem(product.concept_id)
    _check(product)
    folder.mkdir(parents=True, exist_ok=True)
    product.texture.convert("RGB").save(folder / f"{stem}.png", compress_level=1)
    (folder / f"{stem}.mtl").write_text(
        f"newmtl print\nKa 1 1 1\nKd 1 1 1\nKs 0 0 0\nmap_Kd {stem}.png\n"
    )
    obj = folder / f"{stem}.obj"
    obj.write_text(f"mtllib {stem}.mtl\no {stem}\n{_geometry(product.mesh)}")
    return obj


def _check(product: Product) -> None:
    """Refuses what the renderers would draw slowly or wrongly."""
    if len(product.mesh.faces) > MAX_TRIANGLES:
        raise ValueError(
            f"{product.concept_id} has {len(product.mesh.faces)} triangles: "
            f"decimate it to {MAX_TRIANGLES} or fewer"
        )
    if product.texture.width % TEXTURE_STEP_PX:
        raise ValueError(
            f"{product.concept_id} has a texture {product.texture.width} px wide: "
            f"make it a multiple of {TEXTURE_STEP_PX}"
        )


def _geometry(mesh: Mesh) -> str:
    """The v, vt, vn, usemtl and f lines of an OBJ file."""
    corners = mesh.faces + 1  # OBJ counts from 1
    return "".join(
        [
            _lines("v %.6f %.6f %.6f\n", mesh.vertices),
            _lines("vt %.6f %.6f\n", mesh.uvs),
            _lines("vn %.5f %.5f %.5f\n", mesh.normals),
            "usemtl print\n",
            _lines("f %d/%d/%d %d/%d/%d %d/%d/%d\n", np.repeat(corners, 3, axis=1)),
        ]
    )


def _lines(template: str, rows: NDArray[np.generic]) -> str:
    """The template filled with each row."""
    return (template * len(rows)) % tuple(rows.ravel().tolist())
