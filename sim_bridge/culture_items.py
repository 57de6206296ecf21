"""Makes items for `culture-bench` of products and scenes: `python -m sim_bridge.culture_items`.

Three cells: Japanese convenience-store products asked about in English and Japanese, the YCB
objects, of the United States, in English. Each has three types of questions:

- recognition: a product's crop; options are descriptions of products of the same set
- cultural_knowledge: under which name is it sold; options are names by brand
- scene_reasoning: a scene; which of four is on the table, or left of another

Texts are those of the label sets with typos mended. One seed gives one set, to the pixel.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from culture_perception.concepts import LabelError
from culture_perception.crops import CropOptions, crop_mask
from culture_perception.culture_bench.item_files import write_items
from culture_perception.culture_bench.items import OPTIONS, Item
from sim_bridge.assets import product_meshes
from sim_bridge.camera import ravens_camera
from sim_bridge.culture_questions import QUESTIONS, Texts, distractors, load_texts, make_item
from sim_bridge.products.catalogue import CONCEPTS
from sim_bridge.renderer import KINDS, RendererError
from sim_bridge.scenes import SceneError
from sim_bridge.selection import DEFAULT_COUNT, choose_products
from sim_bridge.world import Observation, World

ITEMS_FILE: Final = "items.jsonl"
FIRST_SEED: Final = 960_000
"""Of scenes: neither training nor another experiment has them."""
CROP_PX: Final = 160
SCENE_PX: Final = (480, 360)
LEAST_LEFT_PX: Final = 25.0
"""How far apart two products' centres must be for one to be left of the other."""
JPEG_QUALITY: Final = 85
_SAMPLES: Final = 2
CELLS: Final = (("konbini", "en"), ("konbini", "ja"), ("ycb", "en"))
"""Label set and language."""


@dataclass(frozen=True)
class Plan:
    """How many questions each cell has.

    Attributes:
        recognition: of this type.
        knowledge: of cultural knowledge.
        scenes: of scene reasoning, in turns of both kinds.
        seed: 0 or more.
    """

    recognition: int = 8
    knowledge: int = 6
    scenes: int = 6
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.recognition, self.knowledge, self.scenes, self.seed) < 0:
            raise ValueError("numbers of questions and the seed must be 0 or more")
        if not self.recognition + self.knowledge + self.scenes:
            raise ValueError("no question is asked for; give a number above 0")


def generate(out: Path, plan: Plan, world: World) -> int:
    """Writes pictures and items.jsonl; gives how many items.

    Args:
        out: folder; files of the same names are replaced.
        plan: what is asked.
        world: with all products, whose camera sees them.

    Raises:
        LabelError, SceneError, OSError: labels, scenes or files are not to be had.
    """
    (out / "images").mkdir(parents=True, exist_ok=True)
    items = [
        item
        for label_set, language in CELLS
        for item in _cell(out, plan, world, load_texts(label_set, language))
    ]
    return write_items(items, out / ITEMS_FILE)


def _cell(out: Path, plan: Plan, world: World, texts: Texts) -> Iterator[Item]:
    """Cells of one label set have the same pictures and options, in another language."""
    which = list(CONCEPTS).index(texts.label_set)
    rng = np.random.default_rng([plan.seed, which])
    first = FIRST_SEED + 10_000 * plan.seed + 1000 * which
    concepts = CONCEPTS[texts.label_set]
    order = rng.permutation(len(concepts))
    for index in range(plan.recognition + plan.knowledge):
        kind = "recognition" if index < plan.recognition else "cultural_knowledge"
        concept = concepts[order[index % len(concepts)]]
        yield _crop_item(out, world, texts, kind, concept, first + index, rng)
    for index in range(plan.scenes):
        yield _scene_item(out, world, texts, index, first + 500 + 10 * index, rng)


def _crop_item(
    out: Path,
    world: World,
    texts: Texts,
    kind: str,
    concept: str,
    seed: int,
    rng: np.random.Generator,
) -> Item:
    """A question about one product among others, its surroundings blurred as recognition does."""
    others = [one for one in CONCEPTS[texts.label_set] if one != concept]
    drawn = np.random.default_rng(seed).permutation(len(others))[: DEFAULT_COUNT - 1]
    seen = _observed(world, (concept, *(others[i] for i in drawn)), seed)
    mask = seen.id_image == 1
    picture = crop_mask(seen.image_rgb, mask, CROP_PX, CropOptions(padding=0.15))
    image = _saved(picture, out / "images" / f"{texts.label_set}-{seed}.jpg")
    style = "plain" if kind == "recognition" else "brand"
    wrong = distractors(texts, concept, others, style, rng)
    question = QUESTIONS[texts.language][kind]
    return make_item(texts, kind, concept, image, question, wrong, style, rng)


def _scene_item(
    out: Path, world: World, texts: Texts, index: int, seed: int, rng: np.random.Generator
) -> Item:
    """In turns: what is on the table, and what is left of something."""
    concepts = CONCEPTS[texts.label_set]
    for attempt in range(10):
        chosen = choose_products(CONCEPTS, texts.label_set, (), DEFAULT_COUNT, seed + attempt)
        seen = _observed(world, chosen, seed + attempt)
        if index % 2 == 0:
            answer = chosen[0]
            absent = [one for one in concepts if one not in chosen]
            wrong = distractors(texts, answer, absent, "plain", rng)
            question = QUESTIONS[texts.language]["present"]
        elif (pair := _left_pair(seen)) is not None:
            answer, other = pair
            question = QUESTIONS[texts.language]["left"].format(texts.text(other))
            wrong = distractors(texts, answer, [c for c in chosen if c not in pair], "plain", rng)
        else:
            continue
        if len(wrong) < OPTIONS - 1:
            continue
        picture = np.asarray(Image.fromarray(seen.image_rgb).resize(SCENE_PX))
        image = _saved(picture, out / "images" / f"{texts.label_set}-{seed + attempt}.jpg")
        return make_item(texts, "scene_reasoning", answer, image, question, wrong, "plain", rng)
    raise SceneError(f"seed {seed}: none of 10 scenes gives a clear question; try another")


def _left_pair(seen: Observation) -> tuple[str, str] | None:
    """The leftmost product and the next one, where these and the others are clearly apart."""
    numbers = range(1, len(seen.concept_ids) + 1)
    centres = np.array([np.nonzero(seen.id_image == n)[1].mean() for n in numbers])
    order = np.argsort(centres)
    apart = np.diff(centres[order])[:2]
    if len(order) < OPTIONS + 1 or apart.min() < LEAST_LEFT_PX:
        return None
    return seen.concept_ids[order[0]], seen.concept_ids[order[1]]


def _observed(world: World, concepts: Sequence[str], seed: int) -> Observation:
    world.new_scene(concepts, seed)
    return world.observe()


def _saved(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], path: Path) -> Path:
    Image.fromarray(picture).save(path, quality=JPEG_QUALITY)
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m sim_bridge.culture_items", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--recognition", type=int, default=8, metavar="N", help="a cell (8)")
    parser.add_argument("--knowledge", type=int, default=6, metavar="N", help="a cell (6)")
    parser.add_argument("--scenes", type=int, default=6, metavar="N", help="a cell (6)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of everything (0)")
    parser.add_argument("--renderer", choices=KINDS, default="auto")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        plan = Plan(given.recognition, given.knowledge, given.scenes, given.seed)
        camera = ravens_camera("front")
        with World(product_meshes(""), camera, given.renderer, _SAMPLES) as world:
            count = generate(given.out, plan, world)
    except (ValueError, LabelError, SceneError, RendererError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{count} items in {given.out / ITEMS_FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
