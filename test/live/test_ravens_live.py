"""A RAVENS-like environment on topics, published from this process."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from culture_interfaces.msg import LabelledMaskArray
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import String

from culture_perception.images import image_to_array
from culture_perception.nodes import qos

pybullet = pytest.importorskip("pybullet")

from sim_bridge import ravens  # noqa: E402
from sim_bridge.camera import depth_from_buffer, ravens_camera  # noqa: E402
from sim_bridge.ravens_node import RavensBridge  # noqa: E402

FRAME = "camera_color_optical_frame"
SUFFIXES = {
    "color/image_raw": Image,
    "color/camera_info": CameraInfo,
    "depth/image_rect": Image,
    "depth/camera_info": CameraInfo,
    "ground_truth/id_image": Image,
    "ground_truth/labelled_masks": LabelledMaskArray,
}


def _config(name: str) -> dict[str, Any]:
    camera = ravens_camera(name)
    return {
        "image_size": (60, 80),
        "intrinsics": (56.25, 0, 40, 0, 56.25, 30, 0, 0, 1),
        "position": camera.position,
        "rotation": camera.quaternion_xyzw,
        "zrange": (0.01, 10.0),
    }


class Tabletop:
    """Two balls, one out of sight, and a task in words as CLIPort's."""

    def __init__(self, client: int) -> None:
        self.client = client
        self.agent_cams = [_config("front"), _config("left")]
        self.drawn: list[Any] = []
        ball = pybullet.createVisualShape(pybullet.GEOM_SPHERE, radius=0.05, physicsClientId=client)
        bodies = [
            pybullet.createMultiBody(0, -1, ball, (0.5, 0, height), physicsClientId=client)
            for height in (-20.0, 0.05)
        ]
        self.obj_ids = {"rigid": bodies}

    def render_camera(self, config: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        self.drawn.append(config["position"])
        camera = ravens.camera_of("any", config, "tiny")
        _, _, colour, depth, bodies = pybullet.getCameraImage(
            camera.width,
            camera.height,
            camera.view_matrix(),
            camera.projection_matrix((camera.cx, camera.cy)),
            physicsClientId=self.client,
        )
        return colour[..., :3], depth_from_buffer(depth, camera.near, camera.far), bodies

    def get_lang_goal(self) -> str:
        return "put the ball away"


@pytest.fixture
def env() -> Iterator[Tabletop]:
    client = pybullet.connect(pybullet.DIRECT)
    yield Tabletop(client)
    pybullet.disconnect(physicsClientId=client)


def _frame(bridge: RavensBridge, peer: Any, received: dict[str, list[Any]]) -> dict[str, Any]:
    """Publishes until something is received on every topic; what came last of each."""
    for _ in range(20):
        for messages in received.values():
            messages.clear()
        bridge.publish()
        try:
            peer.wait_for(lambda: all(received.values()), "a frame", 2.0)
        except pytest.fail.Exception:
            continue
        return {topic: messages[-1] for topic, messages in received.items()}
    pytest.fail("no frame arrived")


def test_every_camera_is_published_as_sim_bridge_publishes(peer: Any, env: Tabletop) -> None:
    with RavensBridge(env, label_set="balls", client=env.client) as bridge:
        bridge.publish()
        assert env.drawn == []  # nobody listens yet
        system = [s if s.startswith("ground_truth") else f"camera/{s}" for s in SUFFIXES]
        topics = dict(zip(system, SUFFIXES.values(), strict=True))
        topics |= {f"ravens/front/{s}": kind for s, kind in SUFFIXES.items()}
        received = {t: peer.collect(kind, t, qos.IMAGES) for t, kind in topics.items()}
        goals = peer.collect(String, "ravens/language_goal", qos.LATCHED)
        frame = _frame(bridge, peer, received)
        assert set(env.drawn) == {env.agent_cams[0]["position"]}  # nobody listens to left
        left = peer.collect(Image, "ravens/left/color/image_raw", qos.IMAGES)
        frame |= _frame(bridge, peer, received | {"left": left})
        peer.wait_for(lambda: goals, "the goal")
    own = {topic: frame[topic] for topic in topics}
    assert len({str(m.header) for m in own.values()}) == 1
    assert own["camera/color/image_raw"].header.frame_id == FRAME
    assert frame["left"].header.frame_id == f"left_{FRAME}"
    assert frame["left"].header.stamp == own["camera/color/image_raw"].header.stamp
    encodings = [own[topic].encoding for topic in system if topics[topic] is Image]
    assert encodings == ["rgb8", "32FC1", "mono16"]
    assert list(own["camera/color/camera_info"].k) == [56.25, 0, 40, 0, 56.25, 29, 0, 0, 1]
    assert goals[-1].data == "put the ball away"
    _check_truth(own["ground_truth/labelled_masks"], own["ground_truth/id_image"])


def _check_truth(truth: Any, id_image: Any) -> None:
    assert truth.label_set == "balls"
    assert (truth.image_height, truth.image_width) == (60, 80)
    (ball,) = truth.masks  # the other one is not seen
    ids = image_to_array(id_image)
    assert set(np.unique(ids)) == {0, 2}
    assert (ball.instance_id, ball.track_id, ball.area) == (2, 2, np.count_nonzero(ids))


def test_transforms_are_latched_and_names_are_the_users(peer: Any, env: Tabletop) -> None:
    kind = pytest.importorskip("tf2_msgs.msg").TFMessage
    cameras = {"side": _config("left")}
    with RavensBridge(
        env, cameras, concept_of=lambda body: f"ball_{body.body_id}", namespace="cell_2",
        client=env.client,
    ) as bridge:  # fmt: skip
        seen = peer.collect(kind, "/tf_static", qos.LATCHED)
        truths = peer.collect(
            LabelledMaskArray, "cell_2/ravens/side/ground_truth/labelled_masks", qos.IMAGES
        )
        _frame(bridge, peer, {"truths": truths})
        (pose,) = peer.wait_for(lambda: seen, "the transform")[0].transforms
    bridge.close()  # again: does nothing
    assert [mask.concept_id for mask in truths[-1].masks] == ["ball_1"]
    assert (pose.header.frame_id, pose.child_frame_id) == ("world", FRAME)
    place = pose.transform.translation
    assert (place.x, place.y, place.z) == (0.0, 0.5, 0.75)


def test_a_wrong_environment_leaves_nothing_open(env: Tabletop) -> None:
    wrapper: Any = object()
    with pytest.raises(ravens.RavensError, match="not a wrapper"):
        RavensBridge(wrapper)
    with pytest.raises(ValueError, match="camera top lacks image_size"):
        RavensBridge(env, {"top": {}}, client=env.client)
