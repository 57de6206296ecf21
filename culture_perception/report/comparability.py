"""What figures may not be compared with: every sentence is made of what the file holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from culture_perception.experiments.comparisons import FEW_OBJECTS, VERBATIM
from culture_perception.experiments.results import Result
from culture_perception.report.names import products_name
from culture_perception.report.reading import Run

OWN: Final = ("embedded", "small_sam")
"""What the names of this package's own small models begin with."""
_MODELS: Final = {"identification": "CLIP", "segmentation": "SAM and CLIP"}
_DRAWN: Final = {"ycb", "konbini"}
_SCANS: Final = "scans"


def not_comparable(runs: Sequence[Run]) -> list[str]:
    """What keeps figures of one experiment, 1 or more runs, from being the paper's."""
    first = runs[0].result
    return [
        *_about_models(runs),
        *_about_pictures(first),
        *_about_figures(first),
        _about_options(runs),
        *_about_arms(first),
    ]


def _about_models(runs: Sequence[Run]) -> list[str]:
    kind = runs[0].result.experiment
    names = list(
        dict.fromkeys(
            name for run in runs for name in (run.result.segmenter, run.result.encoder) if name
        )
    )
    said = [f"The paper's figures are of {_MODELS[kind]}; those here are of {_listed(names)}."]
    small = [name for name in names if name.startswith(OWN)]
    if small:
        are = "is a small model" if len(small) == 1 else "are small models"
        said.append(
            f"{_listed(small)} {are} of this package, neither CLIP nor SAM: from these figures "
            "nothing follows for those. models/MODEL_CARD.md tells what the shipped ones were "
            "trained on."
        )
    return said


def _about_pictures(result: Result) -> list[str]:
    kinds = list(dict.fromkeys(one.cell.products for one in result.cells))
    drawn = [products_name(one) for one in kinds if one in _DRAWN]
    said = []
    if drawn:
        said.append(
            f"The products of {_listed(drawn)} are drawn by code and rendered: they are not the "
            "paper's models of them."
        )
    if _SCANS in kinds:
        count = max(one.objects for one in result.cells if one.cell.products == _SCANS)
        said.append(f"{products_name(_SCANS)}: {count} scanned objects, rendered.")
    return said


def _about_figures(result: Result) -> list[str]:
    counts = sorted({one.n for one in result.cells})
    cases = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    said = [
        f"The paper prints neither intervals nor how many objects it saw; here: {cases} a group."
    ]
    if result.experiment == "identification":
        said.append(
            "The figure that the paper prints as accuracy is most likely a mean of scores, 0 for a "
            "wrong answer; so it stands beside the score with zeros, not beside top-1."
        )
    return said


def _about_options(runs: Sequence[Run]) -> str:
    choices = runs[0].source.choices
    other = [f"{one.name} = {one.value}" for one in choices if one.value != one.default]
    changed = f"other than the defaults are {', '.join(other)}" if other else "all are the defaults"
    count = len(choices)
    return f"Choices that the paper leaves open: {count}; here {changed}. They are listed below."


def _about_arms(result: Result) -> list[str]:
    arms = list(dict.fromkeys(one.cell.arm for one in result.cells if one.cell.arm != VERBATIM))
    if not arms:
        return []
    return [f"Labels marked {_listed(arms)} are not the paper's texts, and have no figure there."]


def small_sample(result: Result) -> str:
    """A warning where few products were seen; "" where there were enough."""
    few = [one.objects for one in result.cells if one.objects < FEW_OBJECTS]
    if not few:
        return ""
    count = str(min(few)) if min(few) == max(few) else f"{min(few)} to {max(few)}"
    return (
        f"A small sample: {count} different products a group. Intervals draw scenes and products "
        "anew; McNemar's p takes cases as independent."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
