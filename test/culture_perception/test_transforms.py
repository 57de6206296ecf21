from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.transforms import RigidTransform, TransformError, TransformTree

SECOND = 1_000_000_000
NOW = 1_795_000_000 * SECOND
ABOUT_Z = (0.0, 0.0, float(np.sqrt(0.5)), float(np.sqrt(0.5)))


def at(x: float, y: float = 0.0, z: float = 0.0) -> RigidTransform:
    return RigidTransform((x, y, z))


def moving_tree() -> TransformTree:
    """world -> base (static), base -> tool (1 m a second along x), world -> camera (static)."""
    tree = TransformTree()
    tree.put("world", "base", 0, at(0, 0, 1), static=True)
    tree.put("world", "camera", 0, RigidTransform((0.0, 5.0, 0.0), ABOUT_Z), static=True)
    for second in range(3):
        tree.put("base", "tool", NOW + second * SECOND, at(second))
    return tree


def test_a_chain_over_a_shared_ancestor() -> None:
    tree = moving_tree()

    in_world = tree.lookup("world", "tool", NOW + SECOND)
    in_camera = tree.lookup("camera", "tool", NOW + SECOND)

    np.testing.assert_allclose(in_world.apply([0.0, 0, 0]), [1, 0, 1], atol=1e-12)
    # The camera's x axis is the world's y: the tool at (1, 0, 1) is 5 m behind, 1 m to the right.
    np.testing.assert_allclose(in_camera.apply([0.0, 0, 0]), [-5, -1, 1], atol=1e-12)
    np.testing.assert_allclose(
        tree.lookup("tool", "camera", NOW + SECOND).compose(in_camera).apply([1.0, 2, 3]),
        [1, 2, 3],
        atol=1e-12,
    )


def test_between_stamps_is_interpolated() -> None:
    tree = moving_tree()
    tree.put("tool", "cup", NOW, at(0, 1))
    tree.put("tool", "cup", NOW + 2 * SECOND, RigidTransform((0.0, 3.0, 0.0), ABOUT_Z))

    found = tree.lookup("base", "cup", NOW + SECOND // 2)

    np.testing.assert_allclose(found.translation, [0.5, 1.5, 0])
    turn = np.degrees(2 * np.arctan2(found.quaternion_xyzw[2], found.quaternion_xyzw[3]))
    assert turn == pytest.approx(22.5)


def test_a_frame_in_itself_and_leading_slashes() -> None:
    tree = moving_tree()

    assert tree.lookup("/base", "base", 7).translation == (0, 0, 0)
    assert tree.lookup("/world", "/base", 7).translation == (0, 0, 1)
    assert tree.frames() == ["base", "camera", "tool", "world"]


@pytest.mark.parametrize(
    ("target", "source", "offset_ns", "said"),
    [
        pytest.param("world", "hand", 0, r"no transform names frame 'hand'; known: base,", id="?"),
        pytest.param("moon", "tool", 0, "no transform names frame 'moon'", id="unknown target"),
        pytest.param(
            "world",
            "island",
            0,
            r"'island' \(below 'sea'\) and 'world' \(below 'world'\) are not connected",
            id="not connected",
        ),
        pytest.param(
            "world",
            "tool",
            2 * SECOND + 120_000_000,
            r"'tool' in 'base' is known only up to 0\.120 s before the stamp.*wait.*use_sim_time",
            id="future",
        ),
        pytest.param(
            "tool",
            "world",
            -250_000_000,
            r"'tool' in 'base' is known only from 0\.250 s after the stamp.*10 s are kept",
            id="past",
        ),
    ],
)
def test_why_there_is_no_transform_is_said(
    target: str, source: str, offset_ns: int, said: str
) -> None:
    tree = moving_tree()
    tree.put("sea", "island", NOW, at(0))

    with pytest.raises(TransformError, match=said):
        tree.lookup(target, source, NOW + offset_ns)


def test_an_empty_tree_says_so() -> None:
    with pytest.raises(TransformError, match="known: none yet"):
        TransformTree().lookup("a", "a", 0)


def test_history_is_ten_seconds() -> None:
    tree = moving_tree()
    tree.put("base", "tool", NOW + 12 * SECOND, at(12))

    assert tree.lookup("base", "tool", NOW + 2 * SECOND).translation == (2, 0, 0)
    with pytest.raises(TransformError, match=r"only from 1\.000 s after"):
        tree.lookup("base", "tool", NOW + SECOND)


def test_transforms_may_come_late_and_again() -> None:
    tree = moving_tree()
    tree.put("base", "tool", NOW + SECOND // 2, at(100))
    tree.put("base", "tool", NOW + SECOND, at(200))

    assert tree.lookup("base", "tool", NOW + SECOND // 2).translation == (100, 0, 0)
    assert tree.lookup("base", "tool", NOW + SECOND).translation == (200, 0, 0)
    assert tree.lookup("base", "tool", NOW + 2 * SECOND).translation == (2, 0, 0)


def test_after_a_time_jump_only_the_new_counts() -> None:
    tree = moving_tree()

    tree.put("base", "tool", NOW - 60 * SECOND, at(-60))

    assert tree.lookup("base", "tool", NOW - 60 * SECOND).translation == (-60, 0, 0)
    with pytest.raises(TransformError, match="up to 60"):
        tree.lookup("base", "tool", NOW)


def test_what_moves_can_be_forgotten() -> None:
    tree = moving_tree()

    tree.clear_moving()

    assert tree.frames() == ["base", "camera", "world"]
    assert tree.lookup("world", "base", 1).translation == (0, 0, 1)


def test_a_frame_may_get_another_parent() -> None:
    tree = moving_tree()

    tree.put("camera", "tool", NOW, at(9))

    assert tree.lookup("camera", "tool", NOW).translation == (9, 0, 0)
    tree.put("base", "camera", NOW, at(1), static=True)
    np.testing.assert_allclose(tree.lookup("base", "tool", NOW).translation, [10, 0, 0])


@pytest.mark.parametrize(
    ("parent", "child", "said"),
    [
        pytest.param("world", "", "needs a name", id="no child"),
        pytest.param("/", "tool", "needs a name", id="no parent"),
        pytest.param("tool", "tool", "ring", id="itself"),
        pytest.param("tool", "world", "ring", id="its own ancestor"),
    ],
)
def test_frames_that_make_no_tree_are_refused(parent: str, child: str, said: str) -> None:
    tree = moving_tree()

    with pytest.raises(TransformError, match=said):
        tree.put(parent, child, NOW, at(0))
    assert tree.lookup("world", "tool", NOW).translation == (0, 0, 1)


@given(st.lists(st.integers(0, 9 * SECOND), min_size=1, max_size=8, unique=True), st.data())
def test_a_steady_motion_is_found_in_any_order(stamps: list[int], data: st.DataObject) -> None:
    tree = TransformTree()
    for stamp_ns in data.draw(st.permutations(stamps)):
        tree.put("base", "tool", stamp_ns, at(stamp_ns / SECOND))
    asked = data.draw(st.integers(min(stamps), max(stamps)))

    found = tree.lookup("base", "tool", asked)

    assert found.translation[0] == pytest.approx(asked / SECOND, abs=1e-9)


def test_a_lookup_waits_for_what_comes_a_little_later() -> None:
    tree = TransformTree()
    waiting = threading.Timer(0.05, tree.put, ["base", "tool", NOW, at(3)])
    waiting.start()

    found = tree.lookup("base", "tool", NOW, timeout_s=20.0)

    waiting.join()
    assert found.translation == (3, 0, 0)


def test_a_lookup_does_not_wait_for_ever() -> None:
    with pytest.raises(TransformError, match=r"up to 1\.000 s before"):
        moving_tree().lookup("base", "tool", NOW + 3 * SECOND, timeout_s=0.05)


def test_threads_may_put_and_ask_at_once() -> None:
    tree = moving_tree()
    failures: list[Exception] = []

    def ask() -> None:
        try:
            for _ in range(300):
                x = tree.lookup("world", "tool", NOW + 2 * SECOND).translation[0]
                assert x == 2
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for step in range(1000):
        tree.put("base", "tool", NOW + 2 * SECOND + step * 1_000_000, at(2 if step == 0 else 7))
    for thread in threads:
        thread.join()
    assert failures == []
