"""The verb `param`: parameters of nodes that run, for machines without `ros2 param`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from rich.console import Console
from rich.text import Text

from culture_perception.arguments import add_domain, add_namespace
from culture_perception.runner import ros_environment

if TYPE_CHECKING:
    from culture_perception.nodes.node_parameters import NodeParameters

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def param(arguments: argparse.Namespace, console: Console) -> int:
    """Lists, reads or sets parameters of a node."""
    os.environ.update(ros_environment(arguments.domain_id, local_only=False))
    from culture_perception.nodes.node_parameters import NodeParameters
    from culture_perception.nodes.system_client import SystemClient

    with SystemClient(overlays=False, namespace=arguments.namespace) as client:
        node = NodeParameters(client, arguments.node)
        if arguments.action == "list":
            for line in _listed(node):
                console.print(Text(line), soft_wrap=True)
        elif arguments.action == "get":
            console.print(Text(str(node.get(arguments.name))), soft_wrap=True)
        else:
            value = node.set(arguments.name, arguments.value)
            console.print(Text(f"{arguments.name} is {value}"), soft_wrap=True)
    return 0


def _listed(node: NodeParameters) -> Iterator[str]:
    """A line for each parameter, and one that says what it is."""
    for line in node.lines():
        yield f"{line.name} = {line.value}{'' if line.dynamic else '  (fixed)'}"
        if line.description:
            yield f"    {line.description}"


def add_parser(verbs: Verbs) -> None:
    """Adds the verb to a command line."""
    parser = verbs.add_parser("param", help="list, read or set parameters of a running node")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text, more in (
        ("list", "all parameters of a node", ()),
        ("get", "the value of one", ("name",)),
        ("set", "change one", ("name", "value")),
    ):
        one = actions.add_parser(action, help=text)
        one.set_defaults(run=param)
        one.add_argument("node", help="for example perception")
        for name in more:
            one.add_argument(name)
        add_namespace(one)
        add_domain(one)
