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

from rclpy.action.client import ActionClient  # noqa: E402
from rclpy.context import Context  # noqa: E402
from rclpy.event_handler import PublisherEventCallbacks  # noqa: E402
from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.qos import QoSProfile  # noqa: E402
from sensor_msgs.msg import CameraInfo, Image  # noqa: E402
from std_msgs.msg import Header  # noqa: E402

from culture_perception.images import array_to_image  # noqa: E402
from culture_perception.nodes import qos  # noqa: E402
from culture_perception.nodes.label_messages import ns_to_stamp  # noqa: E402
from culture_perception.runner import ros_environment  # noqa: E402
from culture_perception.system import Process, Value  # noqa: E402
from sim_bridge.products.catalogue import write_catalogue  # noqa: E402

# Discovery takes up to 3 s, loading torch several on a busy machine.
TIMEOUT_S = 60.0
ASK_AGAIN_S = 20.0


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
        self.actions: dict[str, Any] = {}

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
        client: Any = self.node.create_client(kind, service)
        self.wait_for(client.service_is_ready, f"service {service}", timeout_s)
        # A server that has not yet found the client's reader drops its answer: a race of the
        # middleware's discovery at the first call, so that one is asked once more.
        futures = [client.call_async(request)]
        again_s = time.monotonic() + ASK_AGAIN_S

        def answered() -> Any:
            if len(futures) == 1 and time.monotonic() > again_s:
                futures.append(client.call_async(request))
            return next((one for one in futures if one.done()), None)

        answer = self.wait_for(answered, f"answer of {service}", timeout_s).result()
        self.node.destroy_client(client)
        return answer

    def act(self, kind: Any, name: str, goal: Any, on_feedback: Any = None) -> Any:
        """Sends a goal to an action once it is there; gives the handle of the accepted goal."""
        if name not in self.actions:
            self.actions[name] = ActionClient(self.node, kind, name)
        client: Any = self.actions[name]
        self.wait_for(client.server_is_ready, f"action {name}", 120.0)
        accepted = client.send_goal_async(goal, feedback_callback=on_feedback)
        self.wait_for(accepted.done, f"answer of {name}")
        handle = accepted.result()
        assert handle.accepted
        return handle

    def result(self, handle: Any) -> Any:
        """What came of a goal: its result, with `status` of action_msgs/GoalStatus."""
        future = handle.get_result_async()
        self.wait_for(future.done, "the result")
        return future.result()

    def close(self) -> None:
        """Leaves the graph."""
        for client in self.actions.values():
            client.destroy()
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@dataclass(frozen=True)
class Picture:
    """What a camera of the test's own shows: a rendered table with products."""

    image_rgb: Any
    depth_m: Any
    info: CameraInfo
    concept_ids: tuple[str, ...]
    id_image: Any


class Camera:
    """A depth camera of the test's own, in its peer: publishes one picture when it is told to."""

    def __init__(self, peer: Peer, picture: Picture, profile: QoSProfile = qos.IMAGES) -> None:
        self.picture = picture
        self.frame_id = "optical"
        # rclpy's own answer to a mismatch is a call that it deprecates itself.
        silent = PublisherEventCallbacks(incompatible_qos=lambda event: None)

        def create(kind: type, topic: str) -> Any:
            return peer.node.create_publisher(kind, topic, profile, event_callbacks=silent)

        self.color = create(Image, "/camera/color/image_raw")
        self.info = create(CameraInfo, "/camera/color/camera_info")
        self.depth = create(Image, "/camera/depth/image_rect")
        self.published = 0
        self._message = array_to_image(picture.image_rgb, "rgb8")

    def publish(self, stamp_ns: int | None = None, **changed: Any) -> int:
        """Publishes colour, `info` and `depth`; None leaves one out. Gives the stamp."""
        stamp_ns = time.time_ns() if stamp_ns is None else stamp_ns
        header = Header(stamp=ns_to_stamp(stamp_ns), frame_id=self.frame_id)
        messages = {
            self.depth: changed.get("depth", array_to_image(self.picture.depth_m, "32FC1")),
            self.info: changed.get("info", self.picture.info),
            self.color: changed.get("color", self._message),
        }
        for publisher, message in messages.items():
            if message is not None:
                message.header.stamp = header.stamp
                message.header.frame_id = message.header.frame_id or header.frame_id
                publisher.publish(message)
        self.published += 1
        return stamp_ns


@pytest.fixture(scope="session")
def picture() -> Picture:
    """Five products of the YCB set as RAVENS's front camera sees them."""
    pytest.importorskip("pybullet")
    from sim_bridge.assets import product_meshes
    from sim_bridge.bridge_messages import camera_info
    from sim_bridge.products.catalogue import CONCEPTS
    from sim_bridge.selection import choose_products
    from sim_bridge.world import World

    # A process can have one EGL renderer, and other tests keep theirs open.
    with World(product_meshes(""), renderer="tiny", samples=2) as world:
        world.new_scene(choose_products(CONCEPTS, "ycb", (), 5, 3), 3)
        seen = world.observe()
        info = camera_info(world.camera, Header())
    return Picture(seen.image_rgb, seen.depth_m, info, seen.concept_ids, seen.id_image)


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


@pytest.fixture(scope="session")
def camera_type() -> type[Camera]:
    """Makes a camera of a peer's own."""
    return Camera
