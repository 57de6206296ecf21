"""Node parameters: typed, described, checked; read-only where a change has no effect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.parameter import Parameter

Value = bool | int | float | str
Values = Mapping[str, Value]
QOS_PREFIX: Final = "qos_overrides."  # then topic, publisher or subscription, and policy


class ConfigurationError(ValueError):
    """A node can not start as configured; the message says which value and what to do."""


@dataclass(frozen=True)
class Setting:
    """One parameter of a node.

    Attributes:
        name: Parameter name.
        default: Value where none is given; its type is the parameter's type.
        description: What `ros2 param describe` shows; includes the unit.
        dynamic: Whether it may change at any time.
        configuring: Whether it may change while a lifecycle node is unconfigured; it counts from
            the next configuration on.
        choices: The values allowed; empty: any.
        minimum: Smallest number allowed; used with `maximum`.
        maximum: Largest number allowed; used with `minimum`.
    """

    name: str
    default: Value
    description: str
    dynamic: bool = False
    configuring: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def descriptor(self) -> ParameterDescriptor:
        """The setting as ROS describes it."""
        descriptor = ParameterDescriptor(
            description=self.description, read_only=not (self.dynamic or self.configuring)
        )
        if self.choices:
            descriptor.additional_constraints = "one of: " + ", ".join(self.choices)
        if self.minimum is not None and self.maximum is not None:
            self._add_range(descriptor, self.minimum, self.maximum)
        return descriptor

    def _add_range(self, descriptor: ParameterDescriptor, low: float, high: float) -> None:
        if isinstance(self.default, float):
            descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
        else:
            descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]

    def check(self, value: object) -> None:
        """Raises ConfigurationError where `value` is not one of the choices."""
        if self.choices and value not in self.choices:
            raise ConfigurationError(
                f"parameter {self.name} is {value!r}; use one of: {', '.join(self.choices)}"
            )


def declare(node: Node, settings: Sequence[Setting]) -> dict[str, Value]:
    """Declares `settings` on `node`.

    Returns:
        Name to value, with the overrides of the command line or of a parameter file.

    Raises:
        ConfigurationError: A value has the wrong type, is out of range or not a choice.
    """
    return {setting.name: _declare_one(node, setting) for setting in settings}


def _declare_one(node: Node, setting: Setting) -> Value:
    try:
        value: Any = node.declare_parameter(
            setting.name, setting.default, setting.descriptor()
        ).value
    except ParameterException as error:
        raise ConfigurationError(
            f"parameter {setting.name} ({setting.description}): {error}; "
            f"give a {type(setting.default).__name__} such as {setting.default!r}"
        ) from error
    setting.check(value)
    checked: Value = value
    return checked


def refuse_unknown(node: Node) -> None:
    """Refuses what is given on the command line or in a file but is no parameter of `node`.

    Args:
        node: Node that has declared all its parameters but those of its topics' QoS.

    Raises:
        ConfigurationError: There is such a parameter; rclpy itself would ignore it.
    """
    # rclpy has no public way to see what was given and not declared.
    given = getattr(node, "_parameter_overrides", {})
    unknown = sorted(name for name in given if not (node.has_parameter(name) or _of_rclpy(name)))
    if unknown:
        known = sorted(name for name in node.get_parameters_by_prefix("") if not _of_rclpy(name))
        raise ConfigurationError(
            f"unknown parameter {', '.join(unknown)}; {node.get_name()} has {', '.join(known)}"
        )


def _of_rclpy(name: str) -> bool:
    return name.startswith(QOS_PREFIX) or name in ("use_sim_time", "start_type_description_service")


def watch(
    node: Node,
    settings: Sequence[Setting],
    apply: Callable[[Values], None],
    is_unconfigured: Callable[[], bool] = lambda: False,
) -> None:
    """Calls `apply` with all values at each change of a setting that may change now.

    Args:
        node: Node that declared `settings`.
        settings: All settings of the node.
        apply: Takes the complete new values; a ValueError refuses the change with its message.
        is_unconfigured: Whether what only counts from the next configuration on may change.
    """
    by_name = {setting.name: setting for setting in settings}

    def on_change(changes: list[Parameter[Any]]) -> SetParametersResult:
        ours = {change.name: change.value for change in changes if change.name in by_name}
        if not ours:
            return SetParametersResult(successful=True)
        values = {name: node.get_parameter(name).value for name in by_name}
        values.update(ours)
        try:
            _check_may_change([by_name[name] for name in ours], is_unconfigured())
            for name, value in values.items():
                by_name[name].check(value)
            apply(values)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    node.add_on_set_parameters_callback(on_change)


def _check_may_change(changed: Sequence[Setting], unconfigured: bool) -> None:
    fixed = [setting.name for setting in changed if not (setting.dynamic or unconfigured)]
    if fixed:
        raise ConfigurationError(
            f"{', '.join(fixed)} can change while the node is unconfigured only: deactivate and "
            "clean it up first (ros2 lifecycle set NODE deactivate, then cleanup)"
        )
