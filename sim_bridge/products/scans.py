"""Real YCB scans in place of the made products: decimated, recentred, cached.

The layout is the data set's own: FOLDER/<id>_<name>/google_16k/textured.obj and its texture.
The scans are not part of this package; they come from https://www.ycbbenchmarks.com.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, UnidentifiedImageError
from scipy.ndimage import distance_transform_edt

from sim_bridge.products.catalogue import default_folder
from sim_bridge.products.decimation import decimate
from sim_bridge.products.export import MAX_TRIANGLES, Product, file_stem, write_product
from sim_bridge.products.wavefront import MeshError, TexturedSurface, read_surface

SCAN_CONCEPTS = {
    "002_master_chef_can": "ycb.master_chef_can",
    "003_cracker_box": "ycb.cracker_box",
    "004_sugar_box": "ycb.sugar_box",
    "005_tomato_soup_can": "ycb.tomato_soup_can",
    "006_mustard_bottle": "ycb.mustard_bottle",
    "007_tuna_fish_can": "ycb.tuna_fish_can",
    "008_pudding_box": "ycb.pudding_box",
    "009_gelatin_box": "ycb.gelatin_box",
    "010_potted_meat_can": "ycb.potted_meat_can",
    "021_bleach_cleanser": "ycb.bleach_cleanser",
    "022_windex_bottle": "ycb.windex_bottle",
    "026_sponge": "ycb.sponge",
    "040_large_marker": "ycb.large_marker",
    "043_phillips_screwdriver": "ycb.phillips_screwdriver",
    "077_rubiks_cube": "ycb.rubiks_cube",
}
"""The data set's folder names and the concepts they show."""

_MESH = "google_16k/textured.obj"
_TEXTURE_PX = 1024
_CACHE_VERSION = 1
"""Raised whenever the same scan would be written differently."""


class ScanError(ValueError):
    """The folder of scans cannot be used; the message says what to put where."""


def write_scans(scans_dir: Path, folder: Path | None = None) -> dict[str, Path]:
    """Prepares the scans that are there; a scan is prepared once and then found in the cache.

    Args:
        scans_dir: folder of <id>_<name>/google_16k/textured.obj; folders of other objects are
            left alone, and not all of SCAN_CONCEPTS need be there.
        folder: the cache; None is the one that the products share.

    Returns:
        Path of the OBJ file of each concept that has a scan: metres, origin at the bounding-box
        centre, explicit normals, MAX_TRIANGLES at most.

    Raises:
        ScanError: no such folder, none of the 15 objects in it, or a scan that is incomplete or
            cannot be read.
    """
    if not scans_dir.is_dir():
        raise ScanError(f"no folder of YCB scans at {scans_dir}: give the one with {_example()}")
    found = {name: c for name, c in SCAN_CONCEPTS.items() if (scans_dir / name).is_dir()}
    if not found:
        raise ScanError(f"{scans_dir} has none of the YCB scans: it must contain {_example()}")
    cache = default_folder().parent / "scans" if folder is None else folder
    return {c: _prepared(scans_dir / name, c, cache) for name, c in found.items()}


def _example() -> str:
    return f"{next(iter(SCAN_CONCEPTS))}/{_MESH}"


def _prepared(scan: Path, concept_id: str, cache: Path) -> Path:
    """The cached OBJ file, made where it is missing.

    It is made elsewhere and then moved as a whole, because several processes may start together.
    """
    mesh, texture = _sources(scan)
    target = cache / f"{file_stem(concept_id)}_{_key(mesh, texture)}"
    obj = target / f"{file_stem(concept_id)}.obj"
    if obj.is_file():
        return obj
    product = _load(concept_id, mesh, texture)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as draft:
        made = Path(draft) / "product"
        write_product(product, made)
        try:
            made.rename(target)
        except OSError:
            if not obj.is_file():  # else another process was first, with the same result
                raise
    return obj


def _sources(scan: Path) -> tuple[Path, Path]:
    """The mesh and the texture that its material names."""
    mesh = scan / _MESH
    if not mesh.is_file():
        raise ScanError(f"{mesh} is missing: download the google_16k version of {scan.name}")
    materials = mesh.with_suffix(".mtl")
    lines = materials.read_text(encoding="utf-8").splitlines() if materials.is_file() else []
    names = [line.split(maxsplit=1)[1].strip() for line in lines if line.startswith("map_Kd ")]
    texture = mesh.with_name(names[0] if names else "texture_map.png")
    if not texture.is_file():
        raise ScanError(f"{texture}, the texture of {mesh}, is missing: download {scan.name} again")
    return mesh, texture


def _key(*files: Path) -> str:
    """12 hex digits that change with the files."""
    digest = hashlib.sha256(f"{_CACHE_VERSION} {MAX_TRIANGLES} {_TEXTURE_PX}".encode())
    for path in files:
        state = path.stat()
        digest.update(f"{path.resolve()} {state.st_size} {state.st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


def _load(concept_id: str, mesh: Path, texture: Path) -> Product:
    """The scan as a product."""
    try:
        surface = read_surface(mesh)
        with Image.open(texture) as image:
            texture_rgb = image.convert("RGB")
    except (MeshError, UnidentifiedImageError, OSError) as error:
        raise ScanError(f"the scan {mesh.parent} cannot be read: {error}") from error
    shape = decimate(surface, MAX_TRIANGLES).centred()
    return Product(concept_id, shape, _reduced(texture_rgb, surface))


def _reduced(texture: Image.Image, surface: TexturedSurface) -> Image.Image:
    """The texture at a size that cameras can use.

    What no triangle shows is black in the scans; it takes the nearest colour of the print, or
    black would show along the seams.
    """
    used = Image.new("L", texture.size)
    draw = ImageDraw.Draw(used)
    pixels = surface.uvs * texture.size
    pixels[:, 1] = texture.height - pixels[:, 1]
    for corners in pixels[surface.uv_faces].reshape(-1, 6).tolist():
        draw.polygon(corners, fill=255)
    # A polygon's outline reaches into what surrounds it. Resizing weighs colours by alpha.
    texture.putalpha(used.filter(ImageFilter.MinFilter(3)))
    texture.thumbnail((_TEXTURE_PX, _TEXTURE_PX), Image.Resampling.BOX)
    pixels_rgba = np.asarray(texture)
    nearest = distance_transform_edt(
        pixels_rgba[..., 3] == 0, return_distances=False, return_indices=True
    )
    return Image.fromarray(np.ascontiguousarray(pixels_rgba[tuple(nearest)][..., :3]))
