"""Concepts, their texts in many languages, and the selection that perception names things by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

STYLES: Final = ("plain", "brand")
"""plain: a description without the brand's name; brand: one that may name it."""
VERBATIM: Final = "verbatim"
"""The arm of a label set that is no arm of another: its texts as they were first written."""


class LabelError(ValueError):
    """A label file or a request for labels is wrong; the message says what to do."""


@dataclass(frozen=True)
class Language:
    """How labels of one language are asked about.

    Attributes:
        tag: BCP-47 tag, for example "ja".
        name: for people, for example "Japanese".
        fallback: tag of the language used where a label set lacks this one; None: no fallback.
        templates: prompts, each with one {} where the label goes.
    """

    tag: str
    name: str
    fallback: str | None
    templates: tuple[str, ...]

    def prompts(self, label: str) -> tuple[str, ...]:
        """The label put into each template."""
        return tuple(template.replace("{}", label) for template in self.templates)


@dataclass(frozen=True)
class Concept:
    """Something that a robot can be asked for.

    Attributes:
        concept_id: stable over languages, styles and versions, for example "konbini.pocky".
        culture: region or free word that it comes from, for example "JP".
        category: for example "food".
        texts: language tag -> style -> text.
        notes: language tag -> style -> why an arm's text differs from that of its base set; what
            is not there is unchanged.
    """

    concept_id: str
    culture: str
    category: str
    texts: Mapping[str, Mapping[str, str]]
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelText:
    """One concept's text in one language and style; language is the one it is written in."""

    concept_id: str
    label: str
    prompts: tuple[str, ...]
    culture: str
    category: str
    language: str


@dataclass(frozen=True)
class ActiveLabels:
    """Every label of one set in one language and style.

    Attributes:
        label_set: name of the set.
        language: tag that was asked for; a label's own differs where a fallback was used.
        style: "plain" or "brand".
        version: 12 hexadecimal digits, a hash over all the rest. Use `of` to make it.
        labels: in the order of the file.
    """

    label_set: str
    language: str
    style: str
    version: str
    labels: tuple[LabelText, ...]

    @classmethod
    def of(
        cls, label_set: str, language: str, style: str, labels: tuple[LabelText, ...]
    ) -> ActiveLabels:
        """Active labels with the version that belongs to them."""
        content = [label_set, language, style, [asdict(label) for label in labels]]
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        version = hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:12]
        return cls(label_set, language, style, version, labels)

    @property
    def concept_ids(self) -> tuple[str, ...]:
        """Of the labels, in their order."""
        return tuple(label.concept_id for label in self.labels)


@dataclass(frozen=True)
class LabelSet:
    """Concepts with their texts, as one label file has them.

    Attributes:
        name: of the set.
        culture: of its concepts, unless they say otherwise.
        description: for people.
        languages: tags in which every concept has a text in both styles.
        concepts: in the order of the file.
        known_languages: tag -> language, of languages.yaml; more than the set's own.
        arm_of: name of the set whose concepts these are in other words; None: of no other.
        arm: what was done to the texts, for example "normalised"; "verbatim" where arm_of is None.
    """

    name: str
    culture: str
    description: str
    languages: tuple[str, ...]
    concepts: tuple[Concept, ...]
    known_languages: Mapping[str, Language]
    arm_of: str | None = None
    arm: str = VERBATIM

    def select(self, language: str, style: str) -> ActiveLabels:
        """The labels in one language and style.

        Where the set has no texts in the language, the first of its declared fallbacks that the
        set has is used; the labels then say which language they are in.

        Raises:
            LabelError: the language or style is unknown, or the set has neither the language nor
                a fallback; the message names what there is.
        """
        if style not in STYLES:
            raise LabelError(f"unknown style {style!r}; there is {', '.join(STYLES)}")
        written = self.known_languages[self._written_language(language)]
        labels = tuple(_label_text(concept, written, style) for concept in self.concepts)
        return ActiveLabels.of(self.name, language, style, labels)

    def _written_language(self, language: str) -> str:
        if language not in self.known_languages:
            raise LabelError(
                f"unknown language {language!r}; there is {', '.join(sorted(self.known_languages))}"
                " (languages.yaml declares more)"
            )
        tag: str | None = language
        while tag is not None and tag not in self.languages:
            tag = self.known_languages[tag].fallback
        if tag is None:
            raise LabelError(
                f"label set {self.name!r} has no texts in {language!r} nor in a fallback of it; "
                f"it has {', '.join(self.languages)}"
            )
        return tag


def _label_text(concept: Concept, language: Language, style: str) -> LabelText:
    label = concept.texts[language.tag][style]
    return LabelText(
        concept_id=concept.concept_id,
        label=label,
        prompts=language.prompts(label),
        culture=concept.culture,
        category=concept.category,
        language=language.tag,
    )
