from __future__ import annotations

import csv
from pathlib import Path

import pytest

from culture_perception.report.contents import Section
from culture_perception.report.export import export
from culture_perception.report.reading import Run


@pytest.fixture(scope="module")
def folder(sections: list[Section], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("figures") / "new"
    assert export(sections, path) == sorted(path.iterdir())
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_chart_is_a_png(folder: Path) -> None:
    pictures = {path.stem: path.read_bytes() for path in folder.glob("*.png")}
    assert all(content.startswith(b"\x89PNG") for content in pictures.values())
    assert {
        "gap-identification-verbatim",
        "gap-identification-matched",
        "gap-segmentation-verbatim",
        "identification-1-confusion-1",
        "identification-1-products-konbini-verbatim",
        "identification-1-reliability-verbatim",
        "segmentation-1-ladder",
        "segmentation-1-seconds",
        "segmentation-1-ablations-ycb",
        "segmentation-1-effects",
    } <= set(pictures)


def test_cells_have_all_digits(folder: Path, runs: list[Run]) -> None:
    lines = rows(folder / "identification-1-cells.csv")
    cells = runs[0].result.cells
    assert len(lines) == sum(len(one.figures) for one in cells)
    expected = [(one, name) for one in cells for name in one.figures]
    for line, (one, name) in zip(lines, expected, strict=True):
        assert (line["model"], line["figure"], line["language"]) == (
            "toy-encoder", name, one.cell.language,
        )  # fmt: skip
        assert float(line["value"]) == one.figures[name].value
        assert line["paper"] == (str(one.paper[name]) if name in one.paper else "")


def test_confusions_are_counts_of_labels(folder: Path, runs: list[Run]) -> None:
    lines = rows(folder / "identification-1-confusions.csv")
    assert sum(int(line["n"]) for line in lines) == sum(
        int(one.counts.sum()) for one in runs[0].result.confusions
    )
    assert any(line["true"] == "赤い茶" and line["answer"] == "緑の茶" for line in lines)


def test_every_table_has_its_lines(folder: Path, runs: list[Run]) -> None:
    result = runs[1].result
    for name, count in (
        ("comparisons", len(result.comparisons)),
        ("effects", len(result.effects)),
        ("products", len(result.products)),
        ("ladders", 6 * len(result.ladders)),
        ("ablations", len(result.ablations)),
        ("seconds", len(result.seconds)),
        ("options", 9),
    ):
        assert len(rows(folder / f"segmentation-1-{name}.csv")) == count, name


def test_what_there_is_none_of_has_no_file(folder: Path) -> None:
    assert not (folder / "segmentation-1-confusions.csv").exists()
    assert not (folder / "identification-1-ladders.csv").exists()
