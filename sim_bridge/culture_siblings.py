"""Makes items of random siblings for `culture-bench`: `python -m sim_bridge.culture_siblings`.

There are as many siblings as are asked for, where the catalogue has fifteen products a culture:
enough to train on the items of one group and test on those of all others. Japanese ones are asked
about in English and Japanese with the same pictures and options, Western ones in English, by

- recognition: a sibling's crop; options are its label and those of three others
- cultural_knowledge: the same by names, of siblings that have a brand

No option but the right one is true of the picture. A concept is what a sibling holds, or what kind
of thing it is, in both markets: soap is soap. One seed gives one set.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from culture_perception.culture_bench.item_files import write_items
from culture_perception.culture_bench.items import OPTIONS, Item, ItemError
from culture_perception.training.truth import load_grammar
from sim_bridge.culture_items import ITEMS_FILE
from sim_bridge.culture_questions import QUESTIONS
from sim_bridge.culture_sibling_choices import (
    LABELS,
    Choice,
    best_views,
    choices,
    concept_of,
    draw_options,
    save_view,
)
from sim_bridge.products.markets import JAPAN
from sim_bridge.products.sibling import WEST
from sim_bridge.training_data import DatasetRequest, render_dataset

COUNTRIES: Final[Mapping[str, str]] = {WEST: "US", JAPAN: "JP"}
"""Market -> where its goods are sold."""
FIRST_SEED: Final = 100
"""Of data sets: what encoders and adapters learn from has lower ones."""
SEEDS: Final = 50
_PER_SHARD: Final = 100
"""Siblings of a shard, of 170, that its frames surely show well."""
_FRAMES: Final = 60
_CATEGORIES: Final[Mapping[str, str]] = {
    "cube": "entertainment",
    **dict.fromkeys(
        "bleach cat_food cleanser cream detergent eye_masks shampoo soap toothpaste window_cleaner "
        "marker screwdriver sponge".split(),
        "markets_and_shopping",
    ),
}
"""Of concepts; all others are food."""


@dataclass(frozen=True)
class Request:
    """What is made.

    Attributes:
        products: siblings of each market.
        seed: 0 to SEEDS - 1.
    """

    products: int = 150
    seed: int = 0

    def __post_init__(self) -> None:
        if self.products < OPTIONS:
            raise ValueError(f"{self.products} products are too few for {OPTIONS} options")
        if not 0 <= self.seed < SEEDS:
            raise ValueError(f"seed {self.seed} is outside 0 to {SEEDS - 1}")


def generate(out: Path, request: Request) -> int:
    """Renders siblings, writes pictures and items.jsonl; gives how many items.

    Raises:
        ItemError: too few siblings were seen well.
        OSError: a file can not be written.
    """
    frames = _FRAMES * -(-request.products // _PER_SHARD)
    items: list[Item] = []
    for market in COUNTRIES:
        with tempfile.TemporaryDirectory() as scratch:
            data = DatasetRequest(
                Path(scratch), frames, FIRST_SEED + request.seed, "val", _FRAMES, market=market
            )
            render_dataset(data)
            items += market_items(data.folder, out / "images", market, request)
    return write_items(items, out / ITEMS_FILE)


def market_items(folder: Path, images: Path, market: str, request: Request) -> Iterator[Item]:
    """Items of a data set of sim_bridge.training_data; pictures go to the folder of images.

    Raises:
        ItemError: too few siblings were seen well.
    """
    seen = best_views(folder)[: request.products]
    if len(seen) < request.products:
        raise ItemError(
            f"only {len(seen)} siblings of {market} were seen well: ask for fewer than "
            f"{request.products} products"
        )
    grammar = load_grammar(folder / "grammar.json")
    values = json.loads((folder / "grammar.json").read_text(encoding="utf-8"))["values"]
    images.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([request.seed, list(COUNTRIES).index(market)])
    files = [save_view(one, images / f"{market}-{one.record['id'][-16:]}.jpg") for one in seen]
    for kind in LABELS:
        every = list(choices(seen, files, kind))
        for one in every:
            concept = concept_of(one.record, values)
            yield from _items(draw_options(one, every, grammar, rng), one, kind, concept, market)


def _items(
    options: Sequence[Choice], right: Choice, kind: str, concept: str, market: str
) -> Iterator[Item]:
    """The same question in each language."""
    for language in right.texts:
        yield Item(
            item_id=f"{right.image.stem}-{kind}-{language}",
            image=right.image,
            question=QUESTIONS[language][kind],
            options=tuple(one.texts[language] for one in options),
            answer=options.index(right),
            concept=concept,
            country=COUNTRIES[market],
            region="",
            category=_CATEGORIES.get(concept, "food"),
            kind=kind,
            language=language,
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m sim_bridge.culture_siblings", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--products", type=int, default=150, metavar="N", help="a market (150)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of everything (0)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        count = generate(given.out, Request(given.products, given.seed))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{count} items in {given.out / ITEMS_FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
