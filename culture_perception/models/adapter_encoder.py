"""An encoder with adapters, one of which is in use at a time, or none."""

from __future__ import annotations

from collections.abc import Sequence

from culture_perception.masks import Float32Array, Uint8Array
from culture_perception.models.adapter_card import AdapterError
from culture_perception.models.adapter_files import Adapter
from culture_perception.models.adapter_fitting import FittedAdapter, fit
from culture_perception.models.adapter_switch import AdapterSwitch
from culture_perception.models.clip import ClipEncoder
from culture_perception.models.clip_small import ClipModel
from culture_perception.models.openvino_tower import OpenVinoTower
from culture_perception.protocols import Calibration
from culture_perception.verification import PARTS


class AdaptedEncoder:
    """A base and its adapters behind the core's Encoder protocol; the bare base at first.

    One thread at a time uses it. `name` and `calibration` are those of what is in use: embeddings
    of different names are not to be compared.
    """

    def __init__(self, base: ClipEncoder, adapters: Sequence[Adapter] = ()) -> None:
        """Checks all adapters, so that a switch can not fail for what is in a file.

        Args:
            base: nobody else may change its weights from now on.
            adapters: the first that fits a selection of labels is used for it.

        Raises:
            AdapterError: an adapter was made for another base, does not fit it, has a verifier of
                embeddings of another length, or changes the image tower, which OpenVINO has
                compiled.
        """
        self._base = base
        self._fitted = [_fitted(adapter, base) for adapter in adapters]
        self._active: FittedAdapter | None = None
        self._switch = AdapterSwitch(base.model)

    @property
    def name(self) -> str:
        """The base's, with that of the adapter in use."""
        active = self.active
        return self._base.name if active is None else f"{self._base.name}+{active.name}"

    @property
    def calibration(self) -> Calibration:
        """Of the adapter in use, or the base's where it has none."""
        own = self.active.calibration if self.active is not None else None
        return own or self._base.calibration

    @property
    def crop_size(self) -> int:
        """Side of the square crops that it sees, pixels."""
        return self._base.crop_size

    @property
    def notice(self) -> str:
        """What it does with less than was asked for, and why; empty: nothing."""
        return self._base.notice

    @property
    def model(self) -> ClipModel:
        """The open_clip model, with the weights in use."""
        return self._base.model

    @property
    def embedding_width(self) -> int:
        """D, the length of an embedding."""
        return self._base.embedding_width

    @property
    def active(self) -> Adapter | None:
        """The adapter in use; None: the bare base."""
        return None if self._active is None else self._active.adapter

    @property
    def adapter_names(self) -> tuple[str, ...]:
        """Of all that it has, each with a hash of what it does."""
        return tuple(adapter.name for adapter in self.adapters)

    @property
    def adapters(self) -> tuple[Adapter, ...]:
        """All that it has, in the order in which they are tried."""
        return tuple(one.adapter for one in self._fitted)

    def adapt_to(self, label_set: str, languages: Sequence[str]) -> None:
        """Uses the first adapter whose card lists the label set and all languages, or the base.

        The base comes back bit for bit; nothing is read from a file.
        """
        fits = (f for f in self._fitted if f.adapter.card.fits(label_set, languages))
        wanted = next(fits, None)
        if wanted is not self._active:
            self._switch.use(wanted)
            self._active = wanted

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        """Embeds crops as ClipEncoder does, with the weights in use."""
        return self._base.encode_images(crops)

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        """Embeds texts as ClipEncoder does, with the weights in use."""
        return self._base.encode_texts(texts)


def _fitted(adapter: Adapter, base: ClipEncoder) -> FittedAdapter:
    card = adapter.card
    if card.base_hash != base.fingerprint:
        raise AdapterError(
            f"adapter {card.name} was made for {card.base_name} with weights {card.base_hash}, "
            f"the encoder is {base.name} with weights {base.fingerprint}: choose the encoder that "
            "it was made for, or make an adapter for this one"
        )
    changes_images = any(name.startswith("visual.") for name in adapter.factors)
    if changes_images and isinstance(base.model.visual, OpenVinoTower):
        raise AdapterError(
            f"adapter {card.name} changes the image tower, which the backend openvino has compiled "
            "without it: use the backend torch, or an adapter of the text tower alone"
        )
    verifier = adapter.verifier
    if verifier is not None and len(verifier.hidden) != PARTS * base.embedding_width:
        raise AdapterError(
            f"adapter {card.name} has a verifier of embeddings of length "
            f"{len(verifier.hidden) // PARTS}, those of the encoder have {base.embedding_width}: "
            "calibrate it again"
        )
    return fit(adapter, base.model)
