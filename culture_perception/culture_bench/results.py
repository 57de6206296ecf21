"""One model's result on a set of items."""

from __future__ import annotations

from collections.abc import Sequence

from culture_perception.culture_bench.answer_files import AnswerFile
from culture_perception.culture_bench.comparing import ModelResult
from culture_perception.culture_bench.figures import score
from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.models import Named
from culture_perception.culture_bench.running import answer_all


def model_result(
    answerer: Named,
    items: Sequence[Item],
    file: AnswerFile,
    batch: int,
    least: int,
    with_blind: bool,
) -> ModelResult:
    """Asks all items and counts.

    Args:
        answerer: the model.
        items: what is asked.
        file: that answers are kept in.
        batch: items at a time.
        least: items that a group needs to be worst or best.
        with_blind: whether the same is asked without pictures as well; items whose picture is
            broken are left out of that, too.

    Raises:
        AnswererError: the model can not go on.
    """
    title = answerer.title
    seen = answer_all(answerer, items, "image", file, batch, title)
    blind = []
    if with_blind:
        blind = answer_all(answerer, items, "blind", file, batch, f"{title}, blind")
        blind = [one if one.broken else other for one, other in zip(seen, blind, strict=True)]
    return ModelResult(
        title=title,
        name=answerer.name,
        answers=tuple(seen),
        blind=tuple(blind),
        scores=score(items, seen, least),
        blind_scores=score(items, blind, least) if blind else None,
        about=answerer.about,
    )
