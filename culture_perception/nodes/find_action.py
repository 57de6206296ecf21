"""The action perception/find_object: where is what a text says?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from culture_interfaces.action import FindObject
from culture_interfaces.srv import FindLabels
from rclpy.action.server import ActionServer, CancelResponse
from std_msgs.msg import Header

from culture_perception.concepts import LabelError
from culture_perception.finding import Candidate, Finding, Outcome, Query, find
from culture_perception.label_lookup import same_label
from culture_perception.nodes.frame_actions import Ending, Host, accepted_ns, wait_for_frame
from culture_perception.nodes.frame_requests import FrameRequest
from culture_perception.nodes.label_messages import ns_to_stamp
from culture_perception.nodes.mask_messages import named_mask_to_message
from culture_perception.nodes.object_messages import object_to_message
from culture_perception.nodes.text_search import check_text
from culture_perception.nodes.waiting import within
from culture_perception.perceiving import Perceived
from culture_perception.results import NamedMask
from culture_perception.transforms import TransformError

NAME: Final = "perception/find_object"
LOOKUP_S: Final = 2.0
CODES: Final = {
    Ending.FAILED: FindObject.Result.MODEL_ERROR,
    Ending.INTERRUPTED: FindObject.Result.NOT_READY,
    Ending.CANCELED: FindObject.Result.CANCELED,
    Ending.NO_IMAGE: FindObject.Result.NO_IMAGE,
    Ending.STALE: FindObject.Result.STALE,
    Ending.DEADLINE: FindObject.Result.DEADLINE,
    Outcome.FOUND: FindObject.Result.OK,
    Outcome.NOT_FOUND: FindObject.Result.NOT_FOUND,
    Outcome.AMBIGUOUS: FindObject.Result.AMBIGUOUS,
}


class FindAction:
    """Serves FindObject as long as the node is there."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lookup: Any = host.node.create_client(FindLabels, "labels/find")
        self.server = ActionServer(
            host.node,
            FindObject,
            NAME,
            self._execute,
            cancel_callback=lambda goal: CancelResponse.ACCEPT,
        )

    async def _execute(self, goal: Any) -> Any:
        asked: FindObject.Goal = goal.request
        result = await self._result(goal, asked)
        if result.code == FindObject.Result.OK:
            goal.succeed()
        elif result.code == FindObject.Result.CANCELED:
            goal.canceled()
        else:
            goal.abort()
        return result

    async def _result(self, goal: Any, asked: Any) -> Any:
        if why := self._host.not_ready():
            return FindObject.Result(code=FindObject.Result.NOT_READY, message=why)
        try:
            text = check_text(asked.text)
        except LabelError as error:
            return FindObject.Result(code=FindObject.Result.NOT_FOUND, message=str(error))
        started_s = time.monotonic()
        timeout_s = asked.timeout_s or float(self._host.value("action_timeout_s"))
        lookup_s = min(LOOKUP_S, max(timeout_s, 0.0) / 2)
        concept_ids = await self._concepts(text, asked.language, lookup_s)
        request = FrameRequest(
            accepted_ns(goal),
            asked.max_age_s,
            lambda perceived: self._answer(perceived, asked, text, concept_ids),
        )
        ending, why = await wait_for_frame(
            self._host, goal, request, timeout_s, _feedback, started_s
        )
        if ending is Ending.ANSWERED:
            return request.result
        return FindObject.Result(code=CODES[ending], message=why)

    async def _concepts(self, text: str, language: str, timeout_s: float) -> list[str]:
        """What the text stands for in any label set; the active labels are asked first."""
        perceiver = self._host.perceiver
        bank = None if perceiver is None else perceiver.bank
        if bank is not None and language in ("", bank.labels.language):
            label = same_label(bank.labels.labels, text)
            if label is not None:
                return [label.concept_id]
        if not self._lookup.service_is_ready():
            return []
        future = self._lookup.call_async(FindLabels.Request(text=text, language=language))
        if not await within(self._host.node, future, timeout_s):
            self._lookup.remove_pending_request(future)
            self._host.node.get_logger().warning(
                f"{self._lookup.srv_name} did not answer within {timeout_s:g} s; {text!r} is taken "
                "as free text"
            )
            return []
        return [label.concept_id for label in future.result().labels]

    def _answer(
        self, perceived: Perceived, asked: Any, text: str, concept_ids: Sequence[str]
    ) -> Any:
        """Worker: seeks in a frame."""
        perceiver, search = self._host.perceiver, self._host.search
        if perceiver is None or search is None:
            raise RuntimeError("the node was cleaned up")
        query = search.query(perceived.bank, concept_ids, text, asked.language)
        options = perceiver.options
        if asked.min_probability > 0:
            # Whoever names a probability takes it in place of all of the node's own thresholds.
            least = min(float(asked.min_probability), 1.0)
            options = replace(options, min_probability=least, min_similarity=-1.0)
        margin = float(self._host.value("ambiguity_margin"))
        finding = find(perceived.observation, query, options, margin)
        result = _found(perceived, query, finding)
        result.message = _told(finding, query, text, concept_ids)
        if finding.outcome is Outcome.FOUND:
            self._place(result, perceived, finding.candidates[0].index, asked.target_frame)
        return result

    def _place(self, result: Any, perceived: Perceived, index: int, target_frame: str) -> None:
        """Fills in where it is, in the frame that was asked for."""
        named = perceived.named_of_segment(index)
        located = perceived.object_of(named)
        if located is None:
            result.message = f"{result.message} It has no place in space: there is no depth of it."
            return
        frame = target_frame or perceived.frame_id
        try:
            if frame != perceived.frame_id:
                transform = self._host.transform_to(frame, perceived.frame_id, perceived.stamp_ns)
                located = located.transformed(transform)
        except TransformError as error:
            result.code = FindObject.Result.NO_TRANSFORM
            result.message = str(error)
            return
        result.has_object = True
        result.object_header = Header(stamp=result.header.stamp, frame_id=frame)
        result.object = object_to_message(named, named.track_id, located)
        result.object.concept_id = result.mask.concept_id
        result.object.label = result.mask.label
        result.object.probability = result.mask.probability


def _feedback(stage: str, elapsed_s: float) -> Any:
    return FindObject.Feedback(stage=stage, elapsed_s=elapsed_s)


def _found(perceived: Perceived, query: Query, finding: Finding) -> Any:
    header = Header(stamp=ns_to_stamp(perceived.stamp_ns), frame_id=perceived.frame_id)
    masks = [
        named_mask_to_message(_as_sought(perceived, query, one), header)
        for one in finding.candidates
    ]
    result = FindObject.Result(
        code=CODES[finding.outcome],
        header=header,
        concept_id=query.concept_id,
        candidates=masks,
    )
    if finding.outcome is Outcome.FOUND:
        result.mask = masks[0]
    return result


def _as_sought(perceived: Perceived, query: Query, candidate: Candidate) -> NamedMask:
    """The mask, named by what was sought, with its probability."""
    return replace(
        perceived.named_of_segment(candidate.index),
        concept_id=query.concept_id,
        label=query.bank.labels.labels[query.row].label,
        probability=candidate.probability,
        similarity=candidate.similarity,
    )


def _told(finding: Finding, query: Query, text: str, concept_ids: Sequence[str]) -> str:
    known = ""
    if concept_ids and not query.concept_id:
        known = (
            f" It is a label of {', '.join(sorted(set(concept_ids)))}, which is not among the "
            "active labels: select its label set."
        )
    if finding.outcome is Outcome.FOUND:
        return known.strip()
    if finding.outcome is Outcome.AMBIGUOUS:
        return f"{len(finding.candidates)} things fit {text!r} about equally well.{known}"
    if not finding.candidates:
        return f"{text!r} not found: nothing is in the image.{known}"
    best = finding.candidates[0]
    why = (
        "which is not believed: a goal with that min_probability would take it"
        if best.probability > 0.5
        else "and is more probably something else"
    )
    return (
        f"{text!r} not found: of {len(finding.candidates)} candidates the best has probability "
        f"{best.probability:.2f}, {why}.{known}"
    )
