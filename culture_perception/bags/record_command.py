"""The verb `record`: topics of a running system into a bag."""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, get_args

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from culture_perception.arguments import add_domain, add_namespace, positive
from culture_perception.bags.errors import BagError
from culture_perception.bags.forms import Compression, Storage
from culture_perception.bags.topics import RECORDED, in_namespace
from culture_perception.runner import ros_environment

if TYPE_CHECKING:
    from culture_perception.bags.recording import BagRecording
    from culture_perception.nodes.recorder import Recorder

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def record(arguments: argparse.Namespace, console: Console) -> int:
    """Records until Ctrl-C, or for some seconds; tells what came."""
    os.environ.update(ros_environment(arguments.domain_id, local_only=False))
    usual = [in_namespace(topic, arguments.namespace) for topic in RECORDED]
    topics = list(dict.fromkeys(arguments.topics or usual))
    relative = [topic for topic in topics if not topic.startswith("/")]
    if relative:
        raise BagError(f"topic {relative[0]!r}: begin it with /")
    from culture_perception.bags.recording import BagRecording

    recording = BagRecording(arguments.out, arguments.storage, arguments.compression)
    recorder = _record(topics, recording, arguments.seconds, console)
    _print_report(topics, recorder, recording, console)
    if not recording.written:
        domain = os.environ.get("ROS_DOMAIN_ID", "0")
        raise BagError(
            f"nothing came, so {arguments.out} is empty; is the system running, with "
            f"ROS_DOMAIN_ID {domain}?"
        )
    console.print(f"bag in {arguments.out}", soft_wrap=True)
    return 0


def _record(
    topics: list[str], recording: BagRecording, seconds: float | None, console: Console
) -> Recorder:
    try:
        from culture_perception.nodes.recorder import Recorder
    except ModuleNotFoundError as error:
        raise BagError(
            f"recording needs ROS 2, and {error.name} is not there; source a ROS, or "
            "`pip install 'culture_perception[ros]'`"
        ) from error

    def tell(topic: str, msgtype: str) -> None:
        found = len(recorder.types)
        console.print(f"{found} of {len(topics)}: {topic} ({msgtype})", highlight=False)

    deadline_s = time.monotonic() + (seconds or float("inf"))
    with _ended_by_signal() as ended, recording, Recorder(topics, recording, tell) as recorder:
        console.print("recording; Ctrl-C ends it")
        recorder.run(lambda: ended.is_set() or time.monotonic() > deadline_s)
    return recorder


@contextmanager
def _ended_by_signal() -> Iterator[threading.Event]:
    """Set by Ctrl-C and the like: nothing is interrupted, so that the bag gets its end."""
    ended = threading.Event()
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in _SIGNALS}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_report(
    topics: list[str], recorder: Recorder, recording: BagRecording, console: Console
) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("topic", overflow="fold")
    table.add_column("messages", justify="right")
    table.add_column("dropped", justify="right")
    for topic in topics:
        dropped = recording.dropped[topic]
        table.add_row(topic, str(recording.written[topic]), str(dropped) if dropped else "")
    console.print(table)
    megabytes = recording.size / 1e6
    console.print(f"{recording.written.total()} messages, {megabytes:.1f} MB", highlight=False)
    _print_faults(topics, recorder, recording, console)


def _print_faults(
    topics: list[str], recorder: Recorder, recording: BagRecording, console: Console
) -> None:
    lines = [f"{topic}: {problem}" for topic, problem in recorder.problems.items()]
    for topic in topics:
        if not recording.written[topic] and topic not in recorder.problems:
            why = "it was silent" if topic in recorder.types else "nobody published"
            lines.append(f"{topic}: no message; {why}")
    if recording.dropped:
        dropped = recording.dropped.total()
        lines.append(f"{dropped} messages were dropped, since the disk did not keep up")
    for line in lines:
        console.print(Text(line, style="yellow"), soft_wrap=True)


def add_parser(verbs: Verbs) -> None:
    """Adds the verb to a command line."""
    parser = verbs.add_parser("record", help="record topics into a bag")
    parser.set_defaults(run=record)
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="DIR", help="the bag")
    parser.add_argument("--storage", choices=get_args(Storage), default="mcap", help="(mcap)")
    parser.add_argument(
        "--compression", choices=get_args(Compression), default="none", help="(none)"
    )
    parser.add_argument(
        "--topics",
        nargs="+",
        metavar="TOPIC",
        help="these alone (what scoring needs, depth, transforms and diagnostics)",
    )
    parser.add_argument(
        "--seconds", type=positive, metavar="S", help="end by itself after S seconds"
    )
    add_namespace(parser)
    add_domain(parser)
