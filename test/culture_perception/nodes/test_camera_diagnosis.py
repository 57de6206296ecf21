from __future__ import annotations

import pytest

from culture_perception.cameras.playing import Played
from culture_perception.nodes.camera_diagnosis import PlayFacts, diagnose, values_of
from culture_perception.nodes.diagnosis import Level


@pytest.mark.parametrize(
    ("played", "rate_hz", "level", "said"),
    [
        (Played(frames=40), -1.0, Level.OK, "it: 30 frames a second"),
        (Played(frames=10), 0.0, Level.OK, "waits for camera_player/capture"),
        (Played(frames=40, late=29), 60.0, Level.WARN, "slower than asked for, 30 frames"),
        (Played(frames=40, late=12), 60.0, Level.OK, "30 frames a second"),
        (Played(frames=40, problems=3, last_problem="a.png"), -1.0, Level.WARN, "a.png"),
        (Played(frames=40, problems=2, last_problem="a.png"), -1.0, Level.OK, "30 frames"),
        (Played(frames=40, ended=True), -1.0, Level.WARN, "played to its end"),
    ],
)
def test_a_second_of_playing_is_judged(
    played: Played, rate_hz: float, level: Level, said: str
) -> None:
    before = Played(frames=10, problems=2)

    found = diagnose(PlayFacts(played, "it", rate_hz, before))

    assert found[0] == level
    assert said in found[1]


def test_the_facts_are_given_as_texts() -> None:
    values = values_of(PlayFacts(Played(frames=3, last_problem="why"), "it", 7.5))

    assert values["source"] == "it"
    assert (values["frames"], values["rate_hz"], values["ended"]) == ("3", "7.5", "false")
    assert values["last_problem"] == "why"
