from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from culture_perception.intrinsics import Intrinsics
from culture_perception.masks import BoxedMask, Float32Array, MaskArray, crop_to_box
from culture_perception.point_clouds import PointOptions, points_of_mask

EVERYTHING = PointOptions(border_px=0, max_gap_m=0.0)
PLAIN = Intrinsics(10.0, 20.0, 1.0, 1.0, 4, 3)
WIDE = Intrinsics(100.0, 100.0, 20.0, 20.0, 40, 40)


def flat(metres: float, intrinsics: Intrinsics) -> Float32Array:
    return np.full((intrinsics.height, intrinsics.width), metres, np.float32)


def block(x0: int, y0: int, x1: int, y1: int, shape_hw: tuple[int, int] = (40, 40)) -> MaskArray:
    mask = np.zeros(shape_hw, np.bool_)
    mask[y0:y1, x0:x1] = True
    return mask


def seen(indices: Any, shape_hw: tuple[int, int] = (40, 40)) -> MaskArray:
    mask = np.zeros(shape_hw[0] * shape_hw[1], np.bool_)
    mask[indices] = True
    return mask.reshape(shape_hw)


def test_points_by_hand() -> None:
    mask = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1]], np.bool_)
    depth = flat(2.0, PLAIN)
    depth[2, 1], depth[2, 3] = 0.5, np.nan

    found = points_of_mask(crop_to_box(mask), depth, PLAIN, EVERYTHING)

    assert found.indices.dtype == np.uint32 and found.points.dtype == np.float32
    assert found.indices.tolist() == [6, 7, 9]
    np.testing.assert_allclose(found.points, [[0.2, 0, 2], [0.4, 0, 2], [0, 0.025, 0.5]])
    assert len(found) == 3


@pytest.mark.parametrize("options", [EVERYTHING, PointOptions()])
@pytest.mark.parametrize(
    ("mask", "depth"),
    [
        pytest.param(np.zeros((3, 4), np.bool_), flat(1.0, PLAIN), id="empty mask"),
        pytest.param(np.ones((3, 4), np.bool_), flat(np.nan, PLAIN), id="no depth"),
    ],
)
def test_nothing_gives_no_points(
    mask: MaskArray, depth: Float32Array, options: PointOptions
) -> None:
    found = points_of_mask(crop_to_box(mask), depth, PLAIN, options)

    assert found.indices.shape == (0,) and found.points.shape == (0, 3)


@given(
    hnp.arrays(np.bool_, (9, 11)),
    hnp.arrays(np.float32, (9, 11), elements=st.sampled_from([np.nan, 0.5, 0.51, 1.0])),
)
def test_filters_only_take_away(mask: MaskArray, depth: Float32Array) -> None:
    camera = Intrinsics(10.0, 10.0, 5.0, 4.0, 11, 9)
    boxed = crop_to_box(mask)

    everything = points_of_mask(boxed, depth, camera, EVERYTHING)
    believed = points_of_mask(boxed, depth, camera)

    assert everything.indices.tolist() == np.flatnonzero(mask & np.isfinite(depth)).tolist()
    assert set(believed.indices.tolist()) <= set(everything.indices.tolist())
    assert (len(believed) > 0) == (len(everything) > 0)


def test_a_rim_of_background_is_dropped_and_the_object_kept_whole() -> None:
    depth = flat(1.0, WIDE)
    depth[10:30, 10:30] = 0.8
    too_wide = block(8, 8, 32, 32)

    found = points_of_mask(crop_to_box(too_wide), depth, WIDE)

    np.testing.assert_array_equal(seen(found.indices), block(10, 10, 30, 30))


def test_mixed_depths_at_an_edge_are_dropped() -> None:
    depth = flat(1.0, WIDE)
    depth[9:31, 9:31] = 0.9  # between the object and what is behind
    depth[10:30, 10:30] = 0.8

    found = points_of_mask(crop_to_box(block(8, 8, 32, 32)), depth, WIDE)

    assert np.unique(found.points[:, 2]).tolist() == [np.float32(0.8)]


def test_a_slanted_surface_keeps_its_border() -> None:
    columns = np.arange(40, dtype=np.float32)
    depth = np.broadcast_to(1.0 + 0.03 * columns, (40, 40)).astype(np.float32)  # 70 degrees
    mask = block(5, 5, 35, 35)

    found = points_of_mask(crop_to_box(mask), depth, WIDE)

    np.testing.assert_array_equal(seen(found.indices), mask)


def test_a_handle_is_kept() -> None:
    depth = flat(1.0, WIDE)
    mask = block(5, 5, 20, 25) | block(20, 14, 38, 16)

    found = points_of_mask(crop_to_box(mask), depth, WIDE)

    np.testing.assert_array_equal(seen(found.indices), mask)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_thin_things_are_not_eaten(size: int) -> None:
    mask = block(10, 10, 30, 10 + size)

    found = points_of_mask(crop_to_box(mask), flat(1.0, WIDE), WIDE)

    np.testing.assert_array_equal(seen(found.indices), mask)


def test_what_is_far_behind_is_dropped_by_its_gap() -> None:
    depth = flat(0.5, WIDE)
    depth[:, 25:] = 0.7
    depth[:, :8] = 0.4
    options = PointOptions(border_px=0)

    found = points_of_mask(crop_to_box(block(5, 5, 35, 35)), depth, WIDE, options)

    np.testing.assert_array_equal(seen(found.indices), block(8, 5, 25, 35))


@pytest.mark.parametrize("bad", [{"border_px": -1}, {"max_gap_m": -0.1}, {"slack_m": np.nan}])
def test_options_out_of_range_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be 0 or more"):
        PointOptions(**bad)


def test_other_sizes_are_refused() -> None:
    boxed = BoxedMask((3, 0, 5, 1), np.ones((1, 2), np.bool_))

    with pytest.raises(ValueError, match=r"\(2, 4\) does not belong to intrinsics of \(3, 4\)"):
        points_of_mask(boxed, np.ones((2, 4), np.float32), PLAIN)
    with pytest.raises(ValueError, match="reaches out of a depth image of 4 x 3"):
        points_of_mask(boxed, flat(1.0, PLAIN), PLAIN)
