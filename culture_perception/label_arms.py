"""Arms of a label set: the same concepts in other words, each changed text with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Final

from culture_perception.concepts import STYLES, VERBATIM, Concept, LabelError, LabelSet
from culture_perception.located_yaml import LocatedNode, read_yaml

FIRST_ARMS: Final = ("normalised", "matched")
_ARM: Final = re.compile(r"[a-z0-9_]+")


def read_arm(fields: Mapping[str, LocatedNode]) -> tuple[str | None, str]:
    """Reads `arm_of` and `arm` of a label file.

    Args:
        fields: of the whole file.

    Returns:
        Name of the base set and the arm; (None, "verbatim") for a set that is no arm.

    Raises:
        LabelError: one of the two is missing or odd, or texts have notes and the set is no arm.
    """
    given = [key for key in ("arm_of", "arm") if key in fields]
    if not given:
        _refuse_notes(fields["concepts"])
        return None, VERBATIM
    if len(given) == 1:
        raise fields[given[0]].error("'arm_of' and 'arm' belong together; add the other one")
    arm_of, arm = fields["arm_of"].text(), fields["arm"].text()
    if arm == VERBATIM or not _ARM.fullmatch(arm):
        raise fields["arm"].error(
            f"{arm!r} is not an arm ({VERBATIM!r} is the base set itself); use a-z, 0-9 and _ as "
            "in normalised"
        )
    if arm_of == fields["name"].text():
        raise fields["arm_of"].error(f"{arm_of!r} is this set itself; name the one it comes from")
    return arm_of, arm


def in_order(arms: Mapping[str, LabelSet]) -> dict[str, LabelSet]:
    """Arms with the usual ones first, the others by name."""
    first = [arm for arm in FIRST_ARMS if arm in arms]
    return {arm: arms[arm] for arm in [*first, *sorted(set(arms) - set(first))]}


def check_arms(sets: Mapping[str, LabelSet], files: Mapping[str, Path]) -> None:
    """Compares every arm with its base set.

    Args:
        sets: by name.
        files: where each was read from.

    Raises:
        LabelError: a base set is not there or is itself an arm, two sets are the same arm, concepts
            or languages are others, a changed text has no note, or an unchanged one has.
    """
    names: dict[tuple[str, str], str] = {}
    for name, arm in sets.items():
        if arm.arm_of is not None:
            fields = read_yaml(files[name], LabelError).mapping()
            other = names.setdefault((arm.arm_of, arm.arm), name)
            if other != name:
                raise fields["arm"].error(
                    f"{other!r} is the arm {arm.arm!r} of {arm.arm_of!r}; rename one of the two"
                )
            base = _base_set(fields["arm_of"], sets)
            _check_concepts(arm, base, fields)
            for ours, theirs, node in zip(
                arm.concepts, base.concepts, fields["concepts"].items(), strict=True
            ):
                _check_texts(ours, theirs, node.mapping(), base.name)


def _base_set(node: LocatedNode, sets: Mapping[str, LabelSet]) -> LabelSet:
    bases = {name: one for name, one in sets.items() if one.arm_of is None}
    if node.text() not in bases:
        raise node.error(
            f"{node.text()!r} is no label set that may have arms; there is "
            f"{', '.join(bases) or 'none'} (read the folder of the base set as well)"
        )
    return bases[node.text()]


def _check_concepts(arm: LabelSet, base: LabelSet, fields: Mapping[str, LocatedNode]) -> None:
    if arm.languages != base.languages:
        raise fields["languages"].error(
            f"{base.name!r} has the languages {', '.join(base.languages)}; write the same ones"
        )
    nodes = fields["concepts"].items()
    for ours, theirs, node in zip(arm.concepts, base.concepts, nodes, strict=False):
        if ours.concept_id != theirs.concept_id:
            raise node.mapping()["id"].error(
                f"{base.name!r} has {theirs.concept_id!r} here; keep its concepts and their order"
            )
    if len(nodes) != len(base.concepts):
        raise fields["concepts"].error(
            f"{base.name!r} has {len(base.concepts)} concepts, not {len(nodes)}; write the same"
        )


def _check_texts(
    ours: Concept, theirs: Concept, fields: Mapping[str, LocatedNode], base_name: str
) -> None:
    for tag, style in product(ours.texts, STYLES):
        before = theirs.texts[tag][style]
        changed = ours.texts[tag][style] != before
        noted = style in ours.notes.get(tag, {})
        if changed and not noted:
            raise _within(fields["texts"], tag, style).error(
                f"{base_name!r} says {before!r}; add a note ({tag}: {style}:) why this differs"
            )
        if noted and not changed:
            raise _within(fields["notes"], tag, style).error(
                f"the text is that of {base_name!r}, so nothing needs a note; remove it"
            )


def _within(node: LocatedNode, tag: str, style: str) -> LocatedNode:
    return node.mapping()[tag].mapping()[style]


def _refuse_notes(concepts: LocatedNode) -> None:
    for concept in concepts.items():
        fields = concept.mapping()
        if "notes" in fields:
            raise fields["notes"].error(
                "notes tell what an arm changed; add 'arm_of' and 'arm', or remove them"
            )
