"""Faults of cameras, bags and processes: nothing hangs, nothing dies silently, counters add up."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from culture_interfaces.msg import LabelledMaskArray, LabelSet, Scores
from diagnostic_msgs.msg import DiagnosticArray
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image

from culture_perception.images import array_to_image
from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import ns_to_stamp, stamp_to_ns
from culture_perception.process import Process, System
from culture_perception.runner import Runner

NODES = "culture_perception.nodes"
MASKS = "/perception/labelled_masks"
COUNTED = ("processed", "dropped", "failed", "unwanted", "limited", "waiting")


class Watched:
    """A perception with labels, whose results and diagnostics are kept."""

    def __init__(self, peer: Any, picture: Any, camera_type: Any, **parameters: Any) -> None:
        self.peer = peer
        self.diagnostics = peer.collect(DiagnosticArray, "/diagnostics", qos.RESULTS)
        self.results = peer.collect(LabelledMaskArray, MASKS, qos.RESULTS)
        labels = peer.collect(LabelSet, "/perception/label_set", qos.LABELS)
        peer.children.start(f"{NODES}.label_service")
        peer.children.start(f"{NODES}.perception", threads=1, **parameters)
        peer.wait_for(lambda: labels, "perception's labels", 120.0)
        self.camera = camera_type(peer, picture)
        for publisher in (self.camera.color, self.camera.depth, self.camera.info):
            peer.wait_for(lambda one=publisher: one.get_subscription_count() > 0, "perception")

    def counts(self) -> dict[str, int]:
        """The counts of diagnostics newer than this call; what was received is all of them."""
        self.diagnostics.clear()
        self.peer.wait_for(lambda: self.diagnostics, "diagnostics", 15.0)
        values = {one.key: one.value for one in self.diagnostics[-1].status[0].values}
        counts = {name: int(values[name]) for name in ("received", *COUNTED)}
        assert counts["received"] == sum(counts[name] for name in COUNTED)
        return counts

    def settled(self) -> dict[str, int]:
        """The counts once nothing waits."""
        for _ in range(20):
            counts = self.counts()
            if counts["waiting"] == 0:
                return counts
        pytest.fail(f"frames wait for ever: {counts}")

    def stamps(self) -> list[int]:
        return [stamp_to_ns(one.header.stamp) for one in self.results]


@pytest.fixture(scope="module")
def watched(shared_peer: Any, picture: Any, camera_type: Any) -> Watched:
    return Watched(shared_peer, picture, camera_type)


def test_a_burst_of_a_hundred_ends_with_the_newest(watched: Watched) -> None:
    before = watched.settled()
    watched.results.clear()
    start_ns = time.time_ns()
    for number in range(100):
        watched.camera.publish(start_ns + number)
        watched.peer.executor.spin_once(timeout_sec=0.002)
    watched.peer.wait_for(lambda: start_ns + 99 in watched.stamps(), "the newest frame")
    after = watched.settled()
    grown = {name: after[name] - before[name] for name in after}
    assert grown["processed"] == len(watched.results)
    assert grown["dropped"] > 0
    assert grown["failed"] == 0
    # What the middleware itself replaced in its queue of one never reached the node.
    assert grown["received"] <= 100
    assert watched.stamps() == sorted(watched.stamps())


def test_images_of_any_size_are_taken_or_counted_as_failed(watched: Watched) -> None:
    whole = watched.camera.picture.image_rgb
    before = watched.settled()
    shapes = {(240, 320): whole[::2, ::2], (1, 1): whole[:1, :1], (480, 2): whole[:, :2]}
    for shape, pixels in shapes.items():
        watched.results.clear()
        image = array_to_image(np.ascontiguousarray(pixels), "rgb8")
        stamp_ns = watched.camera.publish(color=image)
        watched.peer.wait_for(lambda want=stamp_ns: want in watched.stamps(), f"{shape}")
        found = watched.results[watched.stamps().index(stamp_ns)]
        assert (found.image_height, found.image_width) == shape
    empty = Image(encoding="rgb8")
    stamp_ns = watched.camera.publish(color=empty)
    watched.peer.wait_for(lambda: stamp_ns in watched.stamps(), "no pixels")
    lying = array_to_image(whole, "rgb8")
    lying.height = 7
    watched.camera.publish(color=lying)
    watched.peer.wait_for(
        lambda: watched.settled()["failed"] == before["failed"] + 1, "the failed frame"
    )
    stamp_ns = watched.camera.publish()
    watched.peer.wait_for(lambda: stamp_ns in watched.stamps(), "a good frame after all that")


def test_stamps_in_the_past_and_a_bag_that_starts_again(watched: Watched) -> None:
    start_ns = 1_000_000_000_000
    tracks: list[set[int]] = []
    for _ in range(3):
        for number in range(3):
            stamp_ns = start_ns + number * 100_000_000
            watched.results.clear()
            watched.camera.publish(stamp_ns)
            watched.peer.wait_for(lambda want=stamp_ns: want in watched.stamps(), "a frame")
            tracks.append({mask.track_id for mask in watched.results[-1].masks})
    assert tracks[0] == tracks[1] == tracks[2] != set()
    # After a jump back nothing is known to be the same object.
    assert not tracks[2] & tracks[3]
    assert not tracks[5] & tracks[6]
    assert watched.settled()["failed"] == watched.counts()["failed"]


def test_ten_subscribers_get_the_same(watched: Watched) -> None:
    node = watched.peer.node
    kept: list[list[Any]] = [[] for _ in range(10)]
    subscriptions = [
        node.create_subscription(LabelledMaskArray, MASKS, one.append, qos.RESULTS) for one in kept
    ]
    watched.peer.wait_for(
        lambda: watched.camera.publish() and all(len(one) >= 3 for one in kept), "results for all"
    )
    watched.settled()
    last = [stamp_to_ns(one[-1].header.stamp) for one in kept]
    for subscription in subscriptions:
        node.destroy_subscription(subscription)
    assert len(set(last)) == 1


def test_the_camera_stops_and_returns(watched: Watched) -> None:
    peer, camera = watched.peer, watched.camera
    node = peer.node
    for publisher in (camera.color, camera.info, camera.depth):
        node.destroy_publisher(publisher)
    watched.diagnostics.clear()
    peer.wait_for(
        lambda: (
            watched.diagnostics and "nobody publishes" in watched.diagnostics[-1].status[0].message
        ),
        "the want of a camera",
    )
    watched.camera = type(camera)(peer, camera.picture)
    watched.results.clear()
    peer.wait_for(lambda: watched.camera.publish() and watched.results, "results again")


def test_simulated_time_that_jumps_back_starts_tracks_anew(
    children: Any, peer: Any, picture: Any, camera_type: Any
) -> None:
    clock = peer.node.create_publisher(Clock, "/clock", 10)
    watched = Watched(peer, picture, camera_type, use_sim_time=True)
    tracks: list[set[int]] = []
    for second in (100, 101, 50, 51):
        stamp_ns = second * 1_000_000_000
        watched.results.clear()

        def shown(stamp_ns: int = stamp_ns) -> bool:
            clock.publish(Clock(clock=ns_to_stamp(stamp_ns)))
            watched.camera.publish(stamp_ns)
            return stamp_ns in watched.stamps()

        peer.wait_for(shown, f"the frame of second {second}")
        tracks.append({mask.track_id for mask in watched.results[-1].masks})
    assert tracks[0] == tracks[1] != set()
    assert not tracks[1] & tracks[2]
    assert tracks[2] == tracks[3]
    assert "the clock has jumped back" in children.running["perception"].output


def test_two_perceptions_at_once_both_answer(environment: Any, tmp_path: Path, peer: Any) -> None:
    """Each in a namespace of its own, on the same camera."""
    peer.children.start("sim_bridge.bridge_node", rate_hz=2.0)
    kept = {name: peer.collect(LabelledMaskArray, f"/{name}{MASKS}", qos.RESULTS) for name in "ab"}
    image = "camera/color/image_raw"
    twins = tuple(
        replace(process, namespace=f"/{name}", remappings={image: f"/{image}"})
        for name in kept
        for process in (_process("label_service"), _process("perception", threads=1))
    )
    with Runner(System("twins", twins), tmp_path, environment) as runner:

        def both() -> set[int]:
            runner.check()
            stamps = [{stamp_to_ns(m.header.stamp) for m in one} for one in kept.values()]
            return stamps[0] & stamps[1]

        peer.wait_for(both, "a frame that both recognised", 120.0)


def test_a_killed_perception_comes_back_and_the_gap_is_counted(
    environment: Any, tmp_path: Path, peer: Any
) -> None:
    results = peer.collect(LabelledMaskArray, MASKS, qos.RESULTS)
    scores = peer.collect(Scores, "/evaluator/scores", qos.RESULTS)
    system = System(
        "respawning",
        (
            Process("sim_bridge", "", "", "sim_bridge.bridge_node", {"rate_hz": 4.0}),
            _process("label_service"),
            _process("perception", threads=1),
            _process("evaluator", capacity=8),
        ),
        respawn=True,
    )
    said: list[str] = []
    with Runner(system, tmp_path, environment, said.append) as runner:

        def checked(condition: Any) -> Any:
            runner.check()
            return condition()

        peer.wait_for(lambda: checked(lambda: len(scores) > 3 and results), "scores", 120.0)
        os.kill(runner.pids["perception"], signal.SIGKILL)
        peer.wait_for(lambda: checked(lambda: runner.restarts["perception"] == 1), "its return")
        results.clear()
        peer.wait_for(lambda: checked(lambda: len(results) > 3), "results again", 120.0)
        scores.clear()
        peer.wait_for(lambda: checked(lambda: scores), "scores again")
        last = scores[-1]
        assert last.dropped > 0
        assert last.received == last.scored + last.dropped + last.pending
        assert any("perception was ended by SIGKILL" in line for line in said)


def _process(name: str, **parameters: Any) -> Process:
    return Process(name, "culture_perception", f"{name}_node", f"{NODES}.{name}", parameters)
