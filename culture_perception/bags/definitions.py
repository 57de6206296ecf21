"""Message definitions, from the bag or from installed .msg files, and decoders made of them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rosbags.interfaces import Nodetype
from rosbags.typesys import Stores, TypesysError, get_types_from_idl, get_types_from_msg
from rosbags.typesys import get_typestore as rosbags_typestore

from culture_perception import resources
from culture_perception.bags.topics import LABELS, MASKS

if TYPE_CHECKING:
    from rosbags.interfaces.typing import FieldDesc, Typesdict
    from rosbags.typesys.store import Typestore

Decoder: TypeAlias = Callable[[bytes], Any]

_IDL_SEPARATOR: Final = "=" * 80 + "\n"
_IDL_INCLUDE: Final = re.compile(r"^#include.*$", re.MULTILINE)  # rosbags parses but one of them
_NEEDED: Final = {
    MASKS: {
        "header",
        "label_set",
        "labels_version",
        "language",
        "style",
        "image_height",
        "image_width",
        "masks",
    },
    "culture_interfaces/msg/LabelledMask": {"concept_id", "alternatives", "box", "mask"},
    LABELS: {"label_set", "version", "language", "style", "labels"},
    "culture_interfaces/msg/Label": {
        "concept_id",
        "label",
        "prompts",
        "culture",
        "category",
        "language",
    },
}
"""Fields that are read of our own messages, which may be of another version in an old bag."""


class UnknownTypeError(ValueError):
    """A message type has no definition, or one that can not be used; the message says which."""


@dataclass(frozen=True)
class Definition:
    """How a bag describes a message type.

    Attributes:
        encoding: "ros2msg" or "ros2idl"; "" where the bag does not describe it.
        text: the type's own definition and those of the types in it.
    """

    encoding: str = ""
    text: str = ""


@lru_cache(maxsize=64)
def decoder_of(msgtype: str, definition: Definition) -> Decoder:
    """What makes messages of serialised ones.

    Raises:
        UnknownTypeError: neither the bag nor this machine says how the type is made up, or a field
            is missing that is needed.
    """
    typestore = rosbags_typestore(Stores.EMPTY)
    types = _types_of(msgtype, definition) or installed_types(msgtype)
    try:
        typestore.register(types)
    except TypesysError as error:
        raise _no_use(msgtype, error) from error
    _check_complete(msgtype, typestore)
    _check_fields(typestore)
    return lambda data: typestore.deserialize_cdr(data, msgtype)


def definition_of(msgtype: str) -> tuple[str, str]:
    """The text and hash that describe an installed type in a bag.

    Raises:
        UnknownTypeError: it is not installed.
    """
    typestore = rosbags_typestore(Stores.EMPTY)
    typestore.register(installed_types(msgtype))
    return typestore.generate_msgdef(msgtype, ros_version=2)[0], typestore.hash_rihs01(msgtype)


def installed_types(msgtype: str) -> Typesdict:
    """A type, and those in it, of the .msg files on this machine, else of rosbags' own.

    Raises:
        UnknownTypeError: one of them is in neither.
    """
    types: Typesdict = {}
    waiting = [msgtype]
    while waiting:
        name = waiting.pop()
        if name not in types:
            types.update(_installed_type(name))
            waiting += _parts(types[name][1])
    return types


def _types_of(msgtype: str, definition: Definition) -> Typesdict:
    """What the bag says; empty where it says nothing."""
    types: Typesdict = {}
    if not definition.text.strip():
        return types
    try:
        if definition.encoding != "ros2idl":
            return get_types_from_msg(definition.text, msgtype)
        for part in _IDL_INCLUDE.sub("", definition.text).split(_IDL_SEPARATOR):
            text = part.split("\n", 1)[-1] if part.startswith("IDL: ") else part
            types.update(get_types_from_idl(text) if text.strip() else {})
    except (TypesysError, AssertionError, ValueError) as error:
        raise _no_use(msgtype, error) from error
    return types


def _no_use(msgtype: str, error: Exception) -> UnknownTypeError:
    why = str(error).split("\n", 1)[0]
    return UnknownTypeError(f"the bag's definition of {msgtype} is of no use: {why}")


def _check_complete(msgtype: str, typestore: Typestore) -> None:
    waiting, seen = [msgtype], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in typestore.fielddefs:
            raise UnknownTypeError(f"the bag's definition of {msgtype} lacks {name}")
        if name not in seen:
            seen.add(name)
            waiting += _parts(typestore.fielddefs[name][1])


def _check_fields(typestore: Typestore) -> None:
    for msgtype, needed in _NEEDED.items():
        if msgtype in typestore.fielddefs:
            there = {name for name, _ in typestore.fielddefs[msgtype][1]}
            if not needed <= there:
                lacking = ", ".join(sorted(needed - there))
                raise UnknownTypeError(f"{msgtype} of this bag has no field {lacking}")


@lru_cache(maxsize=1)
def _ros_types() -> Typesdict:
    return rosbags_typestore(Stores.LATEST).fielddefs


def _installed_type(msgtype: str) -> Typesdict:
    package, _, name = msgtype.partition("/msg/")
    for folder in _share_folders():
        path = folder / package / "msg" / f"{name}.msg"
        if path.is_file():
            return get_types_from_msg(path.read_text(encoding="utf-8"), msgtype)
    if msgtype not in _ros_types():
        raise UnknownTypeError(
            f"{msgtype} is described neither by the bag nor by a .msg file on this machine; "
            f"install the package {package}"
        )
    return {msgtype: _ros_types()[msgtype]}


def _share_folders() -> Iterator[Path]:
    for folder in resources.share_folders(Path(resources.__file__)):
        # The source tree has our interfaces beside the package; in an install both are in share/.
        yield folder if (folder / "culture_interfaces").is_dir() else folder.parent
    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    yield from (Path(prefix) / "share" for prefix in (*prefixes, sys.prefix) if prefix)


def _parts(fields: list[tuple[str, FieldDesc]]) -> list[str]:
    """The types in a type's fields."""
    plain = [
        desc[1][0] if desc[0] in (Nodetype.ARRAY, Nodetype.SEQUENCE) else desc for _, desc in fields
    ]
    return [str(one[1]) for one in plain if one[0] == Nodetype.NAME]
