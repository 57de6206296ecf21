"""Real nodes in real processes, each test in a ROS domain of its own."""

import fcntl
import importlib
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

rclpy = pytest.importorskip("rclpy")
with warnings.catch_warnings():
    # The wheels' message generator imports an old lark, which imports deprecated modules.
    warnings.simplefilter("ignore", DeprecationWarning)
    importlib.import_module("rosidl_generator_py")
pytest.importorskip("culture_interfaces")

from rclpy.context import Context  # noqa: E402
from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.qos import QoSProfile  # noqa: E402

from culture_perception.runner import ros_environment  # noqa: E402
from culture_perception.system import Process, Value  # noqa: E402
from sim_bridge.products.catalogue import write_catalogue  # noqa: E402

# Discovery takes up to 3 s, loading torch several on a busy machine.
TIMEOUT_S = 60.0


@contextmanager
def own_domain() -> Iterator[int]:
    """A ROS_DOMAIN_ID that no other test on this machine uses."""
    for number in range(10, 100):
        path = Path(tempfile.gettempdir()) / f"culture_perception_test_domain_{number}.lock"
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield number
            return
    pytest.fail("all ROS domains from 10 to 99 are in use")


@contextmanager
def own_environment() -> Iterator[dict[str, str]]:
    """The environment of a test's processes; this process gets it as well."""
    with own_domain() as domain_id, pytest.MonkeyPatch.context() as monkeypatch:
        changed = ros_environment(domain_id, local_only=True)
        for name, value in changed.items():
            monkeypatch.setenv(name, value)
        yield changed


@dataclass
class Child:
    """A node's process."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        """What it wrote so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def interrupt(self) -> int:
        """Ctrl-C; gives the exit code."""
        self.popen.send_signal(signal.SIGINT)
        return self.popen.wait(timeout=20)


@dataclass
class Children:
    """Starts nodes; whatever still runs at the end of the test must end well on SIGINT."""

    environment: dict[str, str]
    folder: Path
    running: dict[str, Child] = field(default_factory=dict)

    def start(self, module: str, **parameters: Value) -> Child:
        """Runs a module's node with parameters."""
        if module.startswith("sim_bridge"):
            write_catalogue()  # drawing the products takes longer than a node may take to start
        name = module.rsplit(".", 1)[-1].removesuffix("_node").replace("bridge", "sim_bridge")
        command = Process(name, "culture_perception", name, module, parameters).command()
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, env=self.environment
            )
        self.running[name] = Child(popen, log)
        return self.running[name]

    def check(self) -> None:
        """Fails the test where a process has ended."""
        for name, child in self.running.items():
            if child.popen.poll() is not None:
                pytest.fail(f"{name} ended with {child.popen.returncode}:\n{child.output}")

    def stop(self) -> dict[str, int]:
        """Interrupts all; gives the exit codes."""
        try:
            return {name: child.interrupt() for name, child in self.running.items()}
        finally:
            for name, child in self.running.items():
                if child.popen.poll() is None:
                    child.popen.kill()
                    child.popen.wait()
                print(f"--- {name}\n{child.output}")


@contextmanager
def own_children(environment: dict[str, str], folder: Path) -> Iterator[Children]:
    """Starts nodes and asserts that they exit with 0, without a traceback."""
    started = Children(environment, folder)
    try:
        yield started
    finally:
        codes = started.stop()
    assert codes == dict.fromkeys(codes, 0)
    for child in started.running.values():
        assert "Traceback" not in child.output


class Peer:
    """A node of the test's own, in this process."""

    def __init__(self, children: Children) -> None:
        self.children = children
        domain_id = int(children.environment["ROS_DOMAIN_ID"])
        self.context = Context()
        rclpy.init(context=self.context, domain_id=domain_id)
        self.node = Node("peer", context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)

    def wait_for(
        self, condition: Callable[[], Any], what: str, timeout_s: float = TIMEOUT_S
    ) -> Any:
        """Spins until the condition holds; gives its value."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            value = condition()
            if value:
                return value
            self.children.check()
            self.executor.spin_once(timeout_sec=0.05)
        pytest.fail(f"{what}: not within {timeout_s} s")

    def collect(self, kind: type, topic: str, profile: QoSProfile) -> list[Any]:
        """A list that grows with each message."""
        messages: list[Any] = []
        self.node.create_subscription(kind, topic, messages.append, profile)
        return messages

    def call(self, kind: Any, service: str, request: Any, timeout_s: float = TIMEOUT_S) -> Any:
        """Calls a service once it is there."""
        client = self.node.create_client(kind, service)
        self.wait_for(client.service_is_ready, f"service {service}", timeout_s)
        future = client.call_async(request)
        self.wait_for(future.done, f"answer of {service}", timeout_s)
        self.node.destroy_client(client)
        return future.result()

    def close(self) -> None:
        """Leaves the graph."""
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@contextmanager
def own_peer(children: Children) -> Iterator[Peer]:
    """The test's own node."""
    made = Peer(children)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """See own_environment."""
    with own_environment() as made:
        yield made


@pytest.fixture
def children(environment: dict[str, str], tmp_path: Path) -> Iterator[Children]:
    """See own_children."""
    with own_children(environment, tmp_path) as made:
        yield made


@pytest.fixture
def peer(children: Children) -> Iterator[Peer]:
    """See own_peer."""
    with own_peer(children) as made:
        yield made


@pytest.fixture(scope="module")
def shared_peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """A peer, with children, for the tests of a module whose nodes take long to start."""
    with (
        own_environment() as environment,
        own_children(environment, tmp_path_factory.mktemp("logs")) as children,
        own_peer(children) as made,
    ):
        yield made
