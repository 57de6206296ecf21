"""Items of random siblings: one right option, the same pictures in both languages."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from culture_perception.culture_bench.item_files import read_items
from culture_perception.culture_bench.items import ItemError
from culture_perception.culture_bench.pictures import read_picture
from culture_perception.training.truth import is_true, load_grammar
from sim_bridge.culture_items import ITEMS_FILE
from sim_bridge.culture_sibling_choices import LEAST_PX, best_views, choices, draw_options
from sim_bridge.culture_siblings import Request, main, market_items
from sim_bridge.products.captions import describe, grammar
from sim_bridge.products.markets import JAPAN
from sim_bridge.products.siblings import sample_sibling

REQUEST = Request(products=12, seed=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data set as the renderer leaves it, with sixteen siblings as squares of one grey each."""
    shard = tmp_path / "shard_0000"
    shard.mkdir()
    rng = np.random.default_rng(5)
    records = [describe(sample_sibling(rng, market=JAPAN), rng) for _ in range(16)]
    frames = []
    for number in range(2):
        ids = np.zeros((120, 160), np.uint8)
        objects = []
        for i in range(8):
            side = 24 if number else 26
            row, column = 30 * (i // 4) + 2, 38 * (i % 4) + 2
            ids[row : row + side, column : column + side] = i + 1
            objects.append({"instance_id": i + 1, "product": 8 * number + i, "visible_px": side**2})
        grey = np.repeat((ids * 20)[..., None], 3, axis=2)
        files = {"image": f"{number:05d}.png", "ids": f"{number:05d}_ids.png"}
        Image.fromarray(grey).save(shard / files["image"])
        Image.fromarray(ids).save(shard / files["ids"])
        frames.append({**files, "objects": objects})
    (shard / "products.json").write_text(json.dumps(records))
    (shard / "frames.json").write_text(json.dumps(frames))
    (tmp_path / "grammar.json").write_text(json.dumps(grammar(JAPAN)))
    return tmp_path


def change_frames(folder: Path, **changes: Any) -> None:
    """Has the second frame show one thing with these fields."""
    path = folder / "shard_0000" / "frames.json"
    first, second = json.loads(path.read_text())
    second["objects"] = [{**second["objects"][0], **changes}]
    path.write_text(json.dumps([first, second]))


def test_only_the_right_option_is_true(folder: Path, tmp_path: Path) -> None:
    items = list(market_items(folder, tmp_path / "images", JAPAN, REQUEST))
    records = {one.record["id"][-16:]: one.record for one in best_views(folder)}
    labels = {
        one["text"]: one["spec"]
        for record in records.values()
        for language in ("en", "ja")
        for one in record["labels"][language].values()
        if one
    }
    truths = load_grammar(folder / "grammar.json")
    for item in items:
        specs = np.array([labels[text] for text in item.options])
        values = np.array([records[item.image.stem.partition("-")[2]]["attributes"]])
        truth = is_true(truths, specs, values)[:, 0]
        assert truth.tolist() == [i == item.answer for i in range(4)]
    assert len([one for one in items if one.kind == "recognition"]) == 2 * 12
    named = [one for one in items if one.kind == "cultural_knowledge"]
    assert 0 < len(named) < 2 * 12  # some have no brand
    assert {one.country for one in items} == {"JP"}


def test_languages_share_pictures_answers_and_concepts(folder: Path, tmp_path: Path) -> None:
    items = list(market_items(folder, tmp_path / "images", JAPAN, REQUEST))
    english, japanese = items[::2], items[1::2]
    for one, other in zip(english, japanese, strict=True):
        assert (one.language, other.language) == ("en", "ja")
        assert (one.image, one.answer, one.concept) == (other.image, other.answer, other.concept)
        assert one.options != other.options
    again = list(market_items(folder, tmp_path / "images", JAPAN, REQUEST))
    assert again == items


def test_the_best_view_is_taken_and_what_is_hardly_seen_is_left_out(folder: Path) -> None:
    assert len(best_views(folder)) == 16
    change_frames(folder, product=0, visible_px=26**2 - 1)
    assert {one.files[0].name for one in best_views(folder)} == {"00000.png"}
    change_frames(folder, product=0, visible_px=26**2 + 1)
    first, *others = best_views(folder)
    assert first.files[0].name == "00001.png" and len(others) == 7
    change_frames(folder, product=9, visible_px=LEAST_PX - 1)
    assert len(best_views(folder)) == 8
    change_frames(folder, product=-1, visible_px=900)  # clutter
    assert len(best_views(folder)) == 8


def test_too_few_siblings_are_an_error(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ItemError, match="only 16 siblings of japan were seen well"):
        next(market_items(folder, tmp_path / "images", JAPAN, Request(17)))
    seen = best_views(folder)[:3]
    three = list(choices(seen, [Path("a.jpg")] * 3, "recognition"))
    with pytest.raises(ItemError, match="no three others"):
        draw_options(
            three[0], three, load_grammar(folder / "grammar.json"), np.random.default_rng(0)
        )
    assert main(["--out", str(tmp_path), "--products", "3"]) == 2
    assert main(["--out", str(tmp_path), "--seed", "50"]) == 2
    told = capsys.readouterr().err
    assert "3 products are too few" in told and "seed 50 is outside 0 to 49" in told


@pytest.mark.slow
def test_siblings_of_both_markets_are_rendered_and_asked_about(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path), "--products", "20", "--seed", "1"]) == 0
    items = read_items(tmp_path / ITEMS_FILE)
    recognition = [one for one in items if one.kind == "recognition"]
    places = Counter((one.country, one.language) for one in recognition)
    assert places == {("US", "en"): 20, ("JP", "en"): 20, ("JP", "ja"): 20}
    assert all(read_picture(one.image).std() > 5 for one in items)
