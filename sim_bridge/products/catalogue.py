"""The 30 evaluation products: 15 after the YCB object set, 15 after Japanese convenience stores.

They are never shown in training; siblings.py makes random relatives for that. Run as a module it
writes the catalogue, and if asked a contact sheet of it:

    python -m sim_bridge.products.catalogue FOLDER --sheet OUT.png
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import PIL

from culture_perception.fonts import font_path
from sim_bridge.products import (
    konbini_bags,
    konbini_bottles,
    konbini_foods,
    konbini_household,
    ycb_bottles,
    ycb_cans,
    ycb_cartons,
    ycb_goods,
)
from sim_bridge.products.designs import Design, build_design
from sim_bridge.products.export import Product, file_stem, write_product

_ORDER: Final[Mapping[str, str]] = {
    "ycb": (
        "master_chef_can cracker_box sugar_box tomato_soup_can mustard_bottle tuna_fish_can"
        " pudding_box gelatin_box potted_meat_can bleach_cleanser windex_bottle sponge large_marker"
        " phillips_screwdriver rubiks_cube"
    ),
    "konbini": (
        "takenoko_no_sato attack_reset_power macadamia_chocolate attack_neo megurhythm pocky"
        " biore_hand_soap calbee_chips donbei_soba hakata_no_shio kikkoman_soy_sauce oi_ocha"
        " tongari_corn_snack tabekiri_peanuts vermont_curry"
    ),
}

CONCEPTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        label_set: tuple(f"{label_set}.{name}" for name in names.split())
        for label_set, names in _ORDER.items()
    }
)
"""Concept ids of each label set, in the order of the papers' tables."""

DESIGNS: Final[Mapping[str, Design]] = MappingProxyType(
    {
        design.concept_id: design
        for design in chain(
            ycb_cans.CANS,
            ycb_cartons.CARTONS,
            ycb_bottles.BOTTLES,
            ycb_goods.GOODS,
            konbini_foods.FOODS,
            konbini_household.HOUSEHOLD,
            konbini_bottles.BOTTLES,
            konbini_bags.BAGS,
        )
    }
)
"""The design of each product by concept id."""

_MESH_SUFFIXES = (".png", ".mtl", ".obj")  # the OBJ last: where it lies, the others do


class CatalogueError(KeyError):
    """The catalogue holds nothing of that name."""

    def __str__(self) -> str:
        """The message as it is (KeyError would quote it)."""
        return str(self.args[0])


def build(concept_id: str) -> Product:
    """Makes a product: its mesh and its texture.

    Raises:
        CatalogueError: no product has this id.
    """
    if concept_id not in DESIGNS:
        raise CatalogueError(f"no product {concept_id!r}: choose one of {', '.join(DESIGNS)}")
    return build_design(DESIGNS[concept_id])


def write_catalogue(folder: Path | None = None, label_set: str | None = None) -> dict[str, Path]:
    """Writes the products' OBJ, MTL and PNG files, unless they are there already.

    They lie in a folder below the given one that is named after version(), so that a change of
    the designs is never hidden by files written before it.

    Args:
        folder: where; default_folder() if None.
        label_set: "ycb" or "konbini"; both if None.

    Returns:
        Path of each product's OBJ file by concept id, in the order of CONCEPTS.

    Raises:
        CatalogueError: there is no such label set.
    """
    if label_set is not None and label_set not in CONCEPTS:
        raise CatalogueError(f"no label set {label_set!r}: choose one of {', '.join(CONCEPTS)}")
    chosen = CONCEPTS if label_set is None else {label_set: CONCEPTS[label_set]}
    target = (default_folder() if folder is None else Path(folder)) / version()
    target.mkdir(parents=True, exist_ok=True)
    return {
        concept_id: _written(concept_id, target)
        for concept_id in chain.from_iterable(chosen.values())
    }


def _written(concept_id: str, folder: Path) -> Path:
    """The product's OBJ file, which processes that start together may all want to write."""
    stem = file_stem(concept_id)
    obj = folder / f"{stem}.obj"
    if not obj.is_file():
        with tempfile.TemporaryDirectory(dir=folder) as draft:
            write_product(build(concept_id), Path(draft))
            for suffix in _MESH_SUFFIXES:
                (Path(draft) / f"{stem}{suffix}").replace(folder / f"{stem}{suffix}")
    return obj


def default_folder() -> Path:
    """Where the products are kept between runs: below XDG_CACHE_HOME or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "culture_perception" / "products"


@cache
def version() -> str:
    """12 hex digits over all that decides what the files hold: code, font, libraries."""
    digest = hashlib.sha256(f"numpy {np.__version__} Pillow {PIL.__version__}".encode())
    for path in (*_sources(), font_path()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _sources() -> list[Path]:
    """This module and what it imports of its folder, directly or not; siblings are no part."""
    found, todo = set[Path](), {Path(__file__)}
    while todo:
        path = todo.pop()
        found.add(path)
        todo |= set(_imported(path)) - found
    return sorted(found)


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        package, _, name = (getattr(node, "module", None) or "").rpartition(".")
        if package == __package__:
            yield path.with_name(f"{name}.py")
        elif f"{package}.{name}" == __package__ and isinstance(node, ast.ImportFrom):
            yield from (path.with_name(f"{one.name}.py") for one in node.names)


def main() -> None:
    """Reads the command line and writes what it asks for."""
    parser = argparse.ArgumentParser(description="Writes the 30 evaluation products.")
    parser.add_argument("folder", type=Path, nargs="?", help="default: the cache folder")
    parser.add_argument("--label-set", choices=tuple(CONCEPTS), help="only this one")
    parser.add_argument("--sheet", type=Path, help="also render a contact sheet to this PNG")
    arguments = parser.parse_args()
    paths = write_catalogue(arguments.folder, arguments.label_set)
    print(f"{len(paths)} products in {next(iter(paths.values())).parent}")
    if arguments.sheet is not None:
        from sim_bridge.products.sheet import contact_sheet  # needs PyBullet, the rest does not

        contact_sheet(paths).save(arguments.sheet)
        print(f"contact sheet: {arguments.sheet}")


if __name__ == "__main__":
    main()
