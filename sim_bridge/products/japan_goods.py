"""Goods of Japanese stores that the West's tables lack: contents, brands, 15 kinds.

The kinds share brand word, content, container and usual colours with the Konbini products, as those
of kinds.py do with the YCB objects. Their shapes, layouts and prints are drawn anew each time; no
product of the catalogue is among them.
"""

from __future__ import annotations

from typing import Final

from sim_bridge.products.brands import Brand, made_up_brand, real_brand
from sim_bridge.products.contents import Content, as_content
from sim_bridge.products.kinds import Kind, as_palette

_CONTENTS: Final = (
    as_content("eye_masks", "eye masks, eye mask", "box box bag", "purple pink white",
               "eye_mask"),
    as_content("curry", "curry, apple and honey curry, curry roux",
               "box box bag", "yellow red brown orange",
               "curry"),
    as_content("soba", "soba, soba noodles", "bowl bowl cup bag", "red green white", "soba"),
)  # fmt: skip
JAPAN_CONTENTS: Final[dict[str, Content]] = {content.name: content for content in _CONTENTS}
"""Contents by name, beside contents.CONTENTS."""

_BRANDS: Final = (
    real_brand("Takenokonosato", "chocolate_cookies", "none green", "white green yellow",
               japanese="たけのこの里"),
    real_brand("Attack", "bleach detergent", "none navy yellow", "white red", 2, 5,
               japanese="アタック リセットパワー"),
    real_brand("Attack Neo", "detergent", "none blue", "white blue",
               japanese="アタック, アタック Neo"),
    real_brand("Macadamia", "chocolates", "none white", "red brown",
               japanese="MACADAMIA, マカダミア"),
    real_brand("MegaRhythm", "eye_masks", "none", "yellow white", japanese="めぐりズム"),
    real_brand("Pocky", "chocolate_cookies", "none", "white yellow", japanese="ポッキー"),
    real_brand("Biore", "soap", "none sky", "blue navy", 0, japanese="ビオレ"),
    real_brand("Calbee", "potato_chips", "none red", "red white yellow",
               japanese="うすしお味, カルビー"),
    real_brand("Nissin", "soba noodles", "white none", "red black", 0, japanese="どん兵衛"),
    real_brand("Hakatanoshio", "salt", "none", "red blue", japanese="伯方の塩"),
    real_brand("kikkoman", "soy_sauce", "red none", "white red", japanese="キッコーマン"),
    real_brand("Oi Ocha", "green_tea", "none white lime", "green black", japanese="おーいお茶"),
    real_brand("Toomoriko", "corn_chips", "none white", "red green", japanese="トウモリコ"),
    real_brand("tabekiri", "peanuts", "none white", "navy blue", japanese="海味鮮"),
    real_brand("Baamoto", "curry", "none", "red", japanese="バーモント"),
)  # fmt: skip
_MADE_UP: Final = (
    ("Hinode", "ひので"), ("Asagiri", "あさぎり"), ("Minatoya", "みなと屋"), ("Kazahana", "風花"),
    ("Yamabiko", "やまびこ"), ("Sakurado", "さくら堂"),
    ("Tsubame", "つばめ印"), ("Mizuho", "みずほ"),
    ("Hoshizora", "星空"), ("Komorebi", "こもれび"),
    ("Natsumi", "なつみ"), ("Fukuroya", "ふくろう屋"),
    ("Akatsuki", "あかつき"), ("Nagomi", "なごみ"), ("Kirara", "キララ"), ("Sorairo", "ソライロ"),
    ("Mirutto", "ミルット"), ("Pikarin", "ピカリン"), ("Sarasara", "サラサラ"),
    ("Torokeru", "トロケル"), ("Hoppe", "ホッペ"),
    ("Kotokoto", "コトコト"), ("Fuwari", "フワリ"), ("Lumina", "ルミナ"),
    ("Maruyama", "丸山"), ("Shiraito", "白糸"), ("Tanpopo", "タンポポ"), ("Genki", "元気"),
    ("Ryokuen", "緑園"), ("Kogane", "こがね"),
)  # fmt: skip
JAPAN_BRANDS: Final[dict[str, Brand]] = {
    brand.name: brand
    for brand in (*_BRANDS, *(made_up_brand(name, (written,)) for name, written in _MADE_UP))
}
"""Brands by name, beside brands.BRANDS."""
JAPAN_MADE_UP_BRANDS: Final[tuple[str, ...]] = tuple(name for name, _ in _MADE_UP)

_KINDS: Final = (
    Kind("takenoko_no_sato", "box", "chocolate_cookies", "Takenokonosato",
         as_palette("lime lime lime/brown lime/white green"), "slab", motifs=("bamboo_shoots",)),
    Kind("attack_reset_power", "box", "bleach", "Attack",
         as_palette("blue blue blue/yellow blue/red navy/yellow"), "cube",
         sizes=("normal", "big", "big")),
    Kind("macadamia_chocolate", "box", "chocolates", "Macadamia",
         as_palette("white/red white/red white/red red/white white/brown"), "slab",
         motifs=("macadamias", "chocolate")),
    Kind("attack_neo", "box", "detergent", "Attack Neo",
         as_palette("blue/white blue/white white/blue white/blue white/green"), "cube",
         sizes=("little", "little", "normal")),
    Kind("megurhythm", "box", "eye_masks", "MegaRhythm",
         as_palette("purple purple purple/pink purple/white pink/purple"), "upright"),
    Kind("pocky", "box", "chocolate_cookies", "Pocky",
         as_palette("red red red/brown red/white brown/red"), "slim",
         motifs=("chocolate_sticks", "chocolate_sticks", "chocolate_cookies")),
    Kind("biore_hand_soap", "bottle", "soap", "Biore",
         as_palette("white white white/blue white/pink white/blue pink/white")),
    Kind("calbee_chips", "bag", "potato_chips", "Calbee",
         as_palette("orange orange/red orange orange/white yellow/red red/yellow"),
         sizes=("normal", "big", "big")),
    Kind("donbei_soba", "bowl", "soba", "Nissin",
         as_palette("red/white red/white red white/red green/white")),
    Kind("hakata_no_shio", "bag", "salt", "Hakatanoshio",
         as_palette("white/blue white/blue white white/red blue/white")),
    Kind("kikkoman_soy_sauce", "bottle", "soy_sauce", "kikkoman",
         as_palette("white/red white/red red/white white/black"),
         sizes=("little", "little", "normal")),
    Kind("oi_ocha", "bottle", "green_tea", "Oi Ocha",
         as_palette("green green green/yellow green/white lime/white")),
    Kind("tongari_corn_snack", "bag", "corn_chips", "Toomoriko",
         as_palette("yellow yellow/green yellow/green yellow/red yellow")),
    Kind("tabekiri_peanuts", "bag", "peanuts", "tabekiri",
         as_palette("sky sky sky/red sky/navy blue/white"),
         sizes=("little", "normal", "normal")),
    Kind("vermont_curry", "box", "curry", "Baamoto",
         as_palette("yellow yellow/red yellow/red yellow/brown red/yellow"), "slab"),
)  # fmt: skip
JAPAN_KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in _KINDS}
"""Kinds by name, as in the concept id, "konbini.<name>"."""
