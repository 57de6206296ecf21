"""Bags as items of work: one after the other, or several at once in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from culture_perception.bags.bag_score import BagScore, ScoreOptions
from culture_perception.bags.errors import BagError, UnreadableBagError
from culture_perception.bags.frame_lines import FrameLines
from culture_perception.bags.scoring import score_bag


@dataclass(frozen=True)
class WorkItem:
    """A bag to score.

    Attributes:
        path: the bag.
        options: how.
        frames: file that gets the outcome of each frame; None: none.
    """

    path: Path
    options: ScoreOptions
    frames: Path | None = None


def run_item(item: WorkItem, on_progress: Callable[[float], None] = lambda share: None) -> BagScore:
    """Scores a bag; that it can not be read is a fault of it and no error.

    Raises:
        BagError: A model or the COCO file can not be loaded.
    """
    try:
        if item.frames is None:
            return score_bag(item.path, item.options, on_progress=on_progress)
        with item.frames.open("w", encoding="utf-8") as file:
            lines = FrameLines(file, str(item.path))
            return score_bag(item.path, item.options, lines.write, on_progress)
    except UnreadableBagError as error:
        score = BagScore(str(item.path))
        score.faults.add("unreadable_bag", str(error))
        return score


def run_in_turn(
    items: Sequence[WorkItem], on_progress: Callable[[float], None]
) -> Iterator[BagScore]:
    """Scores bags in this process; `on_progress` takes the bags done, with the part of one."""
    for done, item in enumerate(items):
        yield run_item(item, partial(_report, on_progress, done))


def _report(on_progress: Callable[[float], None], done: int, share: float) -> None:
    on_progress(done + share)


def run_in_processes(
    items: Sequence[WorkItem], workers: int, on_done: Callable[[], None]
) -> Iterator[BagScore]:
    """Scores bags in several processes; what comes is in the order of the items.

    Raises:
        BagError: A process ended by itself, or as in run_item.
    """
    # Forked, a process would inherit threads of torch and of the progress bar that do not run.
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(min(workers, len(items)), context, _begin_worker)
    try:
        futures = [pool.submit(run_item, item) for item in items]
        for future in futures:
            future.add_done_callback(lambda _: on_done())
        for future in futures:
            yield future.result()
    except BrokenProcessPool as error:
        raise BagError(
            "a process that scored a bag was ended, perhaps for want of memory; use fewer --workers"
        ) from error
    finally:
        # First the processes, so that nothing is waited for; then the pool's own thread, which must
        # not be met by the end of the interpreter.
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


def _begin_worker() -> None:
    """Leaves Ctrl-C to the parent, and ends where the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
