"""Parameters of perception: what is loaded by them."""

from pathlib import Path

import pytest

from culture_perception.models.adapter_encoder import AdaptedEncoder
from culture_perception.models.clip import ClipEncoder
from culture_perception.nodes.perception_settings import SETTINGS, adapters_of, load_models

VALUES = {setting.name: setting.default for setting in SETTINGS}


@pytest.mark.parametrize(
    ("listed", "files"),
    [
        ("", []),
        (" , ", []),
        ("a.safetensors", ["a.safetensors"]),
        ("a b/1.safetensors, 2.safetensors,", ["a b/1.safetensors", "2.safetensors"]),
        ("~/a", [str(Path.home() / "a")]),
    ],
)
def test_adapters_are_listed_with_commas_between(listed: str, files: list[str]) -> None:
    assert [str(path) for path in adapters_of(listed)] == files


def test_adapters_that_are_named_are_asked_for() -> None:
    _, bare = load_models(VALUES)
    assert isinstance(bare, ClipEncoder)
    with pytest.raises(ValueError, match="nowhere: no such adapter; give the path"):
        load_models({**VALUES, "adapters": "nowhere"})
    assert not isinstance(bare, AdaptedEncoder)
