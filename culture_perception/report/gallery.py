"""The scenes of a report as plain data, which the page's script filters and draws."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from culture_perception.experiments.failures import RUNGS
from culture_perception.experiments.outlines import Outline
from culture_perception.experiments.results import Shown
from culture_perception.experiments.texts import FUSED, Cell
from culture_perception.report.charts.drawing import RUNG_COLOURS
from culture_perception.report.names import cell_name, concept_name, rung_meaning
from culture_perception.report.pictures import Pictures
from culture_perception.report.reading import TABLES, Run

Data: TypeAlias = dict[str, Any]


class Interned(dict[str, int]):
    """Numbers texts in the order in which they come, each once."""

    def of(self, text: str) -> int:
        """The number of a text."""
        return self.setdefault(text, len(self))


def picture_paths(runs: Sequence[Run]) -> list[Path]:
    """Pictures of all scenes that are shown, in order; one may come several times."""
    return [
        run.source.pictures[scene].path
        for run in runs
        for scene in dict.fromkeys(map(_scene, run.result.shown))
        if scene in run.source.pictures
    ]


def gallery_data(runs: Sequence[Run], pictures: Pictures) -> Data:
    """What the script needs.

    A card is a scene under the labels of a group. Its objects are lists: product, outline, label,
    answer, probability in percent, rung, found outline; all but the probability are places in the
    lists of the same name, -1 for none.

    Args:
        runs: with what they show.
        pictures: of their scenes.
    """
    texts, outlines, products = Interned(), Interned(), Interned()
    groups: list[Data] = []
    cards: list[Data] = []
    for number, run in enumerate(runs):
        for cell, scenes in _by_cell_and_scene(run).items():
            for scene, shown in scenes.items():
                objects = [_entry(one, products, outlines, texts) for one in shown]
                place = _place(run, scene, pictures)
                cards.append({"group": len(groups), "objects": objects, **place})
            groups.append(_group(run, number, cell))
    return {
        "pictures": [base64.b64encode(jpeg).decode("ascii") for jpeg in pictures.jpegs],
        "runs": [f"{TABLES[run.source.kind]}: {run.title}" for run in runs],
        "groups": groups,
        "products": [concept_name(one) for one in products],
        "rungs": [_rung(name, runs) for name in RUNGS],
        "texts": list(texts),
        "outlines": list(outlines),
        "cards": cards,
        "start": _start(runs, groups),
    }


def _by_cell_and_scene(run: Run) -> dict[Cell, dict[str, list[Shown]]]:
    found: dict[Cell, dict[str, list[Shown]]] = {}
    for one in run.result.shown:
        found.setdefault(one.cell, {}).setdefault(_scene(one), []).append(one)
    return found


def _scene(one: Shown) -> str:
    return f"{one.cell.products}/{one.seed}"


def _entry(one: Shown, products: Interned, outlines: Interned, texts: Interned) -> list[int]:
    return [
        products.of(one.concept_id),
        outlines.of(_path(one.outline)) if one.outline else -1,
        texts.of(one.label or concept_name(one.concept_id)),
        texts.of(one.answer) if one.answer else -1,
        round(100 * one.probability),
        RUNGS.index(one.rung),
        outlines.of(_path(one.found)) if one.found else -1,
    ]


def _path(outline: Outline) -> str:
    """As the path of an SVG, pixels of the picture."""
    return "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in outline)


def _place(run: Run, scene: str, pictures: Pictures) -> Data:
    known = run.source.pictures.get(scene)
    if known is None:
        return {"scene": scene, "picture": -1, "size": [640, 480]}
    height, width = known.shape_hw
    return {
        "scene": scene,
        "picture": pictures.index.get(known.path, -1),
        "size": [width, height],
    }


def _group(run: Run, number: int, cell: Cell) -> Data:
    return {
        "run": number,
        "name": cell_name(cell),
        "language": "" if FUSED in cell.language else cell.language,
        "masks": bool(run.result.segmenter),
    }


def _rung(name: str, runs: Sequence[Run]) -> Data:
    result = next((run.result for run in runs if run.result.segmenter), runs[0].result)
    return {"name": name, "meaning": rung_meaning(name, result), "colour": RUNG_COLOURS[name]}


def _start(runs: Sequence[Run], groups: Sequence[Data]) -> int:
    """The group that is shown first: the worst of a run, with found masks if any; -1 for all."""
    number = next((i for i, run in enumerate(runs) if run.result.segmenter), 0)
    gap = runs[number].result.gap
    if gap is None:
        return -1
    wanted = number, cell_name(gap.worst)
    return next((i for i, one in enumerate(groups) if (one["run"], one["name"]) == wanted), -1)
