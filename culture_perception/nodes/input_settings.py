"""How perception listens to a camera, as parameters."""

from typing import Any, Final

from culture_perception.nodes.camera_input import InputOptions
from culture_perception.nodes.parameters import Setting

INPUT_SETTINGS: Final = (
    Setting(
        "image_transport",
        "raw",
        "raw: camera/color/image_raw; compressed: the topic of that name below it",
        configuring=True,
        choices=("raw", "compressed"),
    ),
    Setting(
        "depth_transport",
        "raw",
        "raw: camera/depth/image_rect; compressedDepth: the topic of that name below it",
        configuring=True,
        choices=("raw", "compressedDepth"),
    ),
    Setting(
        "image_reliability",
        "reliable",
        "of the subscriptions to the camera; best_effort matches every publisher, but loses most "
        "large images on the default transport",
        configuring=True,
        choices=("reliable", "best_effort"),
    ),
    Setting(
        "use_depth",
        True,
        "listen to depth, and put masks into space where it comes",
        configuring=True,
    ),
    Setting(
        "depth_tolerance_s",
        0.015,
        "seconds by which the stamps of one frame's colour and depth may differ",
        configuring=True,
        minimum=0.0,
        maximum=1.0,
    ),
)


def input_options_of(values: Any) -> InputOptions:
    """How to listen, from the parameters."""
    return InputOptions(
        transport=values["image_transport"],
        depth_transport=values["depth_transport"],
        reliability=values["image_reliability"],
        use_depth=values["use_depth"],
        depth_tolerance_s=values["depth_tolerance_s"],
    )
