import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sim_bridge.products.pictures import PICTURES
from sim_bridge.products.prints import (
    Element,
    Inset,
    Oval,
    Panel,
    Picture,
    Polygon,
    Print,
    Rectangle,
    Rgb,
    Rotated,
    Shade,
    Wrap,
)
from sim_bridge.products.words import BarCode, SmallPrint, Words

WHITE, RED, BLUE = (255, 255, 255), (200, 0, 0), (0, 0, 200)


def ink(image: Image.Image, ground: Rgb = WHITE) -> NDArray[np.bool_]:
    """(H, W) where something is printed."""
    return np.asarray((np.asarray(image).astype(int) != ground).any(axis=2))


def inked_box(image: Image.Image) -> tuple[int, int, int, int]:
    """(left, top, right, bottom), half-open."""
    rows, columns = np.nonzero(ink(image))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize(
    "element",
    [
        Rectangle((0.25, 0.5, 0.75, 1.0), RED),
        Oval((0.25, 0.5, 0.75, 1.0), RED),
        Shade((0.25, 0.5, 0.75, 1.0), RED, BLUE),
        Inset((0.25, 0.5, 0.75, 1.0), Panel(RED)),
        Polygon(((0.25, 0.5), (0.75, 0.5), (0.75, 1.0), (0.25, 1.0)), RED),
        BarCode((0.25, 0.5, 0.75, 1.0)),
    ],
    ids=lambda element: type(element).__name__,
)
def test_elements_fill_their_area_and_no_more(element: Element) -> None:
    left, top, right, bottom = inked_box(Panel(WHITE, (element,)).painted(80, 40))
    assert abs(left - 20) <= 1
    assert abs(top - 20) <= 1
    assert abs(right - 60) <= 1
    assert abs(bottom - 40) <= 1


@pytest.mark.parametrize(
    "print_",
    [Panel(RED), Panel(RED, (Oval((0, 0, 1, 1), BLUE),)), Wrap(Panel(RED), Panel(BLUE))],
)
def test_prints_have_the_size_asked_for(print_: Print) -> None:
    image = print_.painted(37, 21)
    assert (image.mode, image.size) == ("RGB", (37, 21))


def test_later_elements_cover_earlier_ones() -> None:
    whole = (0.0, 0.0, 1.0, 1.0)
    image = Panel(WHITE, (Rectangle(whole, RED), Rectangle(whole, BLUE))).painted(8, 8)
    assert image.getpixel((4, 4)) == BLUE


def test_a_wrap_shows_its_front_first() -> None:
    image = Wrap(Panel(RED), Panel(BLUE)).painted(9, 4)
    assert [image.getpixel((x, 1)) for x in (0, 3, 4, 8)] == [RED, RED, BLUE, BLUE]


@pytest.mark.parametrize(
    ("quarters", "corner"),
    [(0, (0, 0)), (1, (0, 19)), (2, (9, 19)), (3, (9, 0))],  # counter-clockwise
)
def test_turned_prints(quarters: int, corner: tuple[int, int]) -> None:
    mark = Panel(WHITE, (Rectangle((0.0, 0.0, 0.2, 0.2), RED),))
    image = Rotated(mark, quarters).painted(10, 20)
    assert image.size == (10, 20)
    assert image.getpixel(corner) == RED


def test_shades_run_from_top_to_bottom() -> None:
    image = Panel(WHITE, (Shade((0.0, 0.0, 1.0, 1.0), (0, 0, 0), (200, 100, 0)),)).painted(4, 60)
    column = np.asarray(image)[:, 2].astype(int)
    assert (np.diff(column[:, 0]) >= 0).all()
    np.testing.assert_allclose(column[[0, -1]], [[0, 0, 0], [200, 100, 0]], atol=4)


@pytest.mark.parametrize("text", ["SALT", "たけのこの里", "a very long name indeed", "two\nlines"])
def test_words_keep_to_their_width_and_centre(text: str) -> None:
    left, top, right, bottom = inked_box(
        Panel(WHITE, (Words(text, (0.5, 0.5), 0.3, RED, 0.6),)).painted(200, 100)
    )
    assert right - left <= 0.6 * 200 + 2
    assert (left + right) / 2 == pytest.approx(100, abs=6)
    assert (top + bottom) / 2 == pytest.approx(50, abs=10)


def test_upward_words_are_fitted_to_the_height() -> None:
    words = Words("a very long name indeed", (0.5, 0.5), 0.5, RED, 0.8, slope=90)
    left, top, right, bottom = inked_box(Panel(WHITE, (words,)).painted(60, 200))
    assert bottom - top <= 162
    assert bottom - top > 3 * (right - left)


def test_upward_words_read_from_the_bottom() -> None:
    image = Panel(WHITE, (Words("I....", (0.5, 0.5), 0.5, RED, 0.9, slope=90),)).painted(60, 200)
    rows = np.nonzero(ink(image).sum(axis=1) > 15)[0]  # the tall letter comes first
    assert rows.min() > 100


def test_columns_run_down_and_turn_the_long_vowel_mark() -> None:
    def box(text: str) -> tuple[int, int, int, int]:
        column = Words(text, (0.5, 0.5), 0.5, RED, 0.9, vertical=True)
        return inked_box(Panel(WHITE, (column,)).painted(60, 200))

    left, top, right, bottom = box("塩の里")
    assert bottom - top > 2 * (right - left)
    left, top, right, bottom = box("ー")
    assert bottom - top > 2 * (right - left)


def test_outlines_lie_around_the_letters() -> None:
    plain = Words("塩", (0.5, 0.5), 0.5, RED)
    rimmed = Words("塩", (0.5, 0.5), 0.5, RED, outline=BLUE)
    bare, outlined = (Panel(WHITE, (words,)).painted(100, 100) for words in (plain, rimmed))
    assert ink(outlined)[ink(bare)].all()
    assert ink(outlined).sum() > 1.2 * ink(bare).sum()
    assert (np.asarray(outlined) == BLUE).all(axis=2).any()


def test_small_print_stays_inside_its_area() -> None:
    small = SmallPrint((0.1, 0.2, 0.9, 0.6), ("原材料名:小麦粉、砂糖、植物油脂", "short"), RED)
    left, top, right, bottom = inked_box(Panel(WHITE, (small,)).painted(200, 100))
    assert (left >= 20, top >= 20, right <= 180, bottom <= 60) == (True,) * 4


def test_bar_codes_follow_from_their_seed() -> None:
    first, again, other = (
        Panel(WHITE, (BarCode((0.0, 0.0, 1.0, 1.0), seed),)).painted(90, 30).tobytes()
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("name", [*PICTURES, "fish", "coffee"])
def test_pictures_lie_around_their_centre(name: str) -> None:
    image = Panel(WHITE, (Picture(name, (0.5, 0.5), 0.25, 3),)).painted(200, 160)
    left, top, right, bottom = inked_box(image)
    assert right - left > 40
    assert (left >= 48, top >= 28, right <= 152, bottom <= 132) == (True,) * 4


def test_an_unknown_picture_is_named() -> None:
    with pytest.raises(ValueError, match="'unicorn'"):
        Panel(WHITE, (Picture("unicorn", (0.5, 0.5), 0.3),)).painted(20, 20)
