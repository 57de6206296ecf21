"""Rendered siblings: to learn from, with captions, and general ones to hold an encoder to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.adapt.learning import SiblingLearning
from culture_perception.adapt.pictures import PictureList, Pictures
from culture_perception.runner import SystemFailure
from culture_perception.training.encoder_data import CropSet, DataError, load_crops

MARKET_OF: Final[Mapping[str, str]] = {"konbini": "japan"}
"""Label set -> market of the simulator whose siblings share its words, brands and looks."""
DEFAULT_FRAMES: Final = 3600
REHEARSED_FRAMES: Final = 2400
"""Of the West, for options that rehearse."""
GENERAL: Final = "general"
"""As sim_bridge calls siblings of no kind."""
SEED: Final = 10
"""The shipped models were trained on siblings of other seeds."""
MOST: Final = 2000
"""Crops that replay keeps of a data set."""
_VALIDATION: Final = 240
_GENERAL: Final = 120
_JUDGED: Final = 1200


@dataclass(frozen=True, eq=False)
class Siblings:
    """Data sets of one market.

    Attributes:
        training: crops to learn from.
        validation: other ones to choose by.
        general: siblings of the West. Those of the kinds of another label set, YCB's, guard it:
            they are to be named as well as before.
        judged: other ones of the market, that a verifier learns from.
        rehearsed: siblings of the West to train on besides; None: none.
    """

    training: CropSet
    validation: CropSet
    general: CropSet
    judged: CropSet
    rehearsed: CropSet | None = None

    def learning(
        self, languages: Sequence[str], kinds: Sequence[str] = (), without: Sequence[str] = ()
    ) -> SiblingLearning:
        """Learning from them.

        Args:
            languages: of the captions.
            kinds: that imitate the label set's products.
            without: kinds that are not learned, nor their brands.

        Raises:
            SystemFailure: the market lacks a language.
        """
        training, validation, judged = (
            one.without_kinds(without) if without else one
            for one in (self.training, self.validation, self.judged)
        )
        try:
            guard = self.general.without_kinds([GENERAL])
            kin = [one for one in kinds if one not in without]
            return SiblingLearning(
                training, validation, guard, judged, languages, SEED, self.rehearsed, kin
            )
        except DataError as error:
            raise SystemFailure(str(error)) from error


def render_siblings(
    folder: Path, market: str, frames: int, workers: int, rehearsed: int = 0
) -> Siblings:
    """Renders what a folder lacks of a market's siblings, and reads them.

    Args:
        folder: of the data sets: train, validation, general, judged and rehearsed.
        market: of sim_bridge.products.markets.
        frames: pictures to train on.
        workers: processes that render.
        rehearsed: pictures of the West to train on besides.

    Raises:
        SystemFailure: they can not be rendered or read.
    """
    general = ("--split", "val", "--frames", str(_GENERAL), "--shard-frames", "60")
    own = ("--market", market, "--split", "val", "--frames", str(_VALIDATION))
    _render(folder / "train", workers, "--market", market, "--frames", str(frames))
    _render(folder / "validation", workers, *own, "--shard-frames", "60")
    _render(folder / "general", workers, *general)
    judged = ("--market", market, "--split", "verify", "--frames", str(_JUDGED))
    _render(folder / "judged", workers, *judged)
    if rehearsed:
        _render(folder / "rehearsed", workers, "--frames", str(rehearsed))
    return Siblings(
        _read(folder / "train", progress=True),
        _read(folder / "validation"),
        _read(folder / "general"),
        _read(folder / "judged"),
        _read(folder / "rehearsed", progress=True) if rehearsed else None,
    )


@lru_cache(maxsize=8)  # a study reads the same ones many times
def _read(folder: Path, progress: bool = False) -> CropSet:
    try:
        return load_crops(folder, progress)
    except (DataError, OSError, KeyError, ValueError) as error:
        raise SystemFailure(f"siblings of {folder}: {error}") from error


def _render(folder: Path, workers: int, *options: str) -> None:
    command = [sys.executable, "-m", "sim_bridge.training_data", str(folder)]
    command += ["--seed", str(SEED), "--workers", str(workers), *options]
    code = subprocess.run(command, check=False).returncode
    if code:
        raise SystemFailure(f"rendering siblings ended with {code}; see what it printed above")


def read_siblings(folder: Path, crop_size: int, seed: int) -> tuple[Pictures, tuple[str, ...]]:
    """Crops of a data set of `python -m sim_bridge.training_data`, and their products' labels.

    Args:
        folder: of the data set.
        crop_size: side of the crops that the encoder sees, pixels.
        seed: of which crops are kept where there are more than MOST.

    Raises:
        SystemFailure: it is missing or damaged.
    """
    found = _read(folder)
    chosen = np.random.default_rng(seed).permutation(len(found))[:MOST]
    crops = PictureList(crop_size)
    for i in chosen:
        if found.masks[i].any():
            name = str(found.products[i])
            crops.add(found.images[i], found.masks[i], name, int(found.products[i]))
    return crops.done(), _texts(found, np.unique(found.products[chosen]))


def _texts(found: CropSet, products: NDArray[np.int64]) -> tuple[str, ...]:
    labels = [found.labels[i].text for i in products]
    brands = [one.text for i in products if (one := found.brand_labels[i]) is not None]
    return tuple(dict.fromkeys([*labels, *brands]))
