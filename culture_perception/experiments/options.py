"""Every choice that the paper leaves open, by name, with its default and what the paper says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Literal, TypeAlias, get_args

Score: TypeAlias = Literal["probability", "cosine"]
Over: TypeAlias = Literal["set", "scene"]
Templates: TypeAlias = Literal["ensemble", "bare"]
Judged: TypeAlias = Literal["target", "all"]
Contents: TypeAlias = Literal["among", "alone", "all"]
Negatives: TypeAlias = Literal["equal", "all"]
Dealing: TypeAlias = Literal["greedy", "per_label", "one_to_one"]
Form: TypeAlias = Literal["blur", "padded", "box", "black"]

FORMS: Final = get_args(Form)
TEMPLATES: Final = get_args(Templates)
DEALINGS: Final = get_args(Dealing)


@dataclass(frozen=True)
class Choice:
    """One option as it was used.

    Attributes:
        name: of the option.
        value: used.
        default: where nothing is said.
        meaning: what it decides.
        paper: what the paper says about it.
    """

    name: str
    value: str | float
    default: str | float
    meaning: str
    paper: str


def _about(meaning: str, paper: str, kind: Any = None) -> Mapping[str, Any]:
    allowed = get_args(kind) if kind is not None else ()
    return {"meaning": meaning, "paper": paper, "of": allowed}


@dataclass(frozen=True)
class ExperimentOptions:
    """What both experiments share; see the metadata of the fields."""

    crop: Form = field(
        default="blur",
        metadata=_about(
            "what the encoder sees of a mask: surroundings blurred, padded or tight box, or black",
            "not said; figures show boxes",
            Form,
        ),
    )
    templates: Templates = field(
        default="ensemble",
        metadata=_about(
            "a label is the mean of its language's prompts, or the bare text",
            "not said",
            Templates,
        ),
    )
    over: Over = field(
        default="set",
        metadata=_about(
            "the softmax is over all labels of the set, or over those of the products in the scene",
            "not said",
            Over,
        ),
    )

    def __post_init__(self) -> None:
        """Refuses values that an option does not have.

        Raises:
            ValueError: the message names the option and its values.
        """
        for one in fields(self):
            value, allowed = getattr(self, one.name), one.metadata["of"]
            if allowed and value not in allowed:
                raise ValueError(f"{one.name} {value!r} is none of {', '.join(allowed)}")
            if isinstance(one.default, float) and not 0.0 <= value <= 1.0:
                raise ValueError(f"{one.name} {value} is outside 0 to 1")

    def changes(self: Any, values: Mapping[str, Iterable[str]]) -> list[tuple[str, str, Any]]:
        """Options that do one thing otherwise: its name, its value, the options.

        Args:
            values: name of an option -> its values; the one in use is left out.
        """
        return [
            (name, value, replace(self, **{name: value}))
            for name, several in values.items()
            for value in several
            if getattr(self, name) != value
        ]

    def choices(self) -> tuple[Choice, ...]:
        """All options as they are used."""
        return tuple(
            Choice(
                one.name,
                getattr(self, one.name),
                str(one.default) if isinstance(one.default, str) else float(str(one.default)),
                one.metadata["meaning"],
                one.metadata["paper"],
            )
            for one in fields(self)
        )


@dataclass(frozen=True)
class IdentificationOptions(ExperimentOptions):
    """Table I."""

    score: Score = field(
        default="probability",
        metadata=_about(
            "what is averaged in the score with zeros: the softmax probability, or the cosine",
            "'scores are averaged', 0 on a mismatch; the printed figures are no hit rates",
            Score,
        ),
    )
    judged: Judged = field(
        default="target",
        metadata=_about(
            "which objects of a scene count: the one that the iteration is of, or all",
            "'each object undergoes five iterations'",
            Judged,
        ),
    )


@dataclass(frozen=True)
class SegmentationOptions(ExperimentOptions):
    """Table II."""

    contents: Contents = field(
        default="among",
        metadata=_about(
            "which scenes: of five objects, of one, or both",
            "one iteration an object; what else is there is not said",
            Contents,
        ),
    )
    stability: float = field(
        default=0.9,
        metadata=_about(
            "masks of this stability or less are left out, at the segmenter's own offset",
            "'patches above a 0.9 stability score threshold'",
        ),
    )
    tau: float = field(
        default=0.5,
        metadata=_about(
            "a label is said to be there if its mask has this probability or more",
            "'a high enough score'",
        ),
    )
    hit_iou: float = field(
        default=0.5,
        metadata=_about(
            "a present label counts as found if its mask has this IoU with its object; 0: any mask",
            "not said",
        ),
    )
    negatives: Negatives = field(
        default="equal",
        metadata=_about(
            "absent labels asked for in a scene: as many as there are present ones, drawn, or all",
            "not said; the printed figures obey as many as present",
            Negatives,
        ),
    )
    dealing: Dealing = field(
        default="greedy",
        metadata=_about(
            "masks take their best label and the best mask keeps it; labels take their best mask; "
            "or the best sum of one-to-one pairs",
            "'when a higher recognition precedes an existent one, the new one overwrites'",
            Dealing,
        ),
    )
