"""Whether a host answers, asked of real ports on this machine."""

import socket
import time
from collections.abc import Iterator

import pytest

from culture_perception.models.network import is_reachable


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_a_port_that_listens_is_reachable(listening: int) -> None:
    assert is_reachable(f"http://127.0.0.1:{listening}/some/file")


def test_a_closed_port_is_not(closed: int) -> None:
    assert not is_reachable(f"https://127.0.0.1:{closed}")


def test_a_name_without_host_is_not() -> None:
    assert not is_reachable("https://no-such-host.invalid/file")


def test_a_proxy_is_asked_in_place_of_the_host(
    monkeypatch: pytest.MonkeyPatch, listening: int, closed: int
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listening}")
    assert is_reachable("https://no-such-host.invalid/file")
    monkeypatch.setenv("https_proxy", f"127.0.0.1:{closed}")
    assert not is_reachable("https://no-such-host.invalid/file")


def test_silence_is_waited_for_no_longer_than_said() -> None:
    started = time.monotonic()
    # 192.0.2.0/24 is reserved for documentation (RFC 5737): nobody answers from there.
    assert not is_reachable("http://192.0.2.1/file", timeout_s=0.3)
    assert time.monotonic() - started < 2
