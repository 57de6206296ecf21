"""The same figures with a culture adapter, beside what they were without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from culture_perception.measure.figures import Figure, written
from culture_perception.measure.naming_figures import NAMING

GAP: Final = "From English to another language, and what the adapter costs elsewhere"
_COMPARED: Final = ("encoder.", "end_to_end.")


def beside(adapter: str, before: Sequence[Figure], after: Sequence[Figure]) -> list[Figure]:
    """The figures with an adapter, each with the one without it in its text.

    Args:
        adapter: its name.
        before: of the bare encoder.
        after: of the same keys, with the adapter.

    Returns:
        Figures of keys "adapter.NAME.…", in sections of their own.
    """
    bare = {one.key: one for one in before}
    return [
        replace(
            one,
            section=f"{one.section}, with the adapter {adapter}",
            key=f"adapter.{adapter}.{one.key.partition('.')[2]}",
            what=f"{one.what} (without: {written(bare[one.key].value, one.form)})",
        )
        for one in after
        if one.key.startswith(_COMPARED) and one.key in bare
    ]


def differences(
    adapter: str,
    own: str,
    languages: Sequence[str],
    before: Sequence[Figure],
    after: Sequence[Figure],
) -> list[Figure]:
    """What an adapter leaves to be wished, points of top-1 as shares.

    How far other languages lie behind English on the set that it is for, and what other sets lose.

    Args:
        adapter: its name.
        own: set of scenes that it is for.
        languages: that it is for.
        before: of the bare encoder.
        after: of the same keys, with the adapter.
    """
    old, new = (_top1(figures) for figures in (before, after))
    found = []
    for style in ("plain", "brand"):
        for language in languages:
            if language == "en" or (own, "en", style) not in new:
                continue
            english = new[own, "en", style]
            gap = english.value - new[own, language, style].value
            what = f"{own}, {style}: English less {language}"
            found.append(_points(f"adapter.{adapter}.gap.{language}.{style}", what, gap, english.n))
    for (name, language, style), one in new.items():
        if name != own:
            lost = old[name, language, style].value - one.value
            what = f"{name}, {language}, {style}: before less after"
            key = f"adapter.{adapter}.cost.{name}.{language}.{style}"
            found.append(_points(key, what, lost, one.n))
    return found


def _top1(figures: Sequence[Figure]) -> Mapping[tuple[str, str, str], Figure]:
    """By set, language and style."""
    found = {}
    for one in figures:
        if one.section == NAMING and one.key.endswith(".top1"):
            _, name, language, style, _ = one.key.split(".")
            found[name, language, style] = one
    return found


def _points(key: str, what: str, value: float, count: int) -> Figure:
    return Figure(GAP, key, what, value, count, form="percent")
