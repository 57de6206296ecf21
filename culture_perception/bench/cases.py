"""What is compared: a case makes pairs of work, the reference's and ours, on the same weights."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

from culture_perception.bench.chain_cases import embedded, vit_b
from culture_perception.bench.interleaving import runs_in
from culture_perception.bench.labelling import labelling, openvino
from culture_perception.bench.options import BenchOptions, OnRun, Record
from culture_perception.bench.targets import with_targets

Case: TypeAlias = Callable[[BenchOptions, OnRun], Record]
CASES: Final[Mapping[str, Case]] = {
    "embedded_exact": partial(embedded, "exact"),
    "embedded_fast": partial(embedded, "fast"),
    "embedded_grid_fast": partial(embedded, "grid_fast"),
    "vit_b_exact": partial(vit_b, "exact"),
    "vit_b_fast": partial(vit_b, "fast"),
    "labelling_64": partial(labelling, "auto"),
    "labelling_64_float32": partial(labelling, "float32"),
    "openvino": openvino,
}


def run_case(name: str, options: BenchOptions, on_run: OnRun) -> Record:
    """Measures one of CASES; its record, with its targets and which of them it misses."""
    options.exact.apply_threads()
    return with_targets({"name": name, **CASES[name](options, on_run)})


def runs_of(name: str, options: BenchOptions) -> int:
    """How often `on_run` will be called."""
    frames = len(options.frames) if name.startswith("embedded") else 1
    return runs_in(frames, options.repeat)


def default_cases() -> tuple[str, ...]:
    """All that can run here."""
    missing = {"openvino"} if importlib.util.find_spec("openvino") is None else set()
    return tuple(name for name in CASES if name not in missing)
