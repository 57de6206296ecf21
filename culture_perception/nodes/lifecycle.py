"""A lifecycle node whose steps raise what is wrong, and that can bring itself up."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from culture_perception.nodes.parameters import ConfigurationError
from culture_perception.nodes.running import Managed


class Stage(Enum):
    """The primary states of a lifecycle node; a finalized one can only be started anew."""

    UNCONFIGURED = "unconfigured"
    INACTIVE = "inactive"
    ACTIVE = "active"
    FINALIZED = "finalized"


class ManagedLifecycleNode(Managed, LifecycleNode):
    """Subclasses say what each step does; an exception refuses it, with its message in the log.

    Attributes:
        stage: where the node is; the last one that was reached.
        transition_error: why the last transition was refused; empty where it was not.
    """

    def __init__(self, name: str) -> None:
        LifecycleNode.__init__(self, name)
        Managed.__init__(self)
        self.stage = Stage.UNCONFIGURED
        self.transition_error = ""

    def configure(self) -> None:
        """Loads what is needed; what it has made when it raises, `cleanup` takes away."""

    def activate(self) -> None:
        """Starts; what it has started when it raises, `deactivate` stops."""

    def deactivate(self) -> None:
        """Stops: nothing is published after it returns; also called after a failed `activate`."""

    def cleanup(self) -> None:
        """Frees all that `configure` made; also called after one that failed half-way."""

    def bring_up(self) -> None:
        """Configures and activates.

        Raises:
            ConfigurationError: One of them was refused; the message says why.
        """
        for trigger in (self.trigger_configure, self.trigger_activate):
            if trigger() != TransitionCallbackReturn.SUCCESS:
                raise ConfigurationError(self.transition_error or f"{trigger.__name__} failed")

    def close(self) -> None:
        """Deactivates and cleans up, as far as it is configured."""
        if self.stage is Stage.ACTIVE:
            self.deactivate()
        if self.stage not in (Stage.UNCONFIGURED, Stage.FINALIZED):
            self.cleanup()
        self.stage = Stage.UNCONFIGURED

    def on_configure(self, state: LifecycleState) -> Any:
        """Transition of rclpy's."""
        result = self._attempt(self.configure, Stage.INACTIVE)
        if result != TransitionCallbackReturn.SUCCESS:
            self.cleanup()
        return result

    def on_activate(self, state: LifecycleState) -> Any:
        """Transition of rclpy's."""
        result = self._attempt(self.activate, Stage.ACTIVE)
        if result != TransitionCallbackReturn.SUCCESS:
            self.deactivate()
        return result

    def on_deactivate(self, state: LifecycleState) -> Any:
        """Transition of rclpy's."""
        return self._attempt(self.deactivate, Stage.INACTIVE)

    def on_cleanup(self, state: LifecycleState) -> Any:
        """Transition of rclpy's."""
        return self._attempt(self.cleanup, Stage.UNCONFIGURED)

    def on_shutdown(self, state: LifecycleState) -> Any:
        """Transition of rclpy's."""
        return self._attempt(self.close, Stage.FINALIZED)

    def _attempt(self, step: Callable[[], None], reached: Stage) -> Any:
        # rclpy turns an exception into an error without a word.
        try:
            step()
        except Exception as error:
            kind = "" if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: "
            self.transition_error = f"{kind}{error}"
            self.get_logger().error(f"{step.__name__} refused: {self.transition_error}")
            return TransitionCallbackReturn.FAILURE
        self.stage, self.transition_error = reached, ""
        self.get_logger().info(f"{reached.value}")
        return TransitionCallbackReturn.SUCCESS
