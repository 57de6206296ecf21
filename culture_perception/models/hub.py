"""Files of the Hugging Face hub, without the long silence when there is no network.

Left to itself the hub's client retries an unreachable hub for half a minute and more. Here a cached
file is used without asking anyone, and a missing one fails within seconds with what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import huggingface_hub
from huggingface_hub import constants

from culture_perception.models.errors import CheckpointError
from culture_perception.models.network import is_reachable


def hub_file(repository: str, names: tuple[str, ...]) -> Path:
    """Finds a file in the hub's cache, or downloads it.

    Args:
        repository: "organisation/name".
        names: the same content under alternative names, the preferred one first.

    Raises:
        CheckpointError: it is not cached, and offline mode is set, the hub cannot be reached, or it
            has none of the names.
    """
    cached = cached_file(repository, names)
    if cached is None:
        _require_network(f"{names[0]} of {repository}")
        cached = _download(repository, names)
    return cached


def hub_files(repository: str, one_of: tuple[str, ...], beside: tuple[str, ...]) -> Path:
    """The folder of the hub's cache with files that belong together, fetched if they are not there.

    Args:
        repository: "organisation/name".
        one_of: where one of these is cached, all of them are taken to be.
        beside: files that are fetched with them, as far as there are such.

    Raises:
        CheckpointError: none is cached, and they cannot be fetched.
    """
    cached = cached_file(repository, one_of)
    if cached is not None:
        return cached.parent
    _require_network(f"{one_of[0]} of {repository}")
    try:
        wanted = [*one_of, *beside]
        folder = Path(huggingface_hub.snapshot_download(repository, allow_patterns=wanted))
    except (OSError, huggingface_hub.errors.HfHubHTTPError) as error:
        raise CheckpointError(f"{repository}: the download failed: {error}") from error
    if not any((folder / name).is_file() for name in one_of):
        raise CheckpointError(f"{repository} has none of the files {', '.join(one_of)}")
    return folder


def cached_file(repository: str, names: tuple[str, ...]) -> Path | None:
    """The first of the files that the hub's cache has; asks nobody."""
    for name in names:
        cached = huggingface_hub.try_to_load_from_cache(repository, name)
        if isinstance(cached, str):
            return Path(cached)
    return None


def _download(repository: str, names: tuple[str, ...]) -> Path:
    try:
        there = [name for name in names if huggingface_hub.file_exists(repository, name)]
        if there:
            return Path(huggingface_hub.hf_hub_download(repository, there[0]))
    except (OSError, huggingface_hub.errors.HfHubHTTPError) as error:
        raise CheckpointError(f"{repository}: the download failed: {error}") from error
    raise CheckpointError(f"{repository} has none of the files {', '.join(names)}")


def _require_network(wanted: str) -> None:
    cure = "give the path of a checkpoint file instead, or download it once with a network"
    if constants.HF_HUB_OFFLINE:
        raise CheckpointError(f"{wanted} is not cached and HF_HUB_OFFLINE is set: {cure}")
    if not is_reachable(constants.ENDPOINT):
        raise CheckpointError(
            f"{wanted} is not cached and {constants.ENDPOINT} cannot be reached: {cure}"
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
