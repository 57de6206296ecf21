"""Between scores and the messages and JSON records of the evaluator."""

import math
from typing import Any, Final

from culture_interfaces.msg import CellScores as CellScoresMessage
from culture_interfaces.msg import Scores

from culture_perception.metrics import CellScores

CELL_FIELDS: Final = tuple(CellScoresMessage.get_fields_and_field_types())
FRAME_FIELDS: Final = ("received", "scored", "dropped", "pending")


def cell_to_message(cell: tuple[str, str, str], scores: CellScores) -> CellScoresMessage:
    """Scores of one cell (label set, language, style)."""
    label_set, language, style = cell
    figures = {name: getattr(scores, name) for name in CELL_FIELDS if hasattr(scores, name)}
    return CellScoresMessage(label_set=label_set, language=language, style=style, **figures)


def scores_to_record(scores: Scores) -> dict[str, Any]:
    """Scores as JSON can hold them: `cells`, one record each, and `frames`.

    A figure without a sample is None, since JSON has no NaN.
    """
    return {
        "cells": [
            {name: _without_nan(getattr(cell, name)) for name in CELL_FIELDS}
            for cell in scores.cells
        ],
        "frames": {name: int(getattr(scores, name)) for name in FRAME_FIELDS},
    }


def _without_nan(value: str | int | float) -> str | int | float | None:
    return None if isinstance(value, float) and math.isnan(value) else value
