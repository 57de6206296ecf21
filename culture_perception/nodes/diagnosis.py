"""What perception says about itself on /diagnostics; knows the facts, not ROS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from culture_perception.nodes.worker import Counts


class Level(IntEnum):
    """As in diagnostic_msgs/DiagnosticStatus."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True)
class Facts:
    """What is known of perception at one moment.

    Attributes:
        counts: What became of the frames.
        image_topic: Topic that it listens to.
        publishers: How many publish on it.
        labels: What it names things by, for people; empty: nothing yet.
        frame_age_s: Seconds since the last frame arrived; None: none yet.
        stage_ms: Milliseconds of each stage of the last frame.
        last_error: Of the last failure since the last success; empty: none.
        notices: What the models do with less than was asked for, and why.
    """

    counts: Counts
    image_topic: str
    publishers: int
    labels: str
    frame_age_s: float | None
    stage_ms: Mapping[str, float] = field(default_factory=dict)
    last_error: str = ""
    notices: tuple[str, ...] = ()


STALE_S = 5.0


def diagnose(facts: Facts) -> tuple[Level, str]:
    """How perception is and, where it is silent, why."""
    if facts.last_error:
        return Level.ERROR, facts.last_error
    if not facts.labels:
        return Level.WARN, "no labels yet: nothing was published on /labels/active"
    if facts.publishers == 0:
        return Level.WARN, (
            f"nobody publishes {facts.image_topic}: start a camera or remap the topic"
        )
    if facts.frame_age_s is None:
        return Level.WARN, (
            f"no frame yet on {facts.image_topic}: the camera waits for a trigger, or it "
            "publishes best effort: then start perception with the parameter "
            f"qos_overrides.{facts.image_topic}.subscription.reliability:=best_effort"
        )
    if facts.frame_age_s > STALE_S:
        return Level.STALE, f"no frame for {facts.frame_age_s:.0f} s on {facts.image_topic}"
    if facts.notices:
        return Level.WARN, "; ".join(facts.notices)
    return Level.OK, f"recognising by {facts.labels}"


def values_of(facts: Facts) -> dict[str, str]:
    """The facts as key and value, as a diagnostics viewer shows them."""
    counts = facts.counts
    return {
        "received": str(counts.received),
        "processed": str(counts.processed),
        "dropped": str(counts.dropped),
        "failed": str(counts.failed),
        "waiting": str(counts.waiting),
        "labels": facts.labels,
        "last_error": facts.last_error,
        "notices": "; ".join(facts.notices),
        **{f"processing_time_ms/{name}": f"{ms:.1f}" for name, ms in facts.stage_ms.items()},
    }
