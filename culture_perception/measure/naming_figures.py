"""How well an encoder names objects whose masks are known, and when it says that it can't."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.masks import FloatArray
from culture_perception.measure.figures import Figure, share
from culture_perception.measure.outcomes import Cell, Crops
from culture_perception.metrics import Counts
from culture_perception.protocols import Calibration
from culture_perception.training.calibration import calibration_error
from culture_perception.zero_shot import TextBank, probabilities, similarity

NAMING: Final = "Named rightly (top-1), masks known, among the 15 labels of the set"
CALIBRATION: Final = "Expected calibration error"
REJECTION: Final = "Rejected as unknown"
CURVE: Final = "Named by no label and rejected, were that share of the rightly named"
PRICES: Final = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Shares of rightly named crops that are rejected, for the curve."""
END_TO_END: Final = "Segmented and named"

ALSO_TRUE: Final[Mapping[str, Collection[str]]] = {
    # "red box of cookies" is true of Pocky, "white bottle of cleanser" of the hand soap.
    "ycb": ("konbini.pocky", "konbini.biore_hand_soap"),
    "konbini": (),
}
"""Products of the other set that some English plain label of a set is true of."""


@dataclass(frozen=True, eq=False)
class Names:
    """What crops are called by the labels of a bank, each for itself.

    Attributes:
        best: (N,) concept id of the most probable label.
        probability: (N,) of that label.
        rejected: (N,) bool: the encoder's own calibration calls it unknown.
        judged: (N,) what the last threshold is compared with: the verifier's probability, or the
            cosine where there is none; -inf where the label's probability is too low already.
    """

    best: NDArray[np.str_]
    probability: FloatArray
    rejected: NDArray[np.bool_]
    judged: FloatArray


def name_crops(crops: Crops, bank: TextBank, calibration: Calibration) -> Names:
    """Names each crop as recognition does, without competition between the masks of an image."""
    cosines = similarity(crops.embeddings, bank.embeddings)
    chances = probabilities(cosines, calibration.logit_scale)
    likely = chances >= calibration.min_probability
    believed = calibration.believes(cosines, crops.embeddings, bank.embeddings) & likely
    verifier = calibration.verifier
    judged = cosines if verifier is None else verifier.matches(crops.embeddings, bank.embeddings)
    rows, best = np.arange(len(cosines)), chances.argmax(axis=1)
    return Names(
        best=np.array(bank.labels.concept_ids)[best],
        probability=chances[rows, best],
        rejected=~believed[rows, best],
        judged=np.where(likely, judged, -np.inf)[rows, best],
    )


def naming_figures(
    name: str, title: str, crops: Crops, banks: Mapping[Cell, TextBank], calibration: Calibration
) -> list[Figure]:
    """Top-1 and calibration error of the crops of a set, by each bank of labels."""
    figures = []
    for (_, language, style), bank in banks.items():
        names = name_crops(crops, bank, calibration)
        right = names.best == np.array(crops.concept_ids)
        key, what = f"encoder.{name}.{language}.{style}", f"{title}, {language}, {style}"
        error = calibration_error(names.probability, right)
        figures += [
            share(NAMING, f"{key}.top1", what, right, crops.scenes),
            Figure(CALIBRATION, f"{key}.calibration_error", what, error, len(right)),
        ]
    return figures


def rejection_figures(
    name: str,
    title: str,
    own: Crops,
    strangers: Crops,
    bank: TextBank,
    calibration: Calibration,
) -> list[Figure]:
    """Rejected shares at the encoder's thresholds, under the labels of one set.

    Args:
        name: of the set of labels, for the keys.
        title: of it, for people.
        own: crops of its products.
        strangers: crops of products that no label names; those of ALSO_TRUE are left out.
        bank: its labels.
        calibration: the encoder's.
    """
    names = name_crops(own, bank, calibration)
    right = names.best == np.array(own.concept_ids)
    unnamed = ~np.isin(np.array(strangers.concept_ids), list(ALSO_TRUE[name]))
    foreign = name_crops(strangers, bank, calibration)
    return rejected_shares(
        name,
        title,
        (names.rejected[right], own.scenes[right]),
        (foreign.rejected[unnamed], strangers.scenes[unnamed]),
    ) + curve(
        name,
        title,
        names.judged[right],
        (foreign.judged[unnamed], strangers.scenes[unnamed]),
    )


def rejected_shares(
    name: str,
    title: str,
    right: tuple[NDArray[np.bool_], NDArray[np.int64]],
    unknown: tuple[NDArray[np.bool_], NDArray[np.int64]],
    counts: tuple[int, int] | None = None,
) -> list[Figure]:
    """The two figures of rejection.

    Args:
        name: for the keys.
        title: for people.
        right: of the rightly named crops, which are rejected, and which cluster they are of.
        unknown: the same of crops that no label names.
        counts: how many different crops these are; None where each was tried once.
    """
    false, true = counts or (None, None)
    key = f"rejection.{name}"
    return [
        share(REJECTION, f"{key}.false", f"{title}: rightly named", *right, "crops", false),
        share(REJECTION, f"{key}.unknown", f"{title}: named by no label", *unknown, "crops", true),
    ]


def curve(
    name: str,
    title: str,
    right: FloatArray,
    unknown: tuple[FloatArray, NDArray[np.int64]],
    count: int | None = None,
) -> list[Figure]:
    """What other thresholds would reject: the trade between the two figures of rejected_shares.

    Args:
        name: for the keys.
        title: for people.
        right: (N,) what is judged of the rightly named crops.
        unknown: the same of crops that no label names, and which cluster they are of.
        count: how many different ones these are; None where each was tried once.
    """
    judged, clusters = unknown
    figures = []
    for price in PRICES:
        threshold = float(np.quantile(right, price, method="higher")) if len(right) else np.nan
        key, what = f"rejection.{name}.unknown_at_{price:.0%}", f"{title}: at {price:.0%}"
        figures.append(share(CURVE, key, what, judged < threshold, clusters, "crops", count))
    return figures


def end_to_end_figures(
    name: str, title: str, scenes: Sequence[Mapping[Cell, Counts]]
) -> list[Figure]:
    """Objects found and rightly named, names that were right, and F1, of both models together."""
    figures = []
    for cell in scenes[0] if scenes else ():
        counts = [scene[cell] for scene in scenes]
        _, language, style = cell
        key, what = f"end_to_end.{name}.{language}.{style}", f"{title}, {language}, {style}"
        figures += [
            _ratio(
                f"{key}.recall",
                f"{what}: objects found and rightly named",
                [one.right_names for one in counts],
                [one.nameable for one in counts],
            ),
            _ratio(
                f"{key}.precision",
                f"{what}: given names that are right",
                [one.right_names for one in counts],
                [one.names for one in counts],
                "names",
            ),
            _ratio(
                f"{key}.f1",
                f"{what}: F1 of both",
                [2 * one.right_names for one in counts],
                [one.names + one.nameable for one in counts],
                "objects and names",
            ),
        ]
    return figures


def _ratio(
    key: str, what: str, parts: Sequence[int], wholes: Sequence[int], unit: str = "objects"
) -> Figure:
    right = [
        case < part for part, whole in zip(parts, wholes, strict=True) for case in range(whole)
    ]
    scenes = np.repeat(np.arange(len(wholes)), wholes)
    return share(END_TO_END, key, what, right, scenes, unit)
