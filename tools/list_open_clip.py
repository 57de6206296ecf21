"""Lists what the installed open_clip publishes, for `culture-perception models`.

    .venv/bin/python -m tools.list_open_clip > config/models/open_clip.json

The list is shipped because open_clip takes seconds to import. Parameters are counted on torch's
meta device, which allocates nothing; where a text tower of transformers would have to be fetched
first, they are those that open_clip states.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any, Final

from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

import open_clip  # noqa: E402
import torch  # noqa: E402

# Column mparams of https://github.com/mlfoundations/open_clip/blob/main/docs/model_profile.csv
_MILLIONS: Final = {
    "roberta-ViT-B-32": 212.72,
    "xlm-roberta-base-ViT-B-32": 366.12,
    "xlm-roberta-large-ViT-H-14": 1193.01,
    "nllb-clip-base": 501.89,
    "nllb-clip-base-siglip": 507.47,
    "nllb-clip-large": 1399.22,
    "nllb-clip-large-siglip": 1195.5,
}


def published() -> dict[str, Any]:
    """Version of open_clip, and of each architecture its texts' repositories and its weights."""
    models: dict[str, Any] = {}
    for name, tag in open_clip.list_pretrained():
        entry = models.setdefault(name, {**text_repositories(name), "tags": {}})
        entry["tags"][tag] = open_clip.get_pretrained_cfg(name, tag)["hf_hub"]
    return {"open_clip": open_clip.__version__, "models": models}


def text_repositories(name: str) -> dict[str, str | None]:
    """Where a model's texts need files of the library transformers; null: open_clip has them."""
    text = open_clip.get_model_config(name)["text_cfg"]
    return {
        "text_tower": text.get("hf_model_name"),
        "tokenizer": text.get("hf_tokenizer_name"),
    }


def parameters(name: str) -> int | None:
    """How many numbers an architecture's weights are; None: unknown."""
    if "hf_model_name" in open_clip.get_model_config(name)["text_cfg"]:
        return round(_MILLIONS[name] * 1e6) if name in _MILLIONS else None
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
