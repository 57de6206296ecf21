"""The camera player as a process: bags, folders to their end, a video, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TransformStamped
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.serialization import serialize_message
from rosbags.rosbag2 import StoragePlugin, Writer
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header
from std_srvs.srv import Trigger

from culture_perception.bags.definitions import definition_of
from culture_perception.cameras.calibration import from_field_of_view
from culture_perception.compressed_images import compressed_to_rgb
from culture_perception.images import array_to_image, image_to_array
from culture_perception.message_records import stamp_ns_of
from culture_perception.nodes import qos
from culture_perception.nodes.camera_messages import camera_info_message
from culture_perception.nodes.label_messages import ns_to_stamp

NODE = "culture_perception.nodes.camera_player"
COLOR, INFO = "/camera/color/image_raw", "/camera/color/camera_info"
DEPTH = "/camera/depth/image_rect"
SECOND = 1_000_000_000
GAP_NS = SECOND // 20
HEIGHT, WIDTH = 8, 12


def picture(number: int) -> np.ndarray[Any, Any]:
    return np.full((HEIGHT, WIDTH, 3), (number, 0, 255 - number), dtype=np.uint8)


def write_bag(path: Path, transforms: type, count: int = 5) -> Path:
    """Colour, depth and camera info every 50 ms, received 3 ms later, and transforms."""
    calibration = from_field_of_view(WIDTH, HEIGHT, 70.0)
    with Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connections: dict[str, Any] = {}

        def write(topic: str, msgtype: str, message: Any, at_ns: int) -> None:
            if topic not in connections:
                text, digest = definition_of(msgtype)
                connections[topic] = writer.add_connection(
                    topic, msgtype, msgdef=text, rihs01=digest
                )
            writer.write(connections[topic], at_ns, serialize_message(message))

        def tf(parent: str, child: str, stamp_ns: int) -> Any:
            header = Header(stamp=ns_to_stamp(stamp_ns), frame_id=parent)
            return transforms(transforms=[TransformStamped(header=header, child_frame_id=child)])

        tf_type = "tf2_msgs/msg/TFMessage"
        write("/tf_static", tf_type, tf("wrist", "lens_optical_frame", 0), SECOND)
        write("/tf_static", tf_type, tf("world", "base", 0), SECOND)
        for number in range(count):
            at_ns = 100 * SECOND + number * GAP_NS
            header = Header(stamp=ns_to_stamp(at_ns), frame_id="lens_optical_frame")
            depth = np.full((HEIGHT, WIDTH), 1.0 + number, dtype=np.float32)
            info = camera_info_message(calibration, header)
            got_ns = at_ns + 3_000_000
            write("/tf", tf_type, tf("base", "wrist", at_ns), got_ns)
            kind = "sensor_msgs/msg/Image"
            write(COLOR, kind, array_to_image(picture(number), "rgb8", header), got_ns)
            write(DEPTH, kind, array_to_image(depth, "32FC1", header), got_ns)
            write(INFO, "sensor_msgs/msg/CameraInfo", info, got_ns)
    return path


def write_folder(folder: Path, count: int = 3) -> Path:
    (folder / "depth").mkdir(parents=True)
    for number in range(count):
        cv2.imwrite(str(folder / f"{number}.png"), picture(number)[:, :, ::-1])
        depth = np.full((HEIGHT, WIDTH), 1500 + number, dtype=np.uint16)
        cv2.imwrite(str(folder / "depth" / f"{number}.png"), depth)
    return folder


def numbers(images: list[Any]) -> list[int]:
    """Which pictures these are."""
    return [int(image_to_array(one)[0, 0, 0]) for one in images]


def stamps(messages: list[Any]) -> list[int]:
    return [stamp_ns_of(one) for one in messages]


def test_a_bag_is_repeated_with_the_stamps_it_has(children: Any, peer: Any, tmp_path: Path) -> None:
    transforms = pytest.importorskip("tf2_msgs.msg").TFMessage
    colors = peer.collect(Image, COLOR, qos.IMAGES)
    depths = peer.collect(Image, DEPTH, qos.IMAGES)
    infos = peer.collect(CameraInfo, INFO, qos.IMAGES)
    moving = peer.collect(transforms, "/tf", qos.RESULTS)
    static = peer.collect(transforms, "/tf_static", qos.LATCHED)
    bag = write_bag(tmp_path / "bag", transforms)
    children.start(NODE, source="bag", path=str(bag), restamp="recorded")

    peer.wait_for(lambda: len(colors) >= 12 and len(infos) >= 12, "more than two rounds")

    # A round begins again with 0: stamps jump back by what a bag is long.
    at = {100 * SECOND + number * GAP_NS: number for number in range(5)}
    assert [at[ns] for ns in stamps(colors)] == numbers(colors)
    assert (np.diff(stamps(colors)) < 0).any()
    assert set(stamps(depths)) == set(stamps(infos)) == set(at)
    for depth in depths:
        assert (image_to_array(depth) == 1.0 + at[stamp_ns_of(depth)]).all()
    assert {one.header.frame_id for one in (*colors, *depths, *infos)} == {"lens_optical_frame"}
    assert infos[-1].k[0] == pytest.approx(6 / np.tan(np.radians(35)))
    # Transforms are the bag's own, and no mounting contradicts them.
    pairs = {(one.header.frame_id, one.child_frame_id) for one in static[-1].transforms}
    assert pairs == {("wrist", "lens_optical_frame"), ("world", "base")}
    peer.wait_for(lambda: len(moving) >= 2, "/tf")
    assert {stamp_ns_of(one.transforms[0]) for one in moving} <= set(at)


def test_a_bag_is_played_as_if_it_happened_now(children: Any, peer: Any, tmp_path: Path) -> None:
    transforms = pytest.importorskip("tf2_msgs.msg").TFMessage
    colors = peer.collect(Image, COLOR, qos.IMAGES)
    moving = peer.collect(transforms, "/tf", qos.RESULTS)
    bag = write_bag(tmp_path / "bag", transforms)
    before_ns = peer.node.get_clock().now().nanoseconds
    children.start(NODE, source="bag", path=str(bag))

    peer.wait_for(lambda: len(colors) >= 12 and len(moving) >= 12, "more than two rounds")

    seen = np.array(stamps(colors))
    assert (np.diff(seen) > 0).all()
    assert before_ns < seen[0] <= seen[-1] < peer.node.get_clock().now().nanoseconds
    # Inside a round the distances are the recorded ones, and transforms have the images' stamps.
    same_round = np.diff(numbers(colors)) == 1
    np.testing.assert_array_equal(np.diff(seen)[same_round], GAP_NS)
    poses = {stamp_ns_of(one.transforms[0]) for one in moving}
    both = [ns for ns in stamps(colors) if min(poses) <= ns <= max(poses)]
    assert len(both) >= 5
    assert set(both) <= poses


def test_a_folder_without_loop_is_shown_on_demand_and_says_its_end(
    children: Any, peer: Any, tmp_path: Path
) -> None:
    colors = peer.collect(Image, COLOR, qos.IMAGES)
    depths = peer.collect(Image, DEPTH, qos.IMAGES)
    jpegs = peer.collect(CompressedImage, f"{COLOR}/compressed", qos.IMAGES)
    diagnostics = peer.collect(DiagnosticArray, "/diagnostics", qos.RESULTS)
    folder = write_folder(tmp_path / "frames", 4)
    cv2.imwrite(str(folder / "depth" / "1.png"), np.zeros((2, 2), np.uint16))
    child = children.start(
        NODE,
        path=str(folder),
        rate_hz=0.0,
        loop=False,
        compressed=True,
        depth_encoding="16UC1",
        frame_id="my_optical_frame",
    )

    def message() -> str:
        return diagnostics[-1].status[0].message if diagnostics else ""

    def capture() -> Any:
        return peer.call(Trigger, "/camera_player/capture", Trigger.Request())

    peer.wait_for(lambda: "waits for camera_player/capture" in message(), "the diagnostics")
    peer.wait_for(lambda: peer.node.count_publishers(f"{COLOR}/compressed"), "the publishers")
    first = capture()
    assert first.success, first.message
    peer.wait_for(lambda: colors and depths and jpegs, "the first frame")
    assert (
        stamps(colors) == stamps(depths) == stamps(jpegs) == [int(first.message.replace(".", ""))]
    )
    assert colors[0].header == jpegs[0].header == depths[0].header
    assert colors[0].header.frame_id == "my_optical_frame"
    assert (depths[0].encoding, image_to_array(depths[0])[0, 0]) == ("16UC1", 1500)
    np.testing.assert_allclose(compressed_to_rgb(jpegs[0]), picture(0), atol=6)

    # The second picture's depth is of another size: it is left out, and the reason given.
    assert capture().success
    peer.wait_for(lambda: len(colors) == 2, "the next frame")
    assert numbers(colors) == [0, 2]
    assert "1.png is 2 x 2, its picture 12 x 8" in child.output

    value = ParameterValue(type=ParameterType.PARAMETER_DOUBLE, double_value=50.0)
    request = SetParameters.Request(parameters=[Parameter(name="rate_hz", value=value)])
    answer = peer.call(SetParameters, "/camera_player/set_parameters", request)
    assert answer.results[0].successful
    peer.wait_for(lambda: "played to its end" in message(), "the end")
    assert numbers(colors) == [0, 2, 3]
    assert "the end of 4 pictures" in child.output
    assert diagnostics[-1].status[0].level == b"\x01"
    values = {one.key: one.value for one in diagnostics[-1].status[0].values}
    assert (values["frames"], values["problems"], values["ended"]) == ("3", "1", "true")
    late = capture()
    assert not late.success
    assert "was played to its end" in late.message
    # It stays, and ends well at the end of the test.


def test_a_video_has_its_own_pace_and_no_depth(children: Any, peer: Any, tmp_path: Path) -> None:
    colors = peer.collect(Image, COLOR, qos.IMAGES)
    infos = peer.collect(CameraInfo, INFO, qos.IMAGES)
    writer = cv2.VideoWriter(
        str(tmp_path / "v.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 48)
    )
    for number in range(10):
        writer.write(np.full((48, 64, 3), 20 * number, dtype=np.uint8))
    writer.release()
    children.start(NODE, source="video", path=str(tmp_path / "v.avi"), fov_deg=90.0)

    peer.wait_for(lambda: len(colors) >= 26, "two rounds and a half")

    seconds = (stamps(colors)[25] - stamps(colors)[0]) / SECOND
    assert 25 / seconds == pytest.approx(25.0, rel=0.15)
    assert (np.diff(stamps(colors)) > 0).all()
    assert (infos[-1].width, infos[-1].height, infos[-1].k[0]) == (64, 48, pytest.approx(32.0))
    assert peer.node.count_publishers(DEPTH) == 0


def test_a_folder_that_is_emptied_ends_the_player_with_the_reason(
    children: Any, peer: Any, tmp_path: Path
) -> None:
    colors = peer.collect(Image, COLOR, qos.IMAGES)
    folder = write_folder(tmp_path / "frames")
    child = children.start(NODE, path=str(folder), rate_hz=20.0)
    peer.wait_for(lambda: colors, "a frame")

    for path in folder.glob("*.png"):
        path.unlink()

    assert child.popen.wait(timeout=20) == 1
    assert "giving up: 3 pictures of" in child.output
    assert "can be used any more" in child.output
    assert "Traceback" not in child.output
    children.running.clear()


def nothing(_: Path) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (nothing, "parameter path is empty: name the folder to play"),
        (lambda path: {"path": str(path / "none")}, "is no folder"),
        (lambda path: {"path": str(path)}, "holds no picture"),
        (lambda path: {"source": "bag", "path": str(path)}, "holds no bag"),
        (lambda path: {"source": "video", "path": "/dev/video97"}, "there is no /dev/video97"),
        (lambda path: {"path": str(path), "restamp": "recorded"}, "only a bag has stamps"),
        (lambda path: {"path": str(path), "mount": "0 0 one"}, "parameter mount is '0 0 one'"),
    ],
)
def test_what_can_not_be_played_is_one_clear_message(
    parameters: Callable[[Path], dict[str, Any]],
    said: str,
    capfd: pytest.CaptureFixture[str],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    # In this process: starting seven would take longer than the rest of this file.
    from culture_perception.nodes import camera_player
    from culture_perception.system import Process

    command = Process("camera_player", "", "", NODE, parameters(tmp_path)).command()
    monkeypatch.setattr("sys.argv", command[2:])
    assert camera_player.main() == 2
    output = capfd.readouterr()
    assert said in output.err + output.out
