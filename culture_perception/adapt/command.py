"""`culture-perception adapt`: an adapter for one's own products, and whether it hurts elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from culture_perception.adapt.arguments import add_options, options_of
from culture_perception.runner import SystemFailure

if TYPE_CHECKING:
    from culture_perception.adapt.running import Request

GATE_CLOSED: Final = 1
"""Exit code where the adapter hurts, or does not help; it is written all the same."""


def adapt(arguments: argparse.Namespace, console: Console) -> int:
    """Trains an adapter, says what it changed, and gives the gate's exit code."""
    if arguments.vlm:
        from culture_perception.adapt.vlm.command import adapt_vlm

        return adapt_vlm(arguments, console)
    if not arguments.labels:
        raise SystemFailure("what is to be named? Give --labels NAME or FILE.yaml")
    from culture_perception.adapt.report import print_outcome, write_json
    from culture_perception.adapt.running import make_adapter

    try:
        request = request_of(arguments)
        _say_what_lacks(request, console)
        outcome = make_adapter(request)
    except ValueError as error:  # of models, options and labels: the message says what to do
        raise SystemFailure(str(error)) from error
    print_outcome(outcome, arguments.out, console)
    if arguments.json:
        write_json(arguments.json, outcome)
    return 0 if outcome.verdict.passed or arguments.allow_forgetting else GATE_CLOSED


def _say_what_lacks(request: Request, console: Console) -> None:
    target = request.target
    ids = [one.concept_id for one in target.labels.concepts]
    lacking = [one for one in ids if one not in target.pictures.concepts]
    if lacking:
        console.print(
            f"no pictures of {', '.join(lacking)}: their names are only ones that can be wrong",
            soft_wrap=True,
            highlight=False,
        )
    if not request.others:
        console.print(
            "no pictures of another label set: what is forgotten there will not be seen; give "
            "--keep LABELS DIR or --keep-scenes N",
            soft_wrap=True,
            highlight=False,
        )


def request_of(arguments: argparse.Namespace) -> Request:
    """Checks what was asked for before the long part, and gathers all pictures."""
    from culture_perception.adapt import sources
    from culture_perception.adapt.base import load_base
    from culture_perception.adapt.cells import target_cells, without
    from culture_perception.adapt.running import Request

    labels = sources.label_set(arguments.labels)
    languages = tuple(arguments.languages or labels.languages)
    target_cells(labels, languages)
    options = options_of(arguments)
    base = load_base(
        arguments.encoder, arguments.encoder_pretrained, arguments.device, arguments.threads
    )
    arguments.out = arguments.out or Path("runs/adapt") / f"{labels.name}.safetensors"
    sources.choose_source(arguments, labels)
    siblings = sources.learned_siblings(arguments, labels, languages)
    others = tuple(sources.other_cultures(arguments, labels, base))
    kept, texts = sources.kept_siblings(arguments, base)
    whole = sources.target_culture(arguments, labels, base)
    target, held_out = without(whole, arguments.hold_out)
    return Request(
        base=base,
        target=target,
        held_out=held_out if arguments.hold_out else None,
        languages=languages,
        others=others,
        texts=(*texts, *sources.other_texts(labels, [one.labels for one in others])),
        kept=kept,
        siblings=siblings,
        options=options,
        shots=None if arguments.shots == "all" else int(arguments.shots),
        name=arguments.name or labels.name,
        serves=sources.served_sets(labels),
        licence=arguments.licence,
        data=sources.data_of(arguments),
        out=arguments.out,
        resume=arguments.resume,
        scale=arguments.scale,
        start=sources.start_of(arguments),
    )


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the verb and its options."""
    parser = verbs.add_parser("adapt", help="adapt an encoder to your own products and languages")
    parser.set_defaults(run=adapt)
    add_options(parser)
