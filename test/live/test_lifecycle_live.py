"""Perception's lifecycle: what each state does, and that going round and round leaks nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from culture_interfaces.msg import LabelledMaskArray, LabelSet
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.msg import Parameter as ParameterMessage
from rcl_interfaces.msg import ParameterType, ParameterValue
from rcl_interfaces.srv import DescribeParameters, SetParameters

from culture_perception.nodes import qos

NODES = "culture_perception.nodes"
CONFIGURE = Transition.TRANSITION_CONFIGURE
ACTIVATE = Transition.TRANSITION_ACTIVATE
DEACTIVATE = Transition.TRANSITION_DEACTIVATE
CLEANUP = Transition.TRANSITION_CLEANUP


class Managed:
    """A perception that a lifecycle manager brings up and down."""

    def __init__(self, peer: Any) -> None:
        self.peer = peer
        peer.children.start(f"{NODES}.label_service")
        self.child = peer.children.start(f"{NODES}.perception", threads=1, autostart=False)
        self.results = peer.collect(LabelledMaskArray, "/perception/labelled_masks", qos.RESULTS)

    def change(self, transition: int) -> None:
        request = ChangeState.Request(transition=Transition(id=transition))
        answer = self.peer.call(ChangeState, "/perception/change_state", request)
        assert answer.success, self.child.output

    def state(self) -> int:
        answer = self.peer.call(GetState, "/perception/get_state", GetState.Request())
        return int(answer.current_state.id)

    def put(self, name: str, value: ParameterValue) -> Any:
        parameters = [ParameterMessage(name=name, value=value)]
        request = SetParameters.Request(parameters=parameters)
        return self.peer.call(SetParameters, "/perception/set_parameters", request).results[0]

    def resident_kib(self) -> int:
        status = Path(f"/proc/{self.child.popen.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if "VmRSS" in line))

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.child.popen.pid}/fd").iterdir()))

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.child.popen.pid}/task").iterdir()))


@pytest.fixture
def managed(peer: Any) -> Managed:
    return Managed(peer)


def test_each_state_does_what_it_says(managed: Managed, picture: Any, camera_type: Any) -> None:
    peer = managed.peer
    labels = peer.collect(LabelSet, "/perception/label_set", qos.LABELS)
    camera = camera_type(peer, picture)
    assert managed.state() == State.PRIMARY_STATE_UNCONFIGURED
    managed.change(CONFIGURE)
    peer.wait_for(lambda: labels, "labels, which are embedded before the first frame")
    assert camera.color.get_subscription_count() == 0
    managed.change(ACTIVATE)
    peer.wait_for(lambda: camera.publish() and managed.results, "a result")
    managed.change(DEACTIVATE)
    assert managed.state() == State.PRIMARY_STATE_INACTIVE
    peer.wait_for(lambda: camera.color.get_subscription_count() == 0, "the end of listening")
    peer.executor.spin_once(timeout_sec=0.2)
    managed.results.clear()
    for _ in range(5):
        camera.publish()
        peer.executor.spin_once(timeout_sec=0.1)
    assert managed.results == []
    managed.change(ACTIVATE)
    peer.wait_for(lambda: camera.publish() and managed.results, "a result after the pause")
    managed.change(DEACTIVATE)
    managed.change(CLEANUP)
    peer.wait_for(
        lambda: peer.node.count_publishers("/perception/labelled_masks") == 0, "no publisher"
    )


def test_parameters_change_when_it_makes_sense(
    managed: Managed, picture: Any, camera_type: Any
) -> None:
    peer, camera = managed.peer, camera_type(managed.peer, picture)
    managed.change(CONFIGURE)
    managed.change(ACTIVATE)
    peer.wait_for(lambda: camera.publish() and managed.results, "a result")
    number = ParameterType.PARAMETER_DOUBLE
    high = ParameterValue(type=number, double_value=1.0)
    assert managed.put("min_probability", high).successful
    managed.results.clear()
    peer.wait_for(
        lambda: (
            camera.publish()
            and managed.results
            and not any(one.concept_id for one in managed.results[-1].masks)
        ),
        "a result in which no name is sure enough",
    )
    text = ParameterType.PARAMETER_STRING
    for name, value, why in (
        ("min_probability", ParameterValue(type=number, double_value=7.0), "range"),
        ("min_probability", ParameterValue(type=text, string_value="much"), "type"),
        ("compute_when", ParameterValue(type=text, string_value="never"), "subscribed, always"),
        ("segmenter", ParameterValue(type=text, string_value="vit_b"), "unconfigured only"),
        ("autostart", ParameterValue(type=1, bool_value=True), "read-only"),
    ):
        refused = managed.put(name, value)
        assert not refused.successful
        assert why in refused.reason
    request = DescribeParameters.Request(names=["max_rate_hz", "precision", "autostart"])
    rate, precision, autostart = peer.call(
        DescribeParameters, "/perception/describe_parameters", request
    ).descriptors
    assert rate.floating_point_range[0].to_value == 1000.0
    assert "float32" in precision.additional_constraints
    assert all(one.description for one in (rate, precision, autostart))
    assert (rate.read_only, precision.read_only, autostart.read_only) == (False, False, True)


@pytest.mark.parametrize(
    ("rounds", "warm_up", "most_kib"),
    [
        pytest.param(44, 32, 60_000, id="44"),
        pytest.param(200, 40, 20_000, id="200", marks=pytest.mark.slow),
    ],
)
def test_up_and_down_leaks_nothing(
    managed: Managed, rounds: int, warm_up: int, most_kib: int
) -> None:
    seen: list[tuple[int, int, int]] = []
    for _ in range(rounds):
        for transition in (CONFIGURE, ACTIVATE, DEACTIVATE, CLEANUP):
            managed.change(transition)
        seen.append((managed.resident_kib(), managed.open_files(), managed.threads()))
    # The allocator keeps room for a copy of the models, 43 MiB, or does not, and takes some
    # 25 rounds to settle: from then on the least of some rounds says what is really held.
    before = [min(column) for column in zip(*seen[warm_up - 8 : warm_up], strict=True)]
    after = [min(column) for column in zip(*seen[-8:], strict=True)]
    print(f"after {warm_up} and {rounds} rounds: KiB, files, threads {before} {after}")
    grown_kib, more_files, more_threads = (b - a for a, b in zip(before, after, strict=True))
    assert grown_kib < most_kib
    assert more_files <= 2
    assert more_threads <= 1
