"""Studies of adapters: how few pictures suffice, and what carries over to what was not learned."""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from tqdm import tqdm

from culture_perception.adapt.command import request_of
from culture_perception.adapt.options import SHOTS, Study
from culture_perception.adapt.report import write_json
from culture_perception.adapt.running import make_adapter, state_file
from culture_perception.adapt.sources import label_set
from culture_perception.concepts import LabelSet
from culture_perception.runner import SystemFailure

FOLDS: Final = 3
"""Parts of a label set's products, each of which is held out once."""
_NO_IDENTITY: Final = ("out", "json", "resume", "threads", "workers", "device", "run", "seeds")


@dataclass(frozen=True)
class Variant:
    """One run of a study.

    Attributes:
        name: of it, also of its files.
        changed: options of `adapt` that differ from those asked for.
    """

    name: str
    changed: dict[str, Any]


@dataclass(frozen=True)
class Finished:
    """A run and its JSON, as `adapt --json` writes it."""

    variant: Variant
    record: dict[str, Any]


def variants(kind: Study, labels: LabelSet, languages: Sequence[str]) -> list[Variant]:
    """What is tried.

    shots: 1, 2, 4, 8, 16 and all crops of a product. products, categories: a third of the products,
    and each category, are neither shown nor named. languages: all but one are learned.

    Raises:
        SystemFailure: there is only one category or language, so that nothing would be learned.
    """
    if kind == "shots":
        return [Variant(f"shots-{n}", {"shots": str(n)}) for n in (*SHOTS, "all")]
    if kind == "languages":
        rest = {one: [other for other in languages if other != one] for one in languages}
        return [
            Variant(f"without-{one}", {"languages": others})
            for one, others in _checked(rest, kind).items()
        ]
    parts = _folds(labels) if kind == "products" else _categories(labels)
    return [
        Variant(f"without-{name}", {"hold_out": ids}) for name, ids in _checked(parts, kind).items()
    ]


def _checked(parts: dict[str, list[str]], kind: Study) -> dict[str, list[str]]:
    if len(parts) < 2:
        raise SystemFailure(f"{len(parts)} of {kind}: a study that leaves one out needs two")
    return parts


def _folds(labels: LabelSet) -> dict[str, list[str]]:
    """Every third product, so that no part has all of a category."""
    ids = [one.concept_id for one in labels.concepts]
    parts = {f"part-{i + 1}": ids[i::FOLDS] for i in range(FOLDS)}
    return {name: part for name, part in parts.items() if part}


def _categories(labels: LabelSet) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in labels.concepts:
        found.setdefault(one.category, []).append(one.concept_id)
    return found


def run_study(kind: Study, arguments: argparse.Namespace) -> Iterator[Finished]:
    """Runs what has not been run yet, and gives every run.

    Args:
        kind: of the study.
        arguments: as of `adapt`, with `out`, a folder, and `seeds`, how many of them are run.

    Raises:
        SystemFailure: as `adapt`, or the folder holds a run with other options.
    """
    labels = label_set(arguments.labels)
    languages = arguments.languages or labels.languages
    plan = [
        (variant, arguments.seed + i)
        for variant in variants(kind, labels, languages)
        for i in range(arguments.seeds)
    ]
    for variant, seed in tqdm(plan, desc=kind, unit="run"):
        yield Finished(variant, _finished(variant, seed, arguments))


def _finished(variant: Variant, seed: int, arguments: argparse.Namespace) -> dict[str, Any]:
    path: Path = arguments.out / f"{variant.name}-seed-{seed}.json"
    own = copy.copy(arguments)
    for name, value in {**variant.changed, "seed": seed}.items():
        setattr(own, name, value)
    own.out, own.json = path.with_suffix(".safetensors"), path
    own.languages = own.languages or None
    identity = _identity(own)
    if path.is_file():
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if record.get("study") == identity:
            return record
        raise SystemFailure(f"{path} is of a run with other options: give another --out")
    own.resume = state_file(own.out).is_file()
    request = replace(request_of(own), verifier=False)  # it says nothing of top-1
    write_json(path, make_adapter(request), study=identity)
    record = json.loads(path.read_text(encoding="utf-8"))
    state_file(own.out).unlink(missing_ok=True)
    return record


def _identity(arguments: argparse.Namespace) -> dict[str, str]:
    given = {k: str(v) for k, v in vars(arguments).items() if k not in _NO_IDENTITY}
    return dict(sorted(given.items()))


def cells_of(kind: Study, finished: Finished) -> dict[str, tuple[float, float, int]]:
    """What a study asks of one run: label, language, style -> top-1 before and after, and crops.

    Of products and categories those that were held out, of shots and languages the target's.
    """
    record = finished.record
    rows = record["held_out"] if kind in ("products", "categories") else record["cells"]
    own = record["card"]["label_sets"][0]
    return {
        f"{one['language']} {one['style']}": (one["before"], one["after"], one["n"])
        for one in rows
        if one["label_set"] == own
    }


def pooled(rows: Sequence[tuple[float, float, int]]) -> tuple[float, float, float, int]:
    """Mean before and after by crops, the spread of the runs' afters, and how many crops.

    The spread is the standard deviation over runs; NaN of a single one.
    """
    values = np.array(rows, float)
    before, after = np.average(values[:, :2], axis=0, weights=values[:, 2])
    spread = float(values[:, 1].std(ddof=1)) if len(values) > 1 else float("nan")
    return float(before), float(after), spread, int(values[:, 2].sum())
