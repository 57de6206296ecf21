"""What general and YCB-like goods hold, in which containers and colours, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Content:
    """One kind of content.

    Attributes:
        name: stable id.
        words: English for it, the usual word first; also what is printed.
        containers: usual containers; repeated ones are more usual.
        colours: usual main colours of its package; repeated ones are more usual.
        motifs: pictograms that show it.
    """

    name: str
    words: tuple[str, ...]
    containers: tuple[str, ...]
    colours: tuple[str, ...]
    motifs: tuple[str, ...]


def as_content(name: str, words: str, containers: str, colours: str, motifs: str) -> Content:
    """A row of a table: words are separated by commas, the rest by blanks."""
    return Content(
        name,
        tuple(words.split(", ")),
        tuple(containers.split()),
        tuple(colours.split()),
        tuple(motifs.split()),
    )


_TABLE: Final = (
    as_content("coffee", "coffee, ground coffee", "can can can bag bottle box",
               "blue brown red black", "coffee"),
    as_content("cookies", "cookies, biscuits", "box box bag tin flat_tin",
               "red yellow blue orange", "cookies"),
    as_content("crackers", "crackers, cheese crackers", "box box box bag",
               "red orange yellow blue", "crackers"),
    as_content("chocolate_cookies", "chocolate cookies, chocolate biscuits", "box box bag",
               "green red brown", "chocolate_cookies"),
    as_content("sugar", "sugar, cane sugar", "box box box bag", "white yellow blue", "sugar_cubes"),
    as_content("salt", "salt, sea salt", "bag bag box can bottle", "blue white red", "salt"),
    as_content("tomato_soup", "tomato soup, condensed tomato soup", "can can can bag bowl box",
               "red white", "tomato soup_bowl"),
    as_content("chicken_soup", "chicken soup", "can can bag cup", "yellow red orange", "soup_bowl"),
    as_content("mustard", "mustard", "bottle bottle bottle tube", "yellow yellow white", "hotdog"),
    as_content("ketchup", "ketchup, tomato ketchup", "bottle bottle tube", "red red white",
               "tomato"),
    as_content("mayonnaise", "mayonnaise", "bottle tube", "white yellow red blue", "egg"),
    as_content("tuna", "tuna, tuna fish", "flat_tin flat_tin flat_tin tin can bag",
               "blue navy green white", "fish"),
    as_content("ham", "ham, meat, luncheon meat", "tin tin tin flat_tin can", "blue yellow red",
               "ham"),
    as_content("corn", "corn, sweet corn", "can flat_tin bag", "yellow green", "corn"),
    as_content("beans", "beans, baked beans", "can can bag flat_tin", "green sky red", "beans"),
    as_content("chocolate_jelly", "chocolate jelly, chocolate pudding", "box box box cup",
               "brown red white", "chocolate_jelly"),
    as_content("strawberry_jelly", "strawberry jelly, strawberry gelatin", "box box box cup",
               "red pink white", "strawberry_jelly"),
    as_content("lime_jelly", "lime jelly, lime gelatin", "box box cup", "green lime white",
               "lime_jelly"),
    as_content("cleanser", "cleanser, cleaner, bleach cleanser", "bottle bottle bottle spray can",
               "white blue green", "sparkle"),
    as_content("window_cleaner", "window cleaner, glass cleaner", "spray spray spray bottle",
               "blue red navy", "window"),
    as_content("bleach", "bleach", "box bottle bottle spray", "blue white pink", "shirt"),
    as_content("detergent", "detergent, laundry detergent", "box box bottle bag",
               "blue white green", "bubbles shirt"),
    as_content("soap", "hand soap, soap", "bottle bottle bag box", "white pink sky", "bubbles"),
    as_content("shampoo", "shampoo", "bottle bottle bag tube", "purple white green", "flower"),
    as_content("chocolates", "chocolates, chocolate", "box box bag flat_tin tin",
               "white red brown purple", "chocolate"),
    as_content("potato_chips", "potato chips, chips", "bag bag bag can box",
               "yellow red green orange", "chips"),
    as_content("corn_chips", "corn chips, corn flavored chips", "bag bag box", "yellow orange red",
               "corn"),
    as_content("peanuts", "peanuts, nuts", "bag bag can flat_tin", "blue sky yellow", "peanuts"),
    as_content("noodles", "noodles, instant noodles", "bowl bowl cup cup bag",
               "white red yellow green", "noodles"),
    as_content("soy_sauce", "soy sauce", "bottle bottle bottle", "red black white", "drop"),
    as_content("green_tea", "green tea", "bottle bottle can box bag", "green lime white", "leaf"),
    as_content("tea", "black tea, tea bags", "box tin bottle can", "red yellow brown", "tea_cup"),
    as_content("milk", "milk", "box box bottle", "white blue sky", "milk"),
    as_content("juice", "orange juice, juice", "bottle box can", "orange yellow green", "orange"),
    as_content("rice", "rice", "bag bag box bowl", "white green red", "rice"),
    as_content("candy", "candy, sweets", "bag bag tin box", "pink purple yellow sky", "candy"),
    as_content("honey", "honey", "bottle bottle tube", "yellow orange brown", "honey"),
    as_content("toothpaste", "toothpaste", "tube tube box", "white blue green red", "tooth"),
    as_content("cream", "hand cream, cream", "tube flat_tin bottle", "pink white sky", "flower"),
    as_content("cereal", "cereal", "box box bag", "orange red yellow blue", "flakes"),
    as_content("cat_food", "cat food", "flat_tin flat_tin bag can", "purple grey red", "cat"),
)  # fmt: skip

CONTENTS: Final[dict[str, Content]] = {content.name: content for content in _TABLE}
"""Every content by name."""

NOTHING: Final = "nothing"
"""The content of things that contain nothing."""
