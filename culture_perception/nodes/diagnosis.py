"""What perception says about itself on /diagnostics; knows the facts, not ROS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Final

from culture_perception.nodes.stream import StreamFacts
from culture_perception.nodes.worker import Counts

AHEAD_S: Final = 0.5
"""Clocks of machines that are synchronised differ by less."""


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
        stage: lifecycle state: "unconfigured", "inactive", "active" or "finalized".
        transition_error: why the last transition was refused; empty: it was not.
        counts: what became of the frames.
        color: the colour topic; None: not listened to.
        depth: the depth topic; None: not listened to.
        labels: what it names things by, for people; empty: nothing yet.
        label_topic: where labels come from.
        label_publishers: how many publish there.
        clock_topic: empty, or the topic of the simulated time that it waits for in vain.
        rivals: other nodes that publish results on the same topic.
        result_topic: that topic.
        models: both models, for people; empty: not loaded.
        adapters: names of the encoder's culture adapters, in use or not.
        stage_ms: milliseconds of each stage of the last frame.
        last_error: of the last failure since the last success; empty: none.
        notices: what the models do with less than was asked for, and why.
        stale_s: seconds without a frame, or between stamp and clock, that are worth a warning.
    """

    stage: str = "active"
    transition_error: str = ""
    counts: Counts = field(default_factory=Counts)
    color: StreamFacts | None = None
    depth: StreamFacts | None = None
    labels: str = ""
    label_topic: str = "/labels/active"
    label_publishers: int = 1
    clock_topic: str = ""
    rivals: int = 0
    result_topic: str = ""
    models: str = ""
    adapters: tuple[str, ...] = ()
    stage_ms: Mapping[str, float] = field(default_factory=dict)
    last_error: str = ""
    notices: tuple[str, ...] = ()
    stale_s: float = 5.0


@dataclass(frozen=True)
class Status:
    """One entry of /diagnostics: its name without the node's, how it is, why, and figures."""

    name: str
    level: Level
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


def diagnose(facts: Facts) -> list[Status]:
    """How perception is, part by part; the first entry sums up and names the cause of silence."""
    parts = [_models(facts), _labels(facts), _clock(facts)]
    parts += [_color(facts, one) for one in (facts.color,) if one is not None]
    parts += [_depth(facts, one) for one in (facts.depth,) if one is not None]
    return [_summary(facts, parts), *parts]


def _summary(facts: Facts, parts: list[Status]) -> Status:
    level, message = next(_causes(facts, parts), (Level.OK, f"recognising by {facts.labels}"))
    return Status("recognition", level, message, _values(facts))


def _causes(facts: Facts, parts: list[Status]) -> Iterator[tuple[Level, str]]:
    """Why it is not well, the most telling cause first."""
    if facts.transition_error:
        yield Level.ERROR, facts.transition_error
    if facts.stage == "finalized":
        yield Level.WARN, "the node was shut down: end its process and start it again"
    elif facts.stage != "active":
        yield (
            Level.WARN,
            f"the node is {facts.stage}: `ros2 lifecycle set` it to "
            f"{'configure, then ' if facts.stage == 'unconfigured' else ''}activate, or start it "
            "with autostart:=true",
        )
    if facts.last_error:
        yield Level.ERROR, facts.last_error
    by_name = {one.name: one for one in parts}
    for name in ("labels", "clock", "images"):
        part = by_name.get(name)
        if part is not None and part.level != Level.OK:
            yield part.level, part.message
    if facts.rivals:
        yield (
            Level.WARN,
            f"{facts.rivals} more publish {facts.result_topic}: results of several nodes mix "
            "there; give each a namespace or remap its topics",
        )
    for name in ("models", "depth"):
        part = by_name.get(name)
        if part is not None and part.level != Level.OK:
            yield part.level, part.message


def _models(facts: Facts) -> Status:
    if not facts.models:
        why = facts.transition_error or "not loaded: the node is not configured"
        return Status("models", Level.ERROR if facts.transition_error else Level.WARN, why)
    level = Level.WARN if facts.notices else Level.OK
    return Status("models", level, "; ".join(facts.notices) or facts.models)


def _labels(facts: Facts) -> Status:
    if not facts.labels:
        missing = f"no labels yet: nothing was published on {facts.label_topic}"
        if facts.label_publishers == 0:
            missing += ", and nobody publishes it: start the label service"
        return Status("labels", Level.WARN, missing)
    if facts.label_publishers == 0:
        return Status(
            "labels",
            Level.WARN,
            f"the label service is gone (nobody publishes {facts.label_topic}); still naming by "
            f"{facts.labels}",
        )
    return Status("labels", Level.OK, facts.labels)


def _clock(facts: Facts) -> Status:
    if facts.clock_topic:
        return Status(
            "clock",
            Level.WARN,
            f"use_sim_time is set, but no time comes on {facts.clock_topic}: play the bag with "
            "--clock, start the simulator, or set use_sim_time:=false",
        )
    behind = None if facts.color is None else facts.color.behind_s
    if behind is None or -AHEAD_S <= behind <= facts.stale_s:
        return Status("clock", Level.OK, "stamps and clock agree")
    way = f"{behind:.1f} s behind" if behind > 0 else f"{-behind:.1f} s ahead of"
    return Status(
        "clock",
        Level.WARN,
        f"clock mismatch: images are stamped {way} this node's clock; set use_sim_time:=true for a "
        "bag or a simulator, or synchronise the machines' clocks",
        {"behind_s": f"{behind:.3f}"},
    )


def _color(facts: Facts, stream: StreamFacts) -> Status:
    level, message = _stream(stream, facts.stale_s, "start a camera or remap the topic")
    return Status("images", level, message, _stream_values(stream))


def _depth(facts: Facts, stream: StreamFacts) -> Status:
    if stream.publishers == 0:
        # Depth is a choice: without it there are masks, but no places.
        message = f"nobody publishes {stream.topic}: masks have no place in space"
        return Status("depth", Level.OK, message, _stream_values(stream))
    level, message = _stream(stream, facts.stale_s, "start a depth camera or remap the topic")
    return Status("depth", level, message, _stream_values(stream))


def _stream(stream: StreamFacts, stale_s: float, remedy: str) -> tuple[Level, str]:
    topic = stream.topic
    if stream.publishers == 0:
        return Level.WARN, f"nobody publishes {topic}: {remedy}"
    if stream.incompatible and (stream.age_s is None or stream.age_s > stale_s):
        return Level.ERROR, (
            f"incompatible QoS: a publisher of {topic} does not match by {stream.incompatible}; "
            f"{_qos_remedy(stream)}"
        )
    if stream.age_s is None:
        return Level.WARN, f"no frame yet on {topic}: the camera waits for a trigger, or is paused"
    if stream.age_s > stale_s:
        return Level.STALE, f"stale: no frame for {stream.age_s:.0f} s on {topic}"
    if stream.problem:
        return Level.ERROR, stream.problem
    return Level.OK, f"{topic}: {stream.received} received"


def _qos_remedy(stream: StreamFacts) -> str:
    if stream.incompatible == "reliability":
        return "it publishes best effort: start perception with image_reliability:=best_effort"
    return (
        "start perception with the parameter "
        f"qos_overrides.{stream.topic}.subscription.{stream.incompatible} as the publisher has it"
    )


def _stream_values(stream: StreamFacts) -> dict[str, str]:
    return {
        "topic": stream.topic,
        "publishers": str(stream.publishers),
        "received": str(stream.received),
        "age_s": "" if stream.age_s is None else f"{stream.age_s:.3f}",
    }


def _values(facts: Facts) -> dict[str, str]:
    """The facts as key and value, as a diagnostics viewer shows them."""
    return {
        "stage": facts.stage,
        **{name: str(count) for name, count in asdict(facts.counts).items()},
        "labels": facts.labels,
        "adapters": ", ".join(facts.adapters),
        "last_error": facts.last_error,
        "notices": "; ".join(facts.notices),
        **{
            name if name.endswith("_ms") else f"processing_time_ms/{name}": f"{ms:.1f}"
            for name, ms in facts.stage_ms.items()
        },
    }
