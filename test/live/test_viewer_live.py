"""The live view into a file, from real nodes; and that RViz's and Foxglove's topics are there."""

import importlib
import json
import re
import socket
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from culture_interfaces.msg import LabelledMaskArray, LabelledObjectArray, Scores

from culture_perception.nodes import qos
from culture_perception.resources import share_path

pytest.importorskip("pybullet")

NODES = "culture_perception.nodes"
TYPES = {
    "Image": "sensor_msgs/msg/Image",
    "Camera": "sensor_msgs/msg/Image",
    "MarkerArray": "visualization_msgs/msg/MarkerArray",
    "PointCloud2": "sensor_msgs/msg/PointCloud2",
}
ENTITIES = {
    "/scene/camera",
    "/scene/camera/boxes",
    "/scene/camera/points",
    "/scene/camera/view",
    "/scene/camera/view/colour",
    "/scene/camera/view/depth",
    "/scene/camera/view/masks",
    "/scene/camera/view/names",
    "/names/table",
    "/scores/konbini/en/plain/top1",
}
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")


@pytest.fixture(scope="module")
def system(shared_peer: Any) -> Any:
    """Camera, labels, recognition and scores."""
    start = shared_peer.children.start
    start("sim_bridge.bridge_node", rate_hz=2.0, label_set="konbini", count=6, seed=4)
    start(f"{NODES}.label_service", label_set="konbini", language="en", style="plain")
    start(f"{NODES}.perception")
    start(f"{NODES}.evaluator")
    return shared_peer


def test_a_recording_has_everything_and_names_in_japanese(system: Any, tmp_path: Path) -> None:
    pytest.importorskip("rerun")
    path = tmp_path / "view.rrd"
    viewer = system.children.start(
        f"{NODES}.viewer", mode="save", path=str(path), language="ja", max_rate_hz=5.0
    )
    received = [
        system.collect(LabelledMaskArray, "/perception/labelled_masks", qos.RESULTS),
        system.collect(LabelledObjectArray, "/perception/objects", qos.RESULTS),
        system.collect(Scores, "/evaluator/scores", qos.RESULTS),
    ]
    system.wait_for(lambda: "showing in" in viewer.output, "the viewer")
    for messages in received:
        messages.clear()
    system.wait_for(lambda: all(len(one) >= 4 for one in received), "four results and scores")
    del system.children.running["viewer"]
    assert viewer.interrupt() == 0, viewer.output
    assert "not shown" not in viewer.output
    chunks = list(importlib.import_module("rerun.chunk").RrdReader(path).stream())
    assert {one.entity_path for one in chunks} >= ENTITIES
    assert any(JAPANESE.search(name) for name in _names(chunks))
    _check_that_results_come_with_their_images(chunks)


def _names(chunks: list[Any]) -> list[str]:
    contexts = [
        row["AnnotationContext:context"][0]
        for one in chunks
        if one.entity_path == "/scene/camera/view" and one.is_static
        for row in one.to_record_batch().to_pylist()
    ]
    return [one["class_description"]["info"]["label"] for one in contexts[-1]]


def _check_that_results_come_with_their_images(chunks: list[Any]) -> None:
    stamps = {
        entity: {
            stamp
            for one in chunks
            if one.entity_path == f"/scene/camera/view/{entity}"
            for stamp in one.to_record_batch().column("stamp").cast("int64").to_pylist()
        }
        for entity in ("colour", "depth", "masks")
    }
    assert stamps["masks"]
    assert stamps["masks"] <= stamps["colour"]
    assert stamps["masks"] <= stamps["depth"]


def _rviz_topics() -> dict[str, str]:
    config = yaml.safe_load(share_path("config", "rviz", "perception.rviz").read_text("utf-8"))
    topics = {}
    for display in config["Visualization Manager"]["Displays"]:
        kind = display["Class"].removeprefix("rviz_default_plugins/")
        if "Topic" in display:
            topics[display["Topic"]["Value"]] = TYPES[kind]
            if kind == "Camera":
                info = display["Topic"]["Value"].rpartition("/")[0] + "/camera_info"
                topics[info] = "sensor_msgs/msg/CameraInfo"
    return topics


def _foxglove_topics() -> dict[str, str]:
    layout = share_path("config", "foxglove", "perception.json").read_text("utf-8")
    panels = json.loads(layout)["configById"]
    image, space = panels["Image!overlay"]["imageMode"], panels["3D!space"]["topics"]
    endings = {"markers": TYPES["MarkerArray"], "object_cloud": TYPES["PointCloud2"]}
    return {
        image["imageTopic"]: TYPES["Image"],
        image["calibrationTopic"]: "sensor_msgs/msg/CameraInfo",
        panels["DiagnosticSummary!health"]["topicToRender"]: "diagnostic_msgs/msg/DiagnosticArray",
        panels["RawMessages!scores"]["topicPath"]: "culture_interfaces/msg/Scores",
        **{
            topic: endings.get(topic.rpartition("/")[2], "sensor_msgs/msg/CameraInfo")
            for topic in space
        },
    }


@pytest.mark.parametrize("topics", [_rviz_topics(), _foxglove_topics()], ids=["rviz", "foxglove"])
def test_what_a_layout_shows_is_published(system: Any, topics: dict[str, str]) -> None:
    def published() -> dict[str, set[str]]:
        return {
            topic: {one.topic_type for one in system.node.get_publishers_info_by_topic(topic)}
            for topic in topics
        }

    assert len(topics) >= 5
    wanted = {topic: {kind} for topic, kind in topics.items()}
    system.wait_for(lambda: published() == wanted, f"publishers of {wanted}")


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def test_a_page_is_served_and_a_taken_port_is_refused(children: Any) -> None:
    pytest.importorskip("rerun")
    ports = {"mode": "web", "port": _free_port(), "data_port": _free_port()}
    viewer = children.start(f"{NODES}.viewer", **ports)
    deadline = time.monotonic() + 60.0
    while "showing in http" not in viewer.output:
        assert time.monotonic() < deadline, viewer.output
        children.check()
        time.sleep(0.1)
    with urllib.request.urlopen(f"http://127.0.0.1:{ports['port']}/") as page:
        assert page.status == 200
        assert b"rerun" in page.read().lower()
    assert viewer.interrupt() == 0
    children.running.clear()
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", ports["data_port"]))
        taken.listen()
        second = children.start(f"{NODES}.viewer", **ports)
        assert second.popen.wait(timeout=60) == 2, second.output
    assert "mode web does not open" in second.output
    assert "choose another" in second.output
    children.running.clear()


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"mode": "window"}, "mode is 'window'; use one of: auto, spawn, web, save, connect"),
        ({"mode": "save", "path": "/nowhere/view.rrd"}, "mode save does not open"),
        ({"mode": "connect", "url": "rerun+http://127.0.0.1:9/proxy"}, "connect does not open"),
    ],
)
def test_a_wrong_parameter_is_one_clear_message(
    children: Any, parameters: dict[str, str], expected: str
) -> None:
    pytest.importorskip("rerun")
    child = children.start(f"{NODES}.viewer", **parameters)
    assert child.popen.wait(timeout=60) == 2
    assert expected in child.output
    assert "Traceback" not in child.output
    children.running.clear()
