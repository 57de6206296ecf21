"""Runs the system with the arm and asks the planner for one product of each seeded scene."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from rich.console import Console
from rich.progress import Progress

from culture_perception.concepts import LabelText
from culture_perception.demo_report import Record, provenance, write_record
from culture_perception.labels import LabelError, LabelSet, load_label_sets
from culture_perception.pick_trial.trials import Trial, summarise
from culture_perception.resources import share_path
from culture_perception.runner import START_TIMEOUT_S, Runner, SystemFailure, ros_environment
from culture_perception.system import Value, load_system

if TYPE_CHECKING:
    from culture_perception.nodes.pick_client import PickClient

FIRST_SEED: Final = 950_000  # no model is ever made or chosen by this seed or a later one
MAX_SKIPPED: Final = 20


@dataclass(frozen=True)
class TrialOptions:
    """What is tried.

    Attributes:
        out: folder for logs and figures.
        scenes: how many.
        label_set: whose products.
        language: BCP-47 tag of the texts that are asked for; empty: the set's first.
        style: of these texts.
        naming_language: in which perception names; empty: the set's first.
        naming_style: in which perception names.
        count: products on the table.
        first_seed: of the first scene; the following ones count up.
        speed: simulated seconds in a second; 0: as many as can be.
        json: where the figures go as well; None: only to `out`.
        changes: process name to parameters that differ from the system file's.
        domain_id: ROS_DOMAIN_ID of all processes.
    """

    out: Path
    scenes: int = 50
    label_set: str = "ycb"
    language: str = ""
    style: str = "plain"
    naming_language: str = ""
    naming_style: str = "plain"
    count: int = 5
    first_seed: int = FIRST_SEED
    speed: float = 4.0
    json: Path | None = None
    changes: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    domain_id: int | None = None


def run_trials(options: TrialOptions, console: Console) -> Record:
    """Runs the trials to the end and leaves no process behind.

    Returns:
        The figures, as they were written.

    Raises:
        LabelError: there is no such label set, language or style.
        SystemFailure: a process ended, or did not answer in time.
    """
    labels = _label_set(options.label_set)
    texts = texts_of(labels, options)
    system = load_system(share_path("config", "systems", "pick.yaml"))
    system = system.with_parameters(
        {"sim_bridge": {"real_time_factor": options.speed, "moving_rate_hz": 1.0}}
    ).with_parameters(options.changes)
    environment = ros_environment(options.domain_id, local_only=True)
    with Runner(system, options.out / "logs", environment) as runner:
        from culture_perception.nodes.pick_client import PickClient

        with PickClient(runner.check) as client:
            with console.status("starting simulation, arm, perception and planner …"):
                client.start(START_TIMEOUT_S)
                naming = options.naming_language or labels.languages[0]
                client.select(options.label_set, naming, options.naming_style)
            trials, skipped = run_scenes(client, options, texts, console)
            facts = client.facts()
    return _written(trials, skipped, facts, options)


def _label_set(name: str) -> LabelSet:
    known = load_label_sets(share_path("config", "labels"))
    if name not in known:
        raise LabelError(f"no label set {name!r}; there is {', '.join(sorted(known))}")
    return known[name]


def texts_of(labels: LabelSet, options: TrialOptions) -> dict[str, LabelText]:
    """What each product is asked for by: concept id to text, which knows its own language."""
    chosen = labels.select(options.language or labels.languages[0], options.style)
    return {label.concept_id: label for label in chosen.labels}


def run_scenes(
    client: PickClient, options: TrialOptions, texts: Mapping[str, LabelText], console: Console
) -> tuple[list[Trial], list[int]]:
    """The trials, and the seeds that gave no scene."""
    trials: list[Trial] = []
    skipped: list[int] = []
    seed = options.first_seed
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("picking", total=options.scenes)
        while len(trials) < options.scenes:
            placed = client.new_scene(options.label_set, seed, options.count)
            if placed:
                trials.append(_try(client, seed, placed, texts))
                console.print(_line(trials[-1]), soft_wrap=True, markup=False)
                progress.advance(task)
            else:
                skipped.append(seed)
            if len(skipped) > MAX_SKIPPED:
                raise SystemFailure(f"{len(skipped)} seeds gave no scene; ask for fewer products")
            seed += 1
    return trials, skipped


def _try(
    client: PickClient, seed: int, placed: tuple[str, ...], texts: Mapping[str, LabelText]
) -> Trial:
    asked = placed[int(np.random.default_rng(seed).integers(len(placed)))]
    started_s = time.monotonic()
    text = texts[asked]
    picked, message = client.pick(text.label, text.language)
    seconds = round(time.monotonic() - started_s, 1)
    basket = client.basket()
    return Trial(seed, placed, asked, text.label, picked, message, basket, seconds)


def _line(trial: Trial) -> str:
    return f"{trial.seed} {trial.asked} {trial.text!r}: {trial.outcome} ({trial.message})"


def _written(
    trials: list[Trial], skipped: list[int], facts: Mapping[str, str], options: TrialOptions
) -> Record:
    record: Record = {
        "summary": summarise(trials).to_json(),
        "label_set": options.label_set,
        "language": options.language,
        "style": options.style,
        "naming_language": options.naming_language,
        "naming_style": options.naming_style,
        "trials": [trial.to_json() for trial in trials],
        "seeds_without_a_scene": skipped,
        "provenance": provenance(
            **facts, first_seed=options.first_seed, count=options.count, speed=options.speed
        ),
    }
    write_record(record, options.out / "picks.json", options.json)
    return record
