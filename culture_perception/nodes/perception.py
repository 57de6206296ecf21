"""Lifecycle node that finds and names what a camera sees, in the labels that are active."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

from culture_interfaces.msg import LabelSet as LabelSetMessage
from rclpy.clock import JumpThreshold
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.subscription import Subscription

from culture_perception.adapting import adapters_of
from culture_perception.nodes import qos
from culture_perception.nodes.camera_input import CameraFrame, CameraInput
from culture_perception.nodes.find_action import FindAction
from culture_perception.nodes.frame_pipeline import FramePipeline
from culture_perception.nodes.frame_requests import FrameRequest
from culture_perception.nodes.input_settings import input_options_of
from culture_perception.nodes.lifecycle import ManagedLifecycleNode, Stage
from culture_perception.nodes.node_settings import track_options_of
from culture_perception.nodes.outputs import Outputs
from culture_perception.nodes.parameters import Values, declare, refuse_unknown, watch
from culture_perception.nodes.perception_diagnostics import PerceptionDiagnostics
from culture_perception.nodes.perception_settings import (
    SETTINGS,
    load_models,
    options_of,
    runtime_of,
)
from culture_perception.nodes.placing import Placing
from culture_perception.nodes.running import run_node
from culture_perception.nodes.segment_action import SegmentAction
from culture_perception.nodes.text_search import TextSearch
from culture_perception.perceiving import Perceiver
from culture_perception.protocols import Encoder, Segmenter
from culture_perception.rigid_transform import RigidTransform
from culture_perception.tracking import Tracker


class Perception(ManagedLifecycleNode):
    """Configuring loads the models and takes labels, activating listens to the camera.

    Cleaning up frees all of it. The actions and /diagnostics are there from the start to the end.

    Attributes:
        camera: what it hears.
        outputs: what it says.
        pipeline: what becomes of a frame; None: not configured.
        search: what texts ask for; None: not configured.
        runtime_notice: what the models run on in place of what was wished for; empty: nothing.
    """

    def __init__(self, load: Callable[[Values], tuple[Segmenter, Encoder]] = load_models) -> None:
        super().__init__("perception")
        self._load = load
        self._values: Values = declare(self, SETTINGS)
        refuse_unknown(self)
        _check(self._values)
        self.camera = CameraInput(self, self._on_frame)
        self.outputs = Outputs(self)
        self.pipeline: FramePipeline | None = None
        self.search: TextSearch | None = None
        self.runtime_notice = ""
        self._placing = Placing(self, self.camera)
        self._labels: Subscription[LabelSetMessage] | None = None
        watch(self, SETTINGS, self._apply, lambda: self.stage is Stage.UNCONFIGURED)
        self._actions = (SegmentAction(self), FindAction(self))
        self._diagnostics = PerceptionDiagnostics(self)
        self._jumps = self.get_clock().create_jump_callback(
            JumpThreshold(min_forward=None, min_backward=Duration(nanoseconds=-1)),
            post_callback=lambda jump: self._forget(),
        )
        if self._values["autostart"]:
            self.bring_up()

    def configure(self) -> None:
        """Loads the models and listens to labels; they are embedded before the first frame."""
        self.runtime_notice = runtime_of(self._values).notice
        segmenter, encoder = self._load(self._values)
        tracker = Tracker(track_options_of(self._values))
        perceiver = Perceiver(segmenter, encoder, options_of(self._values), tracker)
        self.search = TextSearch(perceiver)
        self.outputs.open()
        self._placing.open()
        self.pipeline = FramePipeline(self, self.camera, self._placing, self.outputs, perceiver)
        self.pipeline.start()
        self._labels = self.create_subscription(
            LabelSetMessage, "labels/active", self.pipeline.put_labels, qos.LABELS
        )
        self.get_logger().info(
            f"{segmenter.name} and {encoder.name} ready, culture adapters: "
            f"{', '.join(adapters_of(encoder)) or 'none'}; waiting for labels"
        )

    def activate(self) -> None:
        """Listens to the camera."""
        self.camera.open(input_options_of(self._values))

    def deactivate(self) -> None:
        """Leaves the camera; the frame in hand is finished, the one that waits is dropped."""
        self.camera.close()
        if self.pipeline is not None:
            self.pipeline.pause("the node was deactivated")

    def cleanup(self) -> None:
        """Ends the worker and frees models and publishers."""
        if self._labels is not None:
            self.destroy_subscription(self._labels)
            self._labels = None
        if self.pipeline is not None and not self.pipeline.stop():
            self.get_logger().warning("a frame is still in work; its models are freed after it")
        self.pipeline = self.search = None
        self.outputs.close()
        self._placing.close()
        _free_memory()

    def _apply(self, values: Values) -> None:
        _check(values)
        self._values = dict(values)
        if self.pipeline is not None:
            self.pipeline.perceiver.options = options_of(values)
            self.pipeline.perceiver.tracker.options = track_options_of(values)

    def _on_frame(self, frame: CameraFrame) -> None:
        if self.pipeline is not None:
            self.pipeline.put_frame(frame)

    def _forget(self) -> None:
        """Time has jumped back: what is known is of another time."""
        self.camera.forget()
        self._placing.forget()
        if self.pipeline is not None:
            self.pipeline.forget()
        self.get_logger().info("the clock has jumped back: tracks and transforms start anew")

    # What the actions, the pipeline and the diagnostics ask

    @property
    def node(self) -> Node:
        """Itself."""
        return self

    @property
    def perceiver(self) -> Perceiver | None:
        """Models, labels and tracks; None: not configured."""
        return None if self.pipeline is None else self.pipeline.perceiver

    def value(self, name: str) -> Any:
        """A parameter."""
        return self._values[name]

    def not_ready(self) -> str:
        """Why no frame would be recognised; empty: it would."""
        if self.stage is not Stage.ACTIVE:
            remedy = "start it again" if self.stage is Stage.FINALIZED else "activate it"
            return f"perception is {self.stage.value}; {remedy}"
        if self.perceiver is None or self.perceiver.bank is None:
            return "perception has no labels yet; start the label service"
        return ""

    def why_silent(self) -> str:
        """What /diagnostics says of the silence."""
        return self._diagnostics.summary()

    def submit(self, request: FrameRequest) -> None:
        """Has a request wait for a frame."""
        if self.pipeline is None:
            request.interrupt("the node was cleaned up")
        else:
            self.pipeline.submit(request)

    def withdraw(self, request: FrameRequest) -> None:
        """Nobody waits for it any more."""
        if self.pipeline is not None:
            self.pipeline.withdraw(request)

    def transform_to(self, frame: str, from_frame: str, stamp_ns: int) -> RigidTransform:
        """Waits a little for a transform; TransformError where there is none."""
        return self._placing.transform_to(frame, from_frame, stamp_ns)


def _check(values: Values) -> None:
    """ValueError where the values can not be together."""
    options_of(values)
    track_options_of(values)


def _free_memory() -> None:
    gc.collect()  # models hold rings of references
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def main() -> int:
    """Runs perception; returns the exit code."""
    return run_node(Perception, "perception")


if __name__ == "__main__":
    sys.exit(main())
