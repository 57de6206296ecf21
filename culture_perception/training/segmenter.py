"""Training of the embedded segmenter on rendered scenes.

One thread and bf16 on a CPU are enough for a usable model in an hour. A run writes its state every
few minutes and goes on from there with `resume`; `segmenter_export` makes a model of a state.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from culture_perception.models.checkpoints import fill, load_weights
from culture_perception.models.sam_small import build_small_sam, set_canvas
from culture_perception.models.segmenter_files import WEIGHTS_NAME
from culture_perception.models.small_image_encoder import SmallSamConfig
from culture_perception.training.loop import (
    RunClock,
    RunState,
    TimedCosine,
    TrainingError,
    WeightAverage,
    load_state,
    parameter_groups,
    save_state,
    seeded,
)
from culture_perception.training.segmenter_data import FrameRecord, load_frames
from culture_perception.training.segmenter_decoding import decode_prompts
from culture_perception.training.segmenter_loss import MaskLoss, dense_loss, mask_loss
from culture_perception.training.segmenter_targets import Batch, random_batch

STATE_NAME = "state.pt"


@dataclass(frozen=True)
class CanvasShare:
    """How often a canvas width is trained on, and with how many images a step."""

    width: int
    images: int
    share: float


@dataclass(frozen=True)
class SegmenterTraining:
    """A training run of the segmenter.

    Attributes:
        data: data set of rendered scenes.
        out: folder of the run's state.
        minutes: how long to train, counting earlier parts of a resumed run.
        seed: seed of weights, views and prompts.
        threads: CPU threads.
        resume: go on from the state in `out`.
        initial: folder of a small segmenter whose weights to start from.
        config: architecture of the model.
        canvases: canvas widths to train on; shares add up to 1.
        prompts: prompts an image.
        peak_rate: highest learning rate.
        weight_decay: for matrices and kernels.
        dense_only_share: share of the time, at the start, in which only the encoder and its dense
            head learn: the mask decoder has nothing to read before.
        save_every_s: seconds between two states.
        max_steps: end after this many steps even if there is time left.
    """

    data: Path
    out: Path
    minutes: float = 50.0
    seed: int = 0
    threads: int = 1
    resume: bool = False
    initial: Path | None = None
    config: SmallSamConfig = field(default_factory=SmallSamConfig)
    canvases: tuple[CanvasShare, ...] = (CanvasShare(384, 4, 0.65), CanvasShare(512, 3, 0.35))
    prompts: int = 7
    peak_rate: float = 1.2e-3
    weight_decay: float = 0.03
    dense_only_share: float = 0.03
    save_every_s: float = 180.0
    max_steps: int | None = None

    def __post_init__(self) -> None:
        if not np.isclose(sum(canvas.share for canvas in self.canvases), 1.0):
            raise TrainingError(f"canvases {self.canvases}: their shares must add up to 1")
        if self.prompts < 2:
            raise TrainingError(f"prompts {self.prompts}: give 2 or more (object and background)")


def train_segmenter(training: SegmenterTraining) -> Path:
    """Train (or go on training) a segmenter.

    Returns:
        The file with the run's last state.

    Raises:
        TrainingError: the data set or the state to resume from is missing or damaged.
        CheckpointError: the model to start from is missing or of another architecture.
    """
    torch.set_num_threads(training.threads)
    frames = load_frames(training.data)
    run = _Run(training, frames)
    with tqdm(total=round(run.clock.total_s), unit="s", desc="segmenter", mininterval=5) as bar:
        while not run.is_over:
            run.step_once()
            bar.update(min(bar.total, int(run.clock.elapsed_s)) - bar.n)
            if run.step % 100 == 0:
                bar.write(run.report())
    return run.save()


class _Run:
    """A training run in progress."""

    def __init__(self, training: SegmenterTraining, frames: list[FrameRecord]) -> None:
        self._training = training
        self._frames = frames
        self._rng = seeded(training.seed)
        self._sam = build_small_sam(training.config)
        self._sam.train()
        self._sam.image_encoder.to(memory_format=torch.channels_last)
        self._optimizer = torch.optim.AdamW(
            parameter_groups(self._sam, training.weight_decay), betas=(0.9, 0.98)
        )
        self._schedule = TimedCosine(training.peak_rate)
        self.step = 0
        spent_s = self._restored() if training.resume else 0.0
        if training.initial is not None and not training.resume:
            path = training.initial / WEIGHTS_NAME
            fill(self._sam, load_weights(path), path)
        if not training.resume:
            self._average = WeightAverage(self._sam)
        self.clock = RunClock(training.minutes, spent_s)
        self._saved_s = self.clock.elapsed_s
        self._recent: list[list[float]] = []

    @property
    def is_over(self) -> bool:
        limit = self._training.max_steps
        return self.clock.share >= 1.0 or (limit is not None and self.step >= limit)

    def step_once(self) -> None:
        """One optimiser step, and a saved state when it is time."""
        batch = self._draw()
        rate = self._schedule.rate(self.step, self.clock.share)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        loss = self._loss(batch)
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._sam.parameters(), 1.0)
        self._optimizer.step()
        self.step += 1
        self._average.update(self._sam, self.step)
        if self.clock.elapsed_s - self._saved_s > self._training.save_every_s:
            self.save()

    def save(self) -> Path:
        """Write the run's state."""
        path = self._training.out / STATE_NAME
        state = RunState(
            step=self.step,
            elapsed_s=self.clock.elapsed_s,
            model=self._sam.state_dict(),
            average=self._average.weights,
            optimizer=self._optimizer.state_dict(),
            numpy_rng=self._rng.bit_generator.state,
            torch_rng=torch.get_rng_state(),
        )
        save_state(path, state)
        self._saved_s = self.clock.elapsed_s
        return path

    def report(self) -> str:
        """Means over the steps since the last report."""
        values = np.mean(self._recent, axis=0)
        self._recent.clear()
        return (
            f"step {self.step}  {self.clock.elapsed_s:.0f} s  dense {values[0]:.3f}  "
            f"mask {values[1]:.3f}  background {values[2]:.3f}  IoU head {values[3]:.4f}  "
            f"best IoU {values[4]:.3f}  IoU error {values[5]:.3f}"
        )

    def _restored(self) -> float:
        """Take over the saved state; returns the seconds already trained."""
        state = load_state(self._training.out / STATE_NAME)
        self._sam.load_state_dict(state.model)
        self._average = WeightAverage(self._sam)
        self._average.weights = state.average
        self._optimizer.load_state_dict(state.optimizer)
        self._rng.bit_generator.state = dict(state.numpy_rng)
        torch.set_rng_state(state.torch_rng)
        self.step = state.step
        return state.elapsed_s

    def _draw(self) -> Batch:
        canvases = self._training.canvases
        shares = np.array([canvas.share for canvas in canvases])
        canvas = canvases[int(self._rng.choice(len(canvases), p=shares / shares.sum()))]
        set_canvas(self._sam, canvas.width)
        return random_batch(
            self._frames, canvas.images, canvas.width, self._training.prompts, self._rng
        )

    def _loss(self, batch: Batch) -> Tensor:
        sam = self._sam
        with torch.autocast("cpu", torch.bfloat16):
            embedding = sam.image_encoder.features((batch.images - sam.pixel_mean) / sam.pixel_std)
            maps = sam.image_encoder.dense_maps(embedding)
        dense = dense_loss(maps.float(), batch.maps)
        if self.clock.share < self._training.dense_only_share:
            self._recent.append([dense.item(), 0.0, 0.0, 0.0, 0.0, 0.0])
            return dense
        logits, predicted_iou = decode_prompts(sam, embedding.float(), batch)
        masks = mask_loss(logits, predicted_iou, batch.masks, batch.is_background)
        self._recent.append([dense.item(), *_figures(masks)])
        return masks.total + 0.5 * dense


def _figures(loss: MaskLoss) -> list[float]:
    parts = (loss.mask, loss.background, loss.iou_head, loss.best_iou, loss.iou_error)
    return [part.item() for part in parts]
