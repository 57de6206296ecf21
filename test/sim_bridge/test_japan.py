"""Japan's market: captions in both languages, the kinds' tables, what is printed."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from culture_perception.fonts import font_path
from sim_bridge.products.attributes import CONTAINERS, NO_COLOUR, THINGS, distinct
from sim_bridge.products.brands import NO_BRAND, brands_of
from sim_bridge.products.captions import (
    attributes,
    canonical_caption,
    caption,
    describe,
    grammar,
    hard_negative,
    is_true,
)
from sim_bridge.products.catalogue import CONCEPTS
from sim_bridge.products.japan_goods import JAPAN_KINDS
from sim_bridge.products.kinds import GENERAL, KINDS, Kind
from sim_bridge.products.markets import JAPAN, MARKETS, wordings
from sim_bridge.products.motifs import MOTIFS
from sim_bridge.products.sibling import Sibling
from sim_bridge.products.sibling_look import sample_look
from sim_bridge.products.sibling_shapes import BOX_FORMS, KIND_FORMS
from sim_bridge.products.siblings import build_sibling, is_held_out, sample_sibling

_MARKET = MARKETS[JAPAN]
_EN, _JA = wordings(JAPAN)
_POCKY = Sibling("red", "brown", "box", "chocolate_cookies", "normal", "Pocky", "pocky", 1, JAPAN)
_NEO = Sibling("blue", "white", "box", "detergent", "little", "Attack Neo", "attack_neo", 2, JAPAN)
_SOBA = Sibling("red", NO_COLOUR, "bowl", "soba", "big", "Nissin", "donbei_soba", 3, JAPAN)
_RICE = Sibling("navy", "white", "bag", "rice", "normal", NO_BRAND, GENERAL, 4, JAPAN)
_SPAM = Sibling("blue", "yellow", "tin", "ham", "normal", "SPAM", "potted_meat_can", 5, JAPAN)


def _siblings(count: int, seed: int = 11) -> list[Sibling]:
    rng = np.random.default_rng(seed)
    return [sample_sibling(rng, market=JAPAN) for _ in range(count)]


@pytest.mark.parametrize(
    ("sibling", "plain", "brand"),
    [
        (_POCKY, "赤と茶色のチョコクッキーの箱", "ポッキーのチョコクッキーの箱"),
        (_NEO, "青と白の洗濯洗剤の箱", "アタックの洗濯洗剤の箱"),
        (_SOBA, "赤いそばの丼", "どん兵衛のそばの丼"),
        (_RICE, "紺色と白の米の袋", None),
        (_SPAM, "青と黄色のハムの四角い缶", "SPAMのハムの四角い缶"),
    ],
)
def test_canonical_labels(sibling: Sibling, plain: str, brand: str | None) -> None:
    assert canonical_caption(sibling, _JA).text == plain
    if brand is not None:
        assert canonical_caption(sibling, _JA, brand=True).text == brand


def test_captions_are_true_and_negatives_false_by_one_word_in_both_languages() -> None:
    rng = np.random.default_rng(0)
    for sibling in (_POCKY, _NEO, _SOBA, _RICE, _SPAM, *_siblings(150)):
        for wording in (_EN, _JA):
            values = attributes(sibling, wording)
            drawn = caption(sibling, wording, rng)
            negative = hard_negative(drawn, sibling, wording, rng)
            assert is_true(drawn.spec, values, wording), drawn
            assert not is_true(negative.spec, values, wording), negative
            assert drawn.text != negative.text


def test_the_words_stand_in_the_text_and_nothing_is_left_of_the_pattern() -> None:
    rng = np.random.default_rng(1)
    for sibling in _siblings(200):
        drawn = caption(sibling, _JA, rng)
        assert not re.search(r"[{}|]|のの|  ", drawn.text), drawn
        for slot, word in zip(_JA.slots, drawn.spec, strict=True):
            assert slot.words[word].partition("|")[0].lower() in drawn.text.lower(), drawn


def test_a_brand_is_named_by_its_own_names_alone() -> None:
    rng = np.random.default_rng(2)
    said = {caption(_NEO, _JA, rng, brand=True).spec[5] for _ in range(60)}
    assert {_JA.slots[5].words[word] for word in said} == {"アタック", "アタック Neo"}


def test_records_of_both_languages_share_one_grammar() -> None:
    written = grammar(JAPAN)
    tables = [np.array(rows, bool) for rows in written["tables"]]
    for sibling in _siblings(40):
        record = describe(sibling, np.random.default_rng(3))
        values = record["attributes"]
        texts = [one["text"] for one in record["captions"]]
        assert len(texts) == 16
        assert sum(not text.isascii() for text in texts) >= 8
        for one in record["captions"]:
            for i in (2, 3, 4, 5):
                assert tables[i][one["spec"][i], values[i]], (one, written["slots"][i])
            if "square" in one["text"]:  # the pattern itself says that it is multicoloured
                continue
            words = [written["words"][i][word] for i, word in enumerate(one["spec"]) if word]
            assert all(word.split()[0].lower() in one["text"].lower() for word in words)
        assert set(record["labels"]) == {"en", "ja"}


def test_words_of_a_value_are_the_same_in_the_west() -> None:
    (west,) = wordings("west")
    for own, shared in zip(west.slots, _EN.slots, strict=True):
        assert shared.values[: len(own.values)] == own.values


def test_every_value_but_none_and_normal_has_a_japanese_word_and_a_usual_one() -> None:
    silent = {NO_COLOUR, NO_BRAND, "nothing", "normal"}
    for i, slot in enumerate(_JA.slots):
        for value, name in enumerate(slot.values):
            assert (len(slot.words_for(value)) > 0) == (name not in silent), name
            if name not in silent and i != 4:
                assert slot.table[slot.usual_id(name), value]


@pytest.mark.parametrize("kind", JAPAN_KINDS.values(), ids=lambda kind: kind.name)
def test_kinds_refer_only_to_what_exists(kind: Kind) -> None:
    assert kind.container in set(CONTAINERS) - THINGS
    assert kind.brand in brands_of(kind.content, _MARKET.brands)
    assert kind.form in {"", *BOX_FORMS, *KIND_FORMS}
    assert set(kind.motifs) <= set(MOTIFS)
    for first, second in kind.palette:
        assert second == NO_COLOUR or distinct(first, second)
        assert not is_held_out(kind.container, first, kind.content)
    assert f"konbini.{kind.name}" in CONCEPTS["konbini"]


def test_all_kinds_come_up_by_their_shares() -> None:
    kinds = Counter(s.kind for s in _siblings(1500, seed=3))
    assert set(kinds) == {GENERAL, *KINDS, *JAPAN_KINDS}
    assert 0.3 < kinds[GENERAL] / 1500 < 0.4
    assert 0.4 < sum(kinds[name] for name in JAPAN_KINDS) / 1500 < 0.5


def test_no_product_of_the_catalogue_is_a_sibling() -> None:
    names = {s.concept_id for s in _siblings(200)}
    assert len(names) == 200
    assert names.isdisjoint(chain.from_iterable(CONCEPTS.values()))


def test_what_is_printed_is_mostly_japanese_on_the_markets_own_goods_only() -> None:
    def printed(sibling: Sibling) -> list[bool]:
        looks = [sample_look(sibling, np.random.default_rng(seed)) for seed in range(60)]
        return [not look.word.isascii() for look in looks]

    assert 0.6 < np.mean(printed(_POCKY)) < 0.95
    assert 0.6 < np.mean(printed(_RICE)) < 0.95
    assert not any(printed(_SPAM))


def test_the_font_has_every_letter_that_is_printed() -> None:
    known = TTFont(font_path()).getBestCmap()
    names = [name for brand in _MARKET.brands.values() for name in brand.japanese]
    words = [word for words in _MARKET.printed.values() for word in words]
    assert {
        letter for text in (*names, *words) for letter in text if ord(letter) not in known
    } == set()


def test_same_sibling_same_product() -> None:
    first, again = build_sibling(_POCKY), build_sibling(_POCKY)
    assert first.texture.tobytes() == again.texture.tobytes()
    assert np.array_equal(first.mesh.vertices, again.mesh.vertices)
