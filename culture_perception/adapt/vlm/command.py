"""`culture-perception adapt --vlm`: a vision-language model tuned on questions about a culture."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from culture_perception.adapt.vlm.judging import (
    GENERAL,
    TEST,
    Cell,
    ask,
    compare,
    faults_of,
)
from culture_perception.adapt.vlm.options import VlmOptions, options_of
from culture_perception.adapt.vlm.parts import Parts, read_parts
from culture_perception.adapt.vlm.tuning import require_libraries, tune
from culture_perception.culture_bench.vlm_answers import WriterAnswerer
from culture_perception.demo_report import provenance
from culture_perception.models.runtime import Runtime
from culture_perception.models.vlm import VisionLanguageModel, load_vlm_parts
from culture_perception.runner import SystemFailure

GATE_CLOSED: Final = 1
CARD_FILE: Final = "culture_card.json"


def adapt_vlm(arguments: argparse.Namespace, console: Console) -> int:
    """Asks, tunes, asks again, and gives the gate's exit code; the adapter is written anyhow.

    Raises:
        SystemFailure: no items are given, a library is missing, or training fails.
    """
    if arguments.items is None:
        raise SystemFailure("adapt --vlm learns from questions: give --items FILE.jsonl")
    require_libraries()
    options = options_of(arguments)
    out: Path = arguments.out or Path("runs/adapt") / f"{Path(arguments.vlm).name}-lora"
    try:
        parts = read_parts(arguments.items, arguments.test_items, arguments.general, arguments.seed)
        cells = _run(arguments, parts, options, out)
    except ValueError as error:  # of models and items: the message says what to do
        raise SystemFailure(str(error)) from error
    faults = faults_of(cells)
    _print(parts, cells, faults, out, console)
    record = _record(arguments, parts, options, cells, faults)
    (out / CARD_FILE).write_text(record, encoding="utf-8")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(record, encoding="utf-8")
    return 0 if not faults or arguments.allow_forgetting else GATE_CLOSED


def _run(arguments: argparse.Namespace, parts: Parts, options: VlmOptions, out: Path) -> list[Cell]:
    runtime = Runtime(device=options.device, threads=arguments.threads, precision=options.precision)
    model, processor = load_vlm_parts(arguments.vlm, runtime.dtype(reduced=True))
    state = out.with_name(out.name + ".state")
    answers = state / "answers.jsonl"
    before = _answers(model, processor, arguments.vlm, runtime, options, parts, answers, "before")
    tuned = tune(
        model, processor, parts.training, parts.validation, options, state, arguments.resume
    )
    tuned.save_pretrained(str(out))
    after = _answers(tuned, processor, arguments.vlm, runtime, options, parts, answers, "after")
    return [
        *compare(TEST, parts.test, before[TEST], after[TEST]),
        *compare(GENERAL, parts.general, before[GENERAL], after[GENERAL]),
    ]


def _answers(
    model: Any,
    processor: Any,
    name: str,
    runtime: Runtime,
    options: VlmOptions,
    parts: Parts,
    file: Path,
    when: str,
) -> dict[str, Any]:
    """Which test and general questions the model answers rightly, as it is now."""
    writer = VisionLanguageModel(model, processor, f"{Path(name).name}-{when}", runtime)
    answerer = WriterAnswerer(writer, when, options.picture_side)
    return {
        TEST: ask(answerer, parts.test, file, f"{when}: test"),
        GENERAL: ask(answerer, parts.general, file, f"{when}: general"),
    }


def _print(parts: Parts, cells: list[Cell], faults: list[str], out: Path, console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("questions", "n", "before", "after", "change"):
        justify = "left" if heading == "questions" else "right"
        table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for one in cells:
        low, high = (100 * end for end in one.interval)
        table.add_row(
            f"{one.part} {one.name}".strip(),
            str(one.n),
            f"{one.before:.1%}",
            f"{one.after:.1%}",
            f"{100 * (one.after - one.before):+.1f} \\[{low:+.0f}, {high:+.0f}]",
        )
    console.print(table)
    console.print(
        f"{len(parts.training)} questions learned, {parts.broken} left out for broken pictures, "
        f"{parts.leaking} for what they share with those that test; written to {out}",
        highlight=False,
        soft_wrap=True,
    )
    if not parts.general:
        console.print(
            "no general questions: what is forgotten was not seen; give --general FILE",
            soft_wrap=True,
        )
    for fault in faults:
        console.print(f"the gate: {fault}", highlight=False, soft_wrap=True)
    if faults:
        console.print("give more questions, fewer --steps, or a lower --learning-rate")
    else:
        console.print("the gate lets it pass")


def _record(
    arguments: argparse.Namespace,
    parts: Parts,
    options: VlmOptions,
    cells: list[Cell],
    faults: list[str],
) -> str:
    record = provenance(
        passed=not faults,
        faults=faults,
        cells=[one.record() for one in cells],
        questions={
            "training": len(parts.training),
            "validation": len(parts.validation),
            "test": len(parts.test),
            "general": len(parts.general),
            "broken": parts.broken,
            "leaking": parts.leaking,
        },
        base=arguments.vlm,
        licence=arguments.licence,
        options=asdict(options),
    )
    return json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
