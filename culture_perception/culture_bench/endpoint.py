"""Answers of a server that speaks OpenAI's chat format: POST …/chat/completions.

Pictures travel as data URLs inside the request. Nothing is sent anywhere but to the URL given: a
redirect is an error, and proxies of the environment are not used.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, final
from urllib.parse import urlsplit

from PIL import Image

from culture_perception.culture_bench.answering import Answer, AnswererError, Question
from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.letters import prompt
from culture_perception.culture_bench.pictures import blank_picture
from culture_perception.culture_bench.vlm_answers import said
from culture_perception.masks import Uint8Array

_REFUSALS: Final = frozenset({400, 413, 415, 422})
"""Codes that are about this one question; it counts as unanswered."""
_PASSING: Final = frozenset({408, 409, 425, 429})
_MOST_WAIT_S: Final = 30.0
_SHOWN: Final = 200
_QUALITY: Final = 90


@dataclass(frozen=True)
class Endpoint:
    """Where and how to ask.

    Attributes:
        url: of the API, for example http://localhost:8000/v1.
        model: the model's name there.
        key: sent as a bearer token; "": none is.
        timeout_s: that one request may take, seconds.
        retries: of a request that got no answer, or an answer of a server in trouble.
        pause_s: before the first retry, seconds; twice as long before each further one.
        parallel: requests at a time.
        max_tokens: that an answer may have.
        picture_side: longest side of the pictures that are sent, pixels.
    """

    url: str
    model: str
    key: str = ""
    timeout_s: float = 120.0
    retries: int = 3
    pause_s: float = 1.0
    parallel: int = 4
    max_tokens: int = 16
    picture_side: int = 1024

    def __post_init__(self) -> None:
        """Refuses what is no address.

        Raises:
            ValueError: the URL is not http or https with a host, or the model has no name.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{self.url!r} is no URL; write for example http://localhost:8000/v1")
        if not self.model:
            raise ValueError("the endpoint's model has no name; write MODEL@URL")

    @property
    def address(self) -> str:
        """That requests go to."""
        base = self.url.rstrip("/")
        return base if base.endswith("/chat/completions") else f"{base}/chat/completions"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        """Leads nowhere: urllib then raises the answer as an HTTPError."""


@final
class EndpointAnswerer:
    """An Answerer behind HTTP; blind it shows grey."""

    about = ""

    def __init__(self, endpoint: Endpoint, sleep: Callable[[float], None] = time.sleep) -> None:
        """Remembers where to ask; asks nothing yet."""
        self._endpoint = endpoint
        self._sleep = sleep
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
        self.name = self.title = f"{endpoint.model}@{endpoint.url}"
        self.picture_side = endpoint.picture_side

    def asked(self, item: Item) -> str:
        """The prompt, and what else decides the answer."""
        return f"{prompt(item)}\n{self.picture_side} px, {self._endpoint.max_tokens} tokens"

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Asks all, some at a time.

        Raises:
            AnswererError: the server can not be reached, stays in trouble, wants another key, or
                answers in another format.
        """
        if not questions:
            return []
        with ThreadPoolExecutor(min(self._endpoint.parallel, len(questions))) as pool:
            return list(pool.map(self._ask, questions))

    def _ask(self, question: Question) -> Answer:
        picture = blank_picture() if question.picture is None else question.picture
        body = self._body(prompt(question.item), picture)
        for attempt in range(self._endpoint.retries + 1):
            try:
                return said(self._content(self._post(body)), question.item)
            except urllib.error.HTTPError as error:
                with error:
                    reason = _reason(error)
                if error.code in _REFUSALS:
                    return Answer(None, f"refused: {reason}"[:_SHOWN])
                if error.code not in _PASSING and error.code < 500:
                    raise self._stopped(reason) from error
            except (OSError, http.client.HTTPException) as error:
                reason = str(error) or type(error).__name__
            if attempt < self._endpoint.retries:
                self._sleep(min(self._endpoint.pause_s * 2**attempt, _MOST_WAIT_S))
        raise self._stopped(f"{self._endpoint.retries + 1} tries, the last one: {reason}")

    def _body(self, text: str, picture: Uint8Array) -> bytes:
        content = [
            {"type": "image_url", "image_url": {"url": _data_url(picture)}},
            {"type": "text", "text": text},
        ]
        return json.dumps(
            {
                "model": self._endpoint.model,
                "messages": [{"role": "user", "content": content}],
                "temperature": 0,
                "max_tokens": self._endpoint.max_tokens,
            }
        ).encode()

    def _post(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        if self._endpoint.key:
            headers["Authorization"] = f"Bearer {self._endpoint.key}"
        request = urllib.request.Request(self._endpoint.address, body, headers, method="POST")
        with self._opener.open(request, timeout=self._endpoint.timeout_s) as response:
            return bytes(response.read())

    def _content(self, reply: bytes) -> str:
        try:
            content = json.loads(reply)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError) as error:
            raise self._stopped(f"it answers in another format: {reply[:_SHOWN]!r}") from error
        if isinstance(content, list):  # parts, as some servers give them
            content = "".join(str(part.get("text", "")) for part in content)
        return content or ""

    def _stopped(self, reason: str) -> AnswererError:
        return AnswererError(
            f"{self._endpoint.address}: {reason}; check the server, the model's name and the key, "
            "then run the same command again: it goes on where it stopped"
        )


def _data_url(picture: Uint8Array) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        text = error.read(_SHOWN).decode("utf-8", "replace").strip()
    except OSError:
        text = ""
    return f"HTTP {error.code} {error.reason} {text}".strip()
