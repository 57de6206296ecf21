"""The layouts for RViz and Foxglove, as far as they can be checked without either.

Whether their topics are published, the live test of the viewer asks of real nodes.
"""

import json
from typing import Any

import yaml

from culture_perception.resources import share_path

# Of ros2/rviz: rviz_default_plugins/plugins_description.xml.
RVIZ_CLASSES = {
    *("Camera", "Grid", "Image", "MarkerArray", "PointCloud2", "TF"),
    *("FocusCamera", "Interact", "Measure", "MoveCamera", "Orbit", "Select"),
}
QOS = {"Durability Policy": "Volatile", "History Policy": "Keep Last"}
# Of public layouts; a panel's id is its type, "!" and a name.
FOXGLOVE_PANELS = {"3D", "Image", "DiagnosticSummary", "RawMessages"}


def test_rviz_knows_every_class_and_topics_match_our_qos() -> None:
    config = yaml.safe_load(share_path("config", "rviz", "perception.rviz").read_text("utf-8"))
    manager = config["Visualization Manager"]
    displays = manager["Displays"]
    named = [*displays, *manager["Tools"], manager["Views"]["Current"]]
    assert {one["Class"].removeprefix("rviz_default_plugins/") for one in named} <= RVIZ_CLASSES
    assert manager["Global Options"]["Fixed Frame"] == "world"
    topics = [one["Topic"] for one in displays if "Topic" in one]
    assert len(topics) == 5
    for topic in topics:
        assert topic["Reliability Policy"] == "Reliable"
        assert topic["Value"].startswith("/")
        assert {key: topic[key] for key in QOS} == QOS
    (camera,) = [one for one in displays if one["Class"].endswith("/Camera")]
    names = {one["Name"] for one in displays} - {"Camera"}
    assert {*camera["Visibility"], "Frames"} - {"Value"} == names


def _leaves(layout: Any) -> list[str]:
    if isinstance(layout, str):
        return [layout]
    assert layout["direction"] in ("row", "column")
    return _leaves(layout["first"]) + _leaves(layout["second"])


def test_foxglove_shows_every_panel_that_is_configured() -> None:
    text = share_path("config", "foxglove", "perception.json").read_text("utf-8")
    layout = json.loads(text)
    panels = layout["configById"]
    assert sorted(_leaves(layout["layout"])) == sorted(panels)
    assert {name.partition("!")[0] for name in panels} == FOXGLOVE_PANELS
