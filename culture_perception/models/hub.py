"""Files of the Hugging Face hub, without the long silence when there is no network.

Left to itself the hub's client retries an unreachable hub for half a minute and more, and waits
without end for one that takes a connection and never answers. Here a cached file is used without
asking anyone, and a missing one fails within seconds with what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import huggingface_hub
from huggingface_hub import constants

# The library under the client differs from version to version (requests, httpx, httpx2); here it
# has one name in all of them.
from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

from culture_perception.models.errors import CheckpointError
from culture_perception.models.network import is_reachable

_CURE: Final = "give the path of a checkpoint file instead, or download it once with a network"
_DOWNLOAD_FAULTS: Final = (OSError, HTTPError, RuntimeError)  # the last: of hf_xet, where installed


def hub_file(repository: str, names: tuple[str, ...]) -> Path:
    """Finds a file in the hub's cache, or downloads it.

    Args:
        repository: "organisation/name".
        names: the same content under alternative names, the preferred one first.

    Raises:
        CheckpointError: it is not cached, and offline mode is set, the hub cannot be reached, does
            not answer or breaks off, or it has none of the names.
    """
    cached = cached_file(repository, names)
    if cached is None:
        _require_network(f"{names[0]} of {repository}")
        with _download(repository) as api:
            there = _there(api, repository, names)
            cached = Path(api.hf_hub_download(repository, there[0])) if there else None
    if cached is None:
        raise _lacking(repository, names)
    return cached


def hub_files(
    repository: str, all_of: tuple[tuple[str, ...], ...], beside: tuple[str, ...]
) -> Path:
    """The folder of the hub's cache with files that belong together, fetched if they are not there.

    Args:
        repository: "organisation/name".
        all_of: alternative names of each file that is needed; where one of each is cached, nothing
            is fetched. The first is fetched last: where it is cached, so is what belongs to it.
        beside: files that are fetched with them, as far as there are such.

    Raises:
        CheckpointError: as `hub_file`.
    """
    cached = [cached_file(repository, names) for names in all_of]
    missing = [names for names, path in zip(all_of, cached, strict=True) if path is None]
    if cached[0] is not None and not missing:
        return cached[0].parent
    _require_network(f"{missing[0][0]} of {repository}")
    needed = tuple(name for names in reversed(all_of) for name in names)
    with _download(repository) as api:
        there = _there(api, repository, (*beside, *needed))
        lacked = [names for names in all_of if not set(names) & set(there)]
        paths = [] if lacked else [Path(api.hf_hub_download(repository, name)) for name in there]
    if lacked:
        raise _lacking(repository, lacked[0])
    return paths[-1].parent


def cached_file(repository: str, names: tuple[str, ...]) -> Path | None:
    """The first of the files that the hub's cache has; asks nobody."""
    for name in names:
        cached = huggingface_hub.try_to_load_from_cache(repository, name)
        if isinstance(cached, str):
            return Path(cached)
    return None


def _there(api: huggingface_hub.HfApi, repository: str, names: tuple[str, ...]) -> list[str]:
    return [name for name in dict.fromkeys(names) if api.file_exists(repository, name)]


def _lacking(repository: str, names: tuple[str, ...]) -> CheckpointError:
    return CheckpointError(
        f"{repository} has none of the files {', '.join(names)}: check the name; what is private "
        "or asks for consent needs a token of yours in HF_TOKEN"
    )


@contextmanager
def _download(repository: str) -> Iterator[huggingface_hub.HfApi]:
    """A client of the hub whose faults are errors with a cure."""
    try:
        with _impatient_client():
            yield huggingface_hub.HfApi(endpoint=constants.ENDPOINT)
    except _DOWNLOAD_FAULTS as error:
        reason = str(error).strip() or type(error).__name__
        raise CheckpointError(
            f"{repository}: the download from {constants.ENDPOINT} failed ({reason}): try again, "
            f"with HF_HUB_DOWNLOAD_TIMEOUT set to more seconds if the network is slow; or {_CURE}"
        ) from error


@contextmanager
def _impatient_client() -> Iterator[None]:
    """Within it, no request of the hub's client waits longer for a sign of life than one of a file.

    The client's own limits would not do: some requests say that theirs is none, or a minute.
    """
    hooks: dict[str, list[Callable[[Any], None]]] | None
    session = huggingface_hub.get_session()
    hooks = getattr(session, "event_hooks", None)
    if hooks is None:  # of huggingface_hub 0.x, whose requests have limits
        yield
        return
    session.event_hooks = {**hooks, "request": [*hooks["request"], _limit]}
    try:
        yield
    finally:
        session.event_hooks = hooks


def _limit(request: Any) -> None:
    most = max(constants.HF_HUB_DOWNLOAD_TIMEOUT, constants.HF_HUB_ETAG_TIMEOUT)
    limits = request.extensions.get("timeout", {})
    kinds = ("connect", "read", "write", "pool")
    request.extensions["timeout"] = {kind: min(limits.get(kind) or most, most) for kind in kinds}


def _require_network(wanted: str) -> None:
    if constants.HF_HUB_OFFLINE:
        raise CheckpointError(f"{wanted} is not cached and HF_HUB_OFFLINE is set: {_CURE}")
    if not is_reachable(constants.ENDPOINT):
        raise CheckpointError(
            f"{wanted} is not cached and {constants.ENDPOINT} cannot be reached: {_CURE}"
        )


@contextmanager
def cached_files_only() -> Iterator[None]:
    """Within it, libraries that use the hub's client take cached files and ask nobody."""
    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
