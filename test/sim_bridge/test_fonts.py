import pytest
from fontTools.ttLib import TTFont

from culture_perception.fonts import FONT_FILE, font_path, load_font
from culture_perception.resources import share_path
from sim_bridge.products.fonts import fitted_font, font
from tools.subset_font import characters, jis_level_1


@pytest.fixture(scope="module")
def drawable() -> set[int]:
    """Code points that the shipped font draws."""
    return set(TTFont(font_path()).getBestCmap())


def test_every_character_of_the_labels_can_be_drawn(drawable: set[int]) -> None:
    texts = [path.read_text("utf-8") for path in share_path("config", "labels").glob("*.yaml")]
    assert texts
    missing = {character for text in texts for character in text if character != "\n"}
    assert {character for character in missing if ord(character) not in drawable} == set()


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (0x20, 0x7E),  # ASCII
        (0x3041, 0x3093),  # hiragana
        (0x30A1, 0x30F6),  # katakana
    ],
)
def test_alphabets_are_whole(drawable: set[int], first: int, last: int) -> None:
    assert set(range(first, last + 1)) <= drawable


def test_common_kanji_are_whole(drawable: set[int]) -> None:
    assert jis_level_1() <= drawable


def test_jis_level_1_has_its_2965_kanji() -> None:
    kanji = jis_level_1()
    assert len(kanji) == 2965
    assert ord("塩") in kanji
    assert ord("A") not in kanji
    assert kanji <= characters()


def test_the_font_ships_with_its_licence() -> None:
    licence = share_path("config", "fonts", "OFL.txt").read_text()
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert FONT_FILE in licence
    assert font_path().stat().st_size < 1_000_000


def test_one_size_is_loaded_once() -> None:
    assert load_font(20) is load_font(20)
    assert load_font(20) is not load_font(21)


@pytest.mark.parametrize("size_px", [0, -3])
def test_a_size_below_one_is_refused(size_px: int) -> None:
    with pytest.raises(ValueError, match=f"1 px or more, got {size_px}"):
        load_font(size_px)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (12.4, 12),
        (12.6, 13),
        (0.2, 1),  # too small to read, but never an error
    ],
)
def test_product_sizes_are_rounded(asked: float, given: int) -> None:
    assert font(asked).size == given


def test_japanese_is_drawn_with_glyphs_of_its_own() -> None:
    face = load_font(40)
    glyphs = {bytes(face.getmask(character)) for character in "伯方塩茶のカ"}
    assert len(glyphs) == 6  # a missing glyph would draw the same box for all


@pytest.mark.parametrize("text", ["SALT", "ポテトチップス うすしお味", "one\na much longer line"])
def test_fitted_text_is_no_wider_than_its_room(text: str) -> None:
    face = fitted_font(text, width_px=90, size_px=60)
    assert max(face.getlength(line) for line in text.split("\n")) <= 90


def test_fitted_text_is_no_larger_than_asked() -> None:
    assert fitted_font("A", width_px=1000, size_px=30).size == 30


def test_fitting_nothing_gives_the_size_asked_for() -> None:
    assert fitted_font("", width_px=10, size_px=30).size == 30
