"""The demo: a simulated camera, recognition and its scores, over ROS, from one command."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image as Picture
from rich.console import Console
from rich.progress import Progress

from culture_perception.concepts import STYLES
from culture_perception.demo_report import (
    Record,
    add_before,
    print_report,
    provenance,
    write_record,
)
from culture_perception.labels import LabelError, load_label_sets
from culture_perception.models.shipped_adapters import NONE, SHIPPED, shipped_files
from culture_perception.resources import share_path
from culture_perception.runner import START_TIMEOUT_S, Runner, ros_environment
from culture_perception.system import System, Value, load_system

if TYPE_CHECKING:
    from culture_perception.nodes.system_client import SystemClient

FIRST_SEED: Final = 900_000  # no training data is ever made from this seed or a later one


@dataclass(frozen=True)
class DemoOptions:
    """What the demo does.

    Attributes:
        out: Folder for pictures, logs and scores.
        scenes: Scenes of each label set.
        seconds: After this long no new scene is started; None: no limit.
        json: Where the scores go as well; None: only to `out`.
        label_sets: Whose products are shown.
        count: Products on the table.
        profile: Camera profile of the simulation.
        seed: Of the first scene; the following ones count up.
        domain_id: ROS_DOMAIN_ID of all processes.
    """

    out: Path
    scenes: int = 10
    seconds: float | None = None
    json: Path | None = None
    label_sets: tuple[str, ...] = ("ycb", "konbini")
    count: int = 5
    profile: str = "ravens"
    seed: int = FIRST_SEED
    domain_id: int | None = None

    def __post_init__(self) -> None:
        if self.scenes < 1 or (self.seconds is not None and self.seconds <= 0):
            raise ValueError(
                f"{self.scenes} scenes in {self.seconds} s show nothing; use at least 1 and "
                "more than 0 s"
            )


@dataclass(frozen=True)
class Cell:
    """What is scored apart: the labels that are active."""

    label_set: str
    language: str
    style: str


def cells_of(label_sets: Sequence[str]) -> dict[str, list[Cell]]:
    """Every language and style of each label set.

    Raises:
        LabelError: There is no such label set.
    """
    known = load_label_sets(share_path("config", "labels"))
    unknown = [name for name in label_sets if name not in known]
    if unknown:
        raise LabelError(f"no label set {', '.join(unknown)}; there is {', '.join(sorted(known))}")
    return {
        name: [
            Cell(name, language, style) for language in known[name].languages for style in STYLES
        ]
        for name in label_sets
    }


def run_demo(options: DemoOptions, console: Console) -> Record:
    """Runs the demo to its end and leaves no process behind.

    Labels for which a culture adapter is shipped are shown a second time, to the bare encoder: the
    same scenes before and after.

    Returns:
        The scores, as they were written to the JSON file.

    Raises:
        LabelError: An unknown label set.
        ProcessDied: A process ended by itself.
        SystemFailure: A process did not answer in time, or refused.
    """
    cells = cells_of(options.label_sets)
    options.out.mkdir(parents=True, exist_ok=True)
    started_s = time.monotonic()
    record, pictures, scenes = _run(cells, options, SHIPPED, console)
    adapted = _with_adapter(cells)
    if adapted:
        bare = replace(options, scenes=scenes, seconds=None, out=options.out / "before")
        add_before(record, _run(adapted, bare, NONE, console)[0])
    record["provenance"]["seconds"] = round(time.monotonic() - started_s, 1)
    path = write_record(record, options.out / "scores.json", options.json)
    print_report(record, path, pictures, console)
    return record


def _run(
    cells: dict[str, list[Cell]], options: DemoOptions, adapters: str, console: Console
) -> tuple[Record, list[Path], int]:
    """Starts the system and shows it the scenes: its scores, pictures, and scenes a label set."""
    options.out.mkdir(parents=True, exist_ok=True)
    environment = ros_environment(options.domain_id, local_only=True)
    system = _triggered(options).with_parameters({"perception": {"adapters": adapters}})
    with Runner(system, options.out / "logs", environment) as runner:
        from culture_perception.nodes.system_client import SystemClient

        with SystemClient(runner.check) as client:
            _start(client, cells, console)
            pictures, scenes = _show_scenes(client, cells, options, console)
            return _record(client, options), pictures, scenes


def _with_adapter(cells: dict[str, list[Cell]]) -> dict[str, list[Cell]]:
    """The cells for which an adapter of the shipped encoder is there."""
    from culture_perception.models.adapter_card import read_card

    cards = [read_card(path) for path in shipped_files()]
    found = {
        name: [one for one in own if any(card.fits(name, [one.language]) for card in cards)]
        for name, own in cells.items()
    }
    return {name: own for name, own in found.items() if own}


def _triggered(options: DemoOptions) -> System:
    """The simulated system with a camera that waits for its trigger: a frame for each cell."""
    system = load_system(share_path("config", "systems", "sim.yaml"))
    camera: dict[str, Value] = {"rate_hz": 0.0, "profile": options.profile, "count": options.count}
    return system.with_parameters({"sim_bridge": camera})


def _start(client: SystemClient, cells: dict[str, list[Cell]], console: Console) -> None:
    with console.status("starting simulation, label service, perception and evaluator …"):
        client.wait_until_up(START_TIMEOUT_S)
    first = next(iter(cells.values()))[0]
    with console.status("waiting for the first frame …"):
        client.new_scene(first.label_set, seed=1)
        client.select(first.label_set, first.language, first.style)
        client.warm_up(START_TIMEOUT_S)


def _show_scenes(
    client: SystemClient, cells: dict[str, list[Cell]], options: DemoOptions, console: Console
) -> tuple[list[Path], int]:
    """Shows every scene in every cell; gives the overlay pictures, and how many scenes a set."""
    pictures: list[Path] = []
    shown: Counter[str] = Counter()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=options.scenes * sum(map(len, cells.values())))
        for label_set, seed in _scenes(cells, options):
            client.new_scene(label_set, seed, options.count)
            shown[label_set] += 1
            for cell in cells[label_set]:
                progress.update(task, description=_described(cell, seed))
                pictures.append(_show(client, cell, seed, options.out))
                progress.advance(task)
    return pictures, max(shown.values())


def _scenes(cells: dict[str, list[Cell]], options: DemoOptions) -> Iterator[tuple[str, int]]:
    """Label set and seed of each scene; the sets take turns, so that a time limit cuts all."""
    deadline_s = time.monotonic() + (options.seconds or float("inf"))
    for number in range(options.scenes):
        for label_set in cells:
            # The first scenes are shown in any case: a table without figures helps nobody.
            if number > 0 and time.monotonic() > deadline_s:
                return
            yield label_set, options.seed + number


def _show(client: SystemClient, cell: Cell, seed: int, out: Path) -> Path:
    client.select(cell.label_set, cell.language, cell.style)
    frame = client.capture()
    path = out / f"{cell.label_set}_{seed}_{cell.language}_{cell.style}.png"
    Picture.fromarray(frame.overlay_rgb).save(path)
    return path


def _described(cell: Cell, seed: int) -> str:
    return f"{cell.label_set} {cell.language} {cell.style}, scene {seed}"


def _record(client: SystemClient, options: DemoOptions) -> Record:
    from culture_perception.nodes.score_messages import scores_to_record

    record: dict[str, Any] = scores_to_record(client.scores())
    record["provenance"] = provenance(
        models=client.models(),
        adapters=client.adapters(),
        renderer=client.parameter("sim_bridge", "renderer_in_use"),
        profile=options.profile,
        first_seed=options.seed,
        scenes=options.scenes,
        count=options.count,
    )
    return record
