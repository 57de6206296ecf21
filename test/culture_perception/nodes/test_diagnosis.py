"""What perception says about itself, above all why it is silent."""

from dataclasses import replace
from typing import Any

import pytest

from culture_perception.nodes.diagnosis import Facts, Level, Status, diagnose
from culture_perception.nodes.stream import StreamFacts
from culture_perception.nodes.worker import Counts

CAMERA = StreamFacts(topic="/camera", publishers=1, age_s=0.1, behind_s=0.02, received=9)
DEPTH = replace(CAMERA, topic="/depth")
WELL = Facts(
    counts=Counts(received=9, processed=5, dropped=3, failed=1),
    color=CAMERA,
    depth=DEPTH,
    labels="ycb en plain (0123)",
    models="small and small",
    adapters=("japan-01", "here-23"),
    result_topic="/masks",
    stage_ms={"segment": 12.34, "pipeline_latency_ms": 50.0},
)


def camera(**changes: Any) -> Facts:
    return replace(WELL, color=replace(CAMERA, **changes))


def part(facts: Facts, name: str) -> Status:
    return next(one for one in diagnose(facts) if one.name == name)


@pytest.mark.parametrize(
    ("facts", "level", "message"),
    [
        (WELL, Level.OK, "recognising by ycb en plain"),
        (replace(WELL, labels=""), Level.WARN, "no labels yet: nothing was published on /labels"),
        (
            replace(WELL, labels="", label_publishers=0),
            Level.WARN,
            "nobody publishes it: start the label service",
        ),
        (replace(WELL, label_publishers=0), Level.WARN, "the label service is gone"),
        (camera(publishers=0), Level.WARN, "nobody publishes /camera: start a camera"),
        (camera(age_s=None), Level.WARN, "no frame yet on /camera"),
        (
            camera(age_s=None, incompatible="reliability"),
            Level.ERROR,
            "start perception with image_reliability:=best_effort",
        ),
        (
            camera(age_s=None, incompatible="durability"),
            Level.ERROR,
            "qos_overrides./camera.subscription.durability",
        ),
        # One of two publishers matches: frames come.
        (camera(incompatible="reliability"), Level.OK, "recognising"),
        # The driver was started again, with another QoS.
        (camera(age_s=61.0, incompatible="reliability"), Level.ERROR, "image_reliability:="),
        (camera(age_s=61.0), Level.STALE, "stale: no frame for 61 s on /camera"),
        (camera(problem="an image in '32FC1'"), Level.ERROR, "32FC1"),
        (camera(behind_s=90.0), Level.WARN, "clock mismatch: images are stamped 90.0 s behind"),
        (camera(behind_s=-2.0), Level.WARN, "stamped 2.0 s ahead of this node's clock"),
        (camera(behind_s=4.0), Level.OK, "recognising"),
        (replace(WELL, clock_topic="/clock"), Level.WARN, "no time comes on /clock"),
        (replace(WELL, last_error="ValueError: no"), Level.ERROR, "ValueError: no"),
        (replace(WELL, notices=("less", "slower")), Level.WARN, "less; slower"),
        (replace(WELL, rivals=1), Level.WARN, "1 more publish /masks"),
        (
            replace(WELL, depth=replace(DEPTH, problem="depth is of 320x240")),
            Level.ERROR,
            "depth is of 320x240",
        ),
        (replace(WELL, stage="inactive"), Level.WARN, "the node is inactive"),
        (replace(WELL, stage="finalized"), Level.WARN, "was shut down: end its process"),
        (
            replace(WELL, stage="unconfigured", models="", transition_error="no such model"),
            Level.ERROR,
            "no such model",
        ),
        # Silence tells more than how well it would work.
        (replace(camera(publishers=0), notices=("less",)), Level.WARN, "nobody publishes"),
        # An error tells more than the silence that follows from it.
        (replace(WELL, last_error="ValueError: no", labels=""), Level.ERROR, "ValueError: no"),
    ],
)
def test_cause(facts: Facts, level: Level, message: str) -> None:
    summary = diagnose(facts)[0]
    assert summary.name == "recognition"
    assert summary.level == level
    assert message in summary.message


def test_depth_is_a_choice() -> None:
    nobody = replace(WELL, depth=replace(DEPTH, publishers=0, age_s=None))
    assert diagnose(nobody)[0].level == Level.OK
    assert "masks have no place in space" in part(nobody, "depth").message
    assert [one.name for one in diagnose(replace(WELL, depth=None))] == [
        "recognition",
        "models",
        "labels",
        "clock",
        "images",
    ]


def test_models_say_why_they_are_missing() -> None:
    missing = part(replace(WELL, models="", transition_error="file x is damaged"), "models")
    assert (missing.level, missing.message) == (Level.ERROR, "file x is damaged")
    assert part(replace(WELL, models=""), "models").level == Level.WARN


def test_values_name_every_count_and_stage() -> None:
    values = diagnose(WELL)[0].values
    assert values["received"] == "9"
    assert (values["processed"], values["dropped"], values["failed"]) == ("5", "3", "1")
    assert (values["unwanted"], values["limited"]) == ("0", "0")
    assert values["processing_time_ms/segment"] == "12.3"
    assert values["pipeline_latency_ms"] == "50.0"
    assert values["adapters"] == "japan-01, here-23"
    assert part(WELL, "images").values["topic"] == "/camera"
