"""Two whole systems in one ROS domain, each in a namespace of its own, started by the runner."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from culture_perception.cli import main
from culture_perception.nodes.node_parameters import NodeParameters
from culture_perception.nodes.system_client import SystemClient
from culture_perception.runner import START_TIMEOUT_S, Runner, SystemFailure
from culture_perception.system import find_system, load_description
from sim_bridge.products.catalogue import write_catalogue

ROBOTS = ("/robot1", "/robot2")


@pytest.fixture
def clients(environment: dict[str, str], tmp_path: Path) -> Iterator[dict[str, SystemClient]]:
    """Namespace to a client of the system in it; each waits for its trigger."""
    write_catalogue()
    description = load_description(find_system("sim"))
    with ExitStack() as stack:
        runners = {}
        for robot in ROBOTS:
            system = description.resolve({"namespace": robot})
            system = system.with_parameters({"sim_bridge": {"rate_hz": 0.0}})
            folder = tmp_path / robot.strip("/")
            runners[robot] = stack.enter_context(Runner(system, folder, environment))
        made = {
            robot: stack.enter_context(SystemClient(runner.check, namespace=robot))
            for robot, runner in runners.items()
        }
        for client in made.values():
            client.wait_until_up(START_TIMEOUT_S)
        yield made


def test_two_systems_in_one_domain_do_not_see_each_other(
    clients: dict[str, SystemClient],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = clients.values()
    for client in clients.values():
        client.warm_up(START_TIMEOUT_S)
    _frames_count_for_their_own_evaluator_alone(one, two)
    _labels_change_in_one_alone(one, two)
    _parameters_change_in_one_alone(one, two, capsys, monkeypatch)


def _frames_count_for_their_own_evaluator_alone(one: SystemClient, two: SystemClient) -> None:
    for _ in range(2):
        one.capture()
    two.capture()
    assert [_counts(client) for client in (one, two)] == [(2, 2), (1, 1)]


def _labels_change_in_one_alone(one: SystemClient, two: SystemClient) -> None:
    assert two.select("konbini", "ja").success
    assert {cell.label_set for cell in one.scores().cells} == {"ycb"}
    before = one.capture()
    assert before.overlay_rgb.shape == (480, 640, 3)
    (cell,) = one.scores().cells
    assert (cell.label_set, cell.language, _counts(one)) == ("ycb", "en", (3, 3))
    two.wait_for(lambda: "+japan-" in two.models(), "the adapter in the next diagnostics")
    assert two.models().startswith(f"{one.models()}+japan-")
    assert one.adapters() == two.adapters() != ""


def _parameters_change_in_one_alone(
    one: SystemClient,
    two: SystemClient,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen = ["param", "set", "perception", "min_probability"]
    assert main([*chosen, "1", "--namespace", "robot1"]) == 0
    assert "min_probability is 1.0" in capsys.readouterr().out
    assert NodeParameters(two, "perception").get("min_probability") == -1.0
    assert main(["param", "get", "/robot1/perception", "min_probability"]) == 0
    assert capsys.readouterr().out == "1.0\n"
    # Nobody of that name is in the global namespace.
    with monkeypatch.context() as patched:
        patched.setattr("culture_perception.nodes.node_parameters.FIND_S", 1.0)
        assert main(["param", "get", "perception", "min_probability"]) == 1
    assert "node perception (is the system running, in this domain" in capsys.readouterr().err
    assert main([*chosen, "2", "--namespace", "robot1"]) == 1
    assert "perception refuses min_probability=2: " in capsys.readouterr().err
    assert main(["param", "list", "perception", "--namespace", "robot1"]) == 0
    listed = capsys.readouterr().out
    assert "\nmin_probability = 1.0\n    a mask whose best name is less probable" in listed
    assert "\nautostart = True  (fixed)\n" in listed
    unknown = NodeParameters(one, "perception")
    with pytest.raises(SystemFailure, match="perception has no parameter colour; `culture-p"):
        unknown.get("colour")


def _counts(client: SystemClient) -> tuple[Any, Any]:
    scores = client.scores()
    return scores.received, scores.scored
