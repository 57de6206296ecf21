"""Pick by name, whole: camera, arm, perception, planner and the short examples as processes."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from action_msgs.msg import GoalStatus
from culture_interfaces.action import MoveTool
from culture_interfaces.srv import NewScene
from rich.console import Console
from sensor_msgs.msg import JointState
from std_srvs.srv import SetBool, Trigger
from tf2_msgs.msg import TFMessage

from culture_perception.labels import load_label_sets
from culture_perception.nodes import qos
from culture_perception.nodes.pick_client import PickClient
from culture_perception.pick_trial.run import TrialOptions, run_scenes, texts_of
from culture_perception.pick_trial.trials import PICKED
from culture_perception.resources import share_path

pytest.importorskip("pybullet")

EXAMPLES = Path(__file__).parents[2] / "examples"
TEXT = "red box of cookies"
PRODUCTS = ["ycb.cracker_box", "ycb.rubiks_cube", "ycb.tuna_fish_can"]
SEED = 950_004


@pytest.fixture(scope="module")
def system(shared_peer: Any) -> Any:
    """All processes of config/systems/pick.yaml, the arm faster than real time."""
    start = shared_peer.children.start
    start("sim_bridge.arm_node", rate_hz=5.0, moving_rate_hz=1.0, real_time_factor=4.0)
    start("culture_perception.nodes.label_service")
    start("culture_perception.nodes.perception", target_frame="world", threads=1)
    start("culture_perception.nodes.pick_by_name")
    request = NewScene.Request(label_set="ycb", concept_ids=PRODUCTS, seed=SEED)
    answer = shared_peer.call(NewScene, "sim_bridge/new_scene", request, 120.0)
    assert list(answer.placed) == PRODUCTS, answer.message
    return shared_peer


def _goal(x: float, y: float, z: float, **more: Any) -> Any:
    goal = MoveTool.Goal(**more)
    goal.target.header.frame_id = "world"
    goal.target.pose.position.x, goal.target.pose.position.y = x, y
    goal.target.pose.position.z = z
    goal.target.pose.orientation.y, goal.target.pose.orientation.w = 1.0, 0.0
    return goal


def _moved(peer: Any, goal: Any) -> Any:
    return peer.result(peer.act(MoveTool, "arm/move_tool", goal))


def test_the_arm_says_where_it_is_and_what_it_can_not_do(system: Any) -> None:
    joints = system.collect(JointState, "joint_states", qos.RESULTS)
    frames = system.collect(TFMessage, "/tf", qos.RESULTS)
    still = system.collect(TFMessage, "/tf_static", qos.LATCHED)
    system.wait_for(lambda: joints and frames and still, "joints and frames")
    assert len(joints[0].name) == len(joints[0].position) == len(joints[0].velocity) == 8
    names = {one.child_frame_id for message in still for one in message.transforms}
    assert {"arm_base", "basket", "camera_color_optical_frame"} <= names
    (tool,) = frames[0].transforms
    assert (tool.header.frame_id, tool.child_frame_id) == ("world", "arm_tool")

    feedback: list[float] = []
    handle = system.act(
        MoveTool,
        "arm/move_tool",
        _goal(0.45, 0.1, 0.38, speed_m_s=0.05),
        lambda message: feedback.append(message.feedback.distance_m),
    )
    system.wait_for(lambda: len(feedback) > 3, "feedback")
    again = _moved(system, _goal(0.45, 0.1, 0.3))
    assert (again.status, again.result.success) == (GoalStatus.STATUS_ABORTED, False)
    assert "cancel that motion" in again.result.message
    system.wait_for(handle.cancel_goal_async().done, "the cancel's answer")
    ended = system.result(handle)
    assert ended.status == GoalStatus.STATUS_CANCELED
    assert 0.1 < ended.result.reached.pose.position.y < 0.9
    assert feedback[0] > feedback[-1] > 0

    for goal, why in (
        (_goal(2.5, 0.0, 0.3), "out of reach"),
        (_goal(0.45, 0.1, 0.38, speed_m_s=0.1, timeout_s=0.1), "not there within 0.1 s"),
        (MoveTool.Goal(), "by TF"),
    ):
        refused = _moved(system, goal)
        assert refused.status == GoalStatus.STATUS_ABORTED
        assert not refused.result.success
        assert why in refused.result.message
    held = system.call(SetBool, "arm/suction", SetBool.Request(data=True))
    assert (held.success, held.message) == (False, "the cup touches no product")
    assert system.call(Trigger, "arm/home", Trigger.Request()).success


def test_the_short_examples_see_what_is_there(system: Any, tmp_path: Path) -> None:
    printed = tmp_path / "subscriber.txt"
    with printed.open("wb") as output:
        subscriber = subprocess.Popen(
            [sys.executable, str(EXAMPLES / "minimal_subscriber.py")],
            env=system.children.environment,
            stdout=output,
        )
    try:
        system.wait_for(lambda: f"{TEXT}, " in printed.read_text(), "its name")
    finally:
        subscriber.send_signal(signal.SIGINT)
        assert subscriber.wait(timeout=20) == 0
    for text, code in ((TEXT, 0), ("yellow bottle of mustard", 1)):
        client = subprocess.Popen(
            [sys.executable, str(EXAMPLES / "find_object_client.py"), text, "world"],
            env=system.children.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        system.wait_for(lambda: client.poll() is not None, "the client's end")  # noqa: B023
        out, errors = client.communicate()
        assert client.returncode == code, errors
        assert (f"{TEXT}: probability" in out and "in world" in out) == (code == 0)
        assert ("not found" in errors) == (code == 1)


def test_what_is_asked_for_is_in_the_basket_afterwards(system: Any, tmp_path: Path) -> None:
    options = TrialOptions(out=tmp_path, scenes=1, first_seed=SEED)
    texts = texts_of(load_label_sets(share_path("config", "labels"))["ycb"], options)
    with PickClient(system.children.check) as judge:
        judge.start(120.0)
        judge.select("ycb", "en", "plain")
        (trial,), skipped = run_scenes(judge, options, texts, Console(quiet=True))
        assert (trial.asked, trial.text, trial.seed) == ("ycb.cracker_box", TEXT, SEED)
        assert (trial.outcome, trial.says_picked) == (PICKED, True), trial.message
        assert skipped == []
        picked, message = judge.pick(TEXT, "en")  # it is in the basket, which the camera misses
        assert not picked
        assert message.startswith("not found")
        assert judge.basket() == ("ycb.cracker_box",)
        assert judge.new_scene("ycb", SEED, 99) == ()  # so many products there are not
