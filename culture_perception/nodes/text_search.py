"""What a text asks for: a concept of the active labels, else free text for the encoder."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from culture_perception.concepts import LabelError, Language
from culture_perception.finding import Query, concept_query, text_query
from culture_perception.languages import LANGUAGES_FILE, closest_tag, load_languages
from culture_perception.perceiving import Perceiver
from culture_perception.resources import share_path
from culture_perception.zero_shot import TextBank

CAPACITY: Final = 64


class TextSearch:
    """Makes queries; a text is embedded once for each version of the labels.

    One thread at a time may use it, since it uses the encoder.
    """

    def __init__(self, perceiver: Perceiver) -> None:
        self._perceiver = perceiver
        self._languages = load_languages(share_path("config", LANGUAGES_FILE))
        self._queries: OrderedDict[tuple[str, str, str], Query] = OrderedDict()

    def query(self, bank: TextBank, concept_ids: Sequence[str], text: str, language: str) -> Query:
        """What to seek.

        Args:
            bank: the active labels.
            concept_ids: that the text stands for; the first that is active is sought.
            text: sought where none is.
            language: tag of the text; empty: that of the active labels.
        """
        for concept_id in concept_ids:
            query = concept_query(bank, concept_id)
            if query is not None:
                return query
        tag = language or bank.labels.language
        key = (bank.labels.version, tag, text)
        if key not in self._queries:
            made = text_query(bank, self._perceiver.encoder, text, self._language(tag))
            self._queries[key] = made
        self._queries.move_to_end(key)
        while len(self._queries) > CAPACITY:
            self._queries.popitem(last=False)
        return self._queries[key]

    def _language(self, tag: str) -> Language:
        # A language without templates of its own is asked in the text's bare words.
        known = closest_tag(tag, self._languages)
        return self._languages[known] if known else Language(tag, tag, None, ("{}",))


def check_text(text: str) -> str:
    """The text without blanks around it; LabelError where nothing is left."""
    if not text.strip():
        raise LabelError("the text is empty; say what to find, for example 'red can'")
    return text.strip()
