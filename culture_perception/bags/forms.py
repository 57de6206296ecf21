"""In which form a bag is kept."""

from typing import Literal, TypeAlias

Storage: TypeAlias = Literal["mcap", "sqlite3"]
Compression: TypeAlias = Literal["none", "zstd"]
