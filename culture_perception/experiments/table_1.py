"""Runs Table I: what the figures, comparisons and failures of identification are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from culture_perception.concepts import LabelSet
from culture_perception.experiments.ablations import ablation
from culture_perception.experiments.comparisons import VERBATIM, Series, compare, effects, gap
from culture_perception.experiments.failures import Rung, confusion, reliability
from culture_perception.experiments.identification import (
    Answers,
    Cases,
    answer,
    cases_of,
    identified,
)
from culture_perception.experiments.options import FORMS, TEMPLATES, IdentificationOptions
from culture_perception.experiments.outlines import outline
from culture_perception.experiments.paper import TABLE_1
from culture_perception.experiments.resampling import ratio
from culture_perception.experiments.results import (
    Ablation,
    CellResult,
    Confusion,
    Product,
    Reliability,
    Result,
    Shown,
)
from culture_perception.experiments.sightings import Known
from culture_perception.experiments.texts import Named, banks_of, fused_styles
from culture_perception.masks import BoxedMask
from culture_perception.measure.scene_sets import Scene
from culture_perception.protocols import Encoder

MAIN: Final = "top1"
"""The figure of comparisons: the score with zeros mixes rightness and confidence."""


@dataclass(frozen=True, eq=False)
class Table1Input:
    """What is known of one kind of products.

    Attributes:
        products: "ycb", "konbini" or "scans".
        scenes: in order.
        known: what the encoder saw of each.
        arms: label sets that name them, by arm.
        truth: seed -> true mask of each object of the scene, for the gallery.
    """

    products: str
    scenes: Sequence[Scene]
    known: Sequence[Known]
    arms: Mapping[str, LabelSet]
    truth: Mapping[int, Sequence[BoxedMask]]


@dataclass(frozen=True, eq=False)
class _Row:
    one: Table1Input
    named: Named
    cases: Cases
    answers: Answers


def table_1(
    inputs: Sequence[Table1Input], encoder: Encoder, options: IdentificationOptions
) -> Result:
    """All of the experiment with one encoder."""
    rows = [
        _row(one, cases, named, encoder, options)
        for one in inputs
        for cases in (cases_of(one.scenes, one.known, options),)
        for named in banks_of(one.products, one.arms, encoder, options.templates)
    ]
    series = [_series(row) for row in rows]
    return Result(
        experiment="identification",
        figure=MAIN,
        segmenter="",
        encoder=encoder.name,
        cells=tuple(_cell(row) for row in rows),
        comparisons=tuple(compare(series)),
        effects=tuple(effects(series)),
        gap=gap(series),
        products=tuple(product for row in rows for product in _products(row)),
        confusions=tuple(_confusion(row) for row in rows),
        reliabilities=tuple(
            Reliability(row.named.cell, tuple(reliability(row.answers))) for row in rows
        ),
        ladders=(),
        ablations=tuple(_ablations(inputs, rows, encoder, options)),
        shown=tuple(shown for row in rows for shown in _shown(row, options)),
    )


def _row(
    one: Table1Input,
    cases: Cases,
    named: Named,
    encoder: Encoder,
    options: IdentificationOptions,
) -> _Row:
    answers = answer(cases, named, encoder.calibration.logit_scale, options)
    return _Row(one, named, cases, answers)


def _series(row: _Row) -> Series:
    right = row.answers.right
    columns = np.stack([right.astype(np.float64), np.ones(len(right))], axis=1)
    return Series(row.named.cell, columns, row.cases.clusters, ratio(0, 1), right)


def _cell(row: _Row) -> CellResult:
    cell, measured = row.named.cell, identified(row.cases, row.answers)
    printed = TABLE_1.get((cell.label_set, cell.language, cell.style))
    return CellResult(
        cell=cell,
        figures=measured.figures,
        paper={} if printed is None else {"score": printed},
        n=measured.n,
        scenes=measured.scenes,
        objects=measured.objects,
        calibration_error=measured.calibration_error,
    )


def _products(row: _Row) -> list[Product]:
    texts = {one.concept_id: one.label for one in row.named.bank.labels.labels}
    right = row.answers.right
    return [
        Product(
            row.named.cell,
            str(concept),
            texts.get(str(concept), ""),
            int(right[row.cases.concepts == concept].sum()),
            int((row.cases.concepts == concept).sum()),
        )
        for concept in np.unique(row.cases.concepts)
    ]


def _confusion(row: _Row) -> Confusion:
    labels = row.named.bank.labels
    texts = tuple(one.label for one in labels.labels)
    return Confusion(row.named.cell, labels.concept_ids, texts, confusion(row.answers))


def _ablations(
    inputs: Sequence[Table1Input],
    rows: Sequence[_Row],
    encoder: Encoder,
    options: IdentificationOptions,
) -> list[Ablation]:
    """Other crops, other templates, and labels of all languages fused; verbatim texts alone."""
    found = []
    base = {row.named.cell: _series(row) for row in rows}
    for one in inputs:
        arms = {name: arm for name, arm in one.arms.items() if name == VERBATIM}
        for option, value, changed in options.changes({"crop": FORMS, "templates": TEMPLATES}):
            cases = cases_of(one.scenes, one.known, changed)
            for named in banks_of(one.products, arms, encoder, changed.templates):
                other = _series(_row(one, cases, named, encoder, changed))
                found.append(ablation(other, base[named.cell], option, value))
        cases = cases_of(one.scenes, one.known, options)
        for mixed, parts in fused_styles(banks_of(one.products, arms, encoder, options.templates)):
            other = _series(_row(one, cases, mixed, encoder, options))
            found += [
                ablation(other, base[part.cell], "languages", f"{mixed.cell.language} fused")
                for part in parts
            ]
    return found


def _shown(row: _Row, options: IdentificationOptions) -> list[Shown]:
    texts = [one.label for one in row.named.bank.labels.labels]
    column = {one: i for i, one in enumerate(row.named.bank.labels.concept_ids)}
    shown, case = [], 0
    for scene in row.one.scenes:
        for i, thing in enumerate(scene.objects):
            if options.judged == "target" and thing.concept_id != scene.target:
                continue
            right = bool(row.answers.right[case])
            rung: Rung = "right" if right else "encoder wrong"
            shown.append(
                Shown(
                    seed=scene.seed,
                    cell=row.named.cell,
                    concept_id=thing.concept_id,
                    label=texts[column[thing.concept_id]] if thing.concept_id in column else "",
                    outline=outline(row.one.truth[scene.seed][i]),
                    answer=texts[int(row.answers.best[case])],
                    probability=float(row.answers.confidence[case]),
                    rung=rung,
                )
            )
            case += 1
    return shown
