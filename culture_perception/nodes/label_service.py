"""Node that serves the label sets and says which labels perception names things by."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from culture_interfaces.msg import LabelSet as LabelSetMessage
from culture_interfaces.srv import FindLabels, GetLabels, SelectLabels
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.task import Future

from culture_perception.label_lookup import find_labels
from culture_perception.labels import ActiveLabels, LabelError, LabelSet, load_label_sets
from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import label_to_message, labels_to_message
from culture_perception.nodes.parameters import Setting, declare, refuse_unknown
from culture_perception.nodes.running import ManagedNode, run_node
from culture_perception.nodes.waiting import within
from culture_perception.resources import share_path

SETTINGS: Final = (
    Setting("labels_dir", "", "folder of more label files, beside the installed ones; empty: none"),
    Setting("label_set", "ycb", "label set that is active at the start"),
    Setting("language", "en", "BCP-47 tag of the language that is active at the start"),
    Setting("style", "plain", "style that is active at the start", choices=("plain", "brand")),
    Setting(
        "confirm_timeout_s",
        30.0,
        "seconds that perception has to take new labels before they are taken back",
        minimum=0.1,
        maximum=600.0,
    ),
)
REPEAT_S: Final = 5.0  # a rosbag2 snapshot loses latched messages, so they are repeated


class LabelService(ManagedNode):
    """Publishes the active labels on labels/active; answers labels/get, select and find.

    A selection counts once perception has announced it on perception/label_set. The service's
    callback awaits that, so that one thread serves everything.
    """

    def __init__(self, label_sets: Mapping[str, LabelSet] | None = None) -> None:
        super().__init__("label_service")
        values = declare(self, SETTINGS)
        refuse_unknown(self)
        self._label_sets = label_sets or load_label_sets(*_folders(str(values["labels_dir"])))
        self._timeout_s = float(values["confirm_timeout_s"])
        self._active = self._select(*(str(values[k]) for k in ("label_set", "language", "style")))
        self._announced = ""  # version that perception uses
        self._confirmation: Future[bool] = Future()
        self._publisher = self.create_publisher(LabelSetMessage, "labels/active", qos.LATCHED)
        self._connect()
        self._publish()
        self.get_logger().info(
            f"serving {', '.join(sorted(self._label_sets))}; active: {_described(self._active)}"
        )

    def _connect(self) -> None:
        selecting = MutuallyExclusiveCallbackGroup()  # one selection at a time, beside the rest
        self.create_subscription(
            LabelSetMessage, "perception/label_set", self._on_announcement, qos.LATCHED
        )
        self.create_service(GetLabels, "labels/get", self._on_get)
        self.create_service(FindLabels, "labels/find", self._on_find)
        self.create_service(
            SelectLabels, "labels/select", self._on_select, callback_group=selecting
        )
        self.create_timer(REPEAT_S, self._publish)

    def _select(self, label_set: str, language: str, style: str) -> ActiveLabels:
        if label_set not in self._label_sets:
            there_is = ", ".join(sorted(self._label_sets))
            raise LabelError(f"unknown label set {label_set!r}; there is {there_is}")
        return self._label_sets[label_set].select(language, style)

    def _requested(self, request: GetLabels.Request | SelectLabels.Request) -> ActiveLabels:
        active = self._active
        return self._select(
            request.label_set or active.label_set,
            request.language or active.language,
            request.style or active.style,
        )

    def _publish(self) -> None:
        self._publisher.publish(labels_to_message(self._active, self.get_clock().now().to_msg()))

    def _on_announcement(self, message: LabelSetMessage) -> None:
        self._announced = message.version
        if message.version == self._active.version:
            self._confirmed()

    def _confirmed(self) -> None:
        if not self._confirmation.done():
            self._confirmation.set_result(True)

    def _on_get(
        self, request: GetLabels.Request, response: GetLabels.Response
    ) -> GetLabels.Response:
        response.label_sets = sorted(self._label_sets)
        try:
            labels = self._requested(request)
        except LabelError as error:
            response.message = str(error)
            return response
        response.success = True
        response.labels = labels_to_message(labels, self.get_clock().now().to_msg())
        return response

    def _on_find(
        self, request: FindLabels.Request, response: FindLabels.Response
    ) -> FindLabels.Response:
        try:
            found = find_labels(self._label_sets, request.text, request.language)
        except LabelError as error:
            self.get_logger().warning(f"labels/find: {error}")
            return response
        response.label_sets = [name for name, _ in found]
        response.labels = [label_to_message(label) for _, label in found]
        return response

    async def _on_select(
        self, request: SelectLabels.Request, response: SelectLabels.Response
    ) -> SelectLabels.Response:
        previous = self._active
        try:
            self._active = self._requested(request)
        except LabelError as error:
            response.message = str(error)
        else:
            self._publish()
            response.success, response.message = await self._confirm(previous)
        response.labels_version = self._active.version
        self.get_logger().info(f"active: {_described(self._active)}. {response.message}")
        return response

    async def _confirm(self, previous: ActiveLabels) -> tuple[bool, str]:
        """Waits for perception; takes the selection back where it does not follow."""
        if self.count_publishers("perception/label_set") == 0:
            return True, "no perception node is running yet; it will start with these labels"
        wanted = self._active.version
        if self._announced == wanted or await self._announcement():
            return True, ""
        self._active = previous
        self._publish()
        return False, (
            f"perception did not take {wanted} within {self._timeout_s:g} s (its log and "
            f"/diagnostics say why), so {_described(previous)} stays active"
        )

    async def _announcement(self) -> bool:
        """Whether perception announces the active labels in time."""
        self._confirmation = Future(executor=self.executor)
        return await within(self, self._confirmation, self._timeout_s)


def _folders(labels_dir: str) -> list[Path]:
    installed = share_path("config", "labels")
    own = [Path(labels_dir)] if labels_dir else []
    return [installed, *(folder for folder in own if folder.resolve() != installed.resolve())]


def _described(labels: ActiveLabels) -> str:
    return f"{labels.label_set} {labels.language} {labels.style} ({labels.version})"


def main() -> int:
    """Runs the label service; returns the exit code."""
    return run_node(LabelService, "label_service")


if __name__ == "__main__":
    sys.exit(main())
