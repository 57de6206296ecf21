"""Names of topics where a system is in a namespace."""

from pathlib import Path

from culture_perception.bags import command
from culture_perception.bags.topics import RECORDED, Topics, in_namespace
from culture_perception.cli import build_parser


def test_a_namespace_moves_all_but_what_is_everybodys() -> None:
    moved = [in_namespace(topic, "/robot1") for topic in RECORDED]
    assert "/robot1/perception/labelled_masks" in moved
    assert {topic for topic in moved if not topic.startswith("/robot1/")} == {
        "/tf_static",
        "/diagnostics",
    }
    assert [in_namespace(topic, "") for topic in RECORDED] == list(RECORDED)
    assert Topics().below("") == Topics()


def test_a_topic_that_is_given_is_taken_as_it_is(tmp_path: Path) -> None:
    words = ["score", str(tmp_path), "--namespace", "robot1", "--image-topic", "/eye"]
    topics = command._options(build_parser().parse_args(words)).topics
    assert topics == Topics(
        "/eye",
        "/robot1/ground_truth/labelled_masks",
        "/robot1/perception/labelled_masks",
        ("/robot1/labels/active", "/robot1/perception/label_set"),
    )
