"""Start and end of a node's process: signals, configuration errors, exit codes."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, Protocol

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.task import Future

from culture_perception.runner import LIFELINE

CONFIGURATION_ERROR = 2
RUN_ERROR = 1
_told_to_end: Final = threading.Event()


class Managed:
    """What a node needs to say that it can not go on, and to close what it has opened."""

    def __init__(self) -> None:
        self.failure: Future[str] = Future()

    def give_up(self, reason: str) -> None:
        """Ends the process with an error; any thread may call it."""
        if not self.failure.done():
            self.failure.set_result(reason)

    def close(self) -> None:
        """Stops threads and writes what is to be written; called once, before destruction."""


class ManagedNode(Managed, Node):
    """A node that can say that it can not go on, and that has something to close."""

    def __init__(self, name: str) -> None:
        Node.__init__(self, name)
        Managed.__init__(self)


class RunnableNode(Protocol):
    """A node that run_node runs: ManagedNode, or ManagedLifecycleNode."""

    failure: Future[str]

    def close(self) -> None:
        """See Managed."""

    def get_logger(self) -> Any:
        """The node's logger."""

    def destroy_node(self) -> None:
        """Leaves the graph."""


def run_node(factory: Callable[[], RunnableNode], name: str) -> int:
    """Runs a node until it is told to stop or fails.

    Args:
        factory: Makes the node, after rclpy is initialised. A ValueError or OSError
            from it is a configuration error: its message is logged, without a traceback.
        name: Logger's name until the node exists.

    Returns:
        Exit code: 0 after SIGINT or SIGTERM, 1 where the node failed, 2 where it could not start.
    """
    _end_with_runner()
    signal.signal(signal.SIGINT, _interrupt)
    try:
        try:
            rclpy.init(args=sys.argv)
        except RuntimeError as error:  # a remapping or a parameter that can not be read
            get_logger(name).fatal(f"can not start: {error}")
            return CONFIGURATION_ERROR
        try:
            node = factory()
        except Exception as error:
            if not rclpy.ok():
                return 0  # told to end while it started, so that nothing could be made any more
            if not isinstance(error, ValueError | OSError | ParameterException):
                raise
            get_logger(name).fatal(f"can not start: {error}")
            return CONFIGURATION_ERROR
        return _spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        return 0
    finally:
        rclpy.try_shutdown()


def _interrupt(number: int, frame: FrameType | None) -> None:
    _told_to_end.set()
    raise KeyboardInterrupt


def _end_with_runner() -> None:
    """Ends this process, as by SIGTERM, once a runner that holds its standard input is gone."""

    def wait() -> None:
        os.read(0, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    if os.environ.get(LIFELINE) == "stdin":
        threading.Thread(target=wait, name="lifeline", daemon=True).start()


def _spin(node: Any) -> int:
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        executor.spin_until_future_complete(node.failure)
        if node.failure.done():
            node.get_logger().fatal(f"giving up: {node.failure.result()}")
            return RUN_ERROR
        return 0
    except (KeyboardInterrupt, ExternalShutdownException):
        return 0
    except RuntimeError:
        # Ctrl-C inside the conversion of a message comes out of it as pybind11's own error.
        if not _told_to_end.is_set():
            raise
        return 0
    finally:
        # A second Ctrl-C must not interrupt the writing of results.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        node.close()
        executor.shutdown(timeout_sec=1.0)
        node.destroy_node()
