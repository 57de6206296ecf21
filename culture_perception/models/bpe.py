"""Training of a byte-level BPE vocabulary in the file format of open_clip's SimpleTokenizer.

A vocabulary learned from the captions themselves is a fiftieth of CLIP's, which keeps the embedded
text tower small. It stays byte-level: text that the captions never had, Japanese for one, still
becomes tokens, one a byte.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import regex

Word: TypeAlias = tuple[str, ...]
Pair: TypeAlias = tuple[str, str]

WORD_END = "</w>"
_WORDS = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
_HEADER = "#version: culture_perception"


def learn_merges(texts: Iterable[str], count: int) -> list[Pair]:
    """Learns the merges of a byte-level BPE.

    Args:
        texts: training texts; they are lower-cased, as SimpleTokenizer does.
        count: most merges to learn; fewer come back when no pair occurs twice any more.

    Returns:
        Pairs of symbols in the order in which they merge; empty for no texts.
    """
    words = _count_words(texts)
    merges: list[Pair] = []
    while len(merges) < count:
        pairs = _count_pairs(words)
        if not pairs:
            break
        # Ties are broken by the text itself, so that one corpus gives one vocabulary.
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        if pairs[best] < 2:
            break
        merges.append(best)
        words = _merge_everywhere(words, best)
    return merges


def write_bpe(merges: Iterable[Pair], path: Path) -> None:
    """Writes merges so that `SimpleTokenizer(bpe_path=path)` reads them back unchanged.

    The file has one header line and no newline at its end: SimpleTokenizer skips the first line and
    would take an empty last one for a merge. Equal merges give equal bytes.
    """
    lines = [_HEADER, *(f"{left} {right}" for left, right in merges)]
    path.write_bytes(gzip.compress("\n".join(lines).encode("utf-8"), mtime=0))


def _count_words(texts: Iterable[str]) -> Counter[Word]:
    symbols = _byte_symbols()
    counts: Counter[Word] = Counter()
    for text, times in Counter(texts).items():
        for word in _WORDS.findall(text.lower()):
            units = [symbols[byte] for byte in word.encode("utf-8")]
            ended: Word = (*units[:-1], units[-1] + WORD_END)
            counts[ended] += times
    return counts


def _count_pairs(words: Counter[Word]) -> Counter[Pair]:
    pairs: Counter[Pair] = Counter()
    for word, times in words.items():
        for pair in pairwise(word):
            pairs[pair] += times
    return pairs


def _merge_everywhere(words: Counter[Word], pair: Pair) -> Counter[Word]:
    merged: Counter[Word] = Counter()
    for word, times in words.items():
        merged[_merge(word, pair)] += times
    return merged


def _merge(word: Word, pair: Pair) -> Word:
    out: list[str] = []
    index = 0
    while index < len(word):
        if word[index : index + 2] == pair:
            out.append(pair[0] + pair[1])
            index += 2
        else:
            out.append(word[index])
            index += 1
    return tuple(out)


def _byte_symbols() -> dict[int, str]:
    """The printable character that stands for each byte, as GPT-2 and CLIP have it."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    shifted = {byte: chr(256 + index) for index, byte in enumerate(others)}
    return {byte: chr(byte) for byte in printable} | shifted
