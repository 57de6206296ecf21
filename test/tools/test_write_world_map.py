"""Outlines of countries: projected, cut where the map ends, named by their codes."""

from __future__ import annotations

import numpy as np
import pytest

from tools.write_world_map import (
    NO_COUNTRY,
    WIDTH,
    code_of,
    equal_earth,
    height,
    path_of,
    rings_of,
    to_units,
)


def test_the_projection_is_symmetric_and_keeps_areas() -> None:
    ends = equal_earth(np.array([-180.0, 0.0, 180.0]), np.zeros(3))
    assert ends[:, 0].tolist() == pytest.approx([-1, 0, 1])
    assert ends[:, 1].tolist() == pytest.approx([0, 0, 0])
    north = equal_earth(np.array([20.0]), np.array([50.0]))
    south = equal_earth(np.array([20.0]), np.array([-50.0]))
    assert north[0].tolist() == pytest.approx([south[0, 0], -south[0, 1]])

    def area(latitude: float) -> float:
        """Of a cell of a tenth of a degree, by the corners of its middle lines."""
        low, high = latitude - 0.05, latitude + 0.05
        rows = equal_earth(np.zeros(2), np.array([low, high]))[:, 1]
        columns = equal_earth(np.array([0.0, 0.1]), np.full(2, latitude))[:, 0]
        return float((rows[0] - rows[1]) * (columns[1] - columns[0]))

    assert area(60.0) / area(0.0) == pytest.approx(np.cos(np.radians(60)), rel=1e-3)


def test_what_is_shown_lies_on_the_map() -> None:
    corners = to_units(np.array([[-180.0, 0.0], [180.0, 0.0], [0.0, 84.0], [0.0, -56.0]]))
    assert corners[0, 0] == pytest.approx(0)
    assert corners[1, 0] == pytest.approx(WIDTH)
    assert corners[2, 1] == pytest.approx(0)
    assert corners[3, 1] == pytest.approx(height(), abs=1)


def test_a_ring_across_the_edge_of_the_map_becomes_two() -> None:
    line = np.array([[1990.0, 100], [1980, 140], [10, 150], [20, 110], [1990, 100]])
    parts = list(rings_of({"type": "Polygon", "arcs": [[0]]}, [line]))
    assert len(parts) == 2
    assert sorted(float(np.ptp(part[:, 0])) for part in parts) == [10, 10]
    assert sum(len(part) for part in parts) == 4
    whole = np.array([[10.0, 10], [30, 10], [30, 30], [10, 10]])
    assert len(list(rings_of({"type": "Polygon", "arcs": [[0]]}, [whole]))) == 1


def test_a_path_is_in_whole_units_and_without_rings_that_nobody_sees() -> None:
    square = np.array([[0.2, 0.0], [9.8, 0.1], [10.0, 10.2], [0.0, 10.0]])
    assert path_of([square]) == "M0,0l10,0 0,10-10,0z"
    assert path_of([square / 100]) == ""


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Japan", "JP"),
        ("Dem. Rep. Congo", "CD"),
        ("Faeroe Is.", "FO"),
        ("Curaçao", "CW"),
        ("Somaliland", NO_COUNTRY),
    ],
)
def test_names_are_written_out_and_become_codes(name: str, code: str) -> None:
    assert code_of(name) == code
