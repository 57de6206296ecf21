"""One pick and what came of it; many picks and how often which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from culture_perception.measure.intervals import wilson

PICKED: Final = "picked"
WRONG: Final = "wrong object"
MISSED: Final = "beside the basket"
UNREACHABLE: Final = "unreachable"
OTHER: Final = "other"
SAID: Final = ("not found", "ambiguous", "no view", "no grasp", "no seal", "slipped", "still there")
"""How the planner's answer begins where it gave up."""
_OUT_OF_REACH: Final = ("out of reach", "swing round")


@dataclass(frozen=True)
class Trial:
    """One scene and one thing asked for.

    Attributes:
        seed: of the scene.
        placed: concept ids on the table.
        asked: the one that was asked for.
        text: by what text.
        says_picked: whether the planner says that it is in the basket.
        message: what the planner says.
        basket: concept ids that are in the basket: the truth, which only the judge reads.
        seconds: that the planner took.
    """

    seed: int
    placed: tuple[str, ...]
    asked: str
    text: str
    says_picked: bool
    message: str
    basket: tuple[str, ...]
    seconds: float

    @property
    def outcome(self) -> str:
        """PICKED, or why not; by the basket first, and only then by what the planner says."""
        if self.basket == (self.asked,):
            return PICKED
        if self.basket:
            return WRONG
        if self.says_picked:
            return MISSED
        if any(words in self.message for words in _OUT_OF_REACH):
            return UNREACHABLE
        return next((one for one in SAID if self.message.startswith(one)), OTHER)

    def to_json(self) -> dict[str, Any]:
        """By attribute name, and the outcome."""
        return {**asdict(self), "outcome": self.outcome}


@dataclass(frozen=True)
class Summary:
    """Many trials.

    Attributes:
        trials: how many.
        picked: of these, with the thing asked for, and nothing else, in the basket.
        interval: Wilson's of 95 % of the share picked; NaN without a trial.
        failures: outcome to number of trials, the most frequent first.
        believed: trials in which the planner said that it succeeded.
        median_s: median time of a trial, seconds; NaN without one.
    """

    trials: int
    picked: int
    interval: tuple[float, float]
    failures: dict[str, int]
    believed: int
    median_s: float

    def to_json(self) -> dict[str, Any]:
        """By attribute name; NaN, which JSON does not have, is None."""
        known = self.trials > 0
        return {
            **asdict(self),
            "interval": list(self.interval) if known else None,
            "median_s": round(self.median_s, 1) if known else None,
        }


def summarise(trials: Sequence[Trial]) -> Summary:
    """Counts the outcomes."""
    outcomes = Counter(trial.outcome for trial in trials)
    picked = outcomes.pop(PICKED, 0)
    times = sorted(trial.seconds for trial in trials)
    return Summary(
        trials=len(trials),
        picked=picked,
        interval=wilson(picked, len(trials)),
        failures=dict(outcomes.most_common()),
        believed=sum(trial.says_picked for trial in trials),
        median_s=times[len(times) // 2] if times else float("nan"),
    )
