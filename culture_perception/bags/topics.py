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


@dataclass(frozen=True)
class Topics:
    """Where scoring looks for what it needs."""

    image: str = "/camera/color/image_raw"
    truth: str = "/ground_truth/labelled_masks"
    result: str = "/perception/labelled_masks"
    labels: tuple[str, ...] = ("/labels/active", "/perception/label_set")
