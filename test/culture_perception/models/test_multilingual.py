"""Encoders with tokenizers of transformers: small towers, real tokenizers of the label texts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save_file

from culture_perception.labels import load_label_set
from culture_perception.models import transformers_files
from culture_perception.models.errors import CheckpointError
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.models.text_language import LanguageTokenizer, has_languages, languages_of
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.resources import share_path

ensure_torchvision()
pytest.importorskip(
    "transformers", reason="not installed: pip install 'culture_perception[transformers]'"
)
import open_clip  # noqa: E402
import tokenizers  # noqa: E402
import transformers  # noqa: E402
from open_clip.tokenizer import get_clean_fn  # noqa: E402

RUNTIME = Runtime(device="cpu", threads=1, precision="float32")
SMALL = {"image_size": 32, "layers": 1, "width": 32, "patch_size": 16, "head_width": 16}
NAMES = ("緑茶", "黄緑色のお菓子の箱", "コカ・コーラ", "Phillips screwdriver")
CLEANINGS = (get_clean_fn("whitespace"), get_clean_fn("canonicalize"))


def label_texts() -> list[str]:
    labels = load_label_set(share_path("config", "labels", "konbini.yaml"))
    return [
        label.label
        for language in ("en", "ja")
        for style in ("plain", "brand")
        for label in labels.select(language, style).labels
    ] + list(NAMES)


def write_tokenizer(folder: Path, kind: str, specials: list[str], template: str) -> int:
    """A unigram tokenizer of the label texts, in the files the hub has; its vocabulary's size."""
    core = tokenizers.Tokenizer(tokenizers.models.Unigram())
    core.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    trainer = tokenizers.trainers.UnigramTrainer(
        vocab_size=600, special_tokens=specials, unk_token="<unk>", show_progress=False
    )
    texts = [clean(text) for text in label_texts() for clean in CLEANINGS]
    core.train_from_iterator(texts, trainer)
    used = [(token, core.token_to_id(token)) for token in template.split() if token in specials]
    core.post_processor = tokenizers.processors.TemplateProcessing(template, special_tokens=used)
    core.save(str(folder / "tokenizer.json"))
    settings: dict[str, str] = {"tokenizer_class": kind, "unk_token": "<unk>", "eos_token": "</s>"}
    settings |= {"pad_token": "<pad>"}
    if "<s>" in specials:
        settings |= {"bos_token": "<s>", "cls_token": "<s>", "sep_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return int(core.get_vocab_size())


def snapshot(cache: Path, repository: str) -> Path:
    """The folder of a repository's files in a cache of the hub's layout."""
    folder = cache / f"models--{repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc")
    (folder / "snapshots" / "abc").mkdir(parents=True)
    return folder / "snapshots" / "abc"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Towers and tokenizers as the hub's cache has them, and small architectures that name them."""
    root = tmp_path_factory.mktemp("hub")
    xlm = snapshot(root, "xlm-roberta-base")
    size = write_tokenizer(
        xlm, "XLMRobertaTokenizer", ["<s>", "<pad>", "</s>", "<unk>"], "<s> $A </s>"
    )
    transformers.XLMRobertaConfig(
        vocab_size=size, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=90, pad_token_id=1,
    ).save_pretrained(xlm)  # fmt: skip
    siglip = snapshot(root, "timm/ViT-B-16-SigLIP-i18n-256")
    # What the hub's client notes when a repository lacks a file; open_clip alone needs it here.
    (siglip.parents[1] / ".no_exist" / "abc").mkdir(parents=True)
    (siglip.parents[1] / ".no_exist" / "abc" / "config.json").touch()
    words = write_tokenizer(siglip, "T5Tokenizer", ["<pad>", "</s>", "<unk>"], "$A </s>")
    configs = tmp_path_factory.mktemp("configs")
    for name, text in {
        "small-xlm-roberta": {"hf_model_name": "xlm-roberta-base", "hf_pooler_type": "mean_pooler",
                              "hf_tokenizer_name": "xlm-roberta-base", "hf_proj_type": "linear"},
        "small-SigLIP-i18n": {
            "context_length": 64, "vocab_size": words, "width": 32, "heads": 2, "layers": 1,
            "hf_tokenizer_name": "timm/ViT-B-16-SigLIP-i18n-256", "no_causal_mask": True,
            "tokenizer_kwargs": {"clean": "canonicalize"}, "pool_type": "last", "proj_bias": True,
        },
    }.items():  # fmt: skip
        config = {"embed_dim": 32, "custom_text": True, "vision_cfg": SMALL, "text_cfg": text}
        (configs / f"{name}.json").write_text(json.dumps(config))
    paths, known = list(open_clip.factory._MODEL_CONFIG_PATHS), open_clip.factory._MODEL_CONFIGS
    before = dict(known)
    open_clip.add_model_config(configs)
    yield root
    open_clip.factory._MODEL_CONFIG_PATHS[:] = paths
    open_clip.factory._MODEL_CONFIGS = before


@pytest.fixture(autouse=True)
def _hub_is_the_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    # Nothing answers there; whoever asks it waits for minutes, which fails the test.
    monkeypatch.setattr(constants, "ENDPOINT", "http://192.0.2.1")


def checkpoint(name: str, folder: Path) -> tuple[Any, Path]:
    """A model of open_clip's with random weights, and a file of them."""
    torch.manual_seed(0)
    model = open_clip.create_model(name, pretrained_text=False).eval()
    path = folder / "weights.safetensors"
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, path)
    return model, path


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["small-xlm-roberta", "small-SigLIP-i18n"])
def test_equals_open_clip(name: str, tmp_path: Path) -> None:
    model, path = checkpoint(name, tmp_path)
    started = time.monotonic()
    encoder = load_encoder(name, str(path), RUNTIME)
    assert time.monotonic() - started < 30
    with torch.inference_mode():
        expected = model.encode_text(open_clip.get_tokenizer(name)(list(NAMES)), normalize=True)

    rows = encoder.encode_texts(NAMES)

    assert np.allclose(rows, expected.numpy(), atol=1e-5)
    distances = 1 - rows @ rows.T
    assert distances[~np.eye(len(NAMES), dtype=bool)].min() > 1e-4


@pytest.mark.parametrize(
    ("name", "length", "padding", "end"),
    [("small-xlm-roberta", 77, 1, 2), ("small-SigLIP-i18n", 64, 0, 1)],
)
def test_japanese_survives_the_tokenizer(name: str, length: int, padding: int, end: int) -> None:
    tokenizer = open_clip.get_tokenizer(name)
    unknown = tokenizer.tokenizer.unk_token_id
    texts = label_texts()
    tokens = tokenizer(texts)
    assert tuple(tokens.shape) == (len(texts), length)
    assert not (tokens == unknown).any()
    assert (tokens[:, -1] == padding).all()
    assert ((tokens == end).sum(1) == 1).all()
    backend = tokenizer.tokenizer.backend_tokenizer
    for text, row in zip(texts, tokens.tolist(), strict=True):
        words = backend.decode([token for token in row if token not in (padding, end, 0)])
        assert words.replace(" ", "") == tokenizer.clean_fn(text).replace(" ", "")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("緑茶「おーいお茶」、500ml", "緑茶「おーいお茶」、500ml"),  # Japanese marks stay
        ("コカ・コーラ", "コカ・コーラ"),  # as do the middle dot and the long vowel
        ("ﾎﾟﾃﾄﾁｯﾌﾟｽ", "ポテトチップス"),  # half-width kana are joined with their marks
        ("ＫＩＴ　ＫＡＴ！", "kit kat"),  # full-width Latin is Latin: lower case, no punctuation
        ("か\u3099んも", "がんも"),  # marks of their own, as some file systems write them
        ("7-Eleven's rice_ball (tuna)", "7elevens rice ball tuna"),  # ASCII marks join words
    ],
)
def test_what_siglips_cleaning_does(text: str, clean: str) -> None:
    assert get_clean_fn("canonicalize")(text) == clean


def test_a_vocabulary_that_is_not_cached_is_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weights.pt").write_bytes(b"")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "https://127.0.0.1:9")
    started = time.monotonic()
    message = r"tokenizer\.json of timm/ViT-B-16-SigLIP-i18n-256 is not cached and .* cannot be rea"
    with pytest.raises(CheckpointError, match=message):
        load_encoder("small-SigLIP-i18n", str(tmp_path / "weights.pt"))
    assert time.monotonic() - started < 5


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_bytes(b"")
    monkeypatch.setattr(transformers_files, "find_spec", lambda name: None)
    with pytest.raises(CheckpointError, match=r"encoder small-xlm-roberta needs .*pip install "):
        load_encoder("small-xlm-roberta", str(tmp_path / "weights.pt"))


@pytest.mark.filterwarnings("ignore")
def test_a_folder_brings_its_own_tokenizer(tmp_path: Path, cache: Path) -> None:
    model, _ = checkpoint("small-SigLIP-i18n", tmp_path)
    (tmp_path / "weights.safetensors").rename(tmp_path / "open_clip_model.safetensors")
    config = {"model_cfg": open_clip.get_model_config("small-SigLIP-i18n"), "preprocess_cfg": {}}
    config["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = "nobody/has-this"
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        source = next(cache.glob(f"models--timm*/snapshots/abc/{name}"))
        (tmp_path / name).write_bytes(source.read_bytes())
    with torch.inference_mode():
        tokens = open_clip.get_tokenizer("small-SigLIP-i18n")(list(NAMES))
        expected = model.encode_text(tokens, normalize=True).numpy()

    rows = load_encoder(f"local-dir:{tmp_path}", "", RUNTIME).encode_texts(NAMES)

    assert np.allclose(rows, expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_a_name_on_the_hub_is_found_in_its_cache(tmp_path: Path, cache: Path) -> None:
    folder = snapshot(cache, "some/siglip")
    checkpoint("small-SigLIP-i18n", folder)
    (folder / "weights.safetensors").rename(folder / "open_clip_model.safetensors")
    config = {"model_cfg": open_clip.get_model_config("small-SigLIP-i18n"), "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))

    assert load_encoder("hf-hub:some/siglip", "", RUNTIME).encode_texts(NAMES).shape == (4, 32)


@pytest.mark.parametrize(
    ("texts", "languages"),
    [
        (["a can", "Ünicode"], ["eng_Latn", "eng_Latn"]),
        (["お茶", "緑茶", "tea"], ["jpn_Jpan", "jpn_Jpan", "eng_Latn"]),
        (["绿茶"], ["zho_Hans"]),
        (["녹차", "ﾊﾟﾝ"], ["kor_Hang", "jpn_Jpan"]),
        ([], []),
    ],
)
def test_languages_by_script(texts: list[str], languages: list[str]) -> None:
    assert languages_of(texts) == languages


def test_nllbs_tokenizer_is_told_the_language(tmp_path: Path) -> None:
    specials = ["<s>", "<pad>", "</s>", "<unk>", "eng_Latn", "jpn_Jpan"]
    write_tokenizer(tmp_path, "NllbTokenizer", specials, "eng_Latn $A </s>")
    settings = json.loads((tmp_path / "tokenizer_config.json").read_text())
    settings |= {"extra_special_tokens": ["eng_Latn", "jpn_Jpan"], "src_lang": "eng_Latn"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    plain = open_clip.tokenizer.HFTokenizer(str(tmp_path))
    ids = plain.tokenizer.convert_tokens_to_ids(["jpn_Jpan", "eng_Latn"])
    assert has_languages(plain)

    tokens = LanguageTokenizer(plain)(["お茶", "can of tea"])

    assert tokens.shape == (2, 77)
    assert tokens[:, 0].tolist() == ids
    assert not has_languages(open_clip.get_tokenizer("ViT-B-32"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["xlm-roberta-base-ViT-B-32", "ViT-B-16-SigLIP-i18n-256"])
def test_the_published_architectures_equal_open_clip(name: str, tmp_path: Path) -> None:
    test_equals_open_clip(name, tmp_path)
