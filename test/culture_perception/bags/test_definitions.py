"""Message definitions: of the bag, of this machine, in both languages that bags use."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from culture_perception.bags.definitions import (
    Definition,
    UnknownTypeError,
    decoder_of,
    definition_of,
    installed_types,
)
from culture_perception.bags.topics import LABELS, MASKS

ROOT = Path(__file__).parents[3]
STRING = "std_msgs/msg/String"
DATA = b"\0\1\0\0\4\0\0\0owl\0"
STRING_IDL = "module std_msgs { module msg { struct String { string data; }; }; };"
IDL = """\
================================================================================
IDL: birds/msg/Nest
#include "birds/msg/Egg.idl"
#include "std_msgs/msg/Header.idl"
module birds { module msg { struct Nest {
  birds::msg::Egg egg;
  sequence<birds::msg::Egg> more;
}; }; };
================================================================================
IDL: birds/msg/Egg
module birds { module msg { struct Egg { uint32 grams; }; }; };
"""


def test_our_types_are_described_as_ros_itself_does_it() -> None:
    path = Path(sys.prefix) / "share" / "culture_interfaces" / "msg" / "LabelledMaskArray.json"
    if not path.is_file():
        pytest.skip("culture_interfaces was not built here by pip")
    hashes = json.loads(path.read_text(encoding="utf-8"))["type_hashes"]
    text, digest = definition_of(MASKS)
    assert {"type_name": MASKS, "hash_string": digest} in hashes
    assert text.startswith("std_msgs/Header header\nstring label_set\n")
    assert "MSG: sensor_msgs/RegionOfInterest" in text


def test_every_type_of_ours_has_a_definition_from_the_source_tree() -> None:
    for path in (ROOT / "culture_interfaces" / "msg").glob("*.msg"):
        msgtype = f"culture_interfaces/msg/{path.stem}"
        assert msgtype in installed_types(msgtype)


@pytest.mark.parametrize(
    "definition",
    [
        Definition(),
        Definition("ros2msg", ""),
        Definition("ros2msg", "string data\n"),
        Definition(
            "ros2idl", "module std_msgs { module msg { struct String { string data; }; }; };"
        ),
    ],
    ids=["none", "empty", "msg", "idl"],
)
def test_a_message_decodes_by_each_kind_of_definition(definition: Definition) -> None:
    assert decoder_of(STRING, definition)(DATA).data == "owl"


def test_a_definition_with_its_comments_is_read_as_ros2_bag_record_writes_it(kit: Any) -> None:
    share = Path(sys.prefix) / "share"
    parts = []
    for msgtype in installed_types(MASKS):
        package, name = msgtype.split("/msg/")
        path = share / package / "msg" / f"{name}.msg"
        if not path.is_file():
            pytest.skip(f"{path} is not there")
        parts.append((msgtype != MASKS, f"MSG: {package}/{name}\n{path.read_text('utf-8')}"))
    (_, own), *others = sorted(parts)
    text = ("=" * 80 + "\n").join([own.split("\n", 1)[1], *(part for _, part in others)])
    assert "# " in text
    decode = decoder_of(MASKS, Definition("ros2msg", text))
    plain = decoder_of(MASKS, Definition("ros2msg", definition_of(MASKS)[0]))
    message = kit.make(
        MASKS, header=kit.header(5), label_set="toys", masks=[kit.mask((kit.CAT, 2, 9))]
    )
    data = bytes(kit.TYPES.serialize_cdr(message, MASKS))
    assert decode(data).masks[0].concept_id == plain(data).masks[0].concept_id == kit.CAT


def test_idl_with_its_parts_and_includes() -> None:
    decode = decoder_of("birds/msg/Nest", Definition("ros2idl", IDL))
    nest: Any = decode(b"\0\1\0\0" + b"".join(n.to_bytes(4, "little") for n in (50, 2, 60, 70)))
    assert nest.egg.grams == 50
    assert [egg.grams for egg in nest.more] == [60, 70]


def test_the_bags_own_definition_comes_first() -> None:
    decode = decoder_of(STRING, Definition("ros2msg", "uint32 data\n"))
    assert decode(b"\0\1\0\0\7\0\0\0").data == 7


@pytest.mark.parametrize(
    ("msgtype", "definition", "said"),
    [
        ("birds/msg/Owl", Definition(), "neither by the bag nor by a .msg file on this machine"),
        ("birds/msg/Owl", Definition("ros2msg", "Feather[] feathers"), "lacks birds/msg/Feather"),
        ("birds/msg/Owl", Definition("ros2msg", "uint32 ("), "is of no use: Could not parse"),
        ("birds/msg/Owl", Definition("ros2idl", "module {"), "is of no use: Could not parse"),
        (LABELS, Definition("ros2msg", "string version"), "has no field label_set, labels"),
    ],
)
def test_what_can_not_be_used_is_said(msgtype: str, definition: Definition, said: str) -> None:
    with pytest.raises(UnknownTypeError) as raised:
        decoder_of(msgtype, definition)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
