"""Runs the simulated system for minutes and measures it from outside."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import Progress

from culture_perception.demo_report import provenance, write_record
from culture_perception.resources import share_path
from culture_perception.runner import START_TIMEOUT_S, Runner, ros_environment
from culture_perception.soak.chart import MISSING, draw, write_csv
from culture_perception.soak.summary import Record, Sample, summarise
from culture_perception.soak.usage import usage_of
from culture_perception.system import Value, load_system

if TYPE_CHECKING:
    from culture_perception.nodes.result_listener import ResultListener
    from culture_perception.nodes.system_client import SystemClient

SAMPLE_S: Final = 1.0
SCENE_S: Final = 10.0  # other products and other labels, so that nothing is seen from a cache
FIRST_SEED: Final = 900_000
SETTINGS: Final = (("ycb", "en"), ("konbini", "ja"), ("konbini", "en"))


@dataclass(frozen=True)
class SoakOptions:
    """What is run.

    Attributes:
        out: folder for logs, tables, curve and figures.
        minutes: how long.
        json: where the figures go as well; None: only to `out`.
        changes: process name to parameters that differ from the system file's.
        domain_id: ROS_DOMAIN_ID of all processes.
        shared_memory: whether Fast DDS gets the shared-memory profile.
    """

    out: Path
    minutes: float = 20.0
    json: Path | None = None
    changes: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    domain_id: int | None = None
    shared_memory: bool = True


def run_soak(options: SoakOptions, console: Console) -> Record:
    """Runs the system to the end of its minutes and leaves no process behind.

    Returns:
        The figures, as they were written.

    Raises:
        SystemFileError: there is no such process as `changes` names.
        SystemFailure: a process ended, or did not answer in time.
    """
    system = load_system(share_path("config", "systems", "sim.yaml"))
    system = system.with_parameters(options.changes)
    environment = ros_environment(options.domain_id, True, options.shared_memory)
    with Runner(system, options.out / "logs", environment) as runner:
        from culture_perception.nodes.result_listener import ResultListener
        from culture_perception.nodes.system_client import SystemClient

        with SystemClient(runner.check, overlays=False) as client:
            with console.status("starting simulation, label service, perception and evaluator …"):
                client.wait_until_up(START_TIMEOUT_S)
            models = client.models()
            with ResultListener() as listener:
                samples = _watch(runner, client, options.minutes * 60, console)
                record = summarise(listener.results, samples, samples[-1].at_s, listener.frames())
    return _written(record, models, listener, samples, options, console)


def _watch(runner: Runner, client: SystemClient, seconds: float, console: Console) -> list[Sample]:
    """A sample a second, and another scene now and then."""
    samples: list[Sample] = []
    started = time.monotonic()
    settings, scenes = cycle(SETTINGS), 0
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("running", total=seconds)
        while not samples or samples[-1].at_s < seconds:
            runner.check()
            at_s = time.monotonic() - started
            usage = {name: usage_of(pid) for name, pid in runner.pids.items()}
            samples.append(Sample(at_s, usage))
            progress.update(task, completed=at_s)
            if at_s >= scenes * SCENE_S:
                label_set, language = next(settings)
                client.new_scene(label_set, FIRST_SEED + scenes, count=5)
                client.select(label_set, language)
                scenes += 1
            time.sleep(max(0.0, started + len(samples) * SAMPLE_S - time.monotonic()))
    return samples


def _written(
    record: Record,
    models: str,
    listener: ResultListener,
    samples: list[Sample],
    options: SoakOptions,
    console: Console,
) -> Record:
    record["notices"] = listener.notices
    record["provenance"] = provenance(
        models=models,
        parameters={name: dict(values) for name, values in options.changes.items()},
        cpus=os.cpu_count(),
        transport="shared_memory" if options.shared_memory else "default",
        load_at_end=os.getloadavg()[0],
    )
    write_csv(listener.results, samples, options.out)
    if not draw(listener.results, samples, options.out / "curve.png"):
        console.print(MISSING, markup=False)
    path = write_record(record, options.out / "soak.json", options.json)
    console.print(f"curve and tables in {options.out}, figures in {path}", soft_wrap=True)
    return record
