"""What perception says about itself, above all why it is silent."""

from dataclasses import replace

import pytest

from culture_perception.nodes.diagnosis import Facts, Level, diagnose, values_of
from culture_perception.nodes.worker import Counts

WELL = Facts(
    counts=Counts(received=9, processed=5, dropped=3, failed=1),
    image_topic="/camera",
    publishers=1,
    labels="ycb en plain (0123)",
    frame_age_s=0.1,
    stage_ms={"segment": 12.34},
)


@pytest.mark.parametrize(
    ("facts", "level", "message"),
    [
        (WELL, Level.OK, "recognising by ycb en plain"),
        (replace(WELL, labels=""), Level.WARN, "no labels yet"),
        (replace(WELL, publishers=0), Level.WARN, "nobody publishes /camera"),
        (replace(WELL, frame_age_s=None), Level.WARN, "no frame yet on /camera"),
        (
            replace(WELL, frame_age_s=None),
            Level.WARN,
            "qos_overrides./camera.subscription.reliability:=best_effort",
        ),
        (replace(WELL, frame_age_s=61.0), Level.STALE, "no frame for 61 s"),
        (replace(WELL, last_error="ValueError: no"), Level.ERROR, "ValueError: no"),
        (replace(WELL, notices=("less", "slower")), Level.WARN, "less; slower"),
        # Silence tells more than how well it would work.
        (replace(WELL, notices=("less",), publishers=0), Level.WARN, "nobody publishes"),
        # An error tells more than the silence that follows from it.
        (replace(WELL, last_error="ValueError: no", labels=""), Level.ERROR, "ValueError: no"),
    ],
)
def test_cause(facts: Facts, level: Level, message: str) -> None:
    found, text = diagnose(facts)
    assert found == level
    assert message in text


def test_values_name_every_count_and_stage() -> None:
    values = values_of(WELL)
    assert values["received"] == "9"
    assert (values["processed"], values["dropped"], values["failed"]) == ("5", "3", "1")
    assert values["processing_time_ms/segment"] == "12.3"
