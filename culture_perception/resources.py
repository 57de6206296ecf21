"""Where the package's own files (labels, models, launch files) are, however it was installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "culture_perception"


class ResourceError(FileNotFoundError):
    """A file of this package is in none of the places where an install puts it."""


def share_path(*parts: str) -> Path:
    """Finds a file or folder that is installed with the package.

    A source tree (also an editable install) answers before any installed copy, so that an
    edited label file is the one that is used.

    Args:
        *parts: Path below the share folder, for example ``"config", "labels"``. None gives the
            share folder itself.

    Returns:
        Absolute path, which exists.

    Raises:
        ResourceError: Nothing of that name; the message lists the folders that were looked into.
    """
    folders = list(dict.fromkeys(share_folders(Path(__file__))))
    for folder in folders:
        path = folder.joinpath(*parts)
        if path.exists():
            return path
    looked = "\n".join(f"  {folder}" for folder in folders) or "  (no share folder at all)"
    raise ResourceError(
        f"{Path(*parts)} is not among the files of {PACKAGE}. Looked in:\n{looked}\n"
        f"Install the package (pip install, or colcon build and source install/setup.bash), "
        f"or run it from its source tree."
    )


def share_folders(module_file: Path) -> Iterator[Path]:
    """Yields the share folders that exist, most specific first.

    Args:
        module_file: A file directly inside the Python package.

    Yields:
        The source tree's root if package.xml lies there; then ``share/culture_perception`` below
        the prefix the module was installed into, below each prefix of AMENT_PREFIX_PATH, and
        below the interpreter's own prefix.
    """
    root = module_file.resolve().parent.parent
    if (root / "package.xml").is_file():
        yield root
    ament_prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    prefixes = [*root.parents, *(Path(p) for p in ament_prefixes if p), Path(sys.prefix)]
    for prefix in prefixes:
        folder = prefix / "share" / PACKAGE
        if (folder / "package.xml").is_file():
            yield folder
