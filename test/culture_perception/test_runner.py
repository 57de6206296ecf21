"""The runner: starts processes, says which one ended, starts it again, and leaves none behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from culture_perception.process import Process, System
from culture_perception.runner import (
    PROFILES_FILE,
    ProcessDied,
    Runner,
    interruptible,
    ros_environment,
)

WAIT_S = 20.0


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


def runner_of(
    folder: Path,
    *processes: Process,
    respawn: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Runner:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONUNBUFFERED": "1"}
    return Runner(System("test", processes, respawn=respawn), folder / "logs", environment, say)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.01)


def checked(runner: Runner) -> Runner:
    runner.check()
    return runner


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
        wait_for(lambda: not checked(runner))
    assert "process dying ended with exit code 3" in str(caught.value)
    assert "  no film" in str(caught.value)
    assert not any(is_running(pid) for pid in runner.pids.values())


def test_a_killed_process_is_named_with_its_signal(tmp_path: Path) -> None:
    with runner_of(tmp_path, program(tmp_path, "sleeper", SLEEPER)) as runner:
        os.kill(runner.pids["sleeper"], signal.SIGKILL)
        with pytest.raises(ProcessDied, match="process sleeper was ended by SIGKILL"):
            wait_for(lambda: not checked(runner))


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
from culture_perception.process import Process, System
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


def test_a_process_that_ends_is_started_again_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("culture_perception.respawn.FIRST_S", 0.1)
    said: list[str] = []
    sleeper = program(tmp_path, "sleeper", SLEEPER)
    other = program(tmp_path, "other", SLEEPER)
    with runner_of(tmp_path, sleeper, other, respawn=True, say=said.append) as runner:
        first = dict(runner.pids)
        wait_for(lambda: "ready" in log_of(runner, "sleeper"))
        os.kill(first["sleeper"], signal.SIGKILL)
        wait_for(lambda: checked(runner).restarts["sleeper"] == 1)
        wait_for(lambda: log_of(runner, "sleeper").count("ready") == 2)  # the log goes on
        assert is_running(runner.pids["sleeper"])
        assert runner.pids["sleeper"] != first["sleeper"]
        assert runner.pids["other"] == first["other"]
        assert runner.restarts == {"sleeper": 1, "other": 0}
    assert not any(is_running(pid) for pid in runner.pids.values())
    (line,) = said
    assert line.startswith("process sleeper was ended by SIGKILL; starting it again in ")
    assert line.endswith(", for the 1st time")


def test_one_that_ends_again_and_again_is_started_later_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("culture_perception.respawn.FIRST_S", 0.1)
    said: list[str] = []
    dying = program(tmp_path, "dying", "import sys; sys.exit(1)")
    with runner_of(tmp_path, dying, respawn=True, say=said.append) as runner:
        wait_for(lambda: len(_said_by(runner, said)) == 3)
    assert [line.split("again in ")[1] for line in said] == [
        "0.1 s, for the 1st time",
        "0.2 s, for the 2nd time",
        "0.4 s, for the 3rd time",
    ]


def test_what_a_process_left_behind_is_gone_before_it_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("culture_perception.respawn.FIRST_S", 0.1)
    with runner_of(tmp_path, program(tmp_path, "parent", PARENT), respawn=True) as runner:
        wait_for(lambda: log_of(runner, "parent").endswith("\n"))
        grandchild = int(log_of(runner, "parent"))
        os.kill(runner.pids["parent"], signal.SIGKILL)
        wait_for(lambda: checked(runner).restarts["parent"] == 1)
        wait_for(lambda: not is_running(grandchild))


def test_one_that_refuses_its_parameters_is_not_started_again(tmp_path: Path) -> None:
    refusing = program(tmp_path, "refusing", "import sys; print('rate_hz is 0'); sys.exit(2)")
    with (
        pytest.raises(ProcessDied, match=r"(?s)refusing ended with exit code 2.*rate_hz is 0"),
        runner_of(tmp_path, refusing, respawn=True) as runner,
    ):
        wait_for(lambda: not checked(runner))


def _said_by(runner: Runner, said: list[str]) -> list[str]:
    runner.check()
    return said


def test_the_profile_of_shared_memory_is_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROFILES_FILE, raising=False)
    assert Path(ros_environment(None, True)[PROFILES_FILE]).name == "fastdds_shared_memory.xml"
    monkeypatch.setenv(PROFILES_FILE, "/etc/mine.xml")
    assert ros_environment(None, True)[PROFILES_FILE] == "/etc/mine.xml"
    assert PROFILES_FILE not in ros_environment(None, True, shared_memory=False)
