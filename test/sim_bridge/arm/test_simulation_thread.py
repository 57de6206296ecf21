"""The thread answers every command, also when something fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim_bridge.arm.kinematics import UnreachableError
from sim_bridge.arm.live_world import DOWN_XYZW, LiveWorld
from sim_bridge.arm.motion import Ending
from sim_bridge.arm.simulation_thread import SimulationStopped, SimulationThread
from sim_bridge.camera import ravens_camera
from sim_bridge.physics import Pose

TIMEOUT_S = 30.0


def _nothing(world: LiveWorld) -> None:
    pass


@pytest.fixture
def open_world(mesh_files: dict[str, Path], kind: str) -> Callable[[], LiveWorld]:
    assets = {"test.block": mesh_files["test.block"]}
    return lambda: LiveWorld(assets, ravens_camera("front"), renderer=kind)


@pytest.fixture
def thread(open_world: Callable[[], LiveWorld]) -> Iterator[SimulationThread]:
    made = SimulationThread(open_world, _nothing, pytest.fail, real_time_factor=0.0)
    made.start()
    yield made
    assert made.stop()


def _begin(x: float, y: float, z: float) -> Callable[[LiveWorld], None]:
    return lambda world: world.move_to(Pose((x, y, z), DOWN_XYZW), 0.5, until_contact=False)


def test_motions_end_are_refused_or_replaced_and_the_state_follows(
    thread: SimulationThread,
) -> None:
    assert thread.move(_begin(0.45, 0.1, 0.38)).result(TIMEOUT_S) is Ending.ARRIVED
    with pytest.raises(UnreachableError):
        thread.move(_begin(3.0, 0.0, 0.3)).result(TIMEOUT_S)
    first, second = thread.move(_begin(0.5, -0.3, 0.2)), thread.move(_begin(0.5, 0.0, 0.3))
    assert first.result(TIMEOUT_S) is Ending.STOPPED
    assert second.result(TIMEOUT_S) is Ending.ARRIVED
    assert thread.ask(lambda world: world.tool.position).result(TIMEOUT_S) == pytest.approx(
        (0.5, 0.0, 0.3), abs=3e-3
    )
    assert thread.state.tool.position == pytest.approx((0.5, 0.0, 0.3), abs=3e-3)


def test_a_command_that_fails_is_the_askers_and_the_thread_goes_on(
    thread: SimulationThread,
) -> None:
    with pytest.raises(ZeroDivisionError):
        thread.ask(lambda world: 1 / 0).result(TIMEOUT_S)
    assert thread.ask(lambda world: 5).result(TIMEOUT_S) == 5


def test_a_failure_of_its_own_is_told_and_refuses_what_comes_later(
    open_world: Callable[[], LiveWorld],
) -> None:
    told: list[str] = []

    def fail(world: LiveWorld) -> None:
        raise RuntimeError("no more")

    thread = SimulationThread(open_world, fail, told.append)
    thread.start()
    deadline = time.monotonic() + TIMEOUT_S
    while not told and time.monotonic() < deadline:
        time.sleep(0.01)
    assert told == ["RuntimeError: no more"]
    assert thread.stop()
    with pytest.raises(SimulationStopped):
        thread.ask(_nothing).result(TIMEOUT_S)


def test_a_world_that_does_not_open_is_told_at_the_start() -> None:
    def refuse() -> LiveWorld:
        raise OSError("no meshes")

    thread = SimulationThread(refuse, _nothing, pytest.fail)
    with pytest.raises(OSError, match="no meshes"):
        thread.start()
    assert thread.stop()
