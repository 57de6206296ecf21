"""The vocabulary: what is merged, and that open_clip's tokenizer reads the file back."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from culture_perception.models.bpe import learn_merges, write_bpe
from culture_perception.models.clip_small import CONTEXT_LENGTH, load_tokenizer

CAPTIONS = ["blue can of coffee", "a blue can", "red box of coffee"] * 3


@pytest.mark.parametrize(
    ("texts", "count", "merges", "reason"),
    [
        ([], 5, [], "no texts"),
        (["ab"], 5, [], "a pair that occurs once is no pattern"),
        (["ab ab"], 5, [("a", "b</w>")], "two words: one merge, then nothing is left"),
        (["ab", "ab"], 5, [("a", "b</w>")], "equal texts are counted"),
        (["AB", "ab"], 5, [("a", "b</w>")], "case does not matter"),
        (["abc abc"], 1, [("b", "c</w>")], "ties go to the later pair, count bounds"),
        (["aa ab ab"], 1, [("a", "b</w>")], "the most frequent pair comes first"),
        (["éé éé"], 1, [("Ã", "©</w>")], "bytes, not characters"),
    ],
)
def test_learn_merges(
    texts: list[str], count: int, merges: list[tuple[str, str]], reason: str
) -> None:
    assert learn_merges(texts, count) == merges, reason


def test_merges_build_on_earlier_ones() -> None:
    assert learn_merges(["abc abc abc"], 5) == [("b", "c</w>"), ("a", "bc</w>")]


def test_file_has_a_header_and_no_final_newline(tmp_path: Path) -> None:
    write_bpe([("a", "b"), ("ab", "c</w>")], tmp_path / "bpe.gz")
    content = gzip.decompress((tmp_path / "bpe.gz").read_bytes()).decode()
    assert content.split("\n") == ["#version: culture_perception", "a b", "ab c</w>"]


def test_equal_merges_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one.gz", "two.gz"):
        write_bpe([("a", "b")], tmp_path / name)
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


@pytest.fixture(scope="module")
def bpe_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vocabulary of the captions above."""
    path = tmp_path_factory.mktemp("bpe") / "bpe.txt.gz"
    write_bpe(learn_merges(CAPTIONS, 100), path)
    return path


def test_vocabulary_counts_bytes_merges_and_two_marks(bpe_path: Path) -> None:
    assert load_tokenizer(bpe_path).vocab_size == 512 + len(learn_merges(CAPTIONS, 100)) + 2


def test_known_words_are_one_token_each(bpe_path: Path) -> None:
    assert len(load_tokenizer(bpe_path).encode("blue can of coffee")) == 4


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(
        [
            "黄緑色のお菓子の箱",
            "紫色のめぐりズムのパッケージ",
            "ポテトチップス",
            "Curaçao",
            "naïve 3",
            "한국 라면",
        ]
    )
)
def test_text_of_any_script_round_trips(bpe_path: Path, text: str) -> None:
    tokenizer = load_tokenizer(bpe_path)
    decoded = tokenizer.decode(tokenizer.encode(text))
    assert decoded.replace(" ", "") == text.lower().replace(" ", "")


def test_japanese_costs_three_tokens_a_character(bpe_path: Path) -> None:
    tokens = load_tokenizer(bpe_path)(["紫色のめぐりズムのパッケージ"])
    assert tokens.shape == (1, CONTEXT_LENGTH)
    assert int((tokens != 0).sum()) == 14 * 3 + 2


def test_missing_vocabulary_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere.gz: no such file"):
        load_tokenizer(tmp_path / "nowhere.gz")
