"""The topics of a recording and their types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

IMAGE: Final = "sensor_msgs/msg/Image"
COMPRESSED_IMAGE: Final = "sensor_msgs/msg/CompressedImage"
MASKS: Final = "culture_interfaces/msg/LabelledMaskArray"
LABELS: Final = "culture_interfaces/msg/LabelSet"

RECORDED: Final = (
    "/labels/active",
    "/perception/label_set",
    "/tf_static",
    "/camera/color/image_raw",
    "/camera/color/camera_info",
    "/camera/depth/image_rect",
    "/ground_truth/id_image",
    "/ground_truth/labelled_masks",
    "/perception/labelled_masks",
    "/diagnostics",
)
"""What is recorded unless other topics are asked for; labels first, results name them."""

EVERYBODYS: Final = ("/tf", "/tf_static", "/diagnostics", "/clock")
"""Topics that no namespace moves."""


@dataclass(frozen=True)
class Topics:
    """Where scoring looks for what it needs."""

    image: str = "/camera/color/image_raw"
    truth: str = "/ground_truth/labelled_masks"
    result: str = "/perception/labelled_masks"
    labels: tuple[str, ...] = ("/labels/active", "/perception/label_set")

    def below(self, namespace: str) -> Topics:
        """The same topics of a system in a namespace, which is absolute or empty."""
        return Topics(
            in_namespace(self.image, namespace),
            in_namespace(self.truth, namespace),
            in_namespace(self.result, namespace),
            tuple(in_namespace(topic, namespace) for topic in self.labels),
        )


def in_namespace(topic: str, namespace: str) -> str:
    """What an absolute topic of a system is called where that is in a namespace (or in none)."""
    return topic if topic in EVERYBODYS else f"{namespace}{topic}"
