"""Reads and sets parameters of a node that runs, from outside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    ListParameters,
    SetParametersAtomically,
)
from rclpy.parameter import get_parameter_value, parameter_value_to_python

from culture_perception.nodes.system_client import SystemClient
from culture_perception.runner import SystemFailure

FIND_S: Final = 10.0  # discovery takes up to 3 s, and longer on a busy machine


class ParameterLine(NamedTuple):
    """One parameter of a node, with whether it may change at run time."""

    name: str
    value: Any
    dynamic: bool
    description: str


class NodeParameters:
    """The parameters of one node."""

    def __init__(self, client: SystemClient, node: str) -> None:
        """Finds the node.

        Args:
            client: In the node's domain.
            node: Its name, absolute or relative to the client's namespace.

        Raises:
            SystemFailure: There is no such node.
        """
        self._client = client
        self._node = node
        client.wait_for(
            partial(client.is_offered, f"{node}/list_parameters"),
            f"node {node} (is the system running, in this domain and namespace?)",
            FIND_S,
        )

    def lines(self) -> list[ParameterLine]:
        """All parameters, by name."""
        listed = self._call(ListParameters, "list_parameters", ListParameters.Request())
        names = sorted(listed.result.names)
        described = self._described(names)
        values = self._values(names)
        return [
            ParameterLine(name, value, not one.read_only, one.description)
            for name, value, one in zip(names, values, described, strict=True)
        ]

    def get(self, name: str) -> Any:
        """A parameter's value; SystemFailure where there is none of that name."""
        self._described([name])
        return self._values([name])[0]

    def set(self, name: str, text: str) -> Any:
        """Sets a parameter to what a text means for its type; gives its new value.

        Raises:
            SystemFailure: There is no such parameter, or the node refuses the value.
        """
        kind = self._described([name])[0].type
        request = SetParametersAtomically.Request(
            parameters=[Parameter(name=name, value=_value(text, kind))]
        )
        result = self._call(SetParametersAtomically, "set_parameters_atomically", request).result
        if not result.successful:
            raise SystemFailure(f"{self._node} refuses {name}={text}: {result.reason}")
        return self.get(name)

    def _described(self, names: Sequence[str]) -> list[Any]:
        request = DescribeParameters.Request(names=list(names))
        found = self._call(DescribeParameters, "describe_parameters", request).descriptors
        unknown = [n for n, one in zip(names, found, strict=False) if one.type == 0]
        if unknown or len(found) != len(names):
            raise SystemFailure(
                f"{self._node} has no parameter {', '.join(unknown or names)}; "
                f"`culture-perception param list {self._node}` lists them"
            )
        return list(found)

    def _values(self, names: Sequence[str]) -> list[Any]:
        request = GetParameters.Request(names=list(names))
        answer = self._call(GetParameters, "get_parameters", request)
        return [parameter_value_to_python(value) for value in answer.values]

    def _call(self, kind: Any, service: str, request: Any) -> Any:
        return self._client.call(kind, f"{self._node}/{service}", request)


def _value(text: str, kind: int) -> ParameterValue:
    """A text as a value of the parameter's type, where YAML alone would take it for another."""
    if kind == ParameterType.PARAMETER_STRING:
        return ParameterValue(type=kind, string_value=text)
    value = get_parameter_value(text)
    if kind == ParameterType.PARAMETER_DOUBLE and value.type == ParameterType.PARAMETER_INTEGER:
        return ParameterValue(type=kind, double_value=float(value.integer_value))
    return value
