"""Five made-up products with Finnish names, drawn on backgrounds."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from culture_perception.masks import Uint8Array

LANGUAGES = """\
en:
  name: English
  templates: ["{}", "a photo of a {}"]
fi:
  name: Finnish
  fallback: en
  templates: ["{}", "kuva: {}"]
"""
# id, colour (RGB), shape, English plain, Finnish plain, English brand, Finnish brand
PRODUCTS = (
    ("makea", (200, 30, 40), "box", "red box", "punainen laatikko", "Makea", "Makea-pastillit"),
    ("kuura", (40, 70, 200), "can", "blue can", "sininen tölkki", "Kuura can", "Kuura-limu"),
    ("lehti", (40, 160, 60), "ball", "green ball", "vihreä pallo", "Lehti", "Lehti-pesupallo"),
    ("kulta", (235, 200, 40), "box", "yellow box", "keltainen rasia", "Kulta", "Kulta-keksit"),
    ("yö", (40, 40, 45), "can", "black bottle", "musta pullo", "Yo cola", "Yö-kola"),
)


def draw(colour: tuple[int, ...], shape: str, rng: np.random.Generator) -> Uint8Array:
    """RGBA uint8 (80, 80, 4): what is around the product is transparent."""
    picture = np.zeros((80, 80, 4), np.uint8)
    picture[..., :3] = rng.integers(60, 220, (80, 80, 3))
    shade = np.clip(np.array(colour) * rng.uniform(0.7, 1.2) + rng.normal(0, 8, 3), 0, 255)
    paint = (*(int(value) for value in shade), 255)
    x, y = (int(value) for value in rng.integers(34, 46, 2))
    size = int(rng.integers(18, 30))
    if shape == "ball":
        cv2.circle(picture, (x, y), size, paint, -1)
    else:
        wide = size if shape == "box" else size // 2
        cv2.rectangle(picture, (x - wide, y - size), (x + wide, y + size), paint, -1)
        cv2.line(picture, (x - wide, y), (x + wide, y), (240, 240, 240, 255), 3)
    return picture


def label_file(folder: Path) -> Path:
    lines = ["name: kauppa", "culture: FI", "description: Made up.", "languages: [en, fi]"]
    lines.append("concepts:")
    for name, _, _, en, fi, en_brand, fi_brand in PRODUCTS:
        own = name.replace("ö", "o")
        lines += [
            f"  - id: kauppa.{own}",
            "    category: food",
            "    texts:",
            f'      en: {{plain: "{en}", brand: "{en_brand}"}}',
            f'      fi: {{plain: "{fi}", brand: "{fi_brand}"}}',
        ]
    (folder / "languages.yaml").write_text(LANGUAGES, encoding="utf-8")
    path = folder / "kauppa.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def draw_all(folder: Path, count: int, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    for name, colour, shape, *_ in PRODUCTS:
        own = folder / f"kauppa.{name.replace('ö', 'o')}"
        own.mkdir(parents=True)
        for number in range(count):
            rgba = draw(colour, shape, rng)
            cv2.imwrite(str(own / f"{number}.png"), rgba[..., [2, 1, 0, 3]])
    return folder


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with kauppa.yaml, languages.yaml and pictures/, and kept/ with two of YCB's."""
    folder = tmp_path_factory.mktemp("shop")
    label_file(folder)
    draw_all(folder / "pictures", 15, 0)
    rng = np.random.default_rng(5)
    for concept, colour in (
        ("ycb.mustard_bottle", (230, 190, 30)),
        ("ycb.master_chef_can", (30, 60, 160)),
    ):
        (folder / "kept" / concept).mkdir(parents=True)
        for number in range(5):
            rgba = draw(colour, "can", rng)
            cv2.imwrite(str(folder / "kept" / concept / f"{number}.png"), rgba[..., [2, 1, 0, 3]])
    return folder


@pytest.fixture(scope="session")
def new_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Other pictures of the same products."""
    return draw_all(tmp_path_factory.mktemp("new") / "pictures", 8, 99)
