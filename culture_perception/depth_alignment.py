"""Whether a depth image belongs to a colour image, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from culture_perception.images import ImageError

MAX_SKEW_NS: Final = 10_000_000
"""How far apart the stamps of colour and depth may be: a third of a frame at 30 Hz, in which a
camera that moves at .5 m/s moves 5 mm."""

_ALIGN: Final = (
    "publish depth aligned to colour, for example realsense2_camera's align_depth.enable:=true "
    "and its topic aligned_depth_to_color/image_raw"
)


class DepthError(ImageError):
    """A depth image that can not be used; the message has both values and the remedy."""


@dataclass(frozen=True)
class Origin:
    """Where and when an image was taken.

    Attributes:
        shape_hw: height and width, pixels.
        frame_id: its optical frame.
        stamp_ns: nanoseconds.
    """

    shape_hw: tuple[int, int]
    frame_id: str
    stamp_ns: int


def check_belongs(depth: Origin, colour: Origin, max_skew_ns: int = MAX_SKEW_NS) -> None:
    """Whether each pixel of a depth image is the same pixel of a colour image, as far as is told.

    Args:
        depth: of the depth image.
        colour: of the colour image.
        max_skew_ns: how far apart their stamps may be, nanoseconds; 0: not at all.

    Raises:
        DepthError: size, frame or stamp differ.
    """
    if depth.shape_hw != colour.shape_hw:
        sizes = [f"{width}x{height}" for height, width in (depth.shape_hw, colour.shape_hw)]
        raise DepthError(f"depth is {sizes[0]}, colour {sizes[1]}; {_ALIGN}")
    if depth.frame_id.lstrip("/") != colour.frame_id.lstrip("/"):
        raise DepthError(
            f"depth is in frame {depth.frame_id!r}, colour in {colour.frame_id!r}; {_ALIGN}"
        )
    skew_ns = depth.stamp_ns - colour.stamp_ns
    if abs(skew_ns) > max_skew_ns:
        raise DepthError(
            f"depth was taken {abs(skew_ns) / 1e6:.1f} ms {'after' if skew_ns > 0 else 'before'} "
            f"colour, {max_skew_ns / 1e6:.1f} ms are allowed; take both at once, for example with "
            "realsense2_camera's enable_sync:=true"
        )
