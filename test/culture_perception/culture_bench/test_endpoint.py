"""A real HTTP server of this machine, which answers in OpenAI's format."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from PIL import Image

from culture_perception.culture_bench.answering import AnswererError, Question
from culture_perception.culture_bench.endpoint import Endpoint, EndpointAnswerer
from culture_perception.culture_bench.models import ModelOptions, load_answerer

RED = np.full((30, 40, 3), (200, 20, 20), dtype=np.uint8)
BLUE = np.full((30, 40, 3), (20, 20, 200), dtype=np.uint8)


class Server(ThreadingHTTPServer):
    """Names the colour that a picture has; first it gives the codes that it was told to."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.codes: list[int] = []
        self.seen: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.raw = b""
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    """Answers POST …/chat/completions."""

    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.seen.append(body)
            self.server.keys.append(self.headers.get("Authorization", ""))
            code = self.server.codes.pop(0) if self.server.codes else 200
        if self.path != "/v1/chat/completions":
            code = 404
        self.send_response(code)
        if code == 302:
            self.send_header("Location", f"{self.server.url}/elsewhere")
        reply = self.server.raw or self._reply(body)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def _reply(self, body: dict[str, Any]) -> bytes:
        picture, text = body["messages"][0]["content"]
        head, _, data = picture["image_url"]["url"].partition(",")
        assert head == "data:image/jpeg;base64" and "A. red box" in text["text"]
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            mean = np.asarray(image).reshape(-1, 3).mean(axis=0)
        said = "A" if mean[0] > mean[2] + 50 else "B" if mean[2] > mean[0] + 50 else "no idea"
        return json.dumps({"choices": [{"message": {"content": said}}]}).encode()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as opened:
        thread = threading.Thread(target=opened.serve_forever, args=(0.02,))
        thread.start()
        yield opened
        opened.shutdown()
        thread.join()


def answerer(server: Server, **changes: Any) -> EndpointAnswerer:
    endpoint = Endpoint(server.url, "m", timeout_s=10, **changes)
    return EndpointAnswerer(endpoint, lambda seconds: None)


def test_pictures_are_sent_and_letters_read(server: Server, make_item: Any) -> None:
    item = make_item()
    asked = [Question(item, RED), Question(item, BLUE), Question(item, RED)]
    answers = answerer(server, key="secret").answer(asked)
    assert [one.choice for one in answers] == [0, 1, 0]
    assert {one["model"] for one in server.seen} == {"m"}
    assert set(server.keys) == {"Bearer secret"}
    assert answerer(server).answer([]) == []


def test_blind_it_sees_grey_and_what_is_no_letter_is_told(server: Server, make_item: Any) -> None:
    (answer,) = answerer(server).answer([Question(make_item(), None)])
    assert (answer.choice, answer.text) == (None, "no idea")
    assert answer.reason == "no letter in the answer"


def test_trouble_that_passes_is_tried_again(server: Server, make_item: Any) -> None:
    server.codes = [503, 429]
    waits: list[float] = []
    one = EndpointAnswerer(Endpoint(server.url, "m"), waits.append)
    assert one.answer([Question(make_item(), RED)])[0].choice == 0
    assert waits == [1.0, 2.0]


def test_trouble_that_stays_stops_the_run(server: Server, make_item: Any) -> None:
    server.codes = [500] * 3
    with pytest.raises(AnswererError, match=r"3 tries, the last one: HTTP 500 .*goes on where"):
        answerer(server, retries=2).answer([Question(make_item(), RED)])
    assert len(server.seen) == 3


@pytest.mark.parametrize("code", [401, 404])
def test_a_wrong_key_or_model_stops_at_once(code: int, server: Server, make_item: Any) -> None:
    server.codes = [code]
    with pytest.raises(AnswererError, match=f"HTTP {code}"):
        answerer(server).answer([Question(make_item(), RED)])
    assert len(server.seen) == 1


def test_a_question_that_is_refused_counts_as_unanswered(server: Server, make_item: Any) -> None:
    server.codes = [400]
    (answer,) = answerer(server).answer([Question(make_item(), RED)])
    assert answer.choice is None and answer.reason.startswith("refused: HTTP 400")


def test_a_redirect_is_not_followed(server: Server, make_item: Any) -> None:
    server.codes = [302]
    with pytest.raises(AnswererError, match="HTTP 302"):
        answerer(server).answer([Question(make_item(), RED)])
    assert len(server.seen) == 1


def test_proxies_of_the_environment_are_not_used(
    server: Server, make_item: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert answerer(server).answer([Question(make_item(), RED)])[0].choice == 0


def test_another_format_stops_the_run(server: Server, make_item: Any) -> None:
    server.raw = b'{"text": "A"}'
    with pytest.raises(AnswererError, match="answers in another format"):
        answerer(server).answer([Question(make_item(), RED)])


def test_nobody_there_stops_the_run(make_item: Any) -> None:
    endpoint = Endpoint("http://127.0.0.1:9/v1", "m", retries=1)
    with pytest.raises(AnswererError, match="2 tries"):
        EndpointAnswerer(endpoint, lambda _: None).answer([Question(make_item(), RED)])


def test_an_endpoint_is_named_by_model_and_url(
    server: Server, make_item: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "k")
    options = ModelOptions(key_variable="MY_KEY")
    made = load_answerer(f"endpoint:org/m@{server.url}", options)
    assert made.answer([Question(make_item(), BLUE)])[0].choice == 1
    assert server.keys == ["Bearer k"] and server.seen[0]["model"] == "org/m"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("endpoint:m@localhost:8000", "is no URL"),
        ("endpoint:m@ftp://host/v1", "is no URL"),
        ("endpoint:@http://host/v1", "has no name"),
        ("endpoint:http://host/v1", "is no URL|has no name"),
    ],
)
def test_what_is_no_endpoint_is_told(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_answerer(name, ModelOptions())


def test_a_key_that_is_not_there_is_told() -> None:
    with pytest.raises(ValueError, match="the environment has no NO_SUCH_KEY"):
        load_answerer("endpoint:m@http://host/v1", ModelOptions(key_variable="NO_SUCH_KEY"))
