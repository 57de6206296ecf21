"""The adapters that come with the package, by name. Without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from culture_perception.resources import share_path

SHIPPED: Final = "shipped"
NONE: Final = "none"


def shipped_files() -> list[Path]:
    """The adapters that come with the package, in the order of their names."""
    return sorted(share_path("models").glob("adapters/*.safetensors"))


def adapter_path(named: str) -> Path:
    """The file that is meant.

    Args:
        named: a path, or the name of a shipped adapter, such as "japan"; that comes first.
    """
    shipped = {path.stem: path for path in shipped_files()}
    return shipped.get(named, Path(named).expanduser())
