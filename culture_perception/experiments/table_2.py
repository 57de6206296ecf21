"""Runs Table II: what the figures, comparisons and failures of segmentation are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from culture_perception.concepts import LabelSet
from culture_perception.experiments.ablations import ablation
from culture_perception.experiments.comparisons import VERBATIM, Series, compare, effects, gap
from culture_perception.experiments.failures import Chain, Rung, count_rungs, rungs
from culture_perception.experiments.mask_figures import class_free
from culture_perception.experiments.mask_figures import named as named_masks
from culture_perception.experiments.options import (
    DEALINGS,
    FORMS,
    TEMPLATES,
    SegmentationOptions,
)
from culture_perception.experiments.outlines import outline
from culture_perception.experiments.paper import TABLE_2
from culture_perception.experiments.results import (
    Ablation,
    CellResult,
    Ladder,
    Product,
    Result,
    Shown,
)
from culture_perception.experiments.segmentation import (
    STATISTICS,
    Asked,
    Claims,
    asked_in,
    claim,
    segmented,
)
from culture_perception.experiments.sightings import Found, Known
from culture_perception.experiments.texts import Named, banks_of, fused_styles
from culture_perception.masks import BoxedMask, IntArray
from culture_perception.matching import MIN_IOU
from culture_perception.measure.scene_sets import Scene
from culture_perception.protocols import Encoder
from culture_perception.zero_shot import similarity

MAIN: Final = "f1"
CHANGED: Final = {"crop": FORMS, "templates": TEMPLATES, "dealing": DEALINGS}
"""What ablations do otherwise, one at a time."""


@dataclass(frozen=True, eq=False)
class Table2Input:
    """What is known of one kind of products; see Table1Input.

    Attributes:
        products: "ycb", "konbini" or "scans".
        scenes: in order.
        known: what the encoder saw of each by true masks.
        found: what segmenter and encoder saw of each.
        arms: label sets that name them, by arm.
        truth: seed -> true mask of each object of the scene.
        shape_hw: of all pictures, pixels.
    """

    products: str
    scenes: Sequence[Scene]
    known: Sequence[Known]
    found: Sequence[Found]
    arms: Mapping[str, LabelSet]
    truth: Mapping[int, Sequence[BoxedMask]]
    shape_hw: tuple[int, int]

    def having(self, contents: str) -> Table2Input:
        """The scenes of one object, of several, or all."""
        if contents == "all":
            return self
        several = [len(scene.objects) > 1 for scene in self.scenes]
        wanted = [i for i, many in enumerate(several) if many == (contents == "among")]
        return replace(
            self,
            scenes=[self.scenes[i] for i in wanted],
            known=[self.known[i] for i in wanted],
            found=[self.found[i] for i in wanted],
        )


@dataclass(frozen=True, eq=False)
class _Row:
    one: Table2Input
    named: Named
    asked: Asked
    claims: Claims


def table_2(
    inputs: Sequence[Table2Input],
    segmenter_name: str,
    encoder: Encoder,
    options: SegmentationOptions,
) -> Result:
    """All of the experiment with one pair of models."""
    chosen = [one.having(options.contents) for one in inputs]
    rows = [row for one in chosen for row in _rows(one, encoder, options)]
    series = [_series(row) for row in rows]
    rungs_of = [_rungs(row, rows, encoder, options) for row in rows]
    return Result(
        experiment="segmentation",
        figure=MAIN,
        segmenter=segmenter_name,
        encoder=encoder.name,
        cells=tuple(_cell(row) for row in rows),
        comparisons=tuple(compare(series)),
        effects=tuple(effects(series)),
        gap=gap(series),
        products=tuple(product for row in rows for product in _products(row)),
        confusions=(),
        reliabilities=(),
        ladders=tuple(
            Ladder(row.named.cell, count_rungs(found))
            for row, found in zip(rows, rungs_of, strict=True)
        ),
        ablations=tuple(_ablations(chosen, rows, encoder, options)),
        shown=tuple(
            shown for row, found in zip(rows, rungs_of, strict=True) for shown in _shown(row, found)
        ),
        seconds=tuple(seen.seconds for one in chosen for seen in one.found),
        mask_figures=_mask_figures(chosen, rows),
    )


def _rows(one: Table2Input, encoder: Encoder, options: SegmentationOptions) -> list[_Row]:
    return [
        _claimed(one, named, encoder, options)
        for named in banks_of(one.products, one.arms, encoder, options.templates)
    ]


def _claimed(
    one: Table2Input, named: Named, encoder: Encoder, options: SegmentationOptions
) -> _Row:
    asked = asked_in(one.scenes, named.bank.labels.concept_ids, options)
    scale = encoder.calibration.logit_scale
    claims = claim(asked, one.scenes, one.found, named, scale, options)
    return _Row(one, named, asked, claims)


def _series(row: _Row) -> Series:
    hits = row.claims.columns[:, 2] > 0
    return Series(row.named.cell, row.claims.columns, row.asked.clusters, STATISTICS[MAIN], hits)


def _cell(row: _Row) -> CellResult:
    cell, measured = row.named.cell, segmented(row.asked, row.claims)
    return CellResult(
        cell=cell,
        figures=measured.figures,
        paper=TABLE_2.get((cell.label_set, cell.language, cell.style), {}),
        n=measured.n,
        scenes=measured.scenes,
        objects=measured.objects,
    )


def _products(row: _Row) -> list[Product]:
    texts = {one.concept_id: one.label for one in row.named.bank.labels.labels}
    present, hits = row.asked.thing >= 0, row.claims.columns[:, 2] > 0
    found = []
    for concept in np.unique(row.asked.concepts[present]):
        own = present & (row.asked.concepts == concept)
        name = str(concept)
        found.append(
            Product(row.named.cell, name, texts[name], int(hits[own].sum()), int(own.sum()))
        )
    return found


def _mask_figures(
    inputs: Sequence[Table2Input], rows: Sequence[_Row]
) -> dict[str, Mapping[str, float]]:
    """Of the masks of each kind of products, and of the named ones of each verbatim cell."""
    found: dict[str, Mapping[str, float]] = {}
    for one in inputs:
        found[f"{one.products}, any name"] = class_free(_truth(one), one.found, one.shape_hw)
    for row in (row for row in rows if row.named.cell.arm == VERBATIM):
        found[row.named.cell.title] = named_masks(
            _truth(row.one),
            row.one.scenes,
            row.one.found,
            row.claims.dealt,
            row.named.bank.labels.concept_ids,
            row.one.shape_hw,
        )
    return {title: figures for title, figures in found.items() if figures}


def _truth(one: Table2Input) -> list[Sequence[BoxedMask]]:
    return [one.truth[scene.seed] for scene in one.scenes]


def _rungs(
    row: _Row, rows: Sequence[_Row], encoder: Encoder, options: SegmentationOptions
) -> list[Rung]:
    """Of each present label, in the order of `asked`."""
    present = np.flatnonzero(row.asked.thing >= 0)
    covering = [_covering(row, int(case)) for case in present]
    cell = row.named.cell
    others = [
        one.named
        for one in rows
        if one.named.cell != cell and one.named.cell._replace(language=cell.language) == cell
    ]
    perfect = _is_best(row, present, row.named, options, None)
    elsewhere = np.zeros(len(present), np.bool_)
    for other in others:
        elsewhere |= _is_best(row, present, other, options, None)
    return rungs(
        Chain(
            hit=row.claims.columns[present, 2] > 0,
            covered=np.array([mask >= 0 for mask in covering], np.bool_),
            right_if_perfect=perfect,
            right_if_found=_is_best(row, present, row.named, options, covering),
            right_elsewhere=elsewhere,
        )
    )


def _covering(row: _Row, case: int) -> int:
    """The mask that covers a present object best; -1 if none reaches an IoU of .5."""
    overlaps = row.one.found[row.asked.scene[case]].overlaps[:, row.asked.thing[case]]
    best = int(overlaps.argmax()) if len(overlaps) else -1
    return best if best >= 0 and overlaps[best] >= MIN_IOU else -1


def _is_best(
    row: _Row,
    present: IntArray,
    named: Named,
    options: SegmentationOptions,
    masks: Sequence[int] | None,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the right label is the best one of the objects' true masks, or of given ones."""
    labels = named.bank.labels.concept_ids
    right = np.zeros(len(present), np.bool_)
    for i, case in enumerate(present):
        number = row.asked.scene[case]
        if masks is None:
            seen = row.one.known[number].embeddings[options.crop][row.asked.thing[case]]
        elif masks[i] < 0:
            continue
        else:
            seen = row.one.found[number].embeddings[options.crop][masks[i]]
        best = int(similarity(seen[None], named.bank.embeddings)[0].argmax())
        right[i] = labels[best] == row.asked.concepts[case]
    return right


def _ablations(
    inputs: Sequence[Table2Input],
    rows: Sequence[_Row],
    encoder: Encoder,
    options: SegmentationOptions,
) -> list[Ablation]:
    """Other crops, templates and ways to deal, and fused languages; verbatim texts alone."""
    found = []
    base = {row.named.cell: _series(row) for row in rows}
    for one in (_verbatim(one) for one in inputs):
        for option, value, changed in options.changes(CHANGED):
            rows = _rows(one, encoder, changed)
            found += [ablation(_series(row), base[row.named.cell], option, value) for row in rows]
        banks = banks_of(one.products, one.arms, encoder, options.templates)
        for mixed, parts in fused_styles(banks):
            row = _claimed(one, mixed, encoder, options)
            value = f"{mixed.cell.language} fused"
            found += [ablation(_series(row), base[part.cell], "languages", value) for part in parts]
    return found


def _verbatim(one: Table2Input) -> Table2Input:
    return replace(one, arms={name: arm for name, arm in one.arms.items() if name == VERBATIM})


def _shown(row: _Row, found: Sequence[Rung]) -> list[Shown]:
    texts = {one.concept_id: one.label for one in row.named.bank.labels.labels}
    shown = []
    for case, rung in zip(np.flatnonzero(row.asked.thing >= 0), found, strict=True):
        number = int(row.asked.scene[case])
        scene, seen = row.one.scenes[number], row.one.found[number]
        concept, mask = str(row.asked.concepts[case]), _covering(row, int(case))
        answer, chance = _answer_on(row, number, mask)
        shown.append(
            Shown(
                seed=scene.seed,
                cell=row.named.cell,
                concept_id=concept,
                label=texts[concept],
                outline=outline(row.one.truth[scene.seed][int(row.asked.thing[case])]),
                answer=texts.get(answer, ""),
                probability=chance,
                rung=rung,
                found=outline(seen.masks[mask]) if mask >= 0 else (),
            )
        )
    return shown


def _answer_on(row: _Row, scene: int, mask: int) -> tuple[str, float]:
    """The concept whose label ended on a mask, and its probability; "" and 0 for none."""
    dealt = row.claims.dealt[scene]
    column = dealt.label_of(mask) if mask >= 0 else None
    if column is None:
        return "", 0.0
    return row.named.bank.labels.concept_ids[column], float(dealt.probability[column])
