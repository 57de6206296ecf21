"""Labels without a file, and label sets with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from culture_perception.linting.findings import Label


@pytest.fixture
def make_labels() -> Callable[..., list[Label]]:
    """(texts, language, style) -> labels of concepts s.c0, s.c1 ... on lines 1, 2 ..."""

    def make(*texts: str, language: str = "ja", style: str = "plain") -> list[Label]:
        return [
            Label(Path("s.yaml"), index + 1, f"s.c{index}", language, style, text)
            for index, text in enumerate(texts)
        ]

    return make


@pytest.fixture
def write_set(tmp_path: Path) -> Callable[..., Path]:
    """Language -> texts of concepts s.c0, s.c1 ..., plain and, after a slash, brand -> file."""

    def write(texts: Mapping[str, tuple[str, ...]], name: str = "s.yaml") -> Path:
        count = len(next(iter(texts.values())))
        lines = ["name: s", "culture: JP", "description: d", f"languages: [{', '.join(texts)}]"]
        lines.append("concepts:")
        for index in range(count):
            lines += [f"  - id: s.c{index}", "    category: food", "    texts:"]
            for tag, own in texts.items():
                plain, _, brand = own[index].partition("/")
                lines.append(f"      {tag}: {{plain: '{plain}', brand: '{brand or plain}'}}")
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
