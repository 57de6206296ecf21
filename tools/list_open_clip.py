"""Lists what the installed open_clip publishes, for `culture-perception models`.

    .venv/bin/python -m tools.list_open_clip > config/models/open_clip.json

The list is shipped because open_clip takes seconds to import. Parameters are counted on torch's
meta device, which allocates nothing; null where a text tower of transformers would have to be
fetched first.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

import open_clip  # noqa: E402
import torch  # noqa: E402


def published() -> dict[str, Any]:
    """Version of open_clip, and of each architecture its parameters, vocabulary and weights."""
    models: dict[str, Any] = {}
    for name, tag in open_clip.list_pretrained():
        entry = models.setdefault(
            name, {"needs_transformers": needs_transformers(name), "tags": {}}
        )
        entry["tags"][tag] = open_clip.get_pretrained_cfg(name, tag)["hf_hub"]
    return {"open_clip": open_clip.__version__, "models": models}


def needs_transformers(name: str) -> bool:
    """Whether a model's texts go through the library transformers."""
    text = open_clip.get_model_config(name)["text_cfg"]
    return bool(text.get("hf_model_name") or text.get("hf_tokenizer_name"))


def parameters(name: str) -> int | None:
    """How many numbers an architecture's weights are."""
    if "hf_model_name" in open_clip.get_model_config(name)["text_cfg"]:
        return None
    with torch.device("meta"):
        model = open_clip.create_model(name, load_weights=False, device="meta")
    return sum(int(value.numel()) for value in model.parameters())


def main() -> None:
    """Prints the list as JSON."""
    logging.disable(logging.WARNING)
    found = published()
    for name, entry in found["models"].items():
        entry["parameters"] = parameters(name)
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
