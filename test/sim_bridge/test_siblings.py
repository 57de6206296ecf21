"""Random siblings: repeatable, sound meshes, held-out combinations kept apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim_bridge.products.attributes import (
    COLOURS,
    CONTAINERS,
    NO_COLOUR,
    SIZES,
    THINGS,
    distinct,
    varied,
)
from sim_bridge.products.brands import BRANDS, NO_BRAND, brands_of
from sim_bridge.products.contents import CONTENTS, NOTHING
from sim_bridge.products.kinds import GENERAL, KINDS, Kind
from sim_bridge.products.motifs import MOTIFS
from sim_bridge.products.sibling import Sibling
from sim_bridge.products.siblings import build_sibling, is_held_out, sample_sibling

_KONBINI_WORDS = (
    "soba takenoko attack macadamia megurhythm megarhythm eye pocky biore calbee donbei hakata "
    "kikkoman ocha tongari tabekiri vermont curry nissin"
).split()


def _draw(count: int, seed: int = 0, held_out: bool = False) -> list[Sibling]:
    rng = np.random.default_rng(seed)
    return [sample_sibling(rng, held_out) for _ in range(count)]


def _combination(sibling: Sibling) -> tuple[str, str, str]:
    return sibling.container, sibling.colour1, sibling.content


def _of(container: str, seed: int = 5) -> Sibling:
    content = (
        NOTHING
        if container in THINGS
        else next(c.name for c in CONTENTS.values() if container in c.containers)
    )
    return Sibling("red", "white", container, content, "normal", "Norvik", GENERAL, seed)


def test_same_generator_state_same_siblings() -> None:
    assert _draw(20, seed=7) == _draw(20, seed=7)
    assert _draw(20, seed=7) != _draw(20, seed=8)


def test_draws_are_different_products_with_different_names() -> None:
    names = {sibling.concept_id for sibling in _draw(300)}
    assert len(names) == 300
    assert all(name.startswith("sibling.") for name in names)


def test_training_and_held_out_combinations_are_disjoint() -> None:
    training = {_combination(s) for s in _draw(1500, seed=1)}
    held_out = {_combination(s) for s in _draw(300, seed=2, held_out=True)}
    assert len(held_out) > 50
    assert training.isdisjoint(held_out)


def test_about_a_sixth_of_all_combinations_is_held_out() -> None:
    pairs = [(container, c.name) for c in CONTENTS.values() for container in set(c.containers)]
    flags = [is_held_out(box, colour, name) for box, name in pairs for colour in COLOURS]
    assert 0.13 < np.mean(flags) < 0.2


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_usual_look_of_a_kind_may_be_trained(kind: Kind) -> None:
    colours = {colour for colour, _ in kind.palette}
    assert not any(is_held_out(kind.container, colour, kind.content) for colour in colours)


def test_half_are_general_goods_and_all_kinds_come_up() -> None:
    kinds = [s.kind for s in _draw(1500, seed=3)]
    assert 0.4 < kinds.count(GENERAL) / len(kinds) < 0.6
    assert set(kinds) == {GENERAL, *KINDS}


def test_attributes_are_consistent() -> None:
    for s in _draw(500, seed=4):
        assert s.colour1 in COLOURS
        assert s.colour2 == NO_COLOUR or distinct(s.colour1, s.colour2)
        assert s.container in CONTAINERS
        assert (s.content == NOTHING) == (s.container in THINGS)
        assert s.brand == NO_BRAND or s.brand in BRANDS
        fitting = BRANDS[s.brand].contents if s.brand != NO_BRAND else ()
        assert not fitting or s.content in fitting


def test_no_word_or_content_is_a_konbini_product() -> None:
    words = {w for c in CONTENTS.values() for w in c.words} | set(BRANDS)
    tokens = {token for word in words for token in word.lower().split()}
    assert tokens.isdisjoint(_KONBINI_WORDS)
    assert all(word.isascii() for word in words)


def test_tables_refer_only_to_what_exists() -> None:
    for content in CONTENTS.values():
        assert set(content.containers) <= set(CONTAINERS) - THINGS, content.name
        assert set(content.colours) <= set(COLOURS), content.name
        assert set(content.motifs) <= set(MOTIFS), content.name
    for kind in KINDS.values():
        assert kind.brand == NO_BRAND or kind.brand in BRANDS
        assert kind.content == NOTHING or kind.brand in brands_of(kind.content)


@pytest.mark.parametrize("container", CONTAINERS)
def test_mesh_is_small_sound_and_centred(container: str) -> None:
    mesh = build_sibling(_of(container)).mesh
    assert 0 < len(mesh.faces) <= 5000
    assert 0 <= mesh.uvs.min() <= mesh.uvs.max() <= 1
    assert mesh.faces.min() >= 0
    assert mesh.faces.max() < len(mesh.vertices)
    assert np.isfinite(mesh.vertices).all()
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-6)
    centre = (mesh.vertices.min(axis=0) + mesh.vertices.max(axis=0)) / 2
    assert np.allclose(centre, 0, atol=1e-9)


@pytest.mark.parametrize("container", CONTAINERS)
def test_real_size(container: str) -> None:
    extent = build_sibling(_of(container)).mesh.size.max()
    assert 0.03 < extent < 0.26


@pytest.mark.parametrize("container", ["box", "bottle", "bowl", "cube", "screwdriver"])
def test_same_sibling_same_product_other_seed_another(container: str) -> None:
    first, again = build_sibling(_of(container)), build_sibling(_of(container))
    other = build_sibling(_of(container, seed=6))
    assert np.array_equal(first.mesh.vertices, again.mesh.vertices)
    assert first.texture.tobytes() == again.texture.tobytes()
    assert first.texture.tobytes() != other.texture.tobytes()


@pytest.mark.parametrize("container", sorted({"box", "can", "bag", "bottle", "spray"}))
def test_print_is_mostly_in_the_main_colour(container: str) -> None:
    """Of the two colours of one print, the caption's main one covers more of it."""
    shares = []
    for seed in range(12):
        blue = replace(_of(container, seed), colour1="blue", colour2="yellow", brand=NO_BRAND)
        pixels = np.asarray(build_sibling(blue).texture, int)[64:]
        is_blue = pixels[..., 2] > pixels[..., 0] + 60
        is_yellow = pixels[..., 0] > pixels[..., 2] + 60
        shares.append(is_blue.mean() - is_yellow.mean())
    assert np.mean(shares) > 0.05


@pytest.mark.parametrize("container", ["box", "can", "bag", "bottle"])
def test_little_things_are_smaller_than_big_ones(container: str) -> None:
    extents = [
        np.mean(
            [build_sibling(replace(_of(container, s), size=size)).mesh.size.max() for s in range(3)]
        )
        for size in ("little", "normal", "big")
    ]
    assert extents == sorted(extents)
    assert set(SIZES) == {"little", "normal", "big"}


@pytest.mark.parametrize("colour", [c for c in COLOURS if c != "multi"])
def test_varied_colours_stay_nearest_to_their_name(colour: str) -> None:
    rng = np.random.default_rng(0)
    drawn = np.array([varied(colour, rng) for _ in range(100)], float)
    names = [c for c in COLOURS if c != "multi"]
    table = np.array([COLOURS[c] for c in names], float)
    nearest = np.linalg.norm(drawn[:, None] - table, axis=2).argmin(axis=1)
    assert np.mean(nearest == names.index(colour)) > 0.8
