"""The one thread that opens and owns a live world: commands, physics and frames, one at a time.

Nothing here knows ROS. Commands come in through a queue and give futures; what a node publishes at
a rate it reads from `state`, a record that is replaced as a whole.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar, final

from sim_bridge.arm.live_world import LiveWorld
from sim_bridge.arm.motion import Ending
from sim_bridge.camera import FloatArray
from sim_bridge.physics import STEP_S, Pose

Result = TypeVar("Result")
STEPS_A_TURN: Final = 12  # 50 ms of simulated time
_IDLE_S: Final = 0.02
_MOST_BEHIND_S: Final = 0.25


class SimulationStopped(RuntimeError):
    """The thread has ended, and the command was not carried out."""


@dataclass(frozen=True)
class State:
    """Where the arm is.

    Attributes:
        joints: (8,) rail in metres, the others in radians.
        velocities: (8,) a second.
        tool: pose of the tip in the world.
        moving: whether a motion is being carried out.
        left_m: way that the tip has still to go.
        holding: whether the suction cup holds something.
    """

    joints: FloatArray
    velocities: FloatArray
    tool: Pose
    moving: bool
    left_m: float
    holding: bool


@dataclass(frozen=True)
class _Command:
    run: Callable[[LiveWorld], Any]
    answer: Future[Any]
    is_motion: bool


@final
class SimulationThread:
    """Runs a world until stop(); an exception that no command asked for goes to on_failure."""

    def __init__(
        self,
        open_world: Callable[[], LiveWorld],
        on_turn: Callable[[LiveWorld], None],
        on_failure: Callable[[str], None],
        real_time_factor: float = 1.0,
    ) -> None:
        """Prepares to run.

        Args:
            open_world: makes the world, in the thread: OpenGL draws only in the thread that
                opened it.
            on_turn: called from the thread at least every 50 ms; it may draw and publish.
            on_failure: called from the thread when it ends by an exception.
            real_time_factor: seconds of the world in a second; 0: as many as can be.
        """
        self._open_world, self._on_turn, self._on_failure = open_world, on_turn, on_failure
        self._factor = real_time_factor
        self._commands: queue.Queue[_Command] = queue.Queue()
        self._motion: Future[Ending] | None = None
        self._stopping = threading.Event()
        self._opened: Future[State] = Future()
        self._due_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)

    def start(self) -> None:
        """Starts the thread and waits until the world is open.

        Raises:
            Exception: what open_world raised; the thread has ended then.
        """
        self._thread.start()
        self.state = self._opened.result()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Ends the thread and closes the world; whether it ended within the timeout."""
        self._stopping.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def ask(self, run: Callable[[LiveWorld], Result]) -> Future[Result]:
        """Has something done with the world; the future holds the result or the exception."""
        return self._put(run, is_motion=False)

    def move(self, begin: Callable[[LiveWorld], None]) -> Future[Ending]:
        """Has a motion carried out; the future holds how it ended, or why it did not begin."""
        return self._put(begin, is_motion=True)

    def _put(self, run: Callable[[LiveWorld], Any], is_motion: bool) -> Future[Any]:
        answer: Future[Any] = Future()
        if self._stopping.is_set():
            answer.set_exception(SimulationStopped("the simulation has ended"))
        else:
            self._commands.put(_Command(run, answer, is_motion))
        return answer

    def _run(self) -> None:
        try:
            world = self._open_world()
        except Exception as error:  # start() raises it
            self._stopping.set()
            self._opened.set_exception(error)
            return
        with world:
            self._opened.set_result(_state_of(world))
            try:
                while not self._stopping.is_set():
                    self._turn(world)
            except Exception as error:  # the node has to say so and end
                self._on_failure(f"{type(error).__name__}: {error}")
            finally:
                self._stopping.set()
                self._refuse_rest()

    def _turn(self, world: LiveWorld) -> None:
        self._obey(world)
        if world.at_rest:
            self._due_s = time.monotonic()
        else:
            for _ in range(STEPS_A_TURN):
                world.step()
            self._finish_motion(world)
            self._wait()
        self.state = _state_of(world)
        self._on_turn(world)

    def _obey(self, world: LiveWorld) -> None:
        """Carries out one command, waiting a little for it where nothing moves."""
        try:
            command = self._commands.get(timeout=_IDLE_S if world.at_rest else 0.0)
        except queue.Empty:
            return
        if command.is_motion:
            world.stop()
            self._finish_motion(world)
        try:
            result = command.run(world)
        except Exception as error:  # is the asker's, who gets it
            command.answer.set_exception(error)
            return
        self._finish_motion(world)
        if command.is_motion:
            self._motion = command.answer
        else:
            command.answer.set_result(result)

    def _finish_motion(self, world: LiveWorld) -> None:
        """Answers the motion that is over; one that a new scene ended was stopped."""
        if self._motion is not None and not world.moving:
            self._motion.set_result(world.ending or Ending.STOPPED)
            self._motion = None

    def _wait(self) -> None:
        """Keeps to real time; what rendering took is caught up with, but not much of it."""
        if self._factor <= 0:
            return
        self._due_s += STEPS_A_TURN * STEP_S / self._factor
        behind_s = time.monotonic() - self._due_s
        if behind_s < 0:
            self._stopping.wait(-behind_s)
        elif behind_s > _MOST_BEHIND_S:
            self._due_s = time.monotonic()

    def _refuse_rest(self) -> None:
        ended = SimulationStopped("the simulation has ended")
        if self._motion is not None:
            self._motion.set_exception(ended)
            self._motion = None
        while not self._commands.empty():  # nobody else takes from it
            self._commands.get_nowait().answer.set_exception(ended)


def _state_of(world: LiveWorld) -> State:
    return State(
        world.joints,
        world.velocities,
        world.tool,
        world.moving,
        world.left_m,
        world.held is not None,
    )
