"""Parameters of perception: what is loaded by them."""

import pytest

from culture_perception.models.adapter_encoder import AdaptedEncoder
from culture_perception.models.clip import ClipEncoder
from culture_perception.nodes.perception_settings import SETTINGS, load_models

VALUES = {setting.name: setting.default for setting in SETTINGS}


def test_adapters_that_are_named_are_asked_for() -> None:
    _, bare = load_models({**VALUES, "adapters": "none"})
    assert isinstance(bare, ClipEncoder)
    with pytest.raises(ValueError, match="nowhere: no such adapter; give the path"):
        load_models({**VALUES, "adapters": "nowhere"})
    assert not isinstance(bare, AdaptedEncoder)
