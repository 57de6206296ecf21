import re
import sys
from pathlib import Path

import pytest

from culture_perception import resources
from culture_perception.resources import ResourceError, share_folders, share_path


def _installed(prefix: Path) -> Path:
    """Makes a share folder as an install leaves it; gives it."""
    folder = prefix / "share" / "culture_perception"
    folder.mkdir(parents=True)
    (folder / "package.xml").touch()
    return folder


def _module(folder: Path) -> Path:
    package = folder / "culture_perception"
    package.mkdir(parents=True)
    return package / "resources.py"


@pytest.fixture(autouse=True)
def no_other_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AMENT_PREFIX_PATH", raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "interpreter"))


def test_finds_the_files_of_the_source_tree() -> None:
    assert share_path("package.xml").is_file()
    assert share_path("config", "fastdds_shared_memory.xml").is_absolute()
    assert share_path() == Path(resources.__file__).parents[1]


@pytest.mark.parametrize(
    "site_packages",
    [
        "lib/python3.11/site-packages",
        "local/lib/python3.10/dist-packages",  # colcon on Ubuntu 22.04
    ],
)
def test_finds_the_prefix_it_was_installed_into(tmp_path: Path, site_packages: str) -> None:
    folder = _installed(tmp_path)
    assert list(share_folders(_module(tmp_path / site_packages))) == [folder]


def test_source_tree_goes_before_installed_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = _installed(tmp_path / "other")
    monkeypatch.setenv("AMENT_PREFIX_PATH", f":{tmp_path / 'other'}")
    tree = tmp_path / "tree"
    module = _module(tree)
    (tree / "package.xml").touch()
    assert list(share_folders(module)) == [tree, other]


def test_a_prefix_without_the_package_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ros" / "share").mkdir(parents=True)
    folder = _installed(tmp_path / "overlay")
    prefixes = f"{tmp_path / 'ros'}:{tmp_path / 'overlay'}"
    monkeypatch.setenv("AMENT_PREFIX_PATH", prefixes)
    assert list(share_folders(_module(tmp_path / "elsewhere"))) == [folder]


def test_a_missing_file_is_named_with_where_it_was_looked_for() -> None:
    root = re.escape(str(Path(resources.__file__).parents[1]))
    with pytest.raises(ResourceError, match=rf"(?s)config/nothing\.yaml .*{root}.*colcon build"):
        share_path("config", "nothing.yaml")


def test_no_install_at_all_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "__file__", str(_module(tmp_path)))
    with pytest.raises(ResourceError, match="no share folder at all"):
        share_path("models")
