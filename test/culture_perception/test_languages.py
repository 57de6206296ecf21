"""Which known language a tag stands for; files of languages are tested with label files."""

import pytest

from culture_perception.languages import closest_tag


@pytest.mark.parametrize(
    ("tag", "known"),
    [
        ("ja", "ja"),
        ("JA", "ja"),
        ("ja-JP", "ja"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-hans", "zh"),
        ("pt-br", "pt-BR"),
        ("fr", None),
        ("j", None),
        ("", None),
    ],
)
def test_closest_tag(tag: str, known: str | None) -> None:
    assert closest_tag(tag, ["en", "ja", "zh", "zh-Hant", "pt-BR"]) == known
