import math

import numpy as np
import pytest

from sim_bridge.products.designs import Design, DesignError, build_design
from sim_bridge.products.parts import Block, Carton, Disc, Section, Turned, can, smooth
from sim_bridge.products.prints import Panel, Print, Wrap

RED, BLUE, GREY = (200, 0, 0), (0, 0, 200), (120, 120, 120)
TIN = can(0.1, 0.06)
TIN_PRINTS: dict[str, Print] = {"label": Wrap(Panel(RED), Panel(BLUE)), "metal": Panel(GREY)}


def test_each_part_shows_its_own_print() -> None:
    product = build_design(Design("shop.tin", TIN, TIN_PRINTS, (RED,)))
    texture = np.asarray(product.texture)
    height, width = texture.shape[:2]

    def seen(point: tuple[float, float, float]) -> list[int]:
        nearest = np.linalg.norm(product.mesh.vertices - np.array(point), axis=1).argmin()
        u, v = product.mesh.uvs[nearest]
        return list(texture[int((1 - v) * height), int(u * width)])

    assert seen((0.01, -0.049, 0.0235)) == list(RED)  # the front of the label
    assert seen((0.01, 0.049, 0.0235)) == list(BLUE)  # its back
    assert seen((0, 0, 0.0265)) == list(GREY)  # the lid


@pytest.mark.parametrize(
    ("prints", "named"),
    [
        ({"label": Panel(RED)}, "'metal'"),  # one is missing
        ({**TIN_PRINTS, "lid": Panel(RED)}, "'lid'"),  # one too many
    ],
)
def test_parts_and_prints_must_fit(prints: dict[str, Print], named: str) -> None:
    with pytest.raises(DesignError, match=f"shop.tin.*{named}"):
        build_design(Design("shop.tin", TIN, prints, (RED,)))


def test_a_tin_has_the_size_it_is_given() -> None:
    section = Section(0.5, 0.4, 48)
    product = build_design(Design("shop.tin", can(0.1, 0.06, section), TIN_PRINTS, (RED,)))
    np.testing.assert_allclose(product.mesh.size, [0.1, 0.05, 0.06], atol=1e-9)


def test_a_lying_thing_has_its_length_along_x_and_its_front_before() -> None:
    pen = Turned("label", ((0.01, 0.0), (0.01, 0.1)))
    design = Design("shop.pen", (pen,), {"label": Panel(RED)}, (RED,), lying=True)
    mesh = build_design(design).mesh
    np.testing.assert_allclose(mesh.size, [0.1, 0.02, 0.02], atol=1e-9)
    front = mesh.normals[:, 1].argmin()
    np.testing.assert_allclose(mesh.normals[front], [0, -1, 0], atol=1e-6)


def test_products_are_centred() -> None:
    block = Block("red", (0.02, 0.04, 0.06), (1.0, 2.0, 3.0))
    mesh = build_design(Design("shop.block", (block,), {"red": Panel(RED)}, (RED,))).mesh
    np.testing.assert_allclose(mesh.vertices.max(axis=0), [0.01, 0.02, 0.03], atol=1e-9)


def test_dents_keep_coinciding_points_together_and_small() -> None:
    carton = Carton(0.1, 0.06, 0.02)
    prints = {name: Panel(RED) for name in carton.prints()}
    ideal = build_design(Design("shop.pad", (carton,), prints, (RED,))).mesh
    dented = build_design(Design("shop.pad", (carton,), prints, (RED,), dents_m=0.002)).mesh
    shift = np.abs(dented.vertices - ideal.vertices)
    assert 0.0002 < shift.max() < 0.006
    assert len(np.unique(dented.vertices.round(9), axis=0)) == 8


def test_a_label_is_as_long_as_the_way_around() -> None:
    prints = Turned("label", ((0.05, 0.0), (0.05, 0.2))).prints()
    assert prints["label"] == pytest.approx((2 * math.pi * 0.05, 0.2))


@pytest.mark.parametrize("part", [Turned("x", ((1, 0), (1, 1)), plain=True), Disc("x", 1, 0, True)])
def test_plain_parts_need_a_colour_only(part: Turned | Disc) -> None:
    assert part.prints() == {"x": None}


def test_smoothing_keeps_the_ends_and_cuts_the_corners() -> None:
    corner = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    assert smooth(corner, 0) == corner
    assert smooth(corner, 1) == ((0.0, 0.0), (0.75, 0.0), (1.0, 0.25), (1.0, 1.0))
    assert smooth(corner, 3)[0] == (0.0, 0.0)
    assert smooth(corner, 3)[-1] == (1.0, 1.0)
