"""The page of the culture benchmark: what it says, and that it loads nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from culture_perception.cli import main
from culture_perception.culture_bench.answering import Answer
from culture_perception.culture_bench.comparing import ModelResult, compare
from culture_perception.culture_bench.figures import score
from culture_perception.culture_bench.item_files import write_items
from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.record import to_record

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Two models on eight items of two countries; the second was not asked blind."""
    first = Item(
        "0", tmp_path / "a.jpg", "?", ("w", "x", "y", "z"), 0, "c0", "JP", "", "food",
        "recognition", "en",
    )  # fmt: skip
    items = [
        replace(first, item_id=str(i), concept=f"c{i}", country="JP" if i < 4 else "NG")
        for i in range(8)
    ]
    right, wrong = Answer(0), Answer(1)
    answers = [right, right, wrong, right, wrong, right, wrong, Answer(None, "empty answer")]
    results = [
        ModelResult("one<b>", "one-1", tuple(answers), (wrong,) * 8, score(items, answers),
                    score(items, [wrong] * 8)),
        ModelResult("two", "two-1", (right,) * 8, (), score(items, [right] * 8), None, "日本"),
    ]  # fmt: skip
    path = tmp_path / "items.jsonl"
    write_items(items, path)
    out = tmp_path / "culture.json"
    out.write_text(json.dumps(to_record(path, results, compare(items, results), 1.0, 2.0)))
    return out


def test_the_page_tells_the_gap_and_loads_nothing(
    record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, figures = tmp_path / "page.html", tmp_path / "figures"
    assert main(["report", str(record), "--out", str(out), "--figures", str(figures)]) == 0
    html = out.read_text(encoding="utf-8")
    assert "one&lt;b&gt;" in html and "one<b>" not in html
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", html)
    row = cells.index("region")
    assert cells[row : row + 5] == ["region", "NG", "25 %", "JP", "75 %"]
    assert cells[row + 5].startswith("+50 (")
    assert "50.0 %" in html and "<p>two: 日本.</p>" in html
    assert 'url("data:font/woff;base64,' in html  # the letters that not every machine has
    assert "<title>Nigeria: 25% of 4 items" in html
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)", html)
    assert "6 charts in" in capsys.readouterr().out
    for path in figures.iterdir():
        with Image.open(path) as image:
            assert min(image.size) > 100


def test_it_is_not_mixed_with_experiments(
    record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}")
    assert main(["report", str(record), str(other), "--out", str(tmp_path / "p.html")]) == 1
    assert "other.json is not of culture-bench" in capsys.readouterr().err


def test_a_damaged_record_is_told(
    record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads(record.read_text())
    del content["cells"][0]["n"]
    record.write_text(json.dumps(content))
    assert main(["report", str(record), "--out", str(tmp_path / "p.html")]) == 1
    assert "is damaged, or of another version" in capsys.readouterr().err
