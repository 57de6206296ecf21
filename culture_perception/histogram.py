"""A histogram of times whose size does not grow, and which can be added to another."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

RATIO: Final = 1.01
"""Between the ends of a bin: percentiles are right to half a per cent of their value."""
_SMALLEST_MS: Final = 0.01
_BINS: Final = 4000  # up to 10 ** 15 ms, so that the age of the epoch has a bin too


@dataclass
class LatencyHistogram:
    """Counts times in bins that are 1 % wide.

    The order in which times are added or histograms merged changes nothing. Below 0.01 ms
    everything is one bin, read as 0; a negative time (two clocks that disagree) keeps its sign.

    Attributes:
        bins: bin number -> times in it. Bin 0 is around 0; k and -k lie opposite.
    """

    bins: Counter[int] = field(default_factory=Counter)

    def add(self, time_ms: float) -> None:
        """Counts a time in milliseconds."""
        self.bins[_bin(time_ms)] += 1

    def merge(self, other: LatencyHistogram) -> None:
        """Adds what the other one counted."""
        self.bins.update(other.bins)

    def percentile(self, q: float) -> float:
        """The q-th percentile (0 to 100) in milliseconds; NaN where nothing was added.

        As numpy's, between the two nearest times, each taken as the middle of its bin.
        """
        total = self.bins.total()
        if not total:
            return math.nan
        rank = (total - 1) * q / 100
        below, above = self._at(math.floor(rank)), self._at(math.ceil(rank))
        return below + (above - below) * (rank - math.floor(rank))

    def _at(self, rank: int) -> float:
        """The time of a rank, from 0 on, by rising time."""
        seen = 0
        for number in sorted(self.bins):
            seen += self.bins[number]
            if seen > rank:
                return _middle(number)
        raise AssertionError(f"rank {rank} of {seen}")


def _bin(time_ms: float) -> int:
    size = abs(time_ms) / _SMALLEST_MS
    if size < 1:
        return 0
    number = 1 + min(int(math.log(size) / math.log(RATIO)), _BINS)
    return number if time_ms > 0 else -number


def _middle(number: int) -> float:
    if number == 0:
        return 0.0
    return math.copysign(_SMALLEST_MS * RATIO ** (abs(number) - 0.5), number)
