"""Token counts without weights equal those of the encoders' own tokenizers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from culture_perception.labels import load_arms
from culture_perception.linting.findings import ERROR, WARNING, Finding, labels_of
from culture_perception.linting.sources import find_label_sets
from culture_perception.linting.tokens import TokenCounter, lost_to_tokenizer
from culture_perception.models.bpe import write_bpe
from culture_perception.models.errors import CheckpointError
from culture_perception.models.open_clip_files import UnknownEncoderError
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.models.tokenizers import load_token_counter
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()
import open_clip  # noqa: E402
from open_clip.tokenizer import HFTokenizer  # noqa: E402


def prompts() -> list[str]:
    return [
        prompt
        for arm in load_arms("konbini").values()
        for tag in arm.languages
        for style in ("plain", "brand")
        for label in arm.select(tag, style).labels
        for prompt in label.prompts
    ]


def lost(folder: Path, counter: TokenCounter, text: str) -> list[Finding]:
    """What is said of the plain text of the only concept of an English set."""
    path = folder / "s.yaml"
    path.write_text(
        "name: s\nculture: JP\ndescription: d\nlanguages: [en]\nconcepts:\n"
        "  - id: s.c\n    category: food\n    texts:\n"
        f"      en: {{plain: {json.dumps(text, ensure_ascii=False)}, brand: x}}\n",
        encoding="utf-8",
    )
    ((path, one),) = find_label_sets([str(path)]).items()
    labels = [label for label in labels_of(path, one) if label.style == "plain"]
    return list(lost_to_tokenizer(labels, one.known_languages, counter))


def test_the_embedded_tokenizer_is_that_of_the_embedded_encoder() -> None:
    counter = load_token_counter()
    tokenizer = load_encoder(runtime=Runtime(device="cpu", threads=1)).tokenizer
    texts = prompts()

    used = (tokenizer(texts) != 0).sum(1).tolist()

    assert [counter.count(text).needed for text in texts] == used
    assert (counter.name, counter.context_length) == ("embedded", 77)
    assert max(used) == 77, "the longest matched label just fits"


def test_clips_own_tokenizer_counts_as_open_clips_does() -> None:
    counter = load_token_counter("ViT-B-32", "openai")
    texts = prompts()
    used = (open_clip.get_tokenizer("ViT-B-32")(texts) != 0).sum(1).tolist()
    assert [counter.count(text).needed for text in texts] == used
    assert all(counter.count(text).unknown == 0 for text in texts)
    assert load_token_counter("coca_ViT-B-32").context_length == 76


@pytest.mark.parametrize("name", ["konbini", "konbini_normalised", "konbini_matched", "ycb"])
def test_no_shipped_label_is_cut_by_the_shipped_encoder_nor_by_clip(name: str) -> None:
    ((path, label_set),) = find_label_sets([name]).items()
    labels = labels_of(path, label_set)
    for encoder in ("embedded", "ViT-B-32"):
        counter = load_token_counter(encoder)
        assert list(lost_to_tokenizer(labels, label_set.known_languages, counter)) == []


def test_a_label_cut_by_a_real_tokenizer_is_an_error(tmp_path: Path) -> None:
    counter = load_token_counter()
    # A kana that the vocabulary never saw is three tokens; there are two marks.
    (found,) = lost(tmp_path, counter, "め" * 26)
    assert (found.severity, found.kind) == (ERROR, "cut")
    assert "80 tokens" not in found.problem and found.problem.startswith("has its end cut in ")
    assert [one.kind for one in lost(tmp_path, counter, "め" * 20)] == []


def test_a_templates_cut_end_is_a_warning(tmp_path: Path) -> None:
    # "a picture of {} on a table": the label ends within the 77 tokens, the table does not.
    counter = load_token_counter()
    (found,) = lost(tmp_path, counter, "め" * 23)
    assert (found.severity, found.kind) == (WARNING, "cut")
    assert found.problem.startswith("is whole, but a template's words behind it are cut in 1 of 4")


def test_what_cleaning_leaves_nothing_of_is_an_error(tmp_path: Path) -> None:
    (found,) = lost(tmp_path, load_token_counter("ViT-B-32"), "&nbsp;")
    assert (found.severity, found.kind) == (ERROR, "empty")


def test_a_folder_of_a_trained_encoder_needs_only_its_vocabulary(tmp_path: Path) -> None:
    write_bpe([("b", "o"), ("bo", "x</w>")], tmp_path / "encoder_bpe.txt.gz")
    counter = load_token_counter(str(tmp_path))
    assert counter.count("box bo").needed == 2 + 1 + 2
    (tmp_path / "encoder_bpe.txt.gz").unlink()
    with pytest.raises(CheckpointError, match="encoder_bpe"):
        load_token_counter(str(tmp_path))


def test_what_there_is_not_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownEncoderError, match=r"'ViT-Z'.*ViT-B-32"):
        load_token_counter("ViT-Z")
    with pytest.raises(UnknownEncoderError, match=r"'laion9': give .* tags are openai"):
        load_token_counter("ViT-B-32", "laion9")
    with pytest.raises(CheckpointError, match=r"open_clip_config\.json: not a configuration"):
        load_token_counter(f"local-dir:{tmp_path}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(CheckpointError, match="not cached and HF_HUB_OFFLINE"):
        load_token_counter("hf-hub:some/model")


@pytest.fixture
def unigram(tmp_path: Path) -> Path:
    """A folder of open_clip with a tokenizer that knows four words, cleaned as SigLIP's are."""
    tokenizers = pytest.importorskip("tokenizers")
    pytest.importorskip("transformers")
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0)]
    pieces += [("▁red", -2.0), ("▁box", -2.0), ("▁tea", -2.0), ("緑茶", -2.0)]
    core = tokenizers.Tokenizer(tokenizers.models.Unigram(pieces, unk_id=2))
    core.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    core.post_processor = tokenizers.processors.TemplateProcessing(
        "$A </s>", special_tokens=[("</s>", 1)]
    )
    folder = tmp_path / "model"
    folder.mkdir()
    core.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "T5Tokenizer", "unk_token": "<unk>", "eos_token": "</s>"}
    settings |= {"pad_token": "</s>"}  # as SigLIP's: padding and end are one
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    text = {"context_length": 4, "hf_tokenizer_name": "nobody/has-this"}
    text["tokenizer_kwargs"] = {"clean": "canonicalize"}
    config = {"model_cfg": {"text_cfg": text}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(
    ("text", "needed", "words", "unknown"),
    [
        ("Red box!", 3, 2, 0),  # SigLIP's cleaning takes capitals and marks away
        ("red box tea", 4, 3, 0),
        ("red box tea red", 5, 4, 0),
        ("red 茶色", 4, 2, 1),  # a blank of SentencePiece's says nothing
        ("!!!", 1, 0, 0),
        ("", 1, 0, 0),
    ],
)
def test_a_tokenizer_of_transformers(
    unigram: Path, text: str, needed: int, words: int, unknown: int
) -> None:
    counter = load_token_counter(f"local-dir:{unigram}")
    count = counter.count(text)
    assert (count.needed, count.words, count.unknown) == (needed, words, unknown)
    assert counter.context_length == 4


def test_its_cut_is_where_open_clip_cuts(unigram: Path) -> None:
    counter = load_token_counter(f"local-dir:{unigram}")
    theirs = HFTokenizer(str(unigram), context_length=4, clean="canonicalize")
    for text, cut in (("red box tea", False), ("red box tea red", True)):
        longer = theirs([text], context_length=8)[0, :4]
        assert torch.equal(theirs([text])[0], longer) != cut
        assert (counter.count(text).needed > 4) == cut


@pytest.mark.parametrize(
    ("text", "kind"), [("お茶", "unknown"), ("!?", "empty"), ("緑茶", None), ("tea", None)]
)
def test_what_it_does_not_know_is_an_error(
    unigram: Path, tmp_path: Path, text: str, kind: str | None
) -> None:
    counter = load_token_counter(f"local-dir:{unigram}")
    found = [one for one in lost(tmp_path, counter, text) if one.kind != "cut"]
    assert [(one.severity, one.kind) for one in found] == ([(ERROR, kind)] if kind else [])


def test_clips_mode_has_three_marks(unigram: Path) -> None:
    config = json.loads((unigram / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"]["tokenizer_mode"] = "clips"
    (unigram / "open_clip_config.json").write_text(json.dumps(config))
    assert load_token_counter(f"local-dir:{unigram}").count("red box").needed == 2 + 3
