"""What goes wrong with files of weights; apart from what reads them, which needs torch."""

import pickle
from typing import Final

_SHOWN_LINES: Final = 3  # of a library's error


class CheckpointError(ValueError):
    """A file of weights is missing, unreadable or of another model; the message names the cure."""


def reason_of(error: Exception) -> str:
    """What a library says of a file, in one line.

    It is without torch's advice to unpickle whatever the file holds.
    """
    if isinstance(error, pickle.UnpicklingError):
        return "it holds more than weights, or something else"
    lines = str(error).strip().splitlines()[:_SHOWN_LINES]
    return " ".join(lines) or type(error).__name__
