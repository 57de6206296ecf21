"""What things are called in a report, and how its numbers are written."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from culture_perception.experiments.failures import MEANING
from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.results import Result
from culture_perception.experiments.tables import PRODUCTS
from culture_perception.experiments.texts import FUSED, Cell
from culture_perception.languages import LANGUAGES_FILE, load_languages
from culture_perception.resources import share_path

NOTHING: Final = "–"
FIGURES: Final[Mapping[str, str]] = {
    "top1": "Top-1 accuracy",
    "score": "Score with zeros",
    "f1": "F1-score",
    "iou": "IoU",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "iou_of_hits": "IoU of hits",
}
MASK_FIGURES: Final[Mapping[str, str]] = {
    "ap": "AP",
    "ap50": "AP50",
    "ap75": "AP75",
    "ar100": "AR100",
    "pq": "PQ",
    "sq": "SQ",
    "rq": "RQ",
}
STYLES: Final[Mapping[str, str]] = {"plain": "w/o brand", "brand": "w/ brand"}


def figure_name(name: str) -> str:
    """A figure in words; one that is new keeps its name."""
    return FIGURES.get(name, name)


def products_name(products: str) -> str:
    """What is on the table."""
    return PRODUCTS.get(products, products)


@lru_cache(maxsize=1)
def _languages() -> Mapping[str, str]:
    found = load_languages(share_path("config", LANGUAGES_FILE))
    return {tag: language.name for tag, language in found.items()}


def language_name(tag: str) -> str:
    """A language in English where the package knows it, else its tag; several joined by "+"."""
    return " + ".join(_languages().get(one, one) for one in tag.split(FUSED))


def group_name(cell: Cell) -> str:
    """A row of the paper's tables: "Konbini (Japanese)"; with the arm unless it is verbatim."""
    arm = "" if cell.arm == "verbatim" else f", {cell.arm}"
    return f"{products_name(cell.products)} ({language_name(cell.language)}{arm})"


def cell_name(cell: Cell) -> str:
    """A group and style: "Konbini (Japanese) w/ brand"."""
    return f"{group_name(cell)} {STYLES.get(cell.style, cell.style)}"


def readable(text: str) -> str:
    """A text with the names of products and languages in place of their keys."""
    known = {**_languages(), **PRODUCTS}
    return re.sub(r"[\w-]+", lambda word: known.get(word[0], word[0]), text)


def concept_name(concept_id: str) -> str:
    """A concept without its set: "bleach cleanser"."""
    return concept_id.partition(".")[2].replace("_", " ") or concept_id


def rung_meaning(rung: str, result: Result) -> str:
    """What became of an object, in words."""
    if not result.segmenter and rung != "right":
        return "named wrongly, cut by its true mask"
    if not result.segmenter:
        return "rightly named, cut by its true mask"
    return {str(name): text for name, text in MEANING.items()}.get(rung, "")


def percent(share: float) -> str:
    """A share as percent, without the sign: "98.7"."""
    return f"{100 * share:.1f}" if math.isfinite(share) else NOTHING


def percent_sign(share: float) -> str:
    """A share with its sign, which stays on the same line: "98.7 %"."""
    return f"{percent(share)}\N{NO-BREAK SPACE}%"


def points(value: float) -> str:
    """A difference of shares in percentage points, with a real minus: "+6.7", "0.0"."""
    if not math.isfinite(value):
        return NOTHING
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "\N{MINUS SIGN}")


def percent_interval(one: Estimate) -> str:
    """Both ends of an interval: "92–100"; "" without one."""
    if not (math.isfinite(one.low) and math.isfinite(one.high)):
        return ""
    return f"{100 * one.low:.0f}–{100 * one.high:.0f}"


def points_interval(one: Estimate) -> str:
    """Both ends of a difference's interval: "+92.4 to +100.0"; "" without one."""
    if not (math.isfinite(one.low) and math.isfinite(one.high)):
        return ""
    return f"{points(one.low)} to {points(one.high)}"


def probability(p: float | None) -> str:
    """A p value; below a ten-thousandth as such."""
    if p is None or not math.isfinite(p):
        return NOTHING
    return "< 0.0001" if p < 1e-4 else f"{p:.2g}"
