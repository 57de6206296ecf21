"""What came of all bags: a record for programs, a table for people, an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from culture_perception.bags.bag_score import BagScore
from culture_perception.bags.coco import CocoTruth
from culture_perception.bags.faults import MEANINGS, Faults
from culture_perception.bags.requirements import Requirement
from culture_perception.demo_report import score_table
from culture_perception.histogram import LatencyHistogram
from culture_perception.pairing import Frames
from culture_perception.tally import Tally

Record: TypeAlias = dict[str, Any]

OK: Final = 0
NOTHING: Final = 1
REQUIREMENT_FAILED: Final = 2
INCOMPLETE: Final = 3

_LEGEND: Final = """\
n      true objects, over all frames scored
found  share of them that a mask covers with IoU .5 or more; IoU: mean of these
top-1  share of the found whose first name is right; unkn.: that got no name
prec.  right names of the names given; recall: right names of the objects
ms     from the image's stamp to the recorder's receipt of the result"""


def summarise(scores: Sequence[BagScore], coco: CocoTruth | None, seconds: float) -> Record:
    """All bags together, and each for itself.

    Args:
        scores: of the bags, in the order in which they were given.
        coco: where the ground truth is from; None: from the bags.
        seconds: that all of it took.
    """
    total, faults, image_ms = Tally(), Faults(), LatencyHistogram()
    for score in scores:
        total.merge(score.tally)
        faults.merge(score.faults)
        image_ms.merge(score.image_ms)
    if coco is not None:
        faults.merge(coco.faults)
        total.merge(Tally(frames=_count_unmet(scores, coco, faults)))
    return {
        **total.to_record(),
        "faults": faults.to_record(),
        "bags": [_bag_record(score) for score in scores],
        "time": _times(scores, image_ms, seconds),
    }


def exit_code(record: Record, failures: Sequence[str], allowed: set[str]) -> int:
    """See `culture-perception score --help`."""
    if failures:
        return REQUIREMENT_FAILED
    if not record["frames"]["scored"]:
        return NOTHING
    return INCOMPLETE if set(record["faults"]) - allowed else OK


def failures_of(record: Record, requirements: Sequence[Requirement]) -> list[str]:
    """What does not meet the requirements, for people."""
    return [text for one in requirements for text in one.failures(record["cells"])]


def print_report(record: Record, failures: Sequence[str], console: Console) -> None:
    """Prints table, frames, faults, speed and requirements that are not met."""
    console.print(score_table(record["cells"]))
    console.print(_LEGEND, style="dim", highlight=False)
    frames = record["frames"]
    console.print(
        f"frames: {frames['received']} true, {frames['scored']} scored, "
        f"{frames['dropped']} dropped, {frames['pending']} left over"
    )
    if record["faults"]:
        console.print(_fault_table(record["faults"]))
    console.print(_speed(record["time"]), highlight=False)
    for failure in failures:
        console.print(Text(f"requirement not met: {failure}", style="red"))


def _count_unmet(scores: Sequence[BagScore], coco: CocoTruth, faults: Faults) -> Frames:
    """Annotated images that no bag has; they count as frames without a result."""
    met = set[int]().union(*(score.annotated for score in scores))
    unmet = sorted(coco.stamps - met)
    for stamp_ns in unmet:
        faults.add("truth_without_result", str(stamp_ns))
    return Frames(received=len(unmet), pending=len(unmet))


def _bag_record(score: BagScore) -> Record:
    return {
        "bag": score.bag,
        **score.tally.to_record(),
        "faults": score.faults.to_record(),
        "messages": dict(sorted(score.messages.items())),
        "images": score.images,
        "seconds": round(score.seconds, 3),
    }


def _times(scores: Sequence[BagScore], image_ms: LatencyHistogram, seconds: float) -> Record:
    images = sum(score.images for score in scores)
    messages = sum(score.messages.total() for score in scores)
    recomputed = bool(image_ms.bins)
    return {
        "seconds": round(seconds, 3),
        "images": images,
        "images_per_s": round(images / seconds, 2),
        "messages": messages,
        "messages_per_s": round(messages / seconds, 1),
        "image_ms_p50": round(image_ms.percentile(50), 2) if recomputed else None,
        "image_ms_p99": round(image_ms.percentile(99), 2) if recomputed else None,
    }


def _fault_table(faults: Record) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for name, fault in faults.items():
        examples = fault["examples"]
        more = ", …" if len(examples) < fault["count"] else ""
        shown = f" ({'; '.join(examples)}{more})" if examples else ""
        # Text, since an example may hold what rich would take for markup.
        table.add_row(str(fault["count"]), Text(f"{name}: {MEANINGS[name]}{shown}"))
    return table


def _speed(times: Record) -> str:
    text = (
        f"{times['images']} images and {times['messages']} messages in {times['seconds']:.1f} s: "
        f"{times['images_per_s']:.1f} images/s, {times['messages_per_s']:.0f} messages/s"
    )
    if times["image_ms_p50"] is None:
        return text
    return (
        f"{text}; to recognise one took {times['image_ms_p50']:.0f} ms "
        f"(p50; p99 {times['image_ms_p99']:.0f})"
    )
