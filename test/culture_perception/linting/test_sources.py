from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from culture_perception.concepts import LabelError
from culture_perception.linting.sources import find_label_sets
from culture_perception.resources import share_path

SHIPPED = share_path("config", "labels")


def test_without_names_all_shipped_sets_are_found_arms_after_their_bases() -> None:
    assert [one.name for one in find_label_sets([]).values()] == [
        "konbini", "konbini_matched", "konbini_normalised",
        "ycb", "ycb_matched", "ycb_normalised",
    ]  # fmt: skip


def test_files_below_the_working_folder_are_named_from_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(SHIPPED)
    assert next(iter(find_label_sets(["ycb_matched"]))) == Path("arms/ycb_matched.yaml")
    monkeypatch.chdir(tmp_path)
    assert next(iter(find_label_sets(["ycb"]))) == SHIPPED / "ycb.yaml"


def test_names_and_files_are_found_in_their_order(write_set: Callable[..., Path]) -> None:
    own = write_set({"en": ("red box",)})
    found = find_label_sets([str(own), "ycb", "ycb"])
    assert [one.name for one in found.values()] == ["s", "ycb"]
    assert next(iter(found)) == own


def test_an_arm_by_its_file_is_compared_with_its_base(tmp_path: Path) -> None:
    arm = (SHIPPED / "arms" / "ycb_normalised.yaml").read_text("utf-8")
    (tmp_path / "ycb.yaml").write_bytes((SHIPPED / "ycb.yaml").read_bytes())
    for path in (tmp_path / "a.yaml", tmp_path / "arms" / "a.yaml"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(arm, "utf-8")
        ((found, label_set),) = find_label_sets([str(path)]).items()
        assert (found, label_set.arm_of) == (path, "ycb")
        path.write_text(arm.replace("red box of cookies", "box of cookies"), "utf-8")
        with pytest.raises(LabelError, match="'ycb' says 'red box of cookies'; add a note"):
            find_label_sets([str(path)])
        path.unlink()


def test_a_name_that_no_set_has_is_told_with_those_there_are() -> None:
    with pytest.raises(LabelError, match=r"'bakery'; there is .*konbini_matched.* \.yaml file"):
        find_label_sets(["bakery"])
    with pytest.raises(LabelError, match=r"bakery\.yaml: cannot be read"):
        find_label_sets(["bakery.yaml"])
