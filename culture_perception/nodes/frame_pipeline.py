"""The way of a frame through perception: handed over or left alone, recognised, published."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Any, Final, Protocol

from culture_interfaces.msg import LabelSet as LabelSetMessage
from rclpy.node import Node

from culture_perception.images import ImageError
from culture_perception.message_records import read_labels
from culture_perception.nodes.camera_input import CameraFrame, CameraInput
from culture_perception.nodes.frame_requests import FrameRequest, RequestBook
from culture_perception.nodes.outputs import Outputs
from culture_perception.nodes.placing import Placing
from culture_perception.nodes.rate_limit import RateLimit
from culture_perception.nodes.worker import Counts, NewestFirstWorker
from culture_perception.perceiving import Perceived, Perceiver

MAX_FAILURES: Final = 5  # in a row: then the next one will fail as well


class PipelineNode(Protocol):
    """What the pipeline needs of its node."""

    @property
    def node(self) -> Node:
        """The node."""

    def value(self, name: str) -> Any:
        """A parameter."""

    def give_up(self, reason: str) -> None:
        """Ends the process with an error; any thread may call it."""


class FramePipeline:
    """From `open` to `close`: one worker thread embeds labels, recognises frames and publishes.

    Since one thread does all of it, every result that is published after a set of labels was
    announced carries the version of those labels, or of later ones.

    Attributes:
        perceiver: models, labels and tracks.
        stage_ms: milliseconds of each stage of the last frame.
        last_error: of the last failure since the last success; empty: none.
    """

    def __init__(
        self,
        host: PipelineNode,
        camera: CameraInput,
        placing: Placing,
        outputs: Outputs,
        perceiver: Perceiver,
    ) -> None:
        self.perceiver = perceiver
        self.stage_ms: dict[str, float] = {}
        self.last_error = ""
        self._host = host
        self._camera = camera
        self._placing = placing
        self._outputs = outputs
        self._requests = RequestBook()
        self._failures = 0
        self._limit = RateLimit()
        self._in_hand: CameraFrame | None = None
        self._last: Perceived | None = None
        self._worker: NewestFirstWorker[LabelSetMessage, CameraFrame] = NewestFirstWorker(
            self._take_labels, self._take_frame, self._on_error, self._on_death
        )

    def start(self) -> None:
        """Starts the worker."""
        self._worker.start()

    def stop(self) -> bool:
        """Ends the worker after the frame in hand; whether it ended in time."""
        return self._worker.stop()

    def pause(self, why: str) -> None:
        """Finishes the frame in hand, drops the one that waits, and fails all requests."""
        self._requests.interrupt_all(why)
        self._worker.pause()

    @property
    def counts(self) -> Counts:
        """What became of the frames."""
        return self._worker.counts

    @property
    def put_labels(self) -> Callable[[LabelSetMessage], None]:
        """Takes labels, before the next frame is begun."""
        return self._worker.put_labels

    def put_frame(self, frame: CameraFrame) -> None:
        """Takes a frame, or leaves it alone: nobody wants it, or it comes too soon."""
        wanted = self._host.value("compute_when") == "always" or self._outputs.wanted()
        if self._requests.accepting(frame.stamp_ns, self._now_ns()):
            self._worker.put_frame(frame)
        elif not wanted:
            self._worker.leave("unwanted")
        elif self._limit.is_too_soon(frame.arrived_s, float(self._host.value("max_rate_hz"))):
            self._worker.leave("limited")
        else:
            self._worker.put_frame(frame)

    def submit(self, request: FrameRequest) -> None:
        """Has a request wait, and gives it the newest frame if that will do."""
        self._requests.add(request)
        newest = self._camera.newest
        if newest is None:
            return
        if request.accepts(newest.stamp_ns, self._now_ns()):
            self._worker.put_job(lambda: self._answer_with(newest, request))
        else:
            request.stale_s = None  # it came before the request, which is no sign that any comes

    def withdraw(self, request: FrameRequest) -> None:
        """Nobody waits for it any more."""
        self._requests.remove(request)
        request.fail("nobody waits for it any more")

    def forget(self) -> None:
        """Time has jumped back: tracks and the last frame are of another time."""
        self._last = None
        self._requests.restart_all(self._now_ns())
        self._worker.put_job(self.perceiver.tracker.reset)

    def _now_ns(self) -> int:
        return int(self._host.node.get_clock().now().nanoseconds)

    # The worker's thread

    def _take_labels(self, message: LabelSetMessage) -> None:
        """Embeds and announces labels; the same ones again cost nothing."""
        perceiver, self._in_hand = self.perceiver, None
        if not perceiver.take_labels(read_labels(message)) or perceiver.bank is None:
            return
        self.last_error = ""
        own = perceiver.encoder.calibration.min_probability
        least = perceiver.options.min_probability
        self._outputs.announce(perceiver.bank.labels, own if least is None else least)
        labels = perceiver.bank.labels
        self._host.node.get_logger().info(
            f"naming by {labels.label_set} {labels.language} {labels.style} ({labels.version})"
        )

    def _answer_with(self, frame: CameraFrame, request: FrameRequest) -> None:
        """Answers with a frame that was there before; it was counted when it came."""
        if request.is_done or frame is not self._camera.newest or self._worker.is_next(frame):
            return  # it is answered, or will be by this frame or a newer one
        last = self._last
        if last is None or last.stamp_ns != frame.stamp_ns or last.bank is not self.perceiver.bank:
            self._take_frame(frame)
            return
        if not last.objects:  # nobody wanted places then
            self._camera.depths.claim(last.stamp_ns)
            last, _ = self._placing.placed(last, wanted=True)
            self._last = last
        request.fulfil(last)

    def _take_frame(self, frame: CameraFrame) -> None:
        started_s, self._in_hand = time.monotonic(), frame
        self._camera.depths.claim(frame.stamp_ns)
        image_rgb = self._camera.decode(frame)
        frame_id = str(frame.message.header.frame_id)
        perceived = self.perceiver.perceive(image_rgb, frame.stamp_ns, frame_id)
        wanted = self._outputs.places_wanted() or len(self._requests) > 0
        perceived, place_ms = self._placing.placed(perceived, wanted)
        self._outputs.publish(perceived, self._placing.to_target(perceived))
        self._last = perceived
        for request in self._requests.begun_for(perceived.stamp_ns):
            request.fulfil(perceived)
        self._succeeded(frame, perceived, started_s, place_ms)

    def _succeeded(
        self, frame: CameraFrame, perceived: Perceived, started_s: float, place_ms: float
    ) -> None:
        self.stage_ms = {
            **perceived.recognition.stage_ms,
            "place": place_ms,
            "queue_age_ms": (started_s - frame.arrived_s) * 1e3,
            "processing_time_ms": (time.monotonic() - started_s) * 1e3,
            "pipeline_latency_ms": (self._now_ns() - frame.stamp_ns) / 1e6,
        }
        self.last_error, self._failures = "", 0

    def _on_error(self, error: Exception) -> None:
        """Says what failed; gives up where nothing works any more."""
        if not self._host.node.context.ok():
            return  # the process was told to end while a frame was in work
        said = f"{type(error).__name__}: {error}"
        if self._in_hand is not None:
            for request in self._requests.begun_for(self._in_hand.stamp_ns):
                request.fail(said)
        logger = self._host.node.get_logger()
        logger.error(said, throttle_duration_sec=1.0)
        if isinstance(error, ImageError):
            return  # the camera's fault, which its monitor has; the next image may be a good one
        self._failures += 1
        self.last_error = said
        logger.debug("".join(traceback.format_exception(error)))
        if self._failures >= MAX_FAILURES:
            self._host.give_up(f"{self._failures} failures in a row, the last: {said}")

    def _on_death(self, error: BaseException) -> None:
        self._host.give_up(f"the worker ended: {type(error).__name__}: {error}")
