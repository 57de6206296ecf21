"""Pictures of scenes as JPEG, small enough that a report stays one file that people send around."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PIL import Image

QUALITIES: Final = ((1.0, 72), (1.0, 55), (0.75, 50), (0.5, 45))
"""Scale and JPEG quality, best first: the first with which all pictures fit is taken."""


@dataclass(frozen=True)
class Pictures:
    """Pictures of a report.

    Attributes:
        jpegs: different ones, in the order in which they were asked for.
        index: path -> place in `jpegs`; paths that are not in it have no picture.
        missing: paths that are gone or damaged, in order.
        left_out: how many did not fit into the report.
    """

    jpegs: tuple[bytes, ...] = ()
    index: Mapping[Path, int] = field(default_factory=dict)
    missing: tuple[Path, ...] = ()
    left_out: int = 0


def load_pictures(paths: Iterable[Path], budget_bytes: int) -> Pictures:
    """Reads and encodes pictures; equal ones once.

    Args:
        paths: of pictures; one may come several times.
        budget_bytes: that all of them together may have.
    """
    files: list[bytes] = []
    numbers: dict[str, int] = {}
    index: dict[Path, int] = {}
    missing = []
    for path in dict.fromkeys(paths):
        content = _content(path)
        if content is None:
            missing.append(path)
            continue
        digest = hashlib.sha256(content).hexdigest()
        if digest not in numbers:
            numbers[digest] = len(files)
            files.append(content)
        index[path] = numbers[digest]
    jpegs = _fitting(files, budget_bytes)
    known = {path: number for path, number in index.items() if number < len(jpegs)}
    return Pictures(jpegs, known, tuple(missing), len(files) - len(jpegs))


def _content(path: Path) -> bytes | None:
    """The file, if it can be decoded."""
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content)) as image:
            image.load()
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    return content


def _fitting(files: list[bytes], budget_bytes: int) -> tuple[bytes, ...]:
    jpegs: list[bytes] = []
    for scale, quality in QUALITIES:
        jpegs = [_jpeg(content, scale, quality) for content in files]
        if sum(map(len, jpegs)) <= budget_bytes:
            return tuple(jpegs)
    left, kept = budget_bytes, 0
    for jpeg in jpegs:
        left -= len(jpeg)
        if left < 0:
            break
        kept += 1
    return tuple(jpegs[:kept])


def _jpeg(content: bytes, scale: float, quality: int) -> bytes:
    with Image.open(io.BytesIO(content)) as image, io.BytesIO() as file:
        picture = image.convert("RGB")
        if scale != 1.0:
            size = (max(1, round(side * scale)) for side in picture.size)
            picture = picture.resize((next(size), next(size)), Image.Resampling.LANCZOS)
        picture.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        return file.getvalue()
