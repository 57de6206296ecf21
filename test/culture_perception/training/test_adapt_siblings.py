"""Siblings as the general data that an adapter is held to."""

from pathlib import Path

import pytest

from culture_perception.adapt.sibling_source import read_siblings
from culture_perception.runner import SystemFailure


def test_crops_and_labels_of_a_data_set(data_set: Path) -> None:
    crops, texts = read_siblings(data_set, 32, seed=0)
    assert 40 <= len(crops) <= 48
    assert crops.seen.shape[1:] == (32, 32, 3)
    assert crops.masks.any(axis=(1, 2)).all()
    assert "Acme" in texts
    assert "red box of tea" in texts
    assert len(set(texts)) == len(texts)


def test_a_folder_without_shards_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemFailure, match=r"siblings of .*has no shard"):
        read_siblings(tmp_path, 32, seed=0)
