import numpy as np
import pytest

from culture_perception.name_pictures import TABLE_SIZE, NamedBox, draw_plates, draw_table
from culture_perception.overlay import colour_of

BOX = (40, 60, 100, 110)
TEA = NamedBox("konbini.oi_ocha", "緑色のペットボトル", "緑色のペットボトル", 0.75, 0.3, BOX)
UNKNOWN = NamedBox("", "", "醤油のボトル", 0.4, 0.1, BOX)


def test_names_or_guesses_are_written() -> None:
    assert TEA.text == "緑色のペットボトル"
    assert UNKNOWN.text == "? 醤油のボトル"
    assert NamedBox("", "", "", 0.0, 0.0, BOX).text == "?"


def test_plates_are_opaque_in_the_concepts_colour_and_the_rest_is_clear() -> None:
    layer = draw_plates([TEA], (240, 320))
    assert (layer.shape, layer.dtype) == ((240, 320, 4), np.dtype(np.uint8))
    opaque = layer[..., 3] == 255
    assert set(np.unique(layer[..., 3])) == {0, 255}
    rows, columns = np.nonzero(opaque)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert opaque.sum() == height * width  # one plate
    assert width > 5 * height  # of a line of text
    plain = (layer[..., :3] == colour_of(TEA.concept_id)).all(axis=-1)
    assert 0.3 < (plain & opaque).sum() / opaque.sum() < 0.95  # and letters on it


def test_no_masks_make_an_empty_layer() -> None:
    assert not draw_plates([], (24, 32)).any()


def test_different_names_are_drawn_differently() -> None:
    """Were the glyphs missing, both would be the same boxes."""
    other = NamedBox("konbini.oi_ocha", "青色のペットボトル", "", 0.75, 0.3, BOX)
    assert not np.array_equal(draw_plates([TEA], (240, 320)), draw_plates([other], (240, 320)))


def test_a_table_has_a_bar_as_long_as_the_probability() -> None:
    def coloured(probability: float) -> int:
        one = NamedBox("a", "a", "", probability, 0.0, BOX)
        table = draw_table([one], "toys")
        right = table[:, TABLE_SIZE[0] // 2 :]
        return int((right == colour_of("a")).all(axis=-1).any(axis=0).sum())

    assert coloured(0.0) == 0
    assert coloured(0.5) == pytest.approx(coloured(1.0) / 2, abs=1)
    assert coloured(7.0) == coloured(1.0)


def test_a_table_of_any_length_and_width_fits() -> None:
    long = NamedBox("a", "長い名前" * 60, "", 1.0, 0.0, BOX)
    for count in (0, 1, 13, 14, 100):
        assert draw_table([long] * count, "konbini").shape == (*TABLE_SIZE[::-1], 3)
    assert not np.array_equal(draw_table([TEA] * 20, "t"), draw_table([TEA] * 21, "t"))
