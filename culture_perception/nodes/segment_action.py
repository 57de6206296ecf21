"""The action perception/segment_now: one frame's masks, on demand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from culture_interfaces.action import SegmentNow
from rclpy.action.server import ActionServer, CancelResponse
from std_msgs.msg import Header

from culture_perception.images import array_to_image
from culture_perception.nodes.frame_actions import Ending, Host, accepted_ns, wait_for_frame
from culture_perception.nodes.frame_requests import FrameRequest
from culture_perception.nodes.label_messages import ns_to_stamp
from culture_perception.nodes.mask_messages import recognition_to_message
from culture_perception.nodes.object_messages import objects_to_message
from culture_perception.perceiving import Perceived

NAME: Final = "perception/segment_now"
CODES: Final = {
    Ending.FAILED: SegmentNow.Result.MODEL_ERROR,
    Ending.INTERRUPTED: SegmentNow.Result.NOT_READY,
    Ending.CANCELED: SegmentNow.Result.CANCELED,
    Ending.NO_IMAGE: SegmentNow.Result.NO_IMAGE,
    Ending.STALE: SegmentNow.Result.STALE,
    Ending.DEADLINE: SegmentNow.Result.DEADLINE,
}


class SegmentAction:
    """Serves SegmentNow as long as the node is there."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.server = ActionServer(
            host.node,
            SegmentNow,
            NAME,
            self._execute,
            cancel_callback=lambda goal: CancelResponse.ACCEPT,
        )

    async def _execute(self, goal: Any) -> Any:
        asked: SegmentNow.Goal = goal.request
        if why := self._host.not_ready():
            goal.abort()
            return SegmentNow.Result(code=SegmentNow.Result.NOT_READY, message=why)
        request = FrameRequest(
            accepted_ns(goal),
            asked.max_age_s,
            lambda perceived: result_of(perceived, asked.min_probability),
        )
        timeout_s = asked.timeout_s or float(self._host.value("action_timeout_s"))
        ending, why = await wait_for_frame(self._host, goal, request, timeout_s, _feedback)
        if ending is Ending.ANSWERED:
            goal.succeed()
            return request.result
        goal.canceled() if ending is Ending.CANCELED else goal.abort()
        return SegmentNow.Result(code=CODES[ending], message=why)


def _feedback(stage: str, elapsed_s: float) -> Any:
    return SegmentNow.Feedback(stage=stage, elapsed_s=elapsed_s)


def result_of(perceived: Perceived, min_probability: float = 0.0) -> Any:
    """The result of a frame, without masks whose name is less probable."""
    chosen = [
        i
        for i, named in enumerate(perceived.recognition.masks)
        if named.probability >= min_probability
    ]
    kept = tuple(perceived.recognition.masks[i] for i in chosen)
    recognition = replace(perceived.recognition, masks=kept)
    places = [perceived.objects[i] if perceived.objects else None for i in chosen]
    ids = [named.track_id for named in kept]
    header = Header(stamp=ns_to_stamp(perceived.stamp_ns), frame_id=perceived.frame_id)
    return SegmentNow.Result(
        masks=recognition_to_message(recognition, header),
        objects=objects_to_message(recognition, ids, places, header),
        id_image=array_to_image(recognition.id_image(), "mono16", header),
    )
