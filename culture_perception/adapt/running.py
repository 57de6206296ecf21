"""One adapter from pictures to a file: train, choose its strength, calibrate, judge, save."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from culture_perception.adapt.base import Base
from culture_perception.adapt.calibrating import Calibrated, calibrate, sureness
from culture_perception.adapt.cells import CellTrials, Culture, target_cells, try_cells
from culture_perception.adapt.fitting import Task, train
from culture_perception.adapt.gate import CellResult, Measured, Verdict, judge
from culture_perception.adapt.learning import Learning, PictureLearning, SiblingLearning
from culture_perception.adapt.objective import Replay
from culture_perception.adapt.options import AdaptOptions
from culture_perception.adapt.pictures import Pictures, joined, split
from culture_perception.adapt.strength import GRID, choose_scale, worth
from culture_perception.measure.outcomes import Cell
from culture_perception.models import lora
from culture_perception.models.adapter_card import AdapterCard, Figure
from culture_perception.models.adapter_files import Adapter, save_adapter
from culture_perception.runner import SystemFailure
from culture_perception.verification import Verifier


@dataclass(frozen=True, eq=False)
class Request:
    """What is to be made.

    Attributes:
        base: to be adapted.
        target: label set and all its pictures.
        languages: of the label set, that the adapter is for.
        others: other label sets with pictures; the adapter must not hurt them.
        texts: of label sets without pictures and of siblings, which replay holds too.
        held_out: the target with pictures of products that its own labels and pictures lack; they
            are only tried at the end. None: no such.
        kept: crops that replay holds and that are judged nowhere; there may be none.
        siblings: what is learned from instead of the target's pictures, which then only test, as
            do those of the others; None: the pictures.
        options: of the training.
        shots: crops of a concept to train on; None: all.
        name: of the adapter.
        serves: label sets that it is for: the target, and others of the same products.
        licence: of it.
        data: what the pictures are, for the card.
        out: file to write.
        resume: go on from the state beside it.
        scale: of the change; None: chosen on validation data.
        start: whose factors are trained on; None: new ones.
        verifier: train one, where there is something to learn from.
    """

    base: Base
    target: Culture
    languages: tuple[str, ...]
    others: tuple[Culture, ...]
    texts: tuple[str, ...]
    kept: Pictures
    siblings: SiblingLearning | None
    held_out: Culture | None
    options: AdaptOptions
    shots: int | None
    name: str
    serves: tuple[str, ...]
    licence: str
    data: str
    out: Path
    resume: bool = False
    scale: float | None = None
    start: Adapter | None = None
    verifier: bool = True


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was made.

    Attributes:
        verdict: of the gate.
        adapter: as it was written.
        passing_scale: the largest one at which the gate would pass; None: it passed, or none would.
        held_out: cells of the products that were held out, by all names of the label set.
        curve: scale -> top-1 on validation data, of its target and of its other cells; empty where
            the scale was given.
        best_step: of the training.
        counts: crops to train on, to choose by and to test on.
    """

    verdict: Verdict
    adapter: Adapter
    passing_scale: float | None
    held_out: tuple[CellResult, ...]
    curve: dict[float, tuple[float, float]]
    best_step: int
    counts: tuple[int, int, int]


def make_adapter(request: Request) -> Outcome:
    """Trains, judges and writes an adapter; the base's model has its change afterwards.

    Raises:
        SystemFailure: there are too few pictures, a run can not be resumed, or training fails.
        LoraError: the model has no layer of the kinds asked for.
        LabelError: the label set lacks a language.
    """
    making = _Making(request)
    best_step = making.train()
    scale, curve = making.choose() if request.scale is None else (request.scale, {})
    if request.verifier:
        making.teach_verifier(scale)
    after, fitted = making.at(scale)
    verdict = judge(making.before, after, making.targets)
    passing = None if verdict.passed else making.passing_scale(scale)
    held_out = making.held_out(scale, after.logit_scale)
    adapter = _adapter(request, scale, fitted, verdict)
    request.out.parent.mkdir(parents=True, exist_ok=True)
    save_adapter(adapter, request.out)
    return Outcome(verdict, adapter, passing, held_out, curve, best_step, making.counts)


class _Making:
    """The steps to an adapter, which share what is learned from and what was before."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._encoder = request.base.encoder
        self.targets = target_cells(request.target.labels, request.languages)
        self._learning, self._test, self._replayed = _parts(request, self.targets)
        scale = self._encoder.calibration.logit_scale
        self.before = Measured(try_cells(self._encoder, self._test), scale)
        self._held = [] if request.held_out is None else [request.held_out]
        self._before_held = Measured(try_cells(self._encoder, self._held), scale)
        self._before_validation = self._learning.tried(self._encoder)
        self._verifier: Verifier | None = None

    @property
    def counts(self) -> tuple[int, int, int]:
        """Crops to train on, to choose by, and of the target to test on."""
        return (*self._learning.counts, len(self._test[0].pictures))

    def train(self) -> int:
        """Injects changes and trains them; the step that was best."""
        request, learning = self._request, self._learning
        replay = self._replay() if request.options.replay else None
        lora.inject(request.base.model, request.options.lora)
        if request.start is not None:
            lora.load_delta(request.base.model, _factors(request.start, request))
        lesson = learning.lesson(request.base, request.options)
        about = {**learning.about, "start": _digest(request.start)}
        task = Task(request.base, lesson, replay, self._validate, about)
        return train(task, request.options, state_file(request.out), request.resume)

    def choose(self) -> tuple[float, dict[float, tuple[float, float]]]:
        """The scale that is best on validation data."""
        return choose_scale(self._validation_at, self._before_validation, self._learning.targets)

    def teach_verifier(self, scale: float) -> None:
        """Trains a verifier of the encoder at a scale, where there is something to learn from."""
        lora.set_scale(self._request.base.model, scale)
        self._verifier = self._learning.verifier(self._encoder)

    def at(self, scale: float) -> tuple[Measured, Calibrated]:
        """The test crops at a scale, with the calibration that validation crops give."""
        lora.set_scale(self._request.base.model, scale)
        fitted = calibrate(self._encoder, self._learning, self._verifier)
        tried = try_cells(self._encoder, self._test)
        return Measured(tried, fitted.calibration.logit_scale), fitted

    def passing_scale(self, below: float) -> float | None:
        """The largest smaller scale at which the gate would let the adapter pass."""
        smaller = (one for one in reversed(GRID) if one < below)
        return next((scale for scale in smaller if self._would_pass(scale)), None)

    def held_out(self, scale: float, logit_scale: float) -> tuple[CellResult, ...]:
        """How the products that were held out are named at a scale, which stays set."""
        lora.set_scale(self._request.base.model, scale)
        after = Measured(try_cells(self._encoder, self._held), logit_scale)
        return judge(self._before_held, after, self.targets).cells

    def _would_pass(self, scale: float) -> bool:
        lora.set_scale(self._request.base.model, scale)
        tried = try_cells(self._encoder, self._test)
        after = Measured(tried, sureness(self._encoder, self._learning))
        return judge(self.before, after, self.targets).passed

    def _validate(self) -> float:
        now, targets = self._learning.tried(self._encoder), self._learning.targets
        return worth(self._before_validation, now, targets, self.before.logit_scale)

    def _validation_at(self, scale: float) -> dict[Cell, CellTrials]:
        lora.set_scale(self._request.base.model, scale)
        return self._learning.tried(self._encoder)

    def _replay(self) -> Replay:
        """All texts that are no target's, and crops of what is not learned."""
        request = self._request
        cultures = (request.target, *request.others)
        texts = [
            prompt
            for culture in cultures
            for cell, labels in culture.cells.items()
            if cell not in self.targets
            for label in labels.labels
            for prompt in (label.prompts or (label.label,))
        ]
        crops = joined([request.kept, *self._replayed])
        return Replay(request.base, [*texts, *request.texts], crops)


def _parts(
    request: Request, targets: tuple[Cell, ...]
) -> tuple[Learning, list[Culture], list[Pictures]]:
    """What is learned from, what tests, and the other label sets' crops that replay may hold."""
    cultures = (request.target, *request.others)
    if request.siblings is not None:
        return request.siblings, list(cultures), []
    shots = (request.shots, *(None for _ in request.others))
    parts = [
        split(one.pictures, request.options.seed, shot)
        for one, shot in zip(cultures, shots, strict=True)
    ]
    test = [one.with_pictures(part.test) for one, part in zip(cultures, parts, strict=True)]
    learning = PictureLearning(cultures, parts, targets)
    return learning, test, [part.training for part in parts[1:]]


def _digest(start: Adapter | None) -> str:
    """Of an adapter's factors; empty for none."""
    if start is None:
        return ""
    parts = [one.numpy().tobytes() for _, one in sorted(start.factors.items())]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def state_file(out: Path) -> Path:
    """Where a run that makes a file keeps what it needs to go on."""
    return out.with_suffix(".state.pt")


def _factors(start: Adapter, request: Request) -> Mapping[str, Tensor]:
    """Those of an adapter of the same base and layers.

    Raises:
        SystemFailure: it is of another base or of other layers.
    """
    card, base = start.card, request.base.encoder.fingerprint
    if card.base_hash != base:
        raise SystemFailure(
            f"adapter {card.name} was made for weights {card.base_hash}, the encoder has {base}: "
            "start from one of this encoder"
        )
    if card.options != request.options.lora:
        raise SystemFailure(
            f"adapter {card.name} has {card.options}, asked for is {request.options.lora}: give "
            "the same rank, alpha, towers, kinds and dropout"
        )
    return start.factors


def _adapter(request: Request, scale: float, fitted: Calibrated, verdict: Verdict) -> Adapter:
    base = request.base
    card = AdapterCard(
        name=request.name,
        base_name=base.name,
        base_hash=base.encoder.fingerprint,
        label_sets=request.serves,
        languages=request.languages,
        options=request.options.lora,
        scale=scale,
        data=request.data,
        figures=tuple(
            figure
            for one in verdict.cells
            for figure in (
                Figure(f"{'/'.join(one.cell)} top-1", one.before.top1, one.after.top1),
                Figure(
                    f"{'/'.join(one.cell)} calibration error",
                    one.before.calibration_error,
                    one.after.calibration_error,
                ),
            )
        ),
        licence=request.licence,
        calibration=fitted.calibration,
    )
    return Adapter(card, lora.delta(base.model), fitted.verifier)
