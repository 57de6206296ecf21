"""`culture-perception adapt`: an adapter for one's own products, and whether it hurts elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from culture_perception.adapt.arguments import add_options, options_of
from culture_perception.concepts import STYLES, LabelSet
from culture_perception.linting.sources import find_label_sets
from culture_perception.runner import SystemFailure

if TYPE_CHECKING:
    from culture_perception.adapt.base import Base
    from culture_perception.adapt.cells import Culture
    from culture_perception.adapt.pictures import Pictures
    from culture_perception.adapt.running import Request

GATE_CLOSED: Final = 1
"""Exit code where the adapter hurts, or does not help; it is written all the same."""


def adapt(arguments: argparse.Namespace, console: Console) -> int:
    """Trains an adapter, says what it changed, and gives the gate's exit code."""
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
    from culture_perception.adapt.base import load_base
    from culture_perception.adapt.cells import target_cells, without
    from culture_perception.adapt.running import Request

    labels = _label_set(arguments.labels)
    languages = tuple(arguments.languages or labels.languages)
    target_cells(labels, languages)
    options = options_of(arguments)
    base = load_base(
        arguments.encoder, arguments.encoder_pretrained, arguments.device, arguments.threads
    )
    arguments.out = arguments.out or Path("runs/adapt") / f"{labels.name}.safetensors"
    others = tuple(_others(arguments, labels, base))
    siblings, texts = _siblings(arguments, base)
    whole = _target(arguments, labels, base)
    target, held_out = without(whole, arguments.hold_out)
    return Request(
        base=base,
        target=target,
        held_out=held_out if arguments.hold_out else None,
        languages=languages,
        others=others,
        texts=(*texts, *_texts(labels, [one.labels for one in others])),
        siblings=siblings,
        options=options,
        shots=None if arguments.shots == "all" else int(arguments.shots),
        name=arguments.name or labels.name,
        licence=arguments.licence,
        data=_data(arguments),
        out=arguments.out,
        resume=arguments.resume,
        scale=arguments.scale,
    )


def _target(arguments: argparse.Namespace, labels: LabelSet, base: Base) -> Culture:
    from culture_perception.adapt.cells import culture_of
    from culture_perception.adapt.folder_source import read_folder
    from culture_perception.adapt.pictures import joined
    from culture_perception.adapt.scene_source import RENDERED, render_pictures

    size, found = base.encoder.crop_size, []
    if arguments.images:
        found.append(read_folder(arguments.images, labels, size))
    if arguments.render:
        products = labels.arm_of or labels.name
        if products not in RENDERED:
            raise SystemFailure(
                f"the simulator has no products of {labels.name}, only of {', '.join(RENDERED)}: "
                "give --images FOLDER"
            )
        folder = arguments.scenes / f"{products}-target"
        found.append(render_pictures(folder, products, arguments.render, arguments.workers, size))
    if not found:
        raise SystemFailure("no pictures to learn from: give --images FOLDER, --render N, or both")
    return culture_of(labels, joined(found))


def _others(arguments: argparse.Namespace, labels: LabelSet, base: Base) -> Iterator[Culture]:
    """Label sets with pictures that the adapter must not hurt."""
    from culture_perception.adapt.cells import culture_of
    from culture_perception.adapt.folder_source import read_folder
    from culture_perception.adapt.scene_source import RENDERED, render_pictures

    size = base.encoder.crop_size
    for name, folder in arguments.keep:
        kept = _label_set(name)
        yield culture_of(kept, read_folder(Path(folder), kept, size))
    for name in RENDERED if arguments.keep_scenes else ():
        if name not in (labels.name, labels.arm_of):
            folder = arguments.scenes / f"{name}-kept"
            crops = render_pictures(folder, name, arguments.keep_scenes, arguments.workers, size)
            yield culture_of(_label_set(name), crops)


def _siblings(arguments: argparse.Namespace, base: Base) -> tuple[Pictures, tuple[str, ...]]:
    from culture_perception.adapt.pictures import PictureList
    from culture_perception.adapt.sibling_source import read_siblings

    if arguments.siblings is None:
        return PictureList(base.encoder.crop_size).done(), ()
    return read_siblings(arguments.siblings, base.encoder.crop_size, arguments.seed)


def _texts(target: LabelSet, others: list[LabelSet]) -> Iterator[str]:
    """Prompts of the label sets that come with the package and that no pictures are of."""
    family = {target.name, target.arm_of}
    with_pictures = {one.name for one in others}
    for one in find_label_sets(()).values():
        if {one.name, one.arm_of} & family - {None} or one.name in with_pictures:
            continue
        for language in one.languages:
            for style in STYLES:
                for label in one.select(language, style).labels:
                    yield from label.prompts


def _label_set(name: str) -> LabelSet:
    return next(iter(find_label_sets([name]).values()))


def _data(arguments: argparse.Namespace) -> str:
    parts = [
        f"{arguments.shots} shots of a product",
        *(["pictures of a folder"] if arguments.images else []),
        *([f"{arguments.render} rendered scenes"] if arguments.render else []),
        *(["replay of rendered siblings"] if arguments.siblings else []),
        f"loss {arguments.loss}, replay {arguments.replay:g}, seed {arguments.seed}",
    ]
    return "; ".join(parts)


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the verb and its options."""
    parser = verbs.add_parser("adapt", help="adapt an encoder to your own products and languages")
    parser.set_defaults(run=adapt)
    add_options(parser)
