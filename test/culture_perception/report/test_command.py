from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from culture_perception.cli import main
from culture_perception.report import command


def test_a_report_and_its_figures_are_written(
    toy_files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, figures = tmp_path / "new" / "page.html", tmp_path / "figures"
    arguments = ["report", str(toy_files[0]), "--out", str(out), "--figures", str(figures)]
    assert main(arguments) == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    said = capsys.readouterr().out
    assert f"report in {out} (" in said
    assert ", 8 pictures)" in said
    assert f"{len(list(figures.iterdir()))} charts and tables in {figures}" in said


def test_missing_pictures_are_said_and_are_no_failure(
    toy_files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = shutil.copy(toy_files[1], tmp_path)
    assert main(["report", str(moved), "--out", str(tmp_path / "page.html")]) == 0
    said = capsys.readouterr().out
    assert f"8 pictures are missing, {tmp_path / 'ycb-0.png'} for example" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [("{}", "holds no experiment"), ("nonsense", "is no JSON"), (None, "No such file")],
)
def test_a_mistake_is_one_line(
    text: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert main(["report", str(path), "--out", str(tmp_path / "page.html")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("culture-perception report: ")
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "page.html").exists()


def test_what_draws_it_is_named_where_it_is_missing(
    toy_files: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "MISSING", ("matplotlib", "jinja2"))
    assert main(["report", str(toy_files[0]), "--out", str(tmp_path / "page.html")]) == 1
    assert capsys.readouterr().err == (
        "culture-perception report: a report needs matplotlib and jinja2: "
        "pip install 'culture_perception[report]'\n"
    )
