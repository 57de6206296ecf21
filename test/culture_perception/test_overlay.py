from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.fonts import load_font
from culture_perception.masks import Uint8Array
from culture_perception.overlay import caption_of, colour_of, draw_recognition, place_plate
from culture_perception.protocols import Segment
from culture_perception.results import Hypothesis, NamedMask, Recognition

SIZE = (120, 200)


def named(concept_id: str, label: str, x0: int = 60, y0: int = 50) -> NamedMask:
    mask = np.zeros(SIZE, np.bool_)
    mask[y0 : y0 + 30, x0 : x0 + 40] = True
    return NamedMask(1 if concept_id else 65535, Segment(mask), concept_id, label, 0.87, 0.3, ())


def recognition(*masks: NamedMask) -> Recognition:
    return Recognition("teas", "v", "ja", "brand", SIZE, masks, {})


def grey() -> Uint8Array:
    return np.full((*SIZE, 3), 120, np.uint8)


def test_a_mask_is_tinted_in_its_colour_and_the_image_itself_is_left_alone() -> None:
    image = grey()

    picture = draw_recognition(image, recognition(named("teas.green", "tea")))

    assert picture.dtype == np.uint8 and picture.shape == image.shape
    assert (image == 120).all()
    expected = np.rint(0.8 * 120 + 0.2 * np.array(colour_of("teas.green")))
    np.testing.assert_array_equal(picture[70, 80], expected)
    assert (picture[110, 10] == 120).all(), "far from the mask nothing is drawn"


def test_a_different_label_is_drawn_differently() -> None:
    pictures = [
        draw_recognition(grey(), recognition(named("teas.green", label)))
        for label in ("お茶", "緑茶", "tea")
    ]

    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[1], pictures[2])


@pytest.mark.parametrize("text", ["たけのこの里", "伯方の塩", "黄緑色のお菓子の箱", "カップめん"])
def test_the_font_has_every_character_of_a_japanese_name(text: str) -> None:
    font = load_font(20)
    missing = font.getmask("\ue000").getbbox(), bytes(font.getmask("\ue000"))

    for character in text:
        drawn = font.getmask(character).getbbox(), bytes(font.getmask(character))
        assert drawn != missing, f"{character!r} is drawn as a missing character"


def test_unknown_masks_are_grey() -> None:
    picture = draw_recognition(grey(), recognition(named("", "")))

    red, green, blue = picture[70, 80].tolist()
    assert red == green == blue != 120
    assert not np.array_equal(picture, grey())


def test_nothing_recognised_leaves_the_image_as_it_is() -> None:
    np.testing.assert_array_equal(draw_recognition(grey(), recognition()), grey())


def test_an_image_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(120, 200\)"):
        draw_recognition(grey()[:-1], recognition())


def test_a_colour_depends_on_the_concept_alone() -> None:
    assert colour_of("konbini.pocky") == colour_of("konbini.pocky")
    assert len({colour_of(f"ycb.{i}") for i in range(15)}) > 10


@pytest.mark.parametrize(
    ("box", "plates", "objects", "place"),
    [
        pytest.param((40, 50, 80, 80), [], [], (50, 38, 70, 48), id="above"),
        pytest.param((40, 5, 80, 30), [], [(40, 5, 80, 30)], (50, 32, 70, 42), id="no room above"),
        pytest.param(
            (40, 50, 80, 80), [(50, 30, 70, 45)], [], (50, 82, 70, 92), id="a plate is there"
        ),
        pytest.param(
            (40, 50, 80, 80), [], [(0, 0, 200, 49)], (50, 82, 70, 92), id="an object is there"
        ),
        pytest.param(
            (40, 50, 80, 80),
            [(0, 0, 200, 49), (0, 81, 200, 120)],
            [],
            (50, 50, 70, 60),
            id="only the mask itself is free",
        ),
        pytest.param((190, 50, 200, 80), [], [], (180, 38, 200, 48), id="pushed in from the right"),
        pytest.param((0, 50, 6, 80), [], [], (0, 38, 20, 48), id="pushed in from the left"),
    ],
)
def test_place_plate(
    box: tuple[int, int, int, int],
    plates: list[tuple[int, int, int, int]],
    objects: list[tuple[int, int, int, int]],
    place: tuple[int, int, int, int],
) -> None:
    assert place_plate((20, 10), box, SIZE, plates, objects) == place


@given(st.integers(0, 199), st.integers(0, 119), st.integers(1, 60), st.integers(1, 40))
def test_plates_stay_inside_the_image(x0: int, y0: int, width: int, height: int) -> None:
    place = place_plate((80, 16), (x0, y0, x0 + width, y0 + height), SIZE, [], [])

    assert place[0] >= 0 and place[2] <= SIZE[1] and place[1] >= 0 and place[3] <= SIZE[0]
    assert (place[2] - place[0], place[3] - place[1]) == (80, 16)


def test_a_name_longer_than_the_image_is_wide_is_drawn_from_its_start() -> None:
    picture = draw_recognition(grey(), recognition(named("teas.green", "緑茶" * 40)))

    assert picture.shape == (*SIZE, 3)


GUESS = Hypothesis("teas.green", "緑茶", 0.31, 0.2)


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (named("teas.green", "緑茶"), "緑茶 0.87"),
        (replace(named("", ""), hypotheses=(GUESS,)), "? 緑茶"),  # rejected, but said
        (named("", ""), "?"),  # there were no labels
    ],
)
def test_a_plate_says_what_is_known(mask: NamedMask, expected: str) -> None:
    assert caption_of(mask) == expected
