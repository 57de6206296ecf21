"""Bags as items of work on a Ray cluster. Needs the extra `ray`."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from culture_perception.bags.bag_score import BagScore
from culture_perception.bags.errors import BagError
from culture_perception.bags.work import WorkItem, run_item

CONNECT_S: Final = 5.0


def run_on_ray(
    items: Sequence[WorkItem], address: str, on_done: Callable[[], None]
) -> Iterator[BagScore]:
    """Scores bags on a cluster; what comes is in the order of the items.

    Args:
        items: Their paths must lead to the bags on every machine of the cluster.
        address: Of the cluster, as ray.init takes it; "local" starts one on this machine.
        on_done: Called once for each bag.

    Raises:
        BagError: Ray is not installed or not there, or as in work.run_item.
    """
    ray = _connected(address)
    try:
        remote = ray.remote(_run_item)
        waiting = [remote.options(num_cpus=_threads(item)).remote(item) for item in items]
        for item, one in zip(items, waiting, strict=True):
            score, lines = _result(ray, one)
            if item.frames:
                item.frames.write_bytes(lines)
            on_done()
            yield score
    finally:
        ray.shutdown()


def _connected(address: str) -> Any:
    try:
        ray = import_module("ray")
    except ImportError as error:
        raise BagError(
            "--ray needs Ray: pip install 'culture_perception[ray]', or "
            "pip install -c constraints.txt ray; without it, --workers uses this machine"
        ) from error
    _check_there(address)
    try:
        ray.init(
            address=address,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise BagError(f"--ray {address}: {error}") from error
    return ray


def _check_there(address: str) -> None:
    """Ray itself tries for minutes."""
    host, _, port = address.rpartition(":")
    if host and "/" not in host and port.isdecimal():
        try:
            socket.create_connection((host, int(port)), CONNECT_S).close()
        except OSError as error:
            raise BagError(f"--ray {address}: nothing answers there ({error})") from error


def _result(ray: Any, reference: Any) -> tuple[BagScore, bytes]:
    try:
        score, lines = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, BagError):
            raise BagError(str(error.cause)) from error
        raise
    except ray.exceptions.RayError as error:
        raise BagError(f"Ray gave up on a bag: {error}") from error
    return score, lines


def _run_item(item: WorkItem) -> tuple[BagScore, bytes]:
    """As run_item; the lines come back as bytes, since this may be another machine."""
    if item.frames is None:
        return run_item(item), b""
    with TemporaryDirectory(prefix="culture_perception_frames_") as folder:
        path = Path(folder) / "frames.jsonl"
        return run_item(replace(item, frames=path)), path.read_bytes()


def _threads(item: WorkItem) -> int:
    return item.options.recompute.models.threads if item.options.recompute else 1
