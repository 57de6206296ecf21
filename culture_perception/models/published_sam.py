"""segment-anything's published checkpoints: where they are, and their copies on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from culture_perception.models.download import RemoteFile, fetched

_ADDRESS: Final = "https://dl.fbaipublicfiles.com/segment_anything"
# The digits in a file's name begin its MD5, not its SHA-256. Sizes and SHA-256 as in the registry
# of micro-sam (github.com/computational-cell-analytics/micro-sam, micro_sam/util.py).
SAM_FILES: Final = {
    "vit_b": RemoteFile(
        f"{_ADDRESS}/sam_vit_b_01ec64.pth",
        "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
        375_042_383,
    ),
    "vit_l": RemoteFile(
        f"{_ADDRESS}/sam_vit_l_0b3195.pth",
        "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
        1_249_524_607,
    ),
    "vit_h": RemoteFile(
        f"{_ADDRESS}/sam_vit_h_4b8939.pth",
        "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
        2_564_550_879,
    ),
}
"""The published models by segment-anything's names."""


def cache_folder() -> Path:
    """Where downloaded checkpoints are kept: below XDG_CACHE_HOME or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "culture_perception" / "models"


def sam_checkpoint(model: str) -> Path:
    """The checkpoint of a published model, downloaded at the first call.

    Args:
        model: a key of SAM_FILES.

    Raises:
        CheckpointError: it is not on this machine and cannot be downloaded.
    """
    return fetched(SAM_FILES[model], cache_folder())
