"""When perception works, what it tracks and how its actions behave, as parameters."""

from typing import Any, Final

from culture_perception.nodes.parameters import Setting
from culture_perception.tracking import TrackOptions

_TRACKS: Final = TrackOptions()

NODE_SETTINGS: Final = (
    Setting(
        "autostart",
        True,
        "configure and activate at the start, and end where that fails; false: wait for a "
        "lifecycle manager",
    ),
    Setting(
        "compute_when",
        "subscribed",
        "subscribed: leave frames alone while nobody listens to a result; always: do not",
        dynamic=True,
        choices=("subscribed", "always"),
    ),
    Setting(
        "max_rate_hz",
        0.0,
        "frames a second begun at most; 0: no limit",
        dynamic=True,
        minimum=0.0,
        maximum=1000.0,
    ),
    Setting(
        "stale_s",
        5.0,
        "seconds without a frame, or between an image's stamp and the clock, that are worth a "
        "warning",
        dynamic=True,
        minimum=0.1,
        maximum=3600.0,
    ),
    Setting(
        "target_frame",
        "",
        "frame, its z upwards, that objects are published in as well, by TF at the image's stamp; "
        "empty: none",
        dynamic=True,
    ),
    Setting(
        "transform_timeout_s",
        0.1,
        "seconds to wait for a transform that is newer than the image",
        dynamic=True,
        minimum=0.0,
        maximum=5.0,
    ),
)
TRACK_SETTINGS: Final = (
    Setting(
        "track_min_iou",
        _TRACKS.min_iou,
        "overlap with the last mask of a track that makes a mask the same object",
        dynamic=True,
        minimum=0.01,
        maximum=1.0,
    ),
    Setting(
        "track_keep_s",
        _TRACKS.keep_s,
        "seconds that an object out of sight keeps its id",
        dynamic=True,
        minimum=0.0,
        maximum=3600.0,
    ),
)
ACTION_SETTINGS: Final = (
    Setting(
        "action_timeout_s",
        15.0,
        "deadline of a goal that gives none, seconds",
        dynamic=True,
        minimum=0.1,
        maximum=3600.0,
    ),
    Setting(
        "ambiguity_margin",
        0.2,
        "of several masks that fit a text, all whose probability comes this near to the best's "
        "make it ambiguous",
        dynamic=True,
        minimum=0.0,
        maximum=1.0,
    ),
)


def track_options_of(values: Any) -> TrackOptions:
    """When a mask is the same object, from the parameters; ValueError where that can not be."""
    return TrackOptions(min_iou=values["track_min_iou"], keep_s=values["track_keep_s"])
