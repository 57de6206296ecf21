"""How a bag is scored, and what comes of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from culture_perception.bags.faults import Faults
from culture_perception.bags.recompute import RecomputeOptions
from culture_perception.bags.topics import Topics
from culture_perception.histogram import LatencyHistogram
from culture_perception.tally import Tally


@dataclass(frozen=True)
class ScoreOptions:
    """How bags are scored.

    Attributes:
        topics: where in a bag things are.
        recompute: what makes results; None: they are those recorded.
        coco: a COCO file with the ground truth; None: it is in the bag.
    """

    topics: Topics = field(default_factory=Topics)
    recompute: RecomputeOptions | None = None
    coco: Path | None = None


@dataclass
class BagScore:
    """What came of one bag.

    Attributes:
        bag: its path, as it was given.
        tally: scores, and what became of the frames.
        faults: what is wrong with it.
        messages: topic -> messages read.
        images: frames with a result, or recognised anew.
        seconds: that scoring took.
        image_ms: time that an image took, of those recognised anew.
        annotated: stamps of the COCO images that it has.
        adapters: names of the encoder's culture adapters, where images were recognised anew.
    """

    bag: str
    tally: Tally = field(default_factory=Tally)
    faults: Faults = field(default_factory=Faults)
    messages: Counter[str] = field(default_factory=Counter)
    images: int = 0
    seconds: float = 0.0
    image_ms: LatencyHistogram = field(default_factory=LatencyHistogram)
    annotated: set[int] = field(default_factory=set)
    adapters: list[str] = field(default_factory=list)
