"""Node that finds and names what a camera sees, in the labels that are active."""

import copy
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Final

from culture_interfaces.msg import LabelledMaskArray
from culture_interfaces.msg import LabelSet as LabelSetMessage
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from culture_perception.images import array_to_image, to_rgb
from culture_perception.message_records import read_labels
from culture_perception.nodes import qos
from culture_perception.nodes.diagnosis import Facts, diagnose, values_of
from culture_perception.nodes.label_messages import labels_to_message
from culture_perception.nodes.mask_messages import recognition_to_message
from culture_perception.nodes.parameters import Values, declare, refuse_unknown, watch
from culture_perception.nodes.perception_settings import SETTINGS, load_models, options_of
from culture_perception.nodes.running import ManagedNode, run_node
from culture_perception.nodes.worker import NewestFirstWorker
from culture_perception.overlay import draw_recognition
from culture_perception.protocols import Encoder, Segmenter
from culture_perception.recognition import recognise
from culture_perception.zero_shot import TextBank, TextBankCache

IMAGE_TOPIC: Final = "camera/color/image_raw"
MAX_FAILURES: Final = 5  # in a row: then the next one will fail as well


class Perception(ManagedNode):
    """Callbacks hand over labels and frames; one worker thread embeds, recognises, publishes.

    Since one thread does both, every result that is published after a set of labels was announced
    on /perception/label_set carries the version of those labels, or of later ones.
    """

    def __init__(self, load: Callable[[Values], tuple[Segmenter, Encoder]] = load_models) -> None:
        super().__init__("perception")
        values = declare(self, SETTINGS)
        refuse_unknown(self)
        self._options = options_of(values)
        watch(self, SETTINGS, self._apply)
        self._segmenter, self._encoder = load(values)
        self._banks = TextBankCache()
        self._bank: TextBank | None = None
        self._stage_ms: Mapping[str, float] = {}
        self._frame_at_s: float | None = None
        self._last_error = ""
        self._failures = 0
        self._worker: NewestFirstWorker[LabelSetMessage, Image] = NewestFirstWorker(
            self._take_labels, self._take_image, self._on_error
        )
        self._advertise()
        self._subscribe()
        self._worker.start()
        self.get_logger().info(
            f"{self._segmenter.name} and {self._encoder.name} ready; waiting for labels"
        )

    def _advertise(self) -> None:
        self._masks = self.create_publisher(
            LabelledMaskArray, "perception/labelled_masks", qos.RESULTS
        )
        self._id_image = self.create_publisher(Image, "perception/id_image", qos.IMAGES)
        self._overlay = self.create_publisher(Image, "perception/overlay", qos.IMAGES)
        self._labels = self.create_publisher(LabelSetMessage, "perception/label_set", qos.LATCHED)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", qos.RESULTS)
        self.create_timer(1.0, self._publish_diagnostics)

    def _subscribe(self) -> None:
        # Labels first: a frame that comes before them has to wait.
        self.create_subscription(
            LabelSetMessage, "labels/active", self._worker.put_labels, qos.LABELS
        )
        self._images = self.create_subscription(
            Image,
            IMAGE_TOPIC,
            self._on_image,
            copy.copy(qos.NEWEST_IMAGE),  # the overrides are written into it
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )

    def close(self) -> None:
        """Ends the worker after the frame in hand."""
        self._worker.stop()

    def _apply(self, values: Values) -> None:
        self._options = options_of(values)

    def _on_image(self, message: Image) -> None:
        self._frame_at_s = time.monotonic()
        self._worker.put_frame(message)

    def _take_labels(self, message: LabelSetMessage) -> None:
        """Worker: embeds and announces labels; the same ones again cost nothing."""
        if self._bank is not None and self._bank.labels.version == message.version:
            return
        self._bank = self._banks.get(self._encoder, read_labels(message))
        self._last_error = ""
        now = self.get_clock().now().to_msg()
        self._labels.publish(labels_to_message(self._bank.labels, now))
        self.get_logger().info(f"naming by {self._described()}")

    def _take_image(self, message: Image) -> None:
        """Worker: recognises a frame and publishes what was found."""
        if self._bank is None:
            raise RuntimeError("the worker took a frame before it had labels")
        image_rgb = to_rgb(message)
        found = recognise(image_rgb, self._segmenter, self._encoder, self._bank, self._options)
        header: Header = message.header
        self._masks.publish(recognition_to_message(found, header))
        # Pictures are drawn only where somebody looks at them.
        if self._id_image.get_subscription_count():
            self._id_image.publish(array_to_image(found.id_image(), "mono16", header))
        if self._overlay.get_subscription_count():
            picture = draw_recognition(image_rgb, found)
            self._overlay.publish(array_to_image(picture, "rgb8", header))
        self._stage_ms = found.stage_ms
        self._last_error = ""
        self._failures = 0

    def _on_error(self, error: Exception) -> None:
        """Worker: says what failed; gives up where nothing works any more."""
        self._failures += 1
        self._last_error = f"{type(error).__name__}: {error}"
        self.get_logger().error(self._last_error)
        self.get_logger().debug("".join(traceback.format_exception(error)))
        if self._failures >= MAX_FAILURES:
            self.give_up(f"{self._failures} failures in a row, the last: {self._last_error}")

    def _described(self) -> str:
        if self._bank is None:
            return ""
        labels = self._bank.labels
        return f"{labels.label_set} {labels.language} {labels.style} ({labels.version})"

    def _facts(self) -> Facts:
        arrived = self._frame_at_s
        return Facts(
            counts=self._worker.counts,
            image_topic=self._images.topic_name,
            publishers=self.count_publishers(self._images.topic_name),
            labels=self._described(),
            frame_age_s=None if arrived is None else time.monotonic() - arrived,
            stage_ms=self._stage_ms,
            last_error=self._last_error,
            notices=tuple(filter(None, (self._segmenter.notice, self._encoder.notice))),
        )

    def _publish_diagnostics(self) -> None:
        facts = self._facts()
        level, message = diagnose(facts)
        status = DiagnosticStatus(
            level=bytes([level]),
            name=f"{self.get_name()}: recognition",
            message=message,
            hardware_id=f"{self._segmenter.name}, {self._encoder.name}",
            values=[KeyValue(key=key, value=value) for key, value in values_of(facts).items()],
        )
        header = Header(stamp=self.get_clock().now().to_msg())
        self._diagnostics.publish(DiagnosticArray(header=header, status=[status]))


def main() -> int:
    """Runs perception; returns the exit code."""
    return run_node(Perception, "perception")


if __name__ == "__main__":
    sys.exit(main())
