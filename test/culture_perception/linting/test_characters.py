from __future__ import annotations

from collections.abc import Callable

import pytest

from culture_perception.linting.characters import odd_space, odd_width
from culture_perception.linting.findings import WARNING, Label


@pytest.mark.parametrize(
    ("text", "problem", "mended"),
    [
        (" red box", "begins or ends", "red box"),
        ("red box ", "begins or ends", "red box"),
        ("red  box", "several blanks", "red box"),
        ("red\tbox", "U+0009 (control character)", "red box"),
        ("red\u00a0box", "U+00A0 (no-break space)", "red box"),
        ("アタック\u3000リセット", "U+3000 (ideographic space)", "アタック リセット"),
        ("緑\u200b茶", "U+200B (zero width space)", "緑茶"),
        ("チョコレート の箱", "'ト の'", "チョコレートの箱"),
        ("緑 茶 の箱", "'緑 茶'", "緑茶の箱"),
    ],
)
def test_white_space_where_none_belongs_is_found(
    make_labels: Callable[..., list[Label]], text: str, problem: str, mended: str
) -> None:
    (found,) = odd_space(make_labels(text))
    assert (found.severity, found.kind) == (WARNING, "space")
    assert problem in found.problem
    assert found.remedy == f"write {mended!r}"


@pytest.mark.parametrize(
    "text",
    [
        "red box",
        "アタック リセットパワーの箱",
        "MACADAMIA チョコレートの箱",
        "می\u200cخواهم",  # Persian needs the joiner
    ],
)
def test_white_space_that_belongs_there_is_not(
    make_labels: Callable[..., list[Label]], text: str
) -> None:
    assert list(odd_space(make_labels(text))) == []


@pytest.mark.parametrize(
    ("text", "shown", "mended"),
    [
        ("ﾎﾟﾃﾄチップス", "ﾎﾟﾃﾄ", "ポテトチップス"),
        ("ＫＩＴ KAT", "ＫＩＴ", "KIT KAT"),
        ("コーラ５００ml！", "５０", "コーラ500ml！"),
    ],
)
def test_odd_widths_are_found(
    make_labels: Callable[..., list[Label]], text: str, shown: str, mended: str
) -> None:
    (found,) = odd_width(make_labels(text))
    assert (found.severity, found.kind) == (WARNING, "width")
    assert f"({shown})" in found.problem
    assert found.remedy == f"write {mended!r}"


@pytest.mark.parametrize("text", ["おいしい！（緑茶）", "コカ・コーラ 500ml", "KIT KAT", "ポテト"])
def test_usual_widths_and_full_width_marks_are_not(
    make_labels: Callable[..., list[Label]], text: str
) -> None:
    assert list(odd_width(make_labels(text))) == []
