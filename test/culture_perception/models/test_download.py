"""Downloads from a real HTTP server on this machine, with the faults that servers have."""

import fcntl
import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from culture_perception.models.download import RemoteFile, fetched
from culture_perception.models.errors import CheckpointError

CONTENT = bytes(range(256)) * 12_000  # 3 MB: more than one chunk
HALF = len(CONTENT) // 2


class FileHandler(BaseHTTPRequestHandler):
    """Serves CONTENT; a path says with which fault."""

    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append((self.path, wanted))
        if self.path.startswith("/missing"):
            self.send_error(404)
            return
        ignores_range = self.path.startswith("/ignores-range")
        start = 0 if wanted is None or ignores_range else int(wanted[6:-1])
        rest = CONTENT[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.end_headers()
        if self.path.startswith("/breaks-off") and start == 0:
            rest = rest[:HALF]
        if self.path.startswith("/always-empty"):
            rest = b""
        self.wfile.write(rest)

    def log_message(self, *_: object) -> None:
        """The requests are in `asked`."""


@pytest.fixture
def address() -> Iterator[str]:
    FileHandler.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), FileHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def remote(url: str, content: bytes = CONTENT) -> RemoteFile:
    return RemoteFile(url, hashlib.sha256(content).hexdigest(), len(content))


def test_a_file_is_downloaded_whole(address: str, tmp_path: Path) -> None:
    path = fetched(remote(f"{address}/some/model.pth"), tmp_path / "cache")

    assert path == tmp_path / "cache" / "model.pth"
    assert path.read_bytes() == CONTENT
    assert [one.name for one in path.parent.iterdir()] == ["model.pth"]


def test_a_file_that_is_there_is_not_asked_for(address: str, tmp_path: Path) -> None:
    (tmp_path / "model.pth").write_bytes(b"checked before")

    assert fetched(remote(f"{address}/model.pth"), tmp_path).read_bytes() == b"checked before"
    assert FileHandler.asked == []


def test_a_part_is_gone_on_with(address: str, tmp_path: Path) -> None:
    (tmp_path / "model.pth.part").write_bytes(CONTENT[:HALF])

    assert fetched(remote(f"{address}/model.pth"), tmp_path).read_bytes() == CONTENT
    assert FileHandler.asked == [("/model.pth", f"bytes={HALF}-")]


def test_a_connection_that_breaks_off_is_gone_on_with(address: str, tmp_path: Path) -> None:
    path = fetched(remote(f"{address}/breaks-off/model.pth"), tmp_path)

    assert path.read_bytes() == CONTENT
    assert [wanted for _, wanted in FileHandler.asked] == [None, f"bytes={HALF}-"]


def test_a_server_without_ranges_sends_all_again(address: str, tmp_path: Path) -> None:
    (tmp_path / "model.pth.part").write_bytes(b"?" * HALF)

    path = fetched(remote(f"{address}/ignores-range/model.pth"), tmp_path)

    assert path.read_bytes() == CONTENT


def test_a_part_that_is_whole_is_only_checked(address: str, tmp_path: Path) -> None:
    (tmp_path / "model.pth.part").write_bytes(CONTENT)

    assert fetched(remote(f"{address}/model.pth"), tmp_path).read_bytes() == CONTENT
    assert FileHandler.asked == []


def test_a_part_that_is_too_long_is_thrown_away(address: str, tmp_path: Path) -> None:
    (tmp_path / "model.pth.part").write_bytes(CONTENT + b"more")

    assert fetched(remote(f"{address}/model.pth"), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "expected", [b"?" * len(CONTENT), CONTENT[:HALF]], ids=["same length", "shorter"]
)
def test_another_content_is_refused_and_removed(
    address: str, tmp_path: Path, expected: bytes
) -> None:
    with pytest.raises(CheckpointError, match=r"SHA-256 [0-9a-f]{64} instead of .* removed"):
        fetched(remote(f"{address}/model.pth", expected), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_break_keeps_what_came_and_says_so(address: str, tmp_path: Path) -> None:
    (tmp_path / "model.pth.part").write_bytes(CONTENT[:HALF])

    message = r"broke off after 2 MB of 3 MB \(the server closed .* it goes on from there"
    with pytest.raises(CheckpointError, match=message):
        fetched(remote(f"{address}/always-empty/model.pth"), tmp_path)
    assert (tmp_path / "model.pth.part").stat().st_size == HALF


def test_a_file_that_the_server_lacks_is_named(address: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"missing/model\.pth: .*404.* give the path"):
        fetched(remote(f"{address}/missing/model.pth"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_closed_port_is_named_at_once(address: str, tmp_path: Path) -> None:
    url = "https://127.0.0.1:9/model.pth"
    started = time.monotonic()
    with pytest.raises(CheckpointError, match=rf"is not in {tmp_path} and {url} cannot be reached"):
        fetched(remote(url), tmp_path)
    assert time.monotonic() - started < 4


def test_two_processes_do_not_write_one_file(address: str, tmp_path: Path) -> None:
    with (tmp_path / "model.pth.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CheckpointError, match="by another process: wait until it is done"):
            fetched(remote(f"{address}/model.pth"), tmp_path)


def test_a_disk_without_room_is_named(address: str, tmp_path: Path) -> None:
    huge = RemoteFile(f"{address}/model.pth", "0" * 64, 1 << 60)

    with pytest.raises(CheckpointError, match=r"needs 1152921504607 MB more and the disk has"):
        fetched(huge, tmp_path)
