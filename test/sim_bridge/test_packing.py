import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim_bridge.products.export import TEXTURE_STEP_PX
from sim_bridge.products.packing import TEXTURE_PX, SizeM, packed
from sim_bridge.products.prints import Panel

SIZES = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.one_of(st.none(), st.tuples(st.floats(0.01, 0.3), st.floats(0.01, 0.3))),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(SIZES)
def test_prints_lie_apart_inside_a_texture_that_can_be_drawn(
    sizes: dict[str, SizeM | None],
) -> None:
    packing = packed(sizes)
    width, height = packing.size_px
    assert set(packing.rects) == set(sizes)
    assert max(width, height) <= TEXTURE_PX
    assert width % TEXTURE_STEP_PX == 0
    taken = np.zeros((height, width), dtype=int)
    for left, top, w, h in packing.rects.values():
        assert (left >= 0, top >= 0, left + w <= width, top + h <= height) == (True,) * 4
        taken[top : top + h, left : left + w] += 1
    assert taken.max() <= 1


@settings(deadline=None)
@given(SIZES)
def test_all_prints_have_one_scale(sizes: dict[str, SizeM | None]) -> None:
    packing = packed(sizes)
    known = [(packing.rects[name], size) for name, size in sizes.items() if size is not None]
    for (rect, size), (other, other_size) in itertools.combinations(known, 2):
        assert rect[2] / size[0] * other_size[1] == pytest.approx(
            other[3], abs=1 + other_size[1] / size[0]
        )


def test_a_texture_is_used_well() -> None:
    carton = {"front": (0.16, 0.21), "back": (0.16, 0.21), "side": (0.06, 0.21)}
    packing = packed(carton)
    width, height = packing.size_px
    assert max(width, height) > 0.97 * TEXTURE_PX
    assert sum(w * h for _, _, w, h in packing.rects.values()) > 0.9 * width * height


def test_regions_are_the_rects_half_a_pixel_inside() -> None:
    packing = packed({"whole": (0.1, 0.1)})
    width, height = packing.size_px
    left, top, w, h = packing.rects["whole"]
    u0, v0, u1, v1 = packing.regions()["whole"]
    assert (u0 * width, u1 * width) == pytest.approx((left + 0.5, left + w - 0.5))
    assert ((1 - v1) * height, (1 - v0) * height) == pytest.approx((top + 0.5, top + h - 0.5))


def test_edges_are_repeated_outside_so_that_filtering_finds_no_black() -> None:
    packing = packed({"a": (0.1, 0.1), "b": (0.1, 0.1), "plain": None})
    texture = np.asarray(packing.painted(dict.fromkeys(packing.rects, Panel((9, 200, 9)))))
    for left, top, w, h in packing.rects.values():
        around = texture[top - 2 : top + h + 2, left - 2 : left + w + 2]
        assert (around == (9, 200, 9)).all()


def test_nothing_to_pack_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one print, got none"):
        packed({})


def test_swatches_alone_are_a_texture_too() -> None:
    assert max(packed({"red": None, "blue": None}).size_px) <= TEXTURE_PX
