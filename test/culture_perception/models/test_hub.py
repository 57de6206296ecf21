"""The hub's files from servers of our own: one that works, and ones that do not."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from culture_perception.models import hub
from culture_perception.models.errors import CheckpointError

FILES = {"config.json": b"{}", "vocab.txt": b"a\nb", "weights.bin": b"123"}
PATIENCE_S = 1


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the hub does for the repository some/model, which has FILES."""

    def do_HEAD(self) -> None:
        self._answer(with_content=False)

    def do_GET(self) -> None:
        self._answer(with_content=True)

    def _answer(self, with_content: bool) -> None:
        repository, _, name = self.path.removeprefix("/").partition("/resolve/main/")
        content = FILES.get(name) if repository == "some/model" else None
        self.send_response(404 if content is None else 200)
        self.send_header("X-Repo-Commit", "a" * 40)
        if content is None:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("ETag", f'"{name}"')
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if with_content and content:
            self.wfile.write(content)

    def log_request(self, *_: Any) -> None:
        """Nothing is logged."""


class _Closing(_Handler):
    def _answer(self, with_content: bool) -> None:
        self.close_connection = True


class _Silent(_Handler):
    ended = threading.Event()

    def _answer(self, with_content: bool) -> None:
        self.ended.wait(60)


class _SilentAtDownloads(_Silent):
    """Says that there is a file, and falls silent when it is asked for the second time."""

    asked: list[str]

    def _answer(self, with_content: bool) -> None:
        self.asked.append(self.path)
        (_Handler if self.asked.count(self.path) == 1 else _Silent)._answer(self, with_content)


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", PATIENCE_S)
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", PATIENCE_S)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[type[_Handler]], None]]:
    """Makes a server of this kind the hub."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def serve(kind: type[_Handler]) -> None:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(constants, "ENDPOINT", address)
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)

    _Silent.ended.clear()
    yield serve
    _Silent.ended.set()
    for server in servers:
        server.shutdown()
        server.server_close()


def _file() -> Path:
    return hub.hub_file("some/model", ("weights.safetensors", "weights.bin"))


def _folder() -> Path:
    return hub.hub_files("some/model", (("tokenizer.json", "vocab.txt"),), ("config.json", "no"))


def test_a_file_is_fetched_once_under_the_first_name_there_is(
    served: Callable[[type[_Handler]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    served(_Handler)
    assert _file().read_bytes() == b"123"
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert _file().read_bytes() == b"123"


def test_files_that_belong_together_are_fetched_into_one_folder(
    served: Callable[[type[_Handler]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    served(_Handler)
    assert sorted(path.name for path in _folder().iterdir()) == ["config.json", "vocab.txt"]
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert _folder().is_dir()


def test_a_folder_that_lacks_a_file_is_completed(
    served: Callable[[type[_Handler]], None],
) -> None:
    served(_Handler)
    _folder()
    whole = hub.hub_files("some/model", (("vocab.txt",), ("weights.bin",)), ())
    assert (whole / "weights.bin").read_bytes() == b"123"


@pytest.mark.parametrize(
    ("repository", "name"), [("some/model", "no.bin"), ("no/model", "weights.bin")]
)
def test_what_is_not_there_is_named_with_the_cure(
    served: Callable[[type[_Handler]], None], repository: str, name: str
) -> None:
    served(_Handler)
    message = rf"{repository} has none of the files {name}: check the name; .* HF_TOKEN"
    with pytest.raises(CheckpointError, match=message):
        hub.hub_file(repository, (name,))
    with pytest.raises(CheckpointError, match=message):
        hub.hub_files(repository, ((name,),), ("config.json",))


@pytest.mark.parametrize("fetch", [_file, _folder])
@pytest.mark.parametrize("kind", [_Silent, _Closing])
def test_a_hub_that_takes_connections_and_does_not_answer_is_given_up_soon(
    served: Callable[[type[_Handler]], None], kind: type[_Handler], fetch: Callable[[], Path]
) -> None:
    served(kind)
    started = time.monotonic()
    message = (
        r"some/model: the download from http://127.* failed \(.+\): try again, .*give the path"
    )
    with pytest.raises(CheckpointError, match=message):
        fetch()
    assert time.monotonic() - started < 10 * PATIENCE_S


@pytest.mark.slow
def test_a_hub_that_falls_silent_between_two_requests_is_given_up(
    served: Callable[[type[_Handler]], None],
) -> None:
    class Kind(_SilentAtDownloads):
        asked: list[str] = []  # noqa: RUF012

    served(Kind)
    started = time.monotonic()
    with pytest.raises(CheckpointError, match=r"the download from .* failed"):
        _file()
    assert time.monotonic() - started < 60  # the client tries seven times, with pauses of 23 s


def test_the_clients_limits_come_back(served: Callable[[type[_Handler]], None]) -> None:
    import huggingface_hub

    served(_Handler)
    before = huggingface_hub.get_session().event_hooks
    _file()
    assert huggingface_hub.get_session().event_hooks == before
