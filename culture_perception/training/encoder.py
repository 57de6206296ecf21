"""Trains the embedded image and text encoder: `python -m culture_perception.training.encoder`."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from culture_perception.models.bpe import learn_merges, write_bpe
from culture_perception.models.checkpoints import CheckpointError, fill, load_weights
from culture_perception.models.clip import BPE_FILE, WEIGHTS_FILE
from culture_perception.models.clip_small import (
    EMBEDDING_WIDTH,
    ModelConfig,
    build_small_clip,
    load_tokenizer,
    small_clip_config,
)
from culture_perception.training.encoder_batches import (
    BatchMaker,
    BatchSampler,
    CaptionTokens,
    caption_corpus,
)
from culture_perception.training.encoder_data import CropSet, DataError, load_crops
from culture_perception.training.encoder_export import export_encoder
from culture_perception.training.encoder_loss import AttributeHeads
from culture_perception.training.encoder_state import (
    LossWeights,
    TrainedModules,
    TrainingState,
    load_state,
    new_state,
    save_state,
    train_step,
)
from culture_perception.training.loop import TrainingError

CHECKPOINT_FILE = "checkpoint.pt"
_WARM_UP_STEPS = 100
_FLAT_UNTIL = 0.3


@dataclass(frozen=True)
class EncoderTraining:
    """A training: what from, what into, how long and how.

    Attributes:
        data: rendered training set.
        out: run folder; an unfinished training found there goes on.
        minutes: training time without loading; decides the schedule unless steps is given.
        steps: length in steps instead, for runs that must repeat exactly.
        seed: of weights, batches and views.
        threads: of torch.
        batch: crops a step.
        learning_rate: highest of the schedule.
        weight_decay: of AdamW.
        merges: most merges of the vocabulary.
        head_weight: of the attribute heads' loss.
        match_weight: of the loss that asks of each caption and image alone whether they fit.
        false_share: share of captions whose false variant joins the batch.
        cluster_share: share of a batch drawn from products of one colour and container.
        sizes: (progress from 0 to 1, side of the views in pixels), ascending: small views first
            teach colours and shapes at half the cost.
        checkpoint_minutes: how often the state is kept and the encoder exported.
        initial: folder of an encoder whose weights and vocabulary to start from; None starts from
            nothing.
    """

    data: Path
    out: Path
    minutes: float = 45.0
    steps: int | None = None
    seed: int = 0
    threads: int = 1
    batch: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    merges: int = 900
    head_weight: float = 1.0
    match_weight: float = 0.05
    false_share: float = 0.5
    cluster_share: float = 0.5
    sizes: tuple[tuple[float, int], ...] = ((0.0, 80), (0.3, 96))
    checkpoint_minutes: float = 5.0
    initial: Path | None = None

    def __post_init__(self) -> None:
        """Refuses what cannot be a training.

        Raises:
            ValueError: a number is out of its range.
        """
        if self.minutes <= 0 or (self.steps is not None and self.steps < 1):
            raise ValueError(f"nothing to train in {self.minutes} minutes or {self.steps} steps")
        if self.batch < 2 or self.threads < 1:
            raise ValueError(f"need 2 crops and 1 thread, got {self.batch} and {self.threads}")
        for share in (self.false_share, self.cluster_share):
            if not 0 <= share <= 1:
                raise ValueError(f"a share is from 0 to 1, got {share}")

    def progress(self, state: TrainingState) -> float:
        """How much of the training is done, from 0."""
        if self.steps is not None:
            return state.step / self.steps
        return state.seconds / (60 * self.minutes)


def train_encoder(training: EncoderTraining) -> Path:
    """Trains, resuming where an earlier call stopped, and exports into the run folder.

    Returns:
        The run folder, which then holds encoder.safetensors, encoder.json and encoder_bpe.txt.gz
        (not calibrated yet: see training.encoder_report).

    Raises:
        DataError: the data set is missing or unusable.
        TrainingError: the training diverged, or its state is of another version.
        CheckpointError: the initial encoder is missing or of another architecture.
    """
    torch.set_num_threads(training.threads)
    training.out.mkdir(parents=True, exist_ok=True)
    crops = load_crops(training.data, progress=True)
    config, state, maker = _prepare(training, crops)
    checkpoint = training.out / CHECKPOINT_FILE
    if checkpoint.is_file():
        load_state(state, checkpoint)
    print(
        f"{len(crops)} crops of {len(crops.attributes)} products, from step {state.step}",
        flush=True,
    )
    _run(training, state, maker, config)
    return training.out


def _prepare(
    training: EncoderTraining, crops: CropSet
) -> tuple[ModelConfig, TrainingState, BatchMaker]:
    bpe_path = training.out / BPE_FILE
    if not bpe_path.is_file():
        _provide_vocabulary(training, crops, bpe_path)
    tokenizer = load_tokenizer(bpe_path)
    tokens = CaptionTokens(crops, tokenizer)
    config = small_clip_config(tokenizer.vocab_size, training.sizes[-1][1])
    torch.manual_seed(training.seed)
    model = build_small_clip(config)
    if training.initial is not None:
        path = training.initial / WEIGHTS_FILE
        fill(model, load_weights(path), path)
    # Captions are short: without the rest of the context a step is a quarter faster.
    model.text.attn_mask = model.text.attn_mask[: tokens.length, : tokens.length]
    heads = AttributeHeads(EMBEDDING_WIDTH, crops.grammar.value_counts)
    sampler = BatchSampler(crops, training.batch, training.cluster_share)
    maker = BatchMaker(crops, tokens, sampler, training.false_share)
    modules = TrainedModules(model, heads)
    return config, new_state(modules, training.weight_decay, training.seed), maker


def _provide_vocabulary(training: EncoderTraining, crops: CropSet, path: Path) -> None:
    """The initial encoder's vocabulary, for its weights belong to it, or a learned one."""
    if training.initial is None:
        write_bpe(learn_merges(caption_corpus(crops), training.merges), path)
        return
    source = training.initial / BPE_FILE
    if not source.is_file():
        raise CheckpointError(f"{source}: no such file; it belongs beside the encoder's weights")
    shutil.copyfile(source, path)


def _run(
    training: EncoderTraining, state: TrainingState, maker: BatchMaker, config: ModelConfig
) -> None:
    kept = state.seconds
    smooth = None
    with tqdm(total=100.0, desc="training", unit="%", mininterval=5.0) as bar:
        while (progress := training.progress(state)) < 1:
            started = time.monotonic()
            loss = _step(training, state, maker, progress)
            smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
            state.seconds += time.monotonic() - started
            told = f"step {state.step} loss {smooth:.3f} scale {state.logit_scale:.1f}"
            bar.set_postfix_str(told, refresh=False)
            bar.update(min(100.0, 100 * training.progress(state)) - bar.n)
            if state.seconds - kept > 60 * training.checkpoint_minutes:
                kept = state.seconds
                _keep(training, state, config)
    _keep(training, state, config)


def _step(
    training: EncoderTraining, state: TrainingState, maker: BatchMaker, progress: float
) -> float:
    size = max((start, side) for start, side in training.sizes if start <= progress)[1]
    batch = maker.make(size, state.rng, state.seeds)
    rate = learning_rate(training.learning_rate, progress, state.step)
    weights = LossWeights(training.head_weight, training.match_weight)
    return train_step(state, batch, rate, weights)


def learning_rate(highest: float, progress: float, step: int) -> float:
    """Linear warm-up over the first steps, flat until 30 %, then linear to almost nothing."""
    warm = min(1.0, (step + 1) / _WARM_UP_STEPS)
    falling = min(1.0, (1 - progress) / (1 - _FLAT_UNTIL))
    return highest * max(0.005, min(warm, falling))


def _keep(training: EncoderTraining, state: TrainingState, config: ModelConfig) -> None:
    save_state(state, training.out / CHECKPOINT_FILE)
    export_encoder(state, config, training.out, training.seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("culture_perception.training.encoder", description=__doc__)
    parser.add_argument("data", type=Path, help="training set of sim_bridge.training_data")
    parser.add_argument("out", type=Path, help="run folder; an unfinished run there goes on")
    parser.add_argument("--minutes", type=float, default=45.0, help="default %(default)s")
    parser.add_argument("--steps", type=int, help="length in steps instead of minutes")
    parser.add_argument("--seed", type=int, default=0, help="default %(default)s")
    parser.add_argument("--threads", type=int, default=1, help="default %(default)s")
    parser.add_argument("--initial", type=Path, help="folder of an encoder to start from")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        train_encoder(
            EncoderTraining(
                given.data,
                given.out,
                given.minutes,
                given.steps,
                given.seed,
                given.threads,
                initial=given.initial,
            )
        )
    except (DataError, CheckpointError, ValueError, TrainingError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
