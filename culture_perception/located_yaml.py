"""YAML whose every value knows its file and line, so that an error can name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True, eq=False)
class LocatedNode:
    """A value in a YAML file; the methods check what it is and give it as Python.

    Attributes:
        path: the file.
        node: PyYAML's node, with its marks.
        error_type: what the checks raise: "file:line: what is wrong; what to do".
    """

    path: Path
    node: yaml.Node
    error_type: type[ValueError]

    @property
    def line(self) -> int:
        """Line in the file, from 1."""
        return int(self.node.start_mark.line) + 1

    def error(self, what: str) -> ValueError:
        """An error at this value, to be raised."""
        return self.error_type(f"{self.path}:{self.line}: {what}")

    def mapping(
        self, required: Sequence[str] = (), optional: Sequence[str] = ()
    ) -> dict[str, LocatedNode]:
        """The values of a mapping by key; with no key named, any key is welcome."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"{self._shown()} is not a mapping; write it as 'key: value' lines")
        values: dict[str, LocatedNode] = {}
        for key_node, value_node in self.node.value:
            key = self._at(key_node).text()
            if key in values:
                raise self._at(key_node).error(f"{key!r} is there twice; remove one of the two")
            if (required or optional) and key not in {*required, *optional}:
                known = ", ".join([*required, *optional])
                raise self._at(key_node).error(f"unknown key {key!r}; there is {known}")
            values[key] = self._at(value_node)
        for key in required:
            if key not in values:
                raise self.error(f"{key!r} is missing; add a line '{key}: …'")
        return values

    def items(self) -> list[LocatedNode]:
        """The values of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"{self._shown()} is not a list; write each item after a dash")
        return [self._at(item) for item in self.node.value]

    def text(self) -> str:
        """The value of a text, exactly as written; not empty and not only white space."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error("this is not a text; write it on one line, in quotes if need be")
        if self.node.tag != "tag:yaml.org,2002:str":
            raise self.error(f"{self._shown()} is not a text; write a text, in quotes if need be")
        if not self.node.value.strip():
            raise self.error("the text is empty; write one, or remove the whole entry")
        return str(self.node.value)

    def _at(self, node: yaml.Node) -> LocatedNode:
        return LocatedNode(self.path, node, self.error_type)

    def _shown(self) -> str:
        if isinstance(self.node, yaml.ScalarNode):
            return repr(self.node.value) if self.node.value else "an empty value"
        return "a list" if isinstance(self.node, yaml.SequenceNode) else "a mapping"


def read_yaml(path: Path, error_type: type[ValueError]) -> LocatedNode:
    """Reads one YAML document.

    Raises:
        error_type: the file cannot be read, is empty, is not UTF-8 or not YAML.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise error_type(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise error_type(
            f"{path}:{line}: byte 0x{error.object[error.start]:02x} is not UTF-8; "
            "save the file as UTF-8"
        ) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise error_type(f"{path}:{line}: not YAML ({error.problem}); mend that line") from error
    except yaml.YAMLError as error:
        raise error_type(f"{path}:1: not YAML ({error}); mend the file") from error
    if node is None:
        raise error_type(f"{path}:1: the file is empty; write its content or remove it")
    return LocatedNode(path, node, error_type)
