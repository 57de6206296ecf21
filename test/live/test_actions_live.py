"""SegmentNow and FindObject against a real perception: every result code."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from action_msgs.msg import GoalStatus
from culture_interfaces.action import FindObject, SegmentNow
from culture_interfaces.msg import LabelledMaskArray, LabelSet
from culture_interfaces.srv import SelectLabels
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.time import Time
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage

from culture_perception.images import array_to_image, image_to_array
from culture_perception.masks import pairwise_iou_boxed
from culture_perception.message_records import message_to_mask
from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import ns_to_stamp, stamp_to_ns

NODES = "culture_perception.nodes"
FIND, SEGMENT = "/perception/find_object", "/perception/segment_now"


class Robot:
    """A camera, perception, the label service, and somebody who asks."""

    def __init__(self, peer: Any, picture: Any, camera_type: Any) -> None:
        self.peer = peer
        self.picture = picture
        self.labels = peer.collect(LabelSet, "/perception/label_set", qos.LABELS)
        peer.children.start(f"{NODES}.label_service")
        peer.children.start(f"{NODES}.perception", threads=1)
        peer.wait_for(lambda: self.labels, "perception's labels", 120.0)
        self.camera = camera_type(peer, picture)
        peer.wait_for(lambda: self.camera.color.get_subscription_count() > 0, "perception")
        peer.wait_for(lambda: self.camera.depth.get_subscription_count() > 0, "perception")

    def ask(self, kind: Any, name: str, feed: bool = True, **goal: Any) -> Any:
        """A goal's result while the camera publishes; `status` is set on it for the test."""
        handle = self.peer.act(kind, name, kind.Goal(**goal))
        future = handle.get_result_async()

        def done() -> bool:
            if feed and not future.done():
                self.camera.publish()
            return bool(future.done())

        self.peer.wait_for(done, "the result")
        return future.result()

    def find(self, text: str, **goal: Any) -> Any:
        return self.ask(FindObject, FIND, text=text, **goal)


@pytest.fixture(scope="module")
def robot(shared_peer: Any, picture: Any, camera_type: Any) -> Robot:
    return Robot(shared_peer, picture, camera_type)


def test_segment_now_gives_masks_places_and_id_image_of_one_stamp(robot: Robot) -> None:
    asked_ns = time.time_ns()
    answer = robot.ask(SegmentNow, SEGMENT)
    result = answer.result
    assert (answer.status, result.code) == (GoalStatus.STATUS_SUCCEEDED, SegmentNow.Result.OK)
    assert stamp_to_ns(result.masks.header.stamp) >= asked_ns
    assert result.masks.header == result.objects.header == result.id_image.header
    assert len(result.masks.masks) >= 3
    named = {mask.instance_id for mask in result.masks.masks if mask.concept_id}
    assert set(np.unique(image_to_array(result.id_image)).tolist()) - {0, 65535} == named
    assert len(result.objects.objects) + result.objects.without_depth == len(result.masks.masks)
    assert {one.track_id for one in result.objects.objects} <= {
        one.track_id for one in result.masks.masks
    }
    few = robot.ask(SegmentNow, SEGMENT, min_probability=1.01).result
    assert (few.code, len(few.masks.masks)) == (SegmentNow.Result.OK, 0)


def test_a_young_frame_will_do_and_is_recognised_once(robot: Robot) -> None:
    stamp_ns = robot.camera.publish()
    robot.peer.wait_for(
        lambda: robot.ask(SegmentNow, SEGMENT, feed=False, max_age_s=60.0).result.masks.masks,
        "masks of the frame that nobody listened to",
    )
    again = robot.ask(SegmentNow, SEGMENT, feed=False, max_age_s=60.0).result
    assert stamp_to_ns(again.masks.header.stamp) == stamp_ns


def test_a_picture_taken_as_soon_as_the_goal_is_accepted_will_do(robot: Robot) -> None:
    for _ in range(3):
        handle = robot.peer.act(SegmentNow, SEGMENT, SegmentNow.Goal(timeout_s=10.0))
        stamp_ns = robot.camera.publish()
        result = robot.peer.result(handle).result
        assert result.code == SegmentNow.Result.OK, result.message
        assert stamp_to_ns(result.masks.header.stamp) == stamp_ns


def test_a_frame_that_ages_in_work_still_counts(robot: Robot) -> None:
    result = robot.ask(SegmentNow, SEGMENT, max_age_s=0.03).result
    assert result.code == SegmentNow.Result.OK, result.message


def test_a_frame_that_was_recognised_for_a_listener_will_do_as_well(robot: Robot) -> None:
    """Nobody wanted places of it then; with depth they are made up for."""
    node = robot.peer.node
    seen: list[LabelledMaskArray] = []
    masks = node.create_subscription(
        LabelledMaskArray, "/perception/labelled_masks", seen.append, qos.RESULTS
    )
    depth_m = array_to_image(robot.picture.depth_m, "32FC1")
    for depth in (depth_m, None):
        seen.clear()
        robot.peer.wait_for(
            lambda depth=depth: seen or not robot.camera.publish(depth=depth), "a result"
        )
        time_up_s = time.monotonic() + 0.5
        robot.peer.wait_for(lambda until_s=time_up_s: time.monotonic() > until_s, "the last result")
        result = robot.ask(SegmentNow, SEGMENT, feed=False, max_age_s=60.0, timeout_s=10.0).result
        assert result.code == SegmentNow.Result.OK, result.message
        assert result.masks == seen[-1]
        assert bool(result.objects.objects) == (depth is not None)
    node.destroy_subscription(masks)


def test_a_label_is_found_in_whatever_language_it_is_said(robot: Robot) -> None:
    seen = robot.ask(SegmentNow, SEGMENT).result.masks
    best = next(mask for mask in seen.masks if mask.concept_id)
    answer = robot.find(best.label.upper() + "!")
    result = answer.result
    assert (answer.status, result.code) == (GoalStatus.STATUS_SUCCEEDED, FindObject.Result.OK)
    assert (result.concept_id, result.mask.concept_id) == (best.concept_id, best.concept_id)
    assert result.mask.track_id == best.track_id
    assert pairwise_iou_boxed([message_to_mask(result.mask)], [message_to_mask(best)]) > 0.9
    # Where it is agrees with the mask's pixels and their depth.
    assert result.has_object
    assert result.object_header.frame_id == robot.camera.frame_id
    pixels = np.array(result.object.point_indices)
    depth = robot.picture.depth_m.ravel()[pixels]
    assert result.object.centroid.z == pytest.approx(float(depth.mean()), abs=1e-4)
    # The other style's words, by the label service; perception goes on with its own.
    brand = {label.concept_id: label.label for label in robot.labels[-1].labels}
    robot.peer.call(SelectLabels, "/labels/select", SelectLabels.Request(style="brand"))
    by_plain = robot.find(brand[best.concept_id]).result
    robot.peer.call(SelectLabels, "/labels/select", SelectLabels.Request(style="plain"))
    assert by_plain.concept_id == best.concept_id


def test_free_text_is_sought_beside_the_labels(robot: Robot) -> None:
    result = robot.find("a flying green elephant").result
    assert (result.code, result.concept_id) == (FindObject.Result.NOT_FOUND, "")
    assert "not found" in result.message
    probabilities = [mask.probability for mask in result.candidates]
    assert len(probabilities) > 1
    assert probabilities == sorted(probabilities, reverse=True)
    japanese = robot.find("たけのこの里").result
    assert japanese.code == FindObject.Result.NOT_FOUND
    assert "select its label set" in japanese.message
    assert "konbini.takenoko_no_sato" in japanese.message
    assert robot.find("  ").result.code == FindObject.Result.NOT_FOUND


def test_two_of_a_kind_are_ambiguous(robot: Robot) -> None:
    """The surroundings of a found object are put into the picture a second time."""
    seen = robot.ask(SegmentNow, SEGMENT).result.masks
    best = next(mask for mask in seen.masks if mask.concept_id)
    box, margin = best.box, 12
    image = robot.picture.image_rgb
    x0, y0 = max(box.x_offset - margin, 0), max(box.y_offset - margin, 0)
    patch = image[y0 : box.y_offset + box.height + margin, x0 : box.x_offset + box.width + margin]
    height, width = patch.shape[:2]
    twice = np.tile(np.median(image.reshape(-1, 3), axis=0).astype(np.uint8), (480, 640, 1))
    for left in (100, 400):
        twice[200 : 200 + height, left : left + width] = patch
    color = array_to_image(twice, "rgb8")
    handle = robot.peer.act(FindObject, FIND, FindObject.Goal(text=best.label))
    future = handle.get_result_async()
    robot.peer.wait_for(
        lambda: future.done() or not robot.camera.publish(color=color, depth=None), "the result"
    )
    result = future.result().result
    assert result.code == FindObject.Result.AMBIGUOUS, result.message
    assert "equally well" in result.message
    assert len(result.candidates) == 2
    one, other = (message_to_mask(mask).box[0] for mask in result.candidates)
    assert abs(abs(one - other) - 300) < 20


def test_a_target_frame_by_tf_at_the_images_stamp(robot: Robot) -> None:
    seen = robot.ask(SegmentNow, SEGMENT).result.masks
    label = next(mask for mask in seen.masks if mask.concept_id).label
    unknown = robot.find(label, target_frame="base").result
    assert unknown.code == FindObject.Result.NO_TRANSFORM
    assert "base" in unknown.message
    assert unknown.mask.label == label
    # The optical frame moves along x of base, a metre a second; at its stamp counts.
    tf = robot.peer.node.create_publisher(TFMessage, "/tf", 10)
    robot.peer.wait_for(lambda: tf.get_subscription_count() > 0, "perception's listener")
    start_ns = time.time_ns()

    def pose(stamp_ns: int) -> TransformStamped:
        return TransformStamped(
            header=Header(stamp=ns_to_stamp(stamp_ns), frame_id="base"),
            child_frame_id=robot.camera.frame_id,
            transform=Transform(
                translation=Vector3(x=(stamp_ns - start_ns) / 1e9),
                rotation=Quaternion(w=1.0),
            ),
        )

    tf.publish(TFMessage(transforms=[pose(start_ns), pose(start_ns + 8_000_000_000)]))
    result = robot.find(label, target_frame="base").result
    assert result.code == FindObject.Result.OK, result.message
    assert result.object_header.frame_id == "base"
    gone_s = (Time.from_msg(result.object_header.stamp).nanoseconds - start_ns) / 1e9
    optical = robot.find(label).result
    assert result.object.pose.pose.position.x == pytest.approx(
        optical.object.pose.pose.position.x + gone_s, abs=0.01
    )


def test_deadlines_tell_silence_from_old_frames_and_slow_ones(robot: Robot) -> None:
    quiet_s = time.monotonic() + 0.5  # frames of an earlier test may still be under way
    robot.peer.wait_for(lambda: time.monotonic() > quiet_s, "silence")
    nothing = robot.ask(FindObject, FIND, feed=False, text="tea", timeout_s=0.3)
    assert nothing.result.code == FindObject.Result.NO_IMAGE
    assert "came" in nothing.result.message or "stale" in nothing.result.message
    assert nothing.status == GoalStatus.STATUS_ABORTED
    handle = robot.peer.act(FindObject, FIND, FindObject.Goal(text="tea", timeout_s=0.5))
    future = handle.get_result_async()
    hour_ns = 3_600_000_000_000

    def old() -> bool:
        robot.camera.publish(time.time_ns() - hour_ns)
        return bool(future.done())

    robot.peer.wait_for(old, "the result")
    assert future.result().result.code == FindObject.Result.STALE
    assert "check the camera's clock" in future.result().result.message
    slow = robot.ask(SegmentNow, SEGMENT, timeout_s=0.03).result
    assert slow.code in (SegmentNow.Result.DEADLINE, SegmentNow.Result.STALE)


def test_a_goal_can_be_canceled_while_it_waits_and_tells_what_it_does(robot: Robot) -> None:
    feedback: list[Any] = []
    handle = robot.peer.act(
        FindObject, FIND, FindObject.Goal(text="tea", timeout_s=60.0), feedback.append
    )
    robot.peer.wait_for(lambda: len(feedback) >= 2, "feedback")
    assert feedback[-1].feedback.stage == "waiting"
    assert feedback[-1].feedback.elapsed_s > 0
    cancel = handle.cancel_goal_async()
    robot.peer.wait_for(cancel.done, "the answer to the cancellation")
    answer = robot.peer.result(handle)
    assert answer.status == GoalStatus.STATUS_CANCELED
    assert answer.result.code == FindObject.Result.CANCELED


def test_a_frame_that_fails_fails_the_goal(robot: Robot) -> None:
    depth_like = array_to_image(robot.picture.depth_m, "32FC1")
    handle = robot.peer.act(SegmentNow, SEGMENT, SegmentNow.Goal(timeout_s=30.0))
    future = handle.get_result_async()
    robot.peer.wait_for(
        lambda: future.done() or not robot.camera.publish(color=depth_like), "the result"
    )
    assert future.result().result.code == SegmentNow.Result.MODEL_ERROR
    assert "32FC1" in future.result().result.message


def test_a_goal_that_waits_while_the_node_is_deactivated_is_told(robot: Robot) -> None:
    def change(transition: int) -> None:
        request = ChangeState.Request(transition=Transition(id=transition))
        assert robot.peer.call(ChangeState, "/perception/change_state", request).success

    handle = robot.peer.act(SegmentNow, SEGMENT, SegmentNow.Goal(timeout_s=60.0))
    change(Transition.TRANSITION_DEACTIVATE)
    answer = robot.peer.result(handle)
    change(Transition.TRANSITION_ACTIVATE)
    assert answer.status == GoalStatus.STATUS_ABORTED
    assert answer.result.code == SegmentNow.Result.NOT_READY
    assert "deactivated" in answer.result.message
    assert robot.ask(SegmentNow, SEGMENT).result.code == SegmentNow.Result.OK


def test_many_goals_at_once_are_all_answered(robot: Robot) -> None:
    goals = [robot.peer.act(SegmentNow, SEGMENT, SegmentNow.Goal()) for _ in range(5)]
    futures = [goal.get_result_async() for goal in goals]
    robot.peer.wait_for(
        lambda: all(one.done() for one in futures) or not robot.camera.publish(), "all results"
    )
    assert {one.result().result.code for one in futures} == {SegmentNow.Result.OK}


def test_nobody_is_computed_for_until_somebody_listens(robot: Robot) -> None:
    """The actions of this module ran although no topic of perception's had a subscriber."""
    node = robot.peer.node
    masks = "/perception/labelled_masks"
    assert node.count_subscribers(masks) == 0
    results: list[LabelledMaskArray] = []
    subscription = node.create_subscription(LabelledMaskArray, masks, results.append, qos.RESULTS)
    robot.peer.wait_for(lambda: results or not robot.camera.publish(), "a result")
    node.destroy_subscription(subscription)


def test_without_labels_or_activation_it_says_so(children: Any, peer: Any) -> None:
    children.start(f"{NODES}.perception", threads=1, autostart=False)
    answer = peer.result(peer.act(SegmentNow, SEGMENT, SegmentNow.Goal()))
    assert answer.result.code == SegmentNow.Result.NOT_READY
    assert "unconfigured" in answer.result.message
    assert peer.result(peer.act(FindObject, FIND, FindObject.Goal(text="tea"))).result.code == (
        FindObject.Result.NOT_READY
    )
