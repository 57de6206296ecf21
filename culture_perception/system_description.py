"""A system as its file describes it, and what becomes of it by the arguments that are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from culture_perception.process import Process, System, Value, absolute_namespace
from culture_perception.system_arguments import STARTING, Argument, parameter_file, values_of

Condition: TypeAlias = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True)
class Part:
    """A process that may be started.

    Attributes:
        process: As the file has it.
        when: It is started where one of these holds, or where there is none. A condition holds
            where every argument that it names has one of the values beside it.
    """

    process: Process
    when: tuple[Condition, ...] = ()

    def is_started(self, values: Mapping[str, Value]) -> bool:
        """Whether it is started with these values of all arguments."""
        return not self.when or any(
            all(values[name] in allowed for name, allowed in condition.items())
            for condition in self.when
        )


@dataclass(frozen=True)
class Description:
    """All that a system may be.

    Attributes:
        name: The file's name without .yaml.
        own_arguments: Arguments of this system, beside those of every system.
        parts: Its processes, in the order in which they are started.
    """

    name: str
    own_arguments: tuple[Argument, ...]
    parts: tuple[Part, ...]

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """All arguments: what it is, then how it is started."""
        return (*self.own_arguments, *STARTING)

    def resolve(self, given: Mapping[str, str], outer_namespace: str = "") -> System:
        """What is started with some arguments.

        Defaults of arguments go over the parameters of the file, a parameter file over both,
        and arguments that differ from their default over that.

        Args:
            given: Argument name to text; what is left out has its default.
            outer_namespace: Absolute namespace that a relative one is below; empty: the global.

        Raises:
            SystemFileError: An argument is unknown or has a wrong value.
        """
        values = values_of(self.arguments, given)
        chosen = {one.name: values[one.name] != one.default for one in self.arguments}
        namespace = absolute_namespace(str(values["namespace"]), outer_namespace)
        params_file = parameter_file(str(values["params_file"]))
        remappings = {
            source: target
            for one in self.own_arguments
            for source, target in one.remappings_of(values[one.name]).items()
        }
        processes = tuple(
            replace(
                self._with_parameters(part.process, values, chosen),
                remappings={**part.process.remappings, **remappings},
                params_file=params_file,
                namespace=namespace,
                log_level=str(values["log_level"]),
            )
            for part in self.parts
            if part.is_started(values)
        )
        return System(self.name, processes, namespace, values["respawn"] is True)

    def _with_parameters(
        self, process: Process, values: Mapping[str, Value], chosen: Mapping[str, bool]
    ) -> Process:
        for one in self.own_arguments:
            parameters = one.parameters_of(process.name, values[one.name])
            if chosen[one.name]:
                process = process.with_parameters(parameters)
            else:
                process = replace(process, parameters={**process.parameters, **parameters})
        return process
