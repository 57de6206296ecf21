"""Meshes of everything that can be put on the table."""

from pathlib import Path

from sim_bridge.products.catalogue import write_catalogue
from sim_bridge.products.scans import write_scans


def product_meshes(scans_dir: str) -> dict[str, Path]:
    """Concept id to OBJ file of the made products; written once and cached.

    Args:
        scans_dir: Folder of real YCB scans in their own layout, which take the place of the made
            products of the same concepts; empty: none.

    Raises:
        ScanError: No such folder, or a scan in it is incomplete.
    """
    meshes = write_catalogue()
    if scans_dir:
        meshes.update(write_scans(Path(scans_dir)))
    return meshes
