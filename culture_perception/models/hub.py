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
    for name in names:
        cached = huggingface_hub.try_to_load_from_cache(repository, name)
        if isinstance(cached, str):
            return Path(cached)
    _require_network(f"{names[0]} of {repository}")
    return _download(repository, names)


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
