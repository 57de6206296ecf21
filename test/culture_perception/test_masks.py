from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from culture_perception.masks import (
    UNLABELLED,
    BoxedMask,
    MaskArray,
    box_of,
    crop_to_box,
    id_image_from_masks,
    pairwise_iou,
    paste,
)


def rectangle(shape_hw: tuple[int, int], x0: int, y0: int, x1: int, y1: int) -> MaskArray:
    mask = np.zeros(shape_hw, dtype=np.bool_)
    mask[y0:y1, x0:x1] = True
    return mask


MASKS = hnp.arrays(np.bool_, st.tuples(st.integers(1, 6), st.integers(1, 6)))


@pytest.mark.parametrize(
    ("mask", "box"),
    [
        pytest.param(rectangle((4, 6), 1, 2, 5, 3), (1, 2, 5, 3), id="a row"),
        pytest.param(np.ones((2, 3), np.bool_), (0, 0, 3, 2), id="everything, half-open"),
        pytest.param(np.eye(3, dtype=np.bool_), (0, 0, 3, 3), id="a diagonal"),
        pytest.param(rectangle((4, 6), 5, 3, 6, 4), (5, 3, 6, 4), id="last pixel"),
        pytest.param(np.zeros((4, 6), np.bool_), None, id="nothing"),
        pytest.param(np.zeros((0, 6), np.bool_), None, id="no pixels"),
    ],
)
def test_box_of(mask: MaskArray, box: tuple[int, int, int, int] | None) -> None:
    assert box_of(mask) == box


@given(MASKS)
def test_a_mask_survives_being_boxed(mask: MaskArray) -> None:
    boxed = crop_to_box(mask)

    assert boxed.area == mask.sum()
    np.testing.assert_array_equal(paste(boxed, (mask.shape[0], mask.shape[1])), mask)


def test_a_box_must_hold_its_mask() -> None:
    with pytest.raises(ValueError, match=r"box \(0, 0, 2, 3\) does not hold .*\(2, 3\)"):
        BoxedMask((0, 0, 2, 3), np.ones((2, 3), np.bool_))
    with pytest.raises(ValueError, match="at least 0"):
        BoxedMask((-1, 0, 1, 1), np.ones((1, 2), np.bool_))


def test_a_box_outside_the_image_cannot_be_pasted() -> None:
    boxed = BoxedMask((3, 0, 6, 2), np.ones((2, 3), np.bool_))

    with pytest.raises(ValueError, match="reaches out of an image of 5 x 4"):
        paste(boxed, (4, 5))


def test_later_masks_win_in_an_id_image() -> None:
    masks = [rectangle((1, 4), 0, 0, 3, 1), rectangle((1, 4), 2, 0, 3, 1)]

    image = id_image_from_masks(masks, [300, UNLABELLED], (1, 4))

    assert image.dtype == np.uint16
    assert image.tolist() == [[300, 300, 65535, 0]]


def test_no_masks_give_an_id_image_of_background() -> None:
    assert id_image_from_masks([], [], (2, 2)).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("ids", "complaint"),
    [
        pytest.param([0], "id 0 does not fit", id="background is no id"),
        pytest.param([65536], "id 65536 does not fit", id="beyond 16 bits"),
        pytest.param([], "1 masks came with 0 ids", id="id missing"),
    ],
)
def test_ids_that_do_not_fit_are_refused(ids: list[int], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        id_image_from_masks([np.ones((1, 1), np.bool_)], ids, (1, 1))


def test_pairwise_iou_by_hand() -> None:
    a = [rectangle((4, 4), 0, 0, 2, 2), np.zeros((4, 4), np.bool_)]
    b = [
        rectangle((4, 4), 0, 0, 2, 2),
        rectangle((4, 4), 1, 0, 3, 2),
        rectangle((4, 4), 2, 2, 4, 4),
        np.zeros((4, 4), np.bool_),
    ]

    iou = pairwise_iou(a, b)

    np.testing.assert_allclose(iou, [[1.0, 2 / 6, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])


@pytest.mark.parametrize(("n", "m"), [(0, 2), (2, 0), (0, 0)])
def test_pairwise_iou_of_nothing(n: int, m: int) -> None:
    assert pairwise_iou(np.ones((n, 2, 2), np.bool_), np.ones((m, 2, 2), np.bool_)).shape == (n, m)


@given(st.data())
def test_pairwise_iou_equals_its_definition(data: st.DataObject) -> None:
    count, shape = st.integers(0, 3), data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    a, b = (data.draw(hnp.arrays(np.bool_, (data.draw(count), *shape))) for _ in range(2))

    expected = [[(x & y).sum() / (x | y).sum() if (x | y).any() else 0.0 for y in b] for x in a]

    np.testing.assert_allclose(pairwise_iou(a, b), np.reshape(expected, (len(a), len(b))))
