"""The page as a file: whole in itself, safe, the same every time, and not too large."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from culture_perception.experiments.results import Ladder, Result
from culture_perception.report import page as page_module
from culture_perception.report.contents import Section, sections_of
from culture_perception.report.page import LARGEST_BYTES, Page, build_page
from culture_perception.report.reading import Run, ScenePicture, read_experiments, runs_of

FETCHING = ("src", "href", "srcset", "poster", "data", "action", "xlink:href")


class Parsed(HTMLParser):
    """Tags with their attributes, and the text of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: dict[str, list[str]] = {}
        self._open = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        self.text.setdefault(self._open, []).append(data)

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page(sections: list[Section]) -> Page:
    return build_page(sections)


@pytest.fixture(scope="module")
def parsed(page: Page) -> Parsed:
    return Parsed(page.html)


def gallery(parsed: Parsed) -> dict[str, Any]:
    (text,) = (text for text in parsed.text["script"] if text.startswith("{"))
    found: dict[str, Any] = json.loads(text)
    return found


def without(run: Run, **fields: Any) -> Run:
    return replace(run, result=replace(run.result, **fields))


def small(runs: list[Run]) -> Run:
    """A run that is drawn fast."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("products", "confusions", "reliabilities", "ablations", "effects", "seconds", "ladders"),
        (),
    )
    return without(runs[0], **nothing)


def test_nothing_is_fetched(page: Page, parsed: Parsed) -> None:
    links = [
        value
        for _, attributes in parsed.tags
        for name, value in attributes.items()
        if name in FETCHING
    ]
    assert links
    assert {link.partition(",")[0].partition(";")[0][:5] for link in links if link[0] != "#"} == {
        "data:"
    }
    (style,) = parsed.text["style"]
    assert set(re.findall(r"url\(.(.{5})", style)) == {"data:"}
    assert "@import" not in style


def test_the_page_forbids_itself_the_network_and_other_scripts(parsed: Parsed) -> None:
    (policy,) = (one["content"] for one in parsed.of("meta") if "http-equiv" in one)
    script = parsed.text["script"][-1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; img-src data: blob:; font-src data:")
    assert policy.endswith(f"script-src 'sha256-{digest}'")


def test_labels_are_text_whatever_they_contain(page: Page, parsed: Parsed) -> None:
    assert '<b>red</b> & "hot"' in gallery(parsed)["texts"]
    assert "<b>red</b>" not in page.html
    assert any('<b>red</b> & "hot"' in one["alt"] for one in parsed.of("img"))


def test_a_label_cannot_end_the_script(runs: list[Run]) -> None:
    evil = "</script><script>alert(1)</script><!--"
    shown = tuple(replace(one, label=evil, answer=evil) for one in runs[0].result.shown[:1])
    html = build_page(sections_of([without(small(runs), shown=shown)])).html
    assert "<script>alert" not in html
    assert "<!--" not in html
    assert evil in gallery(Parsed(html))["texts"]


def test_every_picture_is_described(parsed: Parsed) -> None:
    assert len(parsed.of("img")) > 20
    assert all(len(one["alt"]) > 20 and int(one["width"]) > 0 for one in parsed.of("img"))


def test_tables_and_sections_are_marked_as_such(parsed: Parsed) -> None:
    assert {one["scope"] for one in parsed.of("th")} == {"col", "row", "colgroup", "rowgroup"}
    assert len(parsed.of("caption")) == len(parsed.of("table"))
    assert parsed.of("html") == [{"lang": "en"}]
    ids = [one["id"] for _, one in parsed.tags if "id" in one]
    assert len(ids) == len(set(ids))
    for attributes in (one for _, one in parsed.tags if "aria-labelledby" in one):
        assert attributes["aria-labelledby"] in ids
    assert {one["href"][1:] for one in parsed.of("a")} <= set(ids)


def test_the_font_has_all_japanese_of_the_page(page: Page) -> None:
    (content,) = re.findall(r"data:font/woff;base64,([^\"]+)", page.html)
    font = TTFont(io.BytesIO(base64.b64decode(content)))
    wanted = {ord(one) for one in page.html if ord(one) >= 0x3000}
    assert wanted == set(font.getBestCmap())
    assert ord("茶") in wanted


def test_the_same_results_give_the_same_page(toy_files: list[Path], page: Page) -> None:
    again = build_page(sections_of(runs_of(read_experiments(toy_files))))
    assert again.html == page.html


def test_figures_and_paper_stand_in_the_page(page: Page, runs: list[Run]) -> None:
    for text in ("79.2", "Table II by toy-segmenter + toy-encoder", "A small sample: 3 different"):
        assert text in page.html
    headline = "Choices that the paper leaves open: 9; here all are the defaults."
    assert headline in page.html
    assert runs[0].source.versions["numpy"] in page.html


def test_missing_pictures_are_named(toy_files: list[Path], tmp_path: Path) -> None:
    moved = Path(shutil.copy(toy_files[0], tmp_path))
    run = small(runs_of(read_experiments([moved])))
    found = build_page(sections_of([run]))
    assert found.pictures.missing == tuple(
        tmp_path / f"{products}-{i}.png" for products in ("ycb", "konbini") for i in range(4)
    )
    assert "Pictures that are not there: 8" in found.html
    assert f"<code>{tmp_path / 'ycb-0.png'}</code>" in found.html
    cards = gallery(Parsed(found.html))["cards"]
    assert {card["picture"] for card in cards} == {-1}


def test_without_scenes_there_is_no_gallery(runs: list[Run]) -> None:
    html = build_page(sections_of([without(small(runs), shown=())])).html
    assert 'id="gallery"' not in html
    assert "#gallery" not in re.sub(r"<(style|script).*?</\1>", "", html, flags=re.DOTALL)


def test_several_models_are_compared(runs: list[Run]) -> None:
    one = without(small(runs), shown=())
    other = replace(one, key="identification-2", title="second & last")
    html = build_page(sections_of([one, other])).html
    assert "The models beside each other" in html
    assert "Table I by second &amp; last" in html


def test_a_run_without_anything_but_its_table_is_a_page(runs: list[Run]) -> None:
    bare = without(small(runs), shown=(), gap=None, comparisons=(), mask_figures=None)
    html = build_page(sections_of([bare])).html
    assert "There is no gap to tell of" in html
    assert "What became of the objects" not in html


def test_large_charts_become_png(runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    run = without(small(runs), shown=())
    assert "data:image/png" not in build_page(sections_of([run])).html
    monkeypatch.setattr(page_module, "_MOST_FOR_CHARTS", 1_000)
    html = build_page(sections_of([run])).html
    assert "data:image/png" in html
    assert "data:image/svg" not in html


def test_letters_without_a_font_are_named(runs: list[Run]) -> None:
    shown = (replace(runs[0].result.shown[0], label="\N{HANGUL SYLLABLE GA} tea"),)
    found = build_page(sections_of([without(small(runs), shown=shown)]))
    assert found.undrawable == "\N{HANGUL SYLLABLE GA}"
    assert "Letters that the shipped font lacks" in found.html


def test_a_report_stays_below_20_megabytes(runs: list[Run], tmp_path: Path) -> None:
    """Sixty pictures of noise, which at the best quality would be 24 MB."""
    rng = np.random.default_rng(3)
    pictures, shown = {}, []
    for seed in range(60):
        path = tmp_path / f"{seed}.png"
        noise = rng.integers(0, 256, (480, 640, 3), np.uint8)
        Image.fromarray(noise).save(path, compress_level=0)
        pictures[f"ycb/{seed}"] = ScenePicture(path, (480, 640), "")
        shown.append(replace(runs[0].result.shown[0], seed=seed))
    run = without(small(runs), shown=tuple(shown))
    run = replace(run, source=replace(run.source, pictures=pictures))
    found = build_page(sections_of([run]))
    assert len(found.pictures.jpegs) == 60
    assert sum(map(len, found.pictures.jpegs)) > 6_000_000
    assert len(found.html.encode()) <= LARGEST_BYTES < 20_000_000


def test_an_unknown_rung_of_a_newer_experiment_does_not_stop_the_report(runs: list[Run]) -> None:
    run = small(runs)
    ladder = Ladder(run.result.cells[0].cell, {"right": 1, "arm too short": 2})  # type: ignore[dict-item]
    html = build_page(sections_of([without(run, ladders=(ladder,), shown=())])).html
    assert "arm too short 2" in html
    assert isinstance(run.result, Result)
