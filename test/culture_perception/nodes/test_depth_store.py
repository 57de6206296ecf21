"""Which depth image belongs to a colour image."""

import pytest

from culture_perception.nodes.depth_store import CAPACITY, DepthStore


@pytest.fixture
def store() -> DepthStore[str]:
    return DepthStore(tolerance_ns=5)


def test_depth_that_came_before(store: DepthStore[str]) -> None:
    store.put(10, "a")
    store.put(20, "b")
    store.claim(10)
    assert store.take() == "a"


def test_depth_that_comes_after_and_outlives_many_newer_ones(store: DepthStore[str]) -> None:
    store.claim(10)
    store.put(10, "a")
    for number in range(2 * CAPACITY):
        store.put(100 + number, "newer")
    assert store.take() == "a"


def test_the_nearest_within_the_tolerance_is_taken(store: DepthStore[str]) -> None:
    store.claim(100)
    store.put(96, "four before")
    store.put(103, "three after")
    assert store.take() == "three after"
    assert store.nearest_ns == 3


def test_another_stamp_is_refused_and_its_distance_told(store: DepthStore[str]) -> None:
    store.put(10, "a")
    store.claim(16)
    assert store.take() is None
    assert store.nearest_ns == 6


def test_without_depth_or_claim_there_is_none(store: DepthStore[str]) -> None:
    store.claim(1)
    assert (store.take(), store.nearest_ns) == (None, None)
    store.put(1, "a")
    assert store.take() is None
    store.clear()
    store.claim(1)
    assert store.take() is None
