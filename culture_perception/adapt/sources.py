"""What `culture-perception adapt` learns from, holds on to and tests on, as it was asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from culture_perception.adapt.bag_source import read_bag
from culture_perception.adapt.base import Base
from culture_perception.adapt.cells import Culture, culture_of
from culture_perception.adapt.folder_source import read_folder
from culture_perception.adapt.learning import SiblingLearning
from culture_perception.adapt.pictures import PictureList, Pictures, joined
from culture_perception.adapt.scene_source import RENDERED, render_pictures
from culture_perception.adapt.sibling_source import (
    DEFAULT_FRAMES,
    MARKET_OF,
    REHEARSED_FRAMES,
    read_siblings,
    render_siblings,
)
from culture_perception.bags.topics import Topics
from culture_perception.concepts import STYLES, LabelSet
from culture_perception.linting.sources import find_label_sets
from culture_perception.models.adapter_files import Adapter, load_adapter
from culture_perception.runner import SystemFailure


def choose_source(arguments: argparse.Namespace, labels: LabelSet) -> None:
    """Takes siblings where no source was named and the simulator has some for the label set.

    Who asks for a few shots of each product means pictures of these.
    """
    named = arguments.siblings or _has_pictures(arguments) or arguments.shots != "all"
    if not named and _market(labels) is not None:
        arguments.siblings = DEFAULT_FRAMES


def _has_pictures(arguments: argparse.Namespace) -> bool:
    """Whether pictures of the products themselves were named to learn from."""
    return bool(arguments.images or arguments.render or arguments.bag)


def _market(labels: LabelSet) -> str | None:
    return MARKET_OF.get(labels.arm_of or labels.name)


def learned_siblings(
    arguments: argparse.Namespace, labels: LabelSet, languages: Sequence[str]
) -> SiblingLearning | None:
    """Siblings with captions, where these are asked for.

    Raises:
        SystemFailure: the simulator has none for the label set, or pictures are to be learned too;
            or rehearsal is asked for without any.
    """
    if not arguments.siblings:
        if arguments.rehearsal:
            raise SystemFailure(
                f"--rehearsal {arguments.rehearsal:g} needs --siblings: leave it out, or hold "
                "pictures of other things by --keep or --keep-siblings with --replay"
            )
        return None
    market = _market(labels)
    if market is None:
        raise SystemFailure(
            f"the simulator has no siblings for {labels.name}, only for {', '.join(MARKET_OF)}: "
            "give --images FOLDER"
        )
    if arguments.render or arguments.shots != "all":
        raise SystemFailure(
            "with --siblings nothing is learned from the products themselves: leave --render and "
            "--shots out"
        )
    folder = arguments.scenes / f"siblings-{market}"
    rehearsed = REHEARSED_FRAMES if arguments.rehearsal else 0
    data = render_siblings(folder, market, arguments.siblings, arguments.workers, rehearsed)
    kinds = _kinds([one.concept_id for one in labels.concepts])
    return data.learning(languages, kinds, without=_kinds(arguments.hold_out))


def _kinds(concepts: Iterable[str]) -> list[str]:
    """Of siblings that imitate these concepts."""
    return [concept.rpartition(".")[2] for concept in concepts]


def target_culture(arguments: argparse.Namespace, labels: LabelSet, base: Base) -> Culture:
    """The label set with its pictures, to learn from and test on; with siblings only to test on.

    Raises:
        SystemFailure: there are none.
    """
    size, found = base.encoder.crop_size, []
    if arguments.images:
        found.append(read_folder(arguments.images, labels, size))
    found += [_bag_pictures(path, labels, size) for path in arguments.bag]
    scenes = arguments.keep_scenes if arguments.siblings else arguments.render
    if scenes:
        products = labels.arm_of or labels.name
        if products not in RENDERED:
            raise SystemFailure(
                f"the simulator has no products of {labels.name}, only of {', '.join(RENDERED)}: "
                "give --images FOLDER"
            )
        folder = arguments.scenes / f"{products}-target"
        found.append(render_pictures(folder, products, scenes, arguments.workers, size))
    if not found:
        raise SystemFailure(
            "no pictures to learn from or to test on: give --images FOLDER, --bag PATH, "
            "--render N, or --siblings N with --keep-scenes"
        )
    return culture_of(labels, joined(found))


def _bag_pictures(path: Path, labels: LabelSet, crop_size: int) -> Pictures:
    """Of a recording; what was left out is told."""
    read = read_bag(path, labels, crop_size, Topics())
    for why, count in read.left_out.items():
        print(f"{path}: left out {count} {why}", file=sys.stderr)
    return read.pictures


def other_cultures(
    arguments: argparse.Namespace, labels: LabelSet, base: Base
) -> Iterator[Culture]:
    """Label sets with pictures that the adapter must not hurt."""
    size = base.encoder.crop_size
    for name, folder in arguments.keep:
        kept = label_set(name)
        yield culture_of(kept, read_folder(Path(folder), kept, size))
    for name in RENDERED if arguments.keep_scenes else ():
        if name not in (labels.name, labels.arm_of):
            folder = arguments.scenes / f"{name}-kept"
            crops = render_pictures(folder, name, arguments.keep_scenes, arguments.workers, size)
            yield culture_of(label_set(name), crops)


def kept_siblings(arguments: argparse.Namespace, base: Base) -> tuple[Pictures, tuple[str, ...]]:
    """Crops and texts that replay holds and that are judged nowhere; there may be none."""
    if arguments.keep_siblings is None:
        return PictureList(base.encoder.crop_size).done(), ()
    return read_siblings(arguments.keep_siblings, base.encoder.crop_size, arguments.seed)


def other_texts(target: LabelSet, others: Sequence[LabelSet]) -> Iterator[str]:
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


def served_sets(labels: LabelSet) -> tuple[str, ...]:
    """The label set's name, and those of other texts for the same products."""
    arms = [one.name for one in find_label_sets(()).values() if one.arm_of == labels.name]
    return (labels.name, *sorted(arms))


def label_set(name: str) -> LabelSet:
    """A label set by its name or file.

    Raises:
        SystemFailure: there is none.
    """
    return next(iter(find_label_sets([name]).values()))


def start_of(arguments: argparse.Namespace) -> Adapter | None:
    """The adapter that is trained on; None: a new one.

    Raises:
        AdapterError: the file is missing, damaged or no adapter.
    """
    return load_adapter(arguments.start) if arguments.start else None


def data_of(arguments: argparse.Namespace) -> str:
    """What the adapter was made from, for its card."""
    learned = f"{arguments.siblings} frames of rendered siblings" if arguments.siblings else ""
    parts = [
        learned or f"{arguments.shots} shots of a product",
        *(["pictures of a folder"] if arguments.images and not learned else []),
        *(["recorded frames"] if arguments.bag and not learned else []),
        *([f"{arguments.render} rendered scenes"] if arguments.render else []),
        *(["replay of rendered siblings"] if arguments.keep_siblings else []),
        f"loss {arguments.loss}, views {arguments.views}, replay {arguments.replay:g}, "
        f"rehearsal {arguments.rehearsal:g}",
        *([f"from {arguments.start.name}"] if arguments.start else []),
        f"seed {arguments.seed}",
    ]
    return "; ".join(parts)
