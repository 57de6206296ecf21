"""Answers of an encoder of images and texts: the option that fits the picture best.

The question itself is left out: an option is put into the language's prompts, as labels are. Blind,
the option that fits the question's own words best is taken: what the texts alone give away. An
encoder with an adapter uses it for items of the languages that the adapter is for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import final

import numpy as np

from culture_perception.concepts import ActiveLabels, LabelText, Language
from culture_perception.culture_bench.answering import Answer, Question
from culture_perception.culture_bench.items import OPTIONS, Item
from culture_perception.culture_bench.letters import stripped
from culture_perception.languages import closest_tag
from culture_perception.masks import Float32Array, FloatArray
from culture_perception.protocols import Encoder
from culture_perception.zero_shot import embed_labels, similarity


@final
class EncoderAnswerer:
    """An Answerer of any encoder behind the core's protocol."""

    picture_side = 0

    def __init__(
        self,
        encoder: Encoder,
        languages: Mapping[str, Language],
        title: str,
        turn_to: Callable[[str], None] | None = None,
        about: str = "",
    ) -> None:
        """Wraps an encoder.

        Args:
            encoder: any.
            languages: of config/languages.yaml, whose templates options are put into; options of a
                language that is not among them stand alone.
            title: what the model is called for people; its name has the weights' hash too.
            turn_to: called with an item's language before the encoder is asked about it; None: its
                weights are the same for all of them.
            about: which weights are used for what, for people.
        """
        self._encoder = encoder
        self._languages = languages
        self._turn_to = turn_to
        self.title = title
        self.about = about
        self.name = encoder.name

    def asked(self, item: Item) -> str:
        """Every prompt of every option, and the question, which counts blind."""
        prompts = [prompt for text in item.options for prompt in self._prompts(text, item)]
        return "\n".join([item.question, *prompts])

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """The most similar option; the first one of equals. No questions give no answers."""
        if self._turn_to is None:
            return self._answers(questions)
        found: dict[int, Answer] = {}
        for language in dict.fromkeys(one.item.language for one in questions):
            self._turn_to(language)
            rows = [i for i, one in enumerate(questions) if one.item.language == language]
            found.update(zip(rows, self._answers([questions[i] for i in rows]), strict=True))
        return [found[i] for i in range(len(questions))]

    def _answers(self, questions: Sequence[Question]) -> list[Answer]:
        return [_best(row) for row in self.cosines(questions)]

    def cosines(self, questions: Sequence[Question]) -> FloatArray:
        """Of each question's picture, or blind its words, and each option: (N, 4).

        The weights are those in use. No questions give (0, 4).
        """
        if not questions:
            return np.zeros((0, OPTIONS))
        texts = self._embed_options([one.item for one in questions])
        pictures = [one.picture for one in questions if one.picture is not None]
        if len(pictures) == len(questions):
            asked = self._encoder.encode_images(pictures)
        else:
            asked = self._encoder.encode_texts([one.item.question for one in questions])
        rows = [
            similarity(asked[i : i + 1], texts[OPTIONS * i : OPTIONS * (i + 1)])[0]
            for i in range(len(questions))
        ]
        return np.stack(rows)

    def _embed_options(self, items: Sequence[Item]) -> Float32Array:
        """(4 N, D) unit rows."""
        labels = [
            LabelText(f"{number}.{index}", text, self._prompts(text, item), "", "", item.language)
            for number, item in enumerate(items)
            for index, text in enumerate(item.options)
        ]
        return embed_labels(self._encoder, ActiveLabels.of("", "", "", tuple(labels))).embeddings

    def _prompts(self, text: str, item: Item) -> tuple[str, ...]:
        return prompts_of(text, item.language, self._languages)


def prompts_of(option: str, tag: str, languages: Mapping[str, Language]) -> tuple[str, ...]:
    """What an encoder is given for an option: its language's prompts, or the option alone."""
    known, label = closest_tag(tag, languages), stripped(option)
    return languages[known].prompts(label) if known else (label,)


def _best(cosines: FloatArray) -> Answer:
    best = int(np.argmax(cosines))
    return Answer(best, text=" ".join(f"{value:.3f}" for value in cosines))
