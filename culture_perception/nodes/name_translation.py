"""Names in another language than recognition uses, asked of the label service."""

from __future__ import annotations

from typing import Any, Final

from culture_interfaces.srv import GetLabels
from rclpy.node import Node

_SERVICE: Final = "labels/get"


class NameTranslator:
    """Asks once for each label set and style; until the answer is there, names stay as they are.

    An encoder that knows only English names things best in English; who looks may still read
    Japanese.
    """

    def __init__(self, node: Node, language: str) -> None:
        """Prepares to ask.

        Args:
            node: whose executor runs.
            language: BCP-47 tag; empty: names stay as they are.
        """
        self._node = node
        self._language = language
        self._client: Any = node.create_client(GetLabels, _SERVICE) if language else None
        self._labels: dict[tuple[str, str], dict[str, str]] = {}
        self._asked: set[tuple[str, str]] = set()

    def prepare(self, label_set: str, style: str) -> None:
        """Asks for the labels of a set, if nobody did; call it in a callback of the node."""
        key = (label_set, style)
        if self._client is None or not label_set or key in self._asked:
            return
        if not self._client.service_is_ready():
            return
        self._asked.add(key)
        request = GetLabels.Request(label_set=label_set, language=self._language, style=style)
        self._client.call_async(request).add_done_callback(lambda done: self._take(key, done))

    def _take(self, key: tuple[str, str], done: Any) -> None:
        answer = done.result()
        if answer is None or not answer.success:
            reason = "no answer" if answer is None else answer.message
            self._node.get_logger().warning(f"names are not shown in {self._language}: {reason}")
            return
        self._labels[key] = {one.concept_id: one.label for one in answer.labels.labels}

    def label_of(self, label_set: str, style: str, concept_id: str, label: str) -> str:
        """The name in the language asked for; `label` where that is not known. Any thread."""
        return self._labels.get((label_set, style), {}).get(concept_id, label)
