"""What the camera player says about itself on /diagnostics; knows the facts, not ROS."""

from dataclasses import dataclass, field

from culture_perception.cameras.pacing import ON_TRIGGER
from culture_perception.cameras.playing import Played
from culture_perception.nodes.diagnosis import Level


@dataclass(frozen=True)
class PlayFacts:
    """What is known of the player at one moment.

    Attributes:
        played: What was done so far.
        described: The source, for people.
        rate_hz: Parameter of that name.
        before: What had been done a second ago.
    """

    played: Played
    described: str
    rate_hz: float
    before: Played = field(default_factory=Played)


def diagnose(facts: PlayFacts) -> tuple[Level, str]:
    """How it goes and, where nothing comes, why."""
    played, new = facts.played, facts.played.frames - facts.before.frames
    if played.ended:
        return Level.WARN, f"{facts.described} was played to its end; parameter loop is false"
    if played.problems > facts.before.problems:
        return Level.WARN, played.last_problem
    if facts.rate_hz == ON_TRIGGER:
        return Level.OK, f"{facts.described}: waits for camera_player/capture"
    if new and played.late - facts.before.late > new / 2:
        return Level.WARN, f"{facts.described}: slower than asked for, {new} frames a second"
    return Level.OK, f"{facts.described}: {new} frames a second"


def values_of(facts: PlayFacts) -> dict[str, str]:
    """The facts as key and value, as a diagnostics viewer shows them."""
    played = facts.played
    return {
        "source": facts.described,
        "rate_hz": f"{facts.rate_hz:g}",
        "frames": str(played.frames),
        "passed": str(played.passed),
        "late": str(played.late),
        "problems": str(played.problems),
        "rounds": str(played.rounds),
        "ended": str(played.ended).lower(),
        "last_problem": played.last_problem,
    }
