"""Which adapters an encoder gets: those that are shipped for it, files, or none."""

from __future__ import annotations

from culture_perception.models.adapter_encoder import AdaptedEncoder
from culture_perception.models.adapter_files import Adapter, load_adapter
from culture_perception.models.clip import ClipEncoder
from culture_perception.models.openvino_tower import OpenVinoTower
from culture_perception.models.shipped_adapters import (
    NONE,
    SHIPPED,
    adapter_path,
    shipped_files,
)


def with_adapters(base: ClipEncoder, listed: str) -> ClipEncoder | AdaptedEncoder:
    """An encoder with the adapters of a list, or the base itself where there are none.

    Args:
        base: nobody else may change its weights from now on.
        listed: "shipped": those that come with the package and were made for this base; "none" or
            "": none; else files, or names of shipped ones, with commas between.

    Raises:
        AdapterError: a file is missing, damaged, no adapter or of another base.
    """
    if listed.strip() in ("", NONE):
        return base
    chosen = _shipped_for(base) if listed.strip() == SHIPPED else _read(listed)
    return AdaptedEncoder(base, chosen) if chosen else base


def always_adapted(base: ClipEncoder, listed: str) -> AdaptedEncoder:
    """An encoder that uses one adapter whatever the labels are, to be compared with its base.

    Args:
        base: as above.
        listed: a file, or the name of a shipped adapter, such as "japan".

    Raises:
        AdapterError: it is missing, damaged, no adapter or of another base.
    """
    adapter = load_adapter(adapter_path(listed))
    encoder = AdaptedEncoder(base, [adapter])
    encoder.adapt_to(adapter.card.label_sets[0], adapter.card.languages)
    return encoder


def _shipped_for(base: ClipEncoder) -> list[Adapter]:
    """Those that fit; another encoder is used without any, as nobody asked for them by name."""
    compiled = isinstance(base.model.visual, OpenVinoTower)
    return [
        adapter
        for adapter in map(load_adapter, shipped_files())
        if adapter.card.base_hash == base.fingerprint
        and not (compiled and "image" in adapter.card.options.towers)
    ]


def _read(listed: str) -> list[Adapter]:
    names = [name.strip() for name in listed.split(",")]
    return [load_adapter(adapter_path(name)) for name in names if name]
