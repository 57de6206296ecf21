"""Views, prompts and dense maps: everything must lie where the ids say."""

import numpy as np
import pytest
from numpy.typing import NDArray

from culture_perception.models.small_image_encoder import (
    CENTRE,
    EDGE,
    FOREGROUND,
    OFFSET_UNIT_CELLS,
    OFFSET_X,
    OFFSET_Y,
)
from culture_perception.training.segmenter_augment import random_view
from culture_perception.training.segmenter_data import Frame
from culture_perception.training.segmenter_targets import (
    dense_targets,
    large_ids,
    sample_prompts,
)

Ids = NDArray[np.uint8]


def two_squares() -> Ids:
    ids = np.zeros((96, 128), np.uint8)
    ids[20:60, 16:56] = 1
    ids[30:50, 90:110] = 2
    return ids


@pytest.mark.parametrize("seed", range(8))
def test_points_lie_where_their_masks_say(seed: int) -> None:
    ids = two_squares()

    prompts = sample_prompts(ids, 7, np.random.default_rng(seed))

    for index in np.flatnonzero(~prompts.is_box):
        x, y = np.floor(prompts.corners[index, 0]).astype(int)
        assert np.array_equal(prompts.corners[index, 0], prompts.corners[index, 1])
        if prompts.is_background[index]:
            assert ids[y, x] == 0
            assert not prompts.masks[index].any()
        else:
            assert prompts.masks[index, y, x] == 1.0


@pytest.mark.parametrize("seed", range(8))
def test_every_image_has_points_on_the_table_and_all_objects(seed: int) -> None:
    prompts = sample_prompts(two_squares(), 7, np.random.default_rng(seed))

    assert 1 <= np.count_nonzero(prompts.is_background) <= 2
    areas = set(prompts.masks[~prompts.is_background].sum((1, 2)))
    assert areas == {1600.0, 400.0}


def test_an_empty_table_has_background_points_only() -> None:
    prompts = sample_prompts(np.zeros((96, 128), np.uint8), 3, np.random.default_rng(0))

    assert prompts.is_background.all()
    assert not prompts.masks.any()


def test_a_full_image_still_has_a_background_prompt() -> None:
    prompts = sample_prompts(np.ones((96, 128), np.uint8), 3, np.random.default_rng(0))

    assert prompts.is_background[0]
    assert not prompts.masks[0].any()


def test_boxes_are_near_their_objects() -> None:
    rng = np.random.default_rng(0)
    drawn = [sample_prompts(two_squares(), 7, rng) for _ in range(40)]
    boxes = [item.corners[item.is_box & (item.masks.sum((1, 2)) == 1600)] for item in drawn]

    mean = np.concatenate(boxes).mean(0)

    assert np.allclose(mean, [[16, 20], [56, 60]], atol=2.0)


def test_small_objects_are_not_prompted() -> None:
    ids = two_squares()
    ids[0, 0] = 3

    assert large_ids(ids).tolist() == [1, 2]
    assert large_ids(np.zeros((96, 128), np.uint8)).tolist() == []


def test_dense_maps_of_a_square() -> None:
    ids = np.zeros((96, 128), np.uint8)
    ids[16:48, 32:64] = 1  # cells 4 to 11 by 8 to 15

    maps = dense_targets(ids)

    assert maps.shape == (5, 24, 32)
    assert maps[FOREGROUND].sum() == 64
    assert maps[EDGE, 3, 8:16].all()  # the last row of pixels before the square
    assert not maps[EDGE, 6:9, 10:13].any()
    y, x = np.unravel_index(maps[CENTRE].argmax(), (24, 32))
    assert maps[CENTRE, y, x] == 1.0
    assert 7 <= y <= 8
    assert 11 <= x <= 12
    assert maps[OFFSET_X, 4, 8] * OFFSET_UNIT_CELLS == x - 8
    assert maps[OFFSET_Y, 4, 8] * OFFSET_UNIT_CELLS == y - 4


def test_the_centre_of_a_bent_object_lies_inside_it() -> None:
    ids = np.zeros((96, 128), np.uint8)
    ids[8:88, 8:24] = 1
    ids[72:88, 8:100] = 1

    heat = dense_targets(ids)[CENTRE]

    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert ids[4 * row + 2, 4 * column + 2] == 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape_hw", [(480, 640), (768, 1024)])
def test_views_have_the_canvas_shape_and_known_ids(seed: int, shape_hw: tuple[int, int]) -> None:
    ids = np.zeros(shape_hw, np.uint8)
    ids[100:300, 200:400] = 5
    image = np.full((*shape_hw, 3), 90, np.uint8)
    image[ids == 5] = (250, 250, 250)

    view = random_view(Frame(image, ids), 256, np.random.default_rng(seed))

    assert view.image.shape == (192, 256, 3)
    assert view.image.dtype == np.float32
    assert view.ids.shape == (192, 256)
    assert set(np.unique(view.ids)) <= {0, 5}
    assert 0.0 <= view.image.min() <= view.image.max() <= 255.0
    # The picture moves with its ids: the object stays brighter than the table.
    if (view.ids == 5).any():
        assert view.image[view.ids == 5].mean() > view.image[view.ids == 0].mean()


def test_a_view_depends_on_the_generator_alone() -> None:
    frame = Frame(np.full((480, 640, 3), 90, np.uint8), np.ones((480, 640), np.uint8))

    first, again = (random_view(frame, 128, np.random.default_rng(3)) for _ in range(2))

    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.ids, again.ids)
