"""The list of models, against the libraries that it speaks of."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from culture_perception.models.catalogue import ModelEntry, catalogue
from culture_perception.models.published_sam import SAM_FILES, cache_folder
from culture_perception.models.torchvision_compat import ensure_torchvision
from tools import list_open_clip


@pytest.fixture(autouse=True)
def _empty_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def entry(name: str) -> ModelEntry:
    return next(one for one in catalogue() if one.name == name)


def in_hub_cache(repository: str, name: str, content: bytes) -> None:
    folder = Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc")
    (folder / "snapshots" / "abc").mkdir(parents=True)
    (folder / "snapshots" / "abc" / name).write_bytes(content)


def test_it_lists_what_the_installed_open_clip_publishes() -> None:
    """Made anew by `python -m tools.list_open_clip > config/models/open_clip.json`."""
    listed = {
        (one.chosen_by["encoder"], one.chosen_by["encoder_pretrained"], one.needs_transformers)
        for one in catalogue()
        if "encoder_pretrained" in one.chosen_by
    }
    models: dict[str, Any] = list_open_clip.published()["models"]
    assert listed == {
        (name, tag, model["needs_transformers"])
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
    ]
    assert all(one.licence == "Apache-2.0" and one.size_bytes for one in embedded)


def test_without_caches_all_others_are_to_be_downloaded() -> None:
    assert {one.state for one in catalogue() if one.name != "embedded"} == {"download"}
    assert entry("vit_h").size_bytes == SAM_FILES["vit_h"].size_bytes


def test_what_is_cached_says_so() -> None:
    cache_folder().mkdir(parents=True)
    (cache_folder() / SAM_FILES["vit_b"].name).touch()
    in_hub_cache("facebook/sam2.1-hiera-tiny", "model.safetensors", b"12")
    in_hub_cache("timm/ViT-B-16-SigLIP-i18n-256", "open_clip_model.safetensors", b"123")

    assert entry("vit_b").state == "cached"
    sam2, siglip = entry("hf:facebook/sam2.1-hiera-tiny"), entry("ViT-B-16-SigLIP-i18n-256 webli")
    assert (sam2.state, sam2.size_bytes) == ("cached", 2)
    assert (siglip.state, siglip.size_bytes) == ("cached", 3)


@pytest.mark.parametrize(
    ("name", "languages", "licence"),
    [
        ("xlm-roberta-base-ViT-B-32 laion5b_s13b_b90k", ("mul", "ja"), "MIT"),
        ("ViT-B-16-SigLIP webli", ("en",), "Apache-2.0"),
        ("ViT-B-16-SigLIP-i18n-256 webli", ("mul", "ja"), "Apache-2.0"),
        ("nllb-clip-base v1", ("mul", "ja"), "CC-BY-NC-4.0"),
        ("ViT-B-32 openai", ("en",), "Apache-2.0"),
        ("ViT-B-32 laion2b_s34b_b79k", ("en",), "MIT"),
        ("ViTamin-S datacomp1b", (), ""),  # nothing is known, nothing is said
    ],
)
def test_facts_are_found_by_repository(name: str, languages: tuple[str, ...], licence: str) -> None:
    found = entry(name)
    assert (found.languages, found.licence) == (languages, licence)
    assert bool(found.source) == bool(found.languages or found.licence)
