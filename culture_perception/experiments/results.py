"""What an experiment finds out about one pair of models, ready to be printed or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from culture_perception.experiments.comparisons import Comparison, Effect, Gap
from culture_perception.experiments.failures import ReliabilityBin, Rung
from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.texts import Cell
from culture_perception.masks import IntArray


@dataclass(frozen=True)
class CellResult:
    """A row of the paper's table.

    Attributes:
        cell: products, labels, language and style.
        figures: name -> figure with its interval.
        paper: name -> the figure that the paper prints; {} where it has no such row.
        n: cases (objects in scenes).
        scenes: they are in.
        objects: different products.
        calibration_error: of the probabilities; None where it is not measured.
    """

    cell: Cell
    figures: Mapping[str, Estimate]
    paper: Mapping[str, float]
    n: int
    scenes: int
    objects: int
    calibration_error: float | None = None


@dataclass(frozen=True)
class Product:
    """How often one product was right in a cell."""

    cell: Cell
    concept_id: str
    label: str
    right: int
    n: int


@dataclass(frozen=True, eq=False)
class Confusion:
    """Rows the true concepts, columns the best labels; counts."""

    cell: Cell
    concepts: tuple[str, ...]
    labels: tuple[str, ...]
    counts: IntArray


@dataclass(frozen=True)
class Ladder:
    """How many objects of a cell each rung took."""

    cell: Cell
    rungs: Mapping[Rung, int]


@dataclass(frozen=True)
class Reliability:
    """Confidence against accuracy, of a cell."""

    cell: Cell
    bins: tuple[ReliabilityBin, ...]


@dataclass(frozen=True)
class Ablation:
    """The main figure of a cell with one thing done otherwise.

    Attributes:
        cell: whose; its language is joined by "+" where labels of several were fused.
        option: what was changed, for example "crop".
        value: what to.
        figure: with it.
        delta: figure less that of the options used; paired.
    """

    cell: Cell
    option: str
    value: str
    figure: float
    delta: Estimate


@dataclass(frozen=True)
class Shown:
    """An object of a scene, for the gallery.

    Attributes:
        seed: of the scene.
        cell: by whose labels.
        concept_id: what it is.
        label: its label in the cell.
        outline: of the object, corners (x, y) in pixels, several rings.
        answer: the label that it, or the mask on it, was given; "" for none.
        probability: of the answer, 0 to 1; 0 for none.
        rung: what became of it.
        found: outline of the mask that the answer was given to; () for the true mask.
    """

    seed: int
    cell: Cell
    concept_id: str
    label: str
    outline: tuple[tuple[tuple[int, int], ...], ...]
    answer: str
    probability: float
    rung: Rung
    found: tuple[tuple[tuple[int, int], ...], ...] = ()


@dataclass(frozen=True)
class Result:
    """One experiment with one pair of models.

    Attributes:
        experiment: "identification" or "segmentation".
        figure: the main one, which comparisons and ablations are of.
        segmenter: its name; "" where true masks were used.
        encoder: its name.
        cells: the table.
        comparisons: of cells that differ in one thing.
        effects: of language, brand and culture.
        gap: best against worst cell; None for a single one.
        products: by cell.
        confusions: by cell.
        reliabilities: by cell.
        ladders: by cell; () where true masks were used.
        ablations: by cell.
        shown: objects for the gallery.
        seconds: a scene that the models took; () where it was not measured.
        mask_figures: COCO's AP and the like of the masks, by products; {} where not measured.
    """

    experiment: str
    figure: str
    segmenter: str
    encoder: str
    cells: tuple[CellResult, ...]
    comparisons: tuple[Comparison, ...]
    effects: tuple[Effect, ...]
    gap: Gap | None
    products: tuple[Product, ...]
    confusions: tuple[Confusion, ...]
    reliabilities: tuple[Reliability, ...]
    ladders: tuple[Ladder, ...]
    ablations: tuple[Ablation, ...]
    shown: tuple[Shown, ...]
    seconds: tuple[float, ...] = ()
    mask_figures: Mapping[str, Mapping[str, float]] | None = None
