"""Trains an adapter on the items of each group in turn, and tests it on those of all groups."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from culture_perception.adapt.base import Base, load_base
from culture_perception.adapt.fitting import Task, train
from culture_perception.adapt.item_lesson import ItemLesson, trust
from culture_perception.adapt.options import AdaptOptions
from culture_perception.culture_bench.answering import Answer, Question
from culture_perception.culture_bench.encoder_answers import EncoderAnswerer
from culture_perception.culture_bench.items import DIMENSIONS, Item
from culture_perception.culture_bench.pictures import BrokenImageError, read_picture
from culture_perception.culture_bench.running import ask
from culture_perception.culture_bench.transfer_cells import (
    Asked,
    Trained,
    Transfer,
    transfer_row,
)
from culture_perception.culture_bench.transfer_parts import (
    Parts,
    split_by_concept,
    usable_groups,
)
from culture_perception.languages import LANGUAGES_FILE, load_languages
from culture_perception.models import lora
from culture_perception.resources import share_path

_AT_ONCE: Final = 64
MOST_VALIDATION: Final = 128
"""Items that steps are chosen by, drawn from all: each is answered many times."""


@dataclass(frozen=True)
class TransferRequest:
    """What is to be found out.

    Attributes:
        by: what items are grouped by, one of items.DIMENSIONS.
        encoder: ENCODER or ENCODER@TAG, as load_base takes them.
        options: of each training; its seed deals out the concepts, too.
        least: items that a group needs to train on, to choose by and to test on.
        states: folder of what an interrupted training goes on from.
        resume: go on from there.
        device: of torch.
        threads: of torch.
    """

    by: str
    encoder: str
    options: AdaptOptions
    least: int
    states: Path
    resume: bool = False
    device: str = "auto"
    threads: int | None = None


def transfer(items: Sequence[Item], request: TransferRequest) -> Transfer:
    """Trains and tests every group.

    Raises:
        ItemError: fewer than two groups have enough items.
        SystemFailure: a state is damaged or of another run, or training fails.
        ValueError: there is no such encoder, or it has no layer that can be changed.
    """
    of = DIMENSIONS[request.by]
    whole = [item for item in items if _is_whole(item)]
    parts = split_by_concept(whole, of, request.options.seed)
    groups, left_out = usable_groups(parts, of, request.least)
    test = tuple(item for item in parts.test if of(item) in groups)
    name, _, tag = request.encoder.partition("@")
    school = _School(load_base(name, tag, request.device, request.threads), request)
    tested = Asked(test, tuple(school.answers(test)))
    trained, cells = [], []
    for group in groups:
        done, after = school.teach(group, parts.of_group(group, of), test)
        trained.append(done)
        cells += transfer_row(group, groups, of, tested, after)
    return Transfer(
        by=request.by,
        encoder=school.base.encoder.name,
        groups=groups,
        left_out=left_out,
        leaked=parts.leaked,
        broken=len(items) - len(whole),
        trained=tuple(trained),
        cells=tuple(cells),
    )


def _is_whole(item: Item) -> bool:
    try:
        read_picture(item.image)
    except BrokenImageError:
        return False
    return True


class _School:
    """One base, that learns a group and forgets it again."""

    def __init__(self, base: Base, request: TransferRequest) -> None:
        self.base, self._request = base, request
        self._languages = load_languages(share_path("config", LANGUAGES_FILE))
        self._answerer = EncoderAnswerer(base.encoder, self._languages, request.encoder)

    def answers(self, items: Sequence[Item]) -> list[Answer]:
        """With the weights as they are."""
        starts = range(0, len(items), _AT_ONCE)
        return [
            one for i in starts for one in ask(self._answerer, items[i : i + _AT_ONCE], "image")
        ]

    def teach(self, group: str, parts: Parts, test: Sequence[Item]) -> tuple[Trained, list[Answer]]:
        """Trains on a group; how, and the answers to the test items afterwards."""
        order = np.random.default_rng(self._request.options.seed).permutation(parts.sizes[1])
        training = self._read(parts.training)
        validation = self._read([parts.validation[i] for i in order[:MOST_VALIDATION]])
        scale = self.base.encoder.calibration.logit_scale

        def validate() -> float:
            return trust(self._answerer, validation, scale)

        before = validate()
        torch.manual_seed(self._request.options.seed)  # of the factors
        lora.inject(self.base.model, self._request.options.lora)
        try:
            best_step = self._train(training, validate, group, parts)
            done = Trained(group, parts.sizes, best_step, (before, validate()))
            return done, self.answers(test)
        finally:
            lora.remove(self.base.model)

    def _read(self, items: Sequence[Item]) -> list[Question]:
        """With pictures of twice the size that the encoder sees: photographs would be too large."""
        side = 2 * self.base.encoder.crop_size
        return [Question(item, read_picture(item.image, side)) for item in items]

    def _train(
        self,
        training: Sequence[Question],
        validate: Callable[[], float],
        group: str,
        parts: Parts,
    ) -> int:
        request = self._request
        lesson = ItemLesson(self.base, training, self._languages, request.options.batch)
        about = {"group": group, "items": _digest([*parts.training, *parts.validation])}
        task = Task(self.base, lesson, None, validate, about)
        state = request.states / f"{hashlib.sha256(group.encode()).hexdigest()[:8]}.state.pt"
        return train(task, request.options, state, request.resume)


def _digest(items: Sequence[Item]) -> str:
    texts = [f"{replace(item, image=Path(item.image.name))}" for item in items]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]
