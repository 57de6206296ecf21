"""The published checkpoints of segment-anything."""

import hashlib
from pathlib import Path

import pytest

from culture_perception.models import published_sam
from culture_perception.models.download import RemoteFile
from culture_perception.models.published_sam import SAM_FILES, cache_folder, sam_checkpoint


def test_the_cache_is_where_the_system_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "culture_perception" / "models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "culture_perception" / "models"


@pytest.mark.parametrize("model", SAM_FILES)
def test_what_is_known_of_each_file_is_complete(model: str) -> None:
    file = SAM_FILES[model]
    assert file.name.startswith(f"sam_{model}_")
    assert len(bytes.fromhex(file.sha256)) == 32
    # float32 weights of 91, 308 and 636 million parameters (the paper, section 6)
    assert file.size_bytes == pytest.approx(
        {"vit_b": 364e6, "vit_l": 1232e6, "vit_h": 2544e6}[model], rel=0.04
    )


def test_a_checkpoint_in_the_cache_needs_no_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    content = b"weights"
    file = RemoteFile("https://127.0.0.1:9/w.pth", hashlib.sha256(content).hexdigest(), 7)
    monkeypatch.setitem(published_sam.SAM_FILES, "vit_b", file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache_folder().mkdir(parents=True)
    (cache_folder() / "w.pth").write_bytes(content)

    assert sam_checkpoint("vit_b") == cache_folder() / "w.pth"
