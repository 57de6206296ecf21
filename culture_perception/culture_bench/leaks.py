"""What training items and test items share: concepts, nearly the same texts, the same pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from scipy.sparse import csr_matrix

from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.pictures import BrokenImageError, read_picture
from culture_perception.label_lookup import key_of

KINDS: Final = ("same concept", "near-same text", "same picture", "near-same picture")
NEAR_TEXT: Final = 0.9
"""Share of the letter triples of both texts that they have in common (Jaccard's index)."""
NEAR_BITS: Final = 8
"""Of the 256 bits of two pictures' difference hashes, how many may differ."""
_HASH_SIDE: Final = 16
_AT_ONCE: Final = 256
_SHOWN: Final = 10


@dataclass(frozen=True)
class Leak:
    """A test item and the first training item that has the same.

    Attributes:
        kind: one of KINDS.
        test: id of the test item.
        train: id of the training item.
        what: that they share.
    """

    kind: str
    test: str
    train: str
    what: str


def find_leaks(train: Sequence[Item], test: Sequence[Item]) -> list[Leak]:
    """Every test item that shares something with a training item, once for each kind.

    Concepts are compared without case, width, spaces and punctuation; texts are question, options
    and right option together; pictures by the SHA-256 of their files, then by a difference hash
    (Krawetz, "Kind of like that", 2013), which scaling and compression hardly change. Broken
    pictures share nothing.
    """
    return [
        *_same_concepts(train, test),
        *_near_texts(train, test),
        *_pictures(train, test),
    ]


def print_leaks(leaks: Sequence[Leak], tested: int, console: Console) -> None:
    """Counts, and the first of each kind."""
    for kind in KINDS:
        own = [one for one in leaks if one.kind == kind]
        console.print(f"{kind}: {len(own)} of {tested} test items", highlight=False)
        for one in own[:_SHOWN]:
            line = f"  {one.test} and {one.train} of training: {one.what}"
            console.print(line, highlight=False, markup=False, soft_wrap=True)
        if len(own) > _SHOWN:
            console.print(f"  and {len(own) - _SHOWN} more", highlight=False)


def _same_concepts(train: Sequence[Item], test: Sequence[Item]) -> Iterator[Leak]:
    known = {key_of(item.concept): item.item_id for item in reversed(train)}
    for item in test:
        if (other := known.get(key_of(item.concept))) is not None:
            yield Leak(KINDS[0], item.item_id, other, item.concept)


def _near_texts(train: Sequence[Item], test: Sequence[Item]) -> Iterator[Leak]:
    if not train:
        return
    vocabulary: dict[str, int] = {}
    first, second = _triples(train, vocabulary), _triples(test, vocabulary)
    rows = [_matrix(part, len(vocabulary)) for part in (first, second)]
    sizes = [np.array([len(one) for one in part], dtype=np.float64) for part in (first, second)]
    for start in range(0, len(test), _AT_ONCE):
        common = (rows[1][start : start + _AT_ONCE] @ rows[0].T).toarray()
        either = sizes[1][start : start + _AT_ONCE, None] + sizes[0][None] - common
        share = common / np.maximum(either, 1.0)
        best = share.argmax(axis=1)
        for number, other in enumerate(best):
            if share[number, other] >= NEAR_TEXT:
                item = test[start + number]
                yield Leak(KINDS[1], item.item_id, train[int(other)].item_id, item.question)


def _triples(items: Sequence[Item], vocabulary: dict[str, int]) -> list[set[int]]:
    """Numbers of the letter triples of each item's text; what is new joins the vocabulary."""
    found = []
    for item in items:
        right = item.options[item.answer]
        key = key_of("".join([item.question, *sorted(item.options), right]))
        parts = {key[i : i + 3] for i in range(max(1, len(key) - 2))}
        found.append({vocabulary.setdefault(part, len(vocabulary)) for part in parts})
    return found


def _matrix(rows: Sequence[set[int]], width: int) -> csr_matrix:
    columns = [column for row in rows for column in sorted(row)]
    ends = np.cumsum([0, *(len(row) for row in rows)])
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), width))


def _pictures(train: Sequence[Item], test: Sequence[Item]) -> Iterator[Leak]:
    """The same file, else nearly the same picture."""
    ids = _by_picture(train)
    files = {digest: path for path in reversed(ids) if (digest := _file_hash(path))}
    paths = list(ids)
    hashes = _hashes(paths)
    for path, own in _by_picture(test).items():
        other = files.get(_file_hash(path))
        kind = KINDS[2]
        if other is None:
            kind, other = KINDS[3], _nearest(path, paths, hashes)
        if other is not None:
            for item_id in own:
                yield Leak(kind, item_id, ids[other][0], other.name)


def _by_picture(items: Sequence[Item]) -> dict[Path, list[str]]:
    found: dict[Path, list[str]] = {}
    for item in items:
        found.setdefault(item.image, []).append(item.item_id)
    return found


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _nearest(path: Path, paths: Sequence[Path], hashes: NDArray[np.bool_]) -> Path | None:
    own = _hashes([path])
    if not own.any() or not len(hashes):  # broken, or of one colour: it tells nothing
        return None
    apart = np.where(hashes.any(axis=1), (hashes != own).sum(axis=1), hashes.shape[1])
    best = int(apart.argmin())
    return paths[best] if apart[best] <= NEAR_BITS else None


def _hashes(paths: Sequence[Path]) -> NDArray[np.bool_]:
    """(N, 256): whether each cell of a small grey picture is lighter than the one left of it."""
    found = np.zeros((len(paths), _HASH_SIDE**2), dtype=np.bool_)
    for row, path in zip(found, paths, strict=True):
        grey = _small(path)
        row[:] = (grey[:, 1:] > grey[:, :-1]).ravel()
    return found


def _small(path: Path) -> NDArray[np.uint8]:
    """(16, 17) grey; of one grey for a broken picture."""
    size = (_HASH_SIDE + 1, _HASH_SIDE)
    try:
        picture = Image.fromarray(read_picture(path))
    except BrokenImageError:
        picture = Image.new("L", size)
    return np.asarray(picture.convert("L").resize(size, Image.Resampling.BOX))
