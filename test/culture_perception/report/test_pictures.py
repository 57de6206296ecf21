from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from culture_perception.report.pictures import QUALITIES, load_pictures


@pytest.fixture
def noise(tmp_path: Path) -> list[Path]:
    """Four pictures that no encoding makes small."""
    rng = np.random.default_rng(7)
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (120, 160, 3), np.uint8)).save(path)
    return paths


def sizes(jpegs: tuple[bytes, ...]) -> set[tuple[int, int]]:
    return {Image.open(io.BytesIO(one)).size for one in jpegs}


def test_pictures_are_jpegs_of_their_size(noise: list[Path]) -> None:
    found = load_pictures(noise, 10**9)
    assert all(one.startswith(b"\xff\xd8\xff") for one in found.jpegs)
    assert sizes(found.jpegs) == {(160, 120)}
    assert found.index == {path: i for i, path in enumerate(noise)}
    assert (found.missing, found.left_out) == ((), 0)


def test_the_same_picture_is_kept_once_wherever_it_lies(noise: list[Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes(noise[1].read_bytes())
    found = load_pictures([noise[0], noise[1], noise[0], copy], 10**9)
    assert len(found.jpegs) == 2
    assert found.index == {noise[0]: 0, noise[1]: 1, copy: 1}


def test_missing_and_damaged_pictures_are_named(noise: list[Path], tmp_path: Path) -> None:
    gone, damaged, cut = (tmp_path / name for name in ("gone.png", "damaged.png", "cut.png"))
    damaged.write_bytes(b"no picture")
    cut.write_bytes(noise[0].read_bytes()[:500])
    found = load_pictures([gone, noise[0], damaged, cut, gone, tmp_path], 10**9)
    assert found.missing == (gone, damaged, cut, tmp_path)
    assert found.index == {noise[0]: 0}


def test_pictures_get_smaller_until_they_fit(noise: list[Path]) -> None:
    best = sum(map(len, load_pictures(noise, 10**9).jpegs))
    coarser = load_pictures(noise, best - 1)
    assert sum(map(len, coarser.jpegs)) < best
    assert sizes(coarser.jpegs) == {(160, 120)}  # by quality first
    halved = load_pictures(noise, best // 5)
    assert sizes(halved.jpegs) in ({(120, 90)}, {(80, 60)})
    assert len(halved.jpegs) == 4


def test_what_does_not_fit_at_all_is_left_out(noise: list[Path]) -> None:
    scale, quality = QUALITIES[-1]
    smallest = load_pictures(noise[:1], 1_500).jpegs
    assert (scale, quality) == (0.5, 45)
    assert sizes(smallest) <= {(80, 60)}
    one = load_pictures(noise, 0)
    assert (one.jpegs, dict(one.index), one.left_out) == ((), {}, 4)
    size = len(load_pictures(noise[:1], 4_000).jpegs[0])
    some = load_pictures(noise, 4_000)
    assert len(some.jpegs) + some.left_out == 4
    assert sum(map(len, some.jpegs)) <= 4_000
    assert size <= 4_000


def test_grey_and_transparent_pictures_are_taken(tmp_path: Path) -> None:
    paths = []
    for mode in ("L", "RGBA", "P"):
        paths.append(tmp_path / f"{mode}.png")
        Image.new(mode, (8, 8), 1).save(paths[-1])
    assert len(load_pictures(paths, 10**6).index) == 3


def test_no_pictures_at_all() -> None:
    assert load_pictures([], 100).jpegs == ()


def test_encoding_is_the_same_every_time(noise: list[Path]) -> None:
    assert load_pictures(noise, 10**9) == load_pictures(noise, 10**9)
