"""Sentence patterns of English labels; {placeholders} are filled by captions.py."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_PLAIN: Final = (
    "{size} {shape} {colours} {type}",
    "{size} {colours} {shape} {type}",
    "{shape} {colours} {size} {type}",
    "{colours} {size} {type}",
    "{shape} {colours} {type}",
    "{colours} {shape} {type}",
)
_WITH_CONTENT: Final = (
    "{size} {colours} {type} of {content}",
    "{size} {colours} {type} of {content}",
    "{colours} {shape} {type} of {content}",
    "{size} {colours} {content} {type}",
    "{colours} {shape} {content} {type}",
    "{colours} {size} {content} {type}",
    "{content} {colours} {type}",
    "{size} {content} {colours} {type}",
    "{content} {type}",
    "{type} of {content}",
)
_WITH_BRAND: Final = (
    "{brand} {type}",
    "{brand} {type}",
    "{colours} {brand} {type}",
    "{size} {colours} {type} of {brand}",
    "{type} of {brand}",
)
_WITH_BRAND_AND_CONTENT: Final = (
    "{brand} {content} {type}",
    "{brand} {content} {type}",
    "{brand} {type} of {content}",
    "{type} of {brand} {content}",
    "{type} of {brand} {content}",
    "{brand} {content}",
    "{size} {colours} {brand} {content} {type}",
    "{size} {colours} {content} {type} by {brand}",
)
_THING_WITH_BRAND: Final = (
    "{brand} {type}",
    "{colours} {brand} {type}",
    "{colours} {shape} {brand} {type}",
    "{colours} {type} by {brand}",
)
_EXTRA: Final[dict[str, tuple[str, ...]]] = {
    "cube": (
        "{type} of different square colors",
        "{type} with squares of different colors",
        "{type} of many colored squares",
        "{type} with colored squares",
    ),
    "sponge": (
        "{type} covered with {colours} plastic",
        "{type} wrapped in {colours} plastic",
        "{colours} cleaning {type}",
    ),
    "screwdriver": (
        "{type} with a {colours} handle",
        "{type} with a {colours} grip",
    ),
    "marker": ("{colours} {type} with a cap",),
}
_THINGS: Final = frozenset(_EXTRA)


@lru_cache(maxsize=64)
def templates_for(container: str, with_brand: bool, with_content: bool) -> tuple[str, ...]:
    """The patterns that fit.

    Args:
        container: as in attributes.CONTAINERS.
        with_brand: the label names the brand.
        with_content: the label names what is inside.
    """
    if with_brand:
        if container in _THINGS:
            return _THING_WITH_BRAND
        return _WITH_BRAND_AND_CONTENT if with_content else _WITH_BRAND
    if with_content:
        return _WITH_CONTENT
    return _PLAIN + _EXTRA.get(container, ())


def implies_many_colours(template: str) -> bool:
    """Whether a pattern itself says that the thing has many colours."""
    return "square" in template
