"""The verb's options, and what it refuses before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from culture_perception.cli import build_parser, main


def test_without_options_it_is_the_trial_of_the_docs() -> None:
    given = build_parser().parse_args(["pick-trial"])
    assert (given.scenes, given.label_set, given.seed, given.count) == (50, "ycb", 950_000, 5)
    assert (given.style, given.naming_style, given.set) == ("plain", "plain", [])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--label-set", "nothing"], "no label set 'nothing'"),
        (["--label-set", "ycb", "--language", "tlh"], "tlh"),
        (["--set", "nobody.text=a"], "nobody"),
    ],
)
def test_what_is_not_there_is_one_line(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pick-trial", "--out", str(tmp_path), *options]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("culture-perception pick-trial: ")
    assert message in errors
