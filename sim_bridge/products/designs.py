"""A product's design: its parts, their prints, and how both become a mesh with a texture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim_bridge.products.export import Product
from sim_bridge.products.meshes import FloatArray, Mesh, merge
from sim_bridge.products.packing import SizeM, packed
from sim_bridge.products.parts import Part
from sim_bridge.products.prints import Print, Rgb

_UPRIGHT_TO_LYING = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])


class DesignError(ValueError):
    """A design's parts and prints do not fit together."""


@dataclass(frozen=True)
class Design:
    """What a product is made of.

    Attributes:
        concept_id: stable name, such as "ycb.cracker_box".
        parts: its shape.
        prints: what each of the parts' prints shows, by name.
        colours: those that a person would name; each fills a visible share of the texture.
        lying: it is drawn standing but rests on its side, along x (pens, tools).
        dents_m: how far its surface strays from the ideal one, metres.
    """

    concept_id: str
    parts: tuple[Part, ...]
    prints: Mapping[str, Print]
    colours: tuple[Rgb, ...]
    lying: bool = False
    dents_m: float = 0.0


def build_design(design: Design) -> Product:
    """Makes the mesh and paints the texture.

    Raises:
        DesignError: a part needs a print that the design lacks, or the other way around.
    """
    sizes: dict[str, SizeM | None] = {}
    for part in design.parts:
        sizes.update(part.prints())
    if set(sizes) != set(design.prints):
        raise DesignError(
            f"{design.concept_id}: its parts need the prints {sorted(sizes)},"
            f" its design has {sorted(design.prints)}"
        )
    packing = packed(sizes)
    regions = packing.regions()
    mesh = merge([part.mesh(regions) for part in design.parts])
    if design.dents_m:
        mesh = _dented(mesh, design.dents_m)
    if design.lying:
        mesh = mesh.rotated(_UPRIGHT_TO_LYING)
    return Product(design.concept_id, mesh.centred(), packing.painted(design.prints))


def _dented(mesh: Mesh, depth_m: float) -> Mesh:
    """Shifts points by waves of their place, so that points that coincide stay together."""
    x, y, z = (2 * np.pi * mesh.vertices / max(float(mesh.size.max()), 1e-9)).T
    waves: FloatArray = np.stack(
        [
            np.sin(1.7 * y + 2.9 * z + 0.4) + np.sin(3.1 * x + 1.0),
            np.sin(2.3 * x + 1.9 * z + 1.3) + np.sin(2.7 * x + 2.0),
            np.sin(2.1 * x + 1.1 * y + 2.2) + np.sin(3.7 * y + 0.3),
        ],
        axis=-1,
    )
    return Mesh(mesh.vertices + depth_m / 2 * waves, mesh.uvs, mesh.normals, mesh.faces)
