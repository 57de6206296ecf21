"""Whether a host answers, found out within seconds whatever the network does."""

from __future__ import annotations

import socket
import threading
import urllib.request
from typing import Final
from urllib.parse import urlsplit

_TIMEOUT_S: Final = 3.0
_PORTS: Final = {"http": 80, "https": 443}


def is_reachable(url: str, timeout_s: float = _TIMEOUT_S) -> bool:
    """Whether the host of an address, or the proxy on the way to it, takes a connection.

    Args:
        url: "http://…" or "https://…"; only its host and port count.
        timeout_s: the longest wait in all, for the name server and every address of the host.
    """
    answered = threading.Event()

    def connect() -> None:
        try:
            with socket.create_connection(_first_stop(url), timeout=timeout_s):
                answered.set()
        except OSError:
            return

    # Looking a name up has no time limit of its own, and each address would have its own.
    attempt = threading.Thread(target=connect, daemon=True)
    attempt.start()
    attempt.join(timeout_s)
    return answered.is_set()


def _first_stop(url: str) -> tuple[str, int]:
    """Host and port that a request to this address goes to first."""
    address = urlsplit(url)
    host = address.hostname or ""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if proxy and not urllib.request.proxy_bypass(host):
        address = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host = address.hostname or ""
    return host, address.port or _PORTS.get(address.scheme, 1080)
