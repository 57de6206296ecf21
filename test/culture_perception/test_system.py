"""The list of processes, and the runner that leaves none behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from culture_perception.resources import share_path
from culture_perception.runner import ProcessDied, Runner, interruptible, ros_environment
from culture_perception.system import Process, System, SystemFileError, load_system

WAIT_S = 20.0


def test_the_shipped_system_has_the_four_nodes_and_they_exist() -> None:
    system = load_system(share_path("config", "systems", "sim.yaml"))
    names = [process.name for process in system.processes]
    assert names == ["sim_bridge", "label_service", "perception", "evaluator"]
    root = Path(__file__).parents[2]
    for process in system.processes:
        assert (root / process.module.replace(".", "/")).with_suffix(".py").is_file()
    scripts = (root / "setup.cfg").read_text(encoding="utf-8")
    for process in system.processes:
        assert f"{process.executable} = {process.module}:main" in scripts


def test_a_command_keeps_types_and_text() -> None:
    process = Process(
        "eye",
        "package",
        "executable",
        "some.module",
        parameters={"rate": 1.0, "count": 2, "on": True, "name": "", "text": "1", "kana": "お茶"},
        remappings={"/image": "/camera/image"},
    )
    assert process.command() == [
        sys.executable,
        "-m",
        "some.module",
        "--ros-args",
        *("-r", "__node:=eye", "-r", "/image:=/camera/image"),
        *("-p", "rate:=1.0", "-p", "count:=2", "-p", "on:=true"),
        *("-p", 'name:=""', "-p", 'text:="1"', "-p", 'kana:="お茶"'),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "has no list of processes"),
        ("processes: 3", "has no list of processes"),
        ("processes: [eye]", "'eye' is no process"),
        ("processes:\n- name: eye\n", "process eye lacks package, executable, module"),
        (
            "processes:\n- {name: a, package: b, executable: c, module: d, paramters: {}}",
            "paramters",
        ),
        (
            "processes:\n- {name: a, package: b, executable: c, module: d, parameters: [1]}",
            "parameters of process a must be",
        ),
        (
            "processes:\n"
            "- {name: a, package: b, executable: c, module: d}\n"
            "- {name: a, package: b, executable: c, module: d}",
            "a is there twice",
        ),
        ("processes: [", "while parsing"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemFileError) as caught:
        load_system(path)
    assert str(path) in str(caught.value)
    assert expected in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemFileError, match=r"none\.yaml"):
        load_system(tmp_path / "none.yaml")


def test_parameters_go_over_those_of_the_file() -> None:
    system = System("s", (Process("a", "", "", "", {"x": 1, "y": 2}), Process("b", "", "", "")))
    changed = system.with_parameters({"a": {"y": 3}, "b": {"z": 4}})
    assert [dict(one.parameters) for one in changed.processes] == [{"x": 1, "y": 3}, {"z": 4}]
    assert dict(system.processes[0].parameters) == {"x": 1, "y": 2}
    with pytest.raises(SystemFileError, match="no process 'c' in s; it has a, b"):
        system.with_parameters({"c": {}})


def test_environment_is_for_this_machine_only_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FASTDDS_DEFAULT_PROFILES_FILE", "mine.xml")
    local = ros_environment(7, local_only=True)
    assert local["ROS_DOMAIN_ID"] == "7"
    assert local["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"
    assert 1 <= int(local["OMP_NUM_THREADS"]) <= 4
    assert local["FASTDDS_DEFAULT_PROFILES_FILE"] == "mine.xml"
    monkeypatch.delenv("FASTDDS_DEFAULT_PROFILES_FILE")
    anywhere = ros_environment(None, local_only=False)
    assert "ROS_DOMAIN_ID" not in anywhere
    assert "ROS_AUTOMATIC_DISCOVERY_RANGE" not in anywhere
    assert Path(anywhere["FASTDDS_DEFAULT_PROFILES_FILE"]).is_file()


def program(folder: Path, name: str, code: str) -> Process:
    """A process that runs some Python."""
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    return Process(name, "", "", name)


def runner_of(folder: Path, *processes: Process) -> Runner:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONUNBUFFERED": "1"}
    return Runner(System("test", processes), folder / "logs", environment)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split(")")[1].split()[0]


SLEEPER = "import time; print('ready'); time.sleep(600)"
STUBBORN = """
import signal, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
print('ready')
time.sleep(600)
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
print(child.pid)
time.sleep(600)
"""


def log_of(runner: Runner, name: str) -> str:
    return (runner.log_dir / f"{name}.log").read_text(encoding="utf-8")


def test_who_died_and_why_is_said_and_the_rest_is_stopped(tmp_path: Path) -> None:
    sleeper = program(tmp_path, "sleeper", SLEEPER)
    dying = program(tmp_path, "dying", "import sys; print('no film'); sys.exit(3)")
    runner = runner_of(tmp_path, sleeper, dying)
    with pytest.raises(ProcessDied) as caught, runner:
        wait_for(lambda: bool(runner.check()))
    assert "process dying ended with exit code 3" in str(caught.value)
    assert "  no film" in str(caught.value)
    assert not any(is_running(pid) for pid in runner.pids.values())


def test_a_killed_process_is_named_with_its_signal(tmp_path: Path) -> None:
    with runner_of(tmp_path, program(tmp_path, "sleeper", SLEEPER)) as runner:
        os.kill(runner.pids["sleeper"], signal.SIGKILL)
        with pytest.raises(ProcessDied, match="process sleeper was ended by SIGKILL"):
            wait_for(lambda: bool(runner.check()))


def test_a_process_that_ignores_signals_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("culture_perception.runner.INTERRUPT_S", 0.2)
    monkeypatch.setattr("culture_perception.runner.TERMINATE_S", 0.2)
    with runner_of(tmp_path, program(tmp_path, "stubborn", STUBBORN)) as runner:
        wait_for(lambda: "ready" in log_of(runner, "stubborn"))
    assert not is_running(runner.pids["stubborn"])


def test_children_of_a_process_are_stopped_as_well(tmp_path: Path) -> None:
    with runner_of(tmp_path, program(tmp_path, "parent", PARENT)) as runner:
        wait_for(lambda: log_of(runner, "parent").endswith("\n"))
        grandchild = int(log_of(runner, "parent"))
        assert is_running(grandchild)
    wait_for(lambda: not is_running(grandchild))


def test_what_was_started_is_stopped_where_the_next_can_not_start(tmp_path: Path) -> None:
    runner = runner_of(tmp_path, program(tmp_path, "sleeper", SLEEPER), Process("a/b", "", "", "x"))
    with pytest.raises(FileNotFoundError), runner:
        pytest.fail("it was started")
    assert not is_running(runner.pids["sleeper"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_stop_everything(tmp_path: Path, number: signal.Signals) -> None:
    runner = runner_of(tmp_path, program(tmp_path, "sleeper", SLEEPER))
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interruptible(), runner:
        signal.raise_signal(number)
    assert not is_running(runner.pids["sleeper"])
    assert signal.getsignal(number) == before


def test_a_node_ends_when_its_runner_is_killed(tmp_path: Path) -> None:
    pytest.importorskip("rclpy")
    script = f"""
import os, sys, time
from pathlib import Path
from culture_perception.runner import Runner, ros_environment
from culture_perception.system import Process, System
node = Process("evaluator", "", "", "culture_perception.nodes.evaluator")
folder = Path({str(tmp_path)!r})
with Runner(System("test", (node,)), folder, ros_environment(101, True)) as runner:
    print(runner.pids["evaluator"], flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        node = int(parent.stdout.readline())
        wait_for(lambda: "waiting" in (tmp_path / "evaluator.log").read_text(encoding="utf-8"))
        parent.kill()
        parent.wait()
    wait_for(lambda: not is_running(node))
