"""Which mask a text asks for: a concept of the active labels, or free text beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np

from culture_perception.concepts import ActiveLabels, LabelText, Language
from culture_perception.protocols import Encoder
from culture_perception.recognition import Options, judge
from culture_perception.results import Observation
from culture_perception.zero_shot import TextBank, embed_labels, similarity

QUERY_ID: Final = ""
"""Concept id of a text that stands for no concept."""
SAME_MEANING: Final = 0.9
"""Labels whose embedding is this near to a free text's are other words for it, no rivals."""


class Outcome(Enum):
    """What became of a search."""

    FOUND = "found"
    NOT_FOUND = "not found"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True)
class Candidate:
    """A mask that may be what is sought.

    Attributes:
        index: of the segment in the observation.
        probability: that it is, 0 to 1, calibrated as names are.
        similarity: cosine of the mask's and the text's embedding.
    """

    index: int
    probability: float
    similarity: float


@dataclass(frozen=True)
class Finding:
    """The answer to a search.

    Attributes:
        outcome: what became of it.
        candidates: best first: the mask found; where several fit, these; where none does, what
            came nearest.
    """

    outcome: Outcome
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, eq=False)
class Query:
    """What is sought, ready to be compared with images.

    Attributes:
        bank: the labels, of which `row` is sought and the others are its rivals.
        row: of the bank.
        concept_id: of the concept that the text stands for; QUERY_ID for free text.
    """

    bank: TextBank
    row: int
    concept_id: str


def concept_query(bank: TextBank, concept_id: str) -> Query | None:
    """Seeks a concept among the active labels; None where it is not one of them."""
    ids = bank.labels.concept_ids
    return Query(bank, ids.index(concept_id), concept_id) if concept_id in ids else None


def text_query(bank: TextBank, encoder: Encoder, text: str, language: Language) -> Query:
    """Seeks free text, in any language of the encoder, beside the active labels.

    Labels that mean the same are taken out: they would share its probability.

    Args:
        bank: active labels, embedded by `encoder`.
        encoder: embeds the text in the prompts of its language.
        text: what is sought.
        language: of the text.
    """
    label = LabelText(QUERY_ID, text, language.prompts(text), "", "", language.tag)
    alone = embed_labels(encoder, ActiveLabels.of("query", language.tag, "plain", (label,)))
    near = similarity(alone.embeddings, bank.embeddings)[0] >= SAME_MEANING
    rivals = np.flatnonzero(~near)
    labels = (label, *(bank.labels.labels[i] for i in rivals))
    embeddings = np.vstack([alone.embeddings, bank.embeddings[rivals]])
    return Query(
        TextBank(replace(bank.labels, labels=labels), embeddings, bank.encoder_name), 0, QUERY_ID
    )


def find(
    observation: Observation,
    query: Query,
    options: Options | None = None,
    margin: float = 0.2,
    most: int = 5,
) -> Finding:
    """Finds what is sought among the segments of an image.

    A segment fits where the text is its most probable name and is believed, as in naming. Names
    are not dealt out here: of two equal cans both fit, and the search is ambiguous.

    Args:
        observation: of the image.
        query: what is sought.
        options: thresholds and temperature, as in naming; None: the defaults.
        margin: several fit about equally well where the second's probability comes this near to
            the first's.
        most: candidates given at most.
    """
    judged = judge(observation, query.bank, options or Options())
    chances = judged.chances[:, query.row]
    best_name = judged.chances.argmax(axis=1) if len(chances) else np.zeros(0, dtype=np.intp)
    fits = judged.allowed[:, query.row] & (best_name == query.row)
    order = [int(i) for i in np.argsort(-chances, kind="stable")]
    fitting = [i for i in order if fits[i]]
    near = [i for i in fitting if chances[fitting[0]] - chances[i] <= margin]
    outcome = (Outcome.NOT_FOUND, Outcome.FOUND, Outcome.AMBIGUOUS)[min(len(near), 2)]
    return Finding(
        outcome,
        tuple(
            Candidate(i, float(chances[i]), float(judged.cosines[i, query.row]))
            for i in (near or order)[:most]
        ),
    )
