"""The list of models, against the libraries that it speaks of."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from culture_perception.models.catalogue import ModelEntry, catalogue
from culture_perception.models.published_sam import SAM_FILES, cache_folder
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.resources import share_path
from tools import list_open_clip

WEIGHTS = "open_clip_model.safetensors"


@pytest.fixture(autouse=True)
def _empty_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def entry(name: str) -> ModelEntry:
    return next(one for one in catalogue() if one.name == name)


def in_hub_cache(repository: str, *names: str) -> None:
    """Files of the content "12"."""
    folder = Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text("abc")
    (folder / "snapshots" / "abc").mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / "snapshots" / "abc" / name).write_text("12")


def test_it_lists_what_the_installed_open_clip_publishes() -> None:
    """Made anew by `python -m tools.list_open_clip > config/models/open_clip.json`."""
    listed = {
        (one.chosen_by["encoder"], one.chosen_by["encoder_pretrained"], one.needs_transformers)
        for one in catalogue()
        if "encoder_pretrained" in one.chosen_by
    }
    models: dict[str, Any] = list_open_clip.published()["models"]
    assert listed == {
        (name, tag, bool(model["text_tower"] or model["tokenizer"]))
        for name, model in models.items()
        for tag in model["tags"]
    }


@pytest.mark.parametrize("name", ["ViT-B-32", "RN50"])
def test_parameters_are_those_of_the_architecture(name: str) -> None:
    assert entry(f"{name} openai").parameters == list_open_clip.parameters(name)


def test_segment_anythings_parameters_are_its_own() -> None:
    ensure_torchvision()
    import torch

    builders = importlib.import_module("segment_anything").sam_model_registry
    with torch.device("meta"):
        counted = sum(value.numel() for value in builders["vit_b"]().parameters())
    assert entry("vit_b").parameters == counted


def test_the_embedded_ones_are_there() -> None:
    embedded = [one for one in catalogue() if one.state == "embedded"]
    assert [(one.kind, one.name) for one in embedded] == [
        ("segmenter", "embedded"),
        ("encoder", "embedded"),
        ("adapter", "japan"),
    ]
    assert all(one.licence == "Apache-2.0" and one.size_bytes for one in embedded)


def test_without_caches_all_others_are_to_be_downloaded() -> None:
    assert {one.state for one in catalogue() if one.name not in ("embedded", "japan")} == {
        "download"
    }
    assert entry("vit_h").size_bytes == SAM_FILES["vit_h"].size_bytes


@pytest.mark.parametrize("name", ["xlm-roberta-base-ViT-B-32", "ViT-B-16-SigLIP-i18n-256"])
def test_the_list_has_the_repositories_of_texts(name: str) -> None:
    models: dict[str, Any] = json.loads(
        share_path("config", "models", "open_clip.json").read_text()
    )
    listed = models["models"][name]
    assert list_open_clip.text_repositories(name).items() <= listed.items()


def test_segment_anythings_file_is_all_it_needs() -> None:
    assert entry("vit_b").state == "download"
    cache_folder().mkdir(parents=True)
    (cache_folder() / SAM_FILES["vit_b"].name).touch()
    assert entry("vit_b").state == "cached"


@pytest.mark.parametrize(
    ("name", "files"),
    [
        (
            "hf:facebook/sam2.1-hiera-tiny",
            [
                ("facebook/sam2.1-hiera-tiny", "model.safetensors"),
                ("facebook/sam2.1-hiera-tiny", "config.json"),
                ("facebook/sam2.1-hiera-tiny", "preprocessor_config.json"),
            ],
        ),
        ("ViT-B-32 laion2b_s34b_b79k", [("laion/CLIP-ViT-B-32-laion2B-s34B-b79K", WEIGHTS)]),
        (
            "ViT-B-16-SigLIP-i18n-256 webli",
            [
                ("timm/ViT-B-16-SigLIP-i18n-256", WEIGHTS),
                ("timm/ViT-B-16-SigLIP-i18n-256", "tokenizer.json"),
                ("timm/ViT-B-16-SigLIP-i18n-256", "tokenizer_config.json"),
            ],
        ),
        (
            "xlm-roberta-base-ViT-B-32 laion5b_s13b_b90k",
            [
                ("laion/CLIP-ViT-B-32-xlm-roberta-base-laion5B-s13B-b90k", WEIGHTS),
                ("xlm-roberta-base", "config.json"),
                ("xlm-roberta-base", "sentencepiece.bpe.model"),
            ],
        ),
    ],
)
def test_cached_is_what_has_every_file(name: str, files: list[tuple[str, str]]) -> None:
    for repository, file in files:
        assert entry(name).state == "download"
        in_hub_cache(repository, file)
    assert (entry(name).state, entry(name).size_bytes) == ("cached", 2)
    assert not entry(name).size_is_estimate


def test_what_is_not_here_has_the_size_of_its_parameters_in_float32() -> None:
    one = entry("ViT-B-32 openai")
    assert (one.size_bytes, one.size_is_estimate) == (4 * 151_277_313, True)
    assert not entry("vit_b").size_is_estimate
    edge_tam = entry("hf:yonigozlan/EdgeTAM-hf")
    assert (edge_tam.size_bytes, edge_tam.size_is_estimate) == (None, False)


@pytest.mark.parametrize(
    ("name", "languages", "licence"),
    [
        ("xlm-roberta-base-ViT-B-32 laion5b_s13b_b90k", ("mul", "ja"), "MIT"),
        ("ViT-B-16-SigLIP webli", ("en",), "Apache-2.0"),
        ("ViT-B-16-SigLIP-i18n-256 webli", ("mul", "ja"), "Apache-2.0"),
        ("nllb-clip-base v1", ("mul", "ja"), "CC-BY-NC-4.0"),
        ("ViT-B-32 openai", ("en",), "Apache-2.0"),
        ("ViT-B-32 laion2b_s34b_b79k", ("en",), "MIT"),
        ("ViTamin-S datacomp1b", (), "MIT"),
        ("RN50 openai", ("en",), "MIT"),
        ("RN50 cc12m", (), "MIT"),
        ("ViT-B-32 metaclip_400m", (), "CC-BY-NC-4.0"),
        ("ViT-H-14-worldwide metaclip2_worldwide", ("mul", "ja"), "CC-BY-NC-4.0"),
        ("ViT-B-32 commonpool_s_s13m_b4k", (), "MIT"),
        ("convnext_base laion400m_s13b_b51k", (), "MIT"),
        ("coca_ViT-L-14 mscoco_finetuned_laion2b_s13b_b90k", (), "MIT"),
        ("ViT-H-14 dfn5b", (), "apple-amlr"),
        ("MobileCLIP2-S4 dfndr2b", (), "apple-amlr"),
        ("PE-Core-B-16 meta", (), "Apache-2.0"),
        ("EVA02-E-14-plus laion2b_s9b_b144k", (), "MIT"),
    ],
)
def test_facts_are_found_by_repository(name: str, languages: tuple[str, ...], licence: str) -> None:
    found = entry(name)
    assert (found.languages, found.licence) == (languages, licence)
    assert bool(found.source) == bool(found.languages or found.licence)
