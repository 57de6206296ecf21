"""Models that answer, by what a user calls them.

- embedded, a folder, or an open_clip name, with @TAG for published weights and ~ADAPTER for a
  culture adapter, by its file or, of a shipped one, its name: it is used for items of the languages
  on its card, whatever label sets are there, and the bare encoder for all others
- vlm:FOLDER or vlm:ORGANISATION/NAME: a vision-language model of transformers
- endpoint:MODEL@URL: a server that speaks OpenAI's chat format
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from culture_perception.culture_bench.encoder_answers import EncoderAnswerer
from culture_perception.culture_bench.endpoint import Endpoint, EndpointAnswerer
from culture_perception.culture_bench.vlm_answers import WriterAnswerer
from culture_perception.languages import LANGUAGES_FILE, closest_tag, load_languages
from culture_perception.resources import share_path

if TYPE_CHECKING:
    from culture_perception.models.adapter_encoder import AdaptedEncoder
    from culture_perception.models.runtime import Runtime

Named: TypeAlias = EncoderAnswerer | WriterAnswerer | EndpointAnswerer
"""Answerers with a title."""

VLM: Final = "vlm:"
ENDPOINT: Final = "endpoint:"


@dataclass(frozen=True)
class ModelOptions:
    """How models are run.

    Attributes:
        device: of torch; see Runtime.
        threads: of torch.
        picture_side: longest side of pictures for models that write, pixels.
        max_tokens: that an answer may have; models that think before they answer need hundreds.
        timeout_s: of one request, seconds.
        retries: of a request.
        parallel: requests at a time.
        key_variable: environment variable that holds the endpoint's key; "": there is none.
    """

    device: str = "auto"
    threads: int | None = None
    picture_side: int = 1024
    max_tokens: int = 16
    timeout_s: float = 120.0
    retries: int = 3
    parallel: int = 4
    key_variable: str = ""


def load_answerer(name: str, options: ModelOptions) -> Named:
    """The model of that name.

    Raises:
        ValueError: there is none, its files are missing or damaged, the runtime is not there, or
            what follows "endpoint:" is no MODEL@URL.
    """
    if name.startswith(ENDPOINT):
        return EndpointAnswerer(_endpoint(name.removeprefix(ENDPOINT), options))
    from culture_perception.models.runtime import Runtime

    runtime = Runtime(device=options.device, threads=options.threads)
    if name.startswith(VLM):
        from culture_perception.models.vlm import load_vlm

        model = load_vlm(name.removeprefix(VLM), runtime, options.max_tokens)
        return WriterAnswerer(model, name.removeprefix(VLM), options.picture_side)
    return _encoder(name, runtime)


def _encoder(name: str, runtime: Runtime) -> EncoderAnswerer:
    from culture_perception.models.adapter_encoder import AdaptedEncoder
    from culture_perception.models.registry import load_named_encoder

    encoder = load_named_encoder(name, runtime)
    languages = load_languages(share_path("config", LANGUAGES_FILE))
    if not isinstance(encoder, AdaptedEncoder):
        return EncoderAnswerer(encoder, languages, name)
    card = encoder.adapters[0].card
    about = f"adapter {card.name} for items in {', '.join(card.languages)}, its base for others"
    return EncoderAnswerer(encoder, languages, name, partial(_turn_to, encoder), about)


def _turn_to(encoder: AdaptedEncoder, language: str) -> None:
    card = encoder.adapters[0].card
    spoken = closest_tag(language, card.languages) or language
    encoder.adapt_to(card.label_sets[0], [spoken])


def _endpoint(text: str, options: ModelOptions) -> Endpoint:
    model, _, url = text.rpartition("@")
    key = os.environ.get(options.key_variable, "") if options.key_variable else ""
    if options.key_variable and not key:
        raise ValueError(
            f"the environment has no {options.key_variable}; set it to the endpoint's key, or "
            "leave --key-variable out"
        )
    return Endpoint(
        url,
        model,
        key,
        timeout_s=options.timeout_s,
        retries=options.retries,
        parallel=options.parallel,
        max_tokens=options.max_tokens,
        picture_side=options.picture_side,
    )
