"""Renders a data set for the embedded models: `python -m sim_bridge.training_data OUT`.

Only random siblings and nameless clutter appear in it. The 30 evaluation products and the seeds
from EVALUATION_SEEDS on never do.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from sim_bridge.products.captions import grammar
from sim_bridge.products.markets import MARKETS
from sim_bridge.products.sibling import WEST
from sim_bridge.training.shard import ShardRequest, render_shard

SPLITS = {"train": 0, "val": 200_000, "held": 400_000, "verify": 600_000}
"""First shard seed of each split; held has only attribute combinations that train never has, verify
the same ones as train, of other products."""
EVALUATION_SEEDS = 900_000
"""Demo scenes and experiments are seeded from here on; no data set ever is."""
_SEEDS_PER_SET = 1_000
_SHARD_FIELDS = ("split", "seed", "shard_frames", "visibility", "market")
"""What a shard depends on; a data set may be made longer."""


@dataclass(frozen=True)
class DatasetRequest:
    """A whole data set.

    Attributes:
        folder: where to; shards that are already whole there are kept.
        frames: how many images.
        seed: 0 to 199; another one gives other products and scenes.
        split: one of SPLITS.
        shard_frames: images a shard; each shard has products of its own.
        workers: processes at a time.
        visibility: also measure each object's visible share.
        market: whose goods, one of MARKETS.
    """

    folder: Path
    frames: int
    seed: int = 0
    split: str = "train"
    shard_frames: int = 120
    workers: int = 1
    visibility: bool = False
    market: str = WEST

    def __post_init__(self) -> None:
        if self.market not in MARKETS:
            raise ValueError(f"market {self.market!r} is none of {', '.join(MARKETS)}")
        if self.split not in SPLITS:
            raise ValueError(f"split {self.split!r} is none of {', '.join(SPLITS)}")
        if not 0 <= self.seed < 200:
            raise ValueError(f"seed {self.seed} is outside 0 to 199, the seeds of one split")
        if min(self.frames, self.shard_frames, self.workers) < 1:
            raise ValueError("frames, shard_frames and workers must each be at least 1")
        if self.frames > self.shard_frames * _SEEDS_PER_SET:
            raise ValueError(
                f"{self.frames} frames need over {_SEEDS_PER_SET} shards: raise shard_frames"
            )


def shard_seed(split: str, seed: int, shard: int) -> int:
    """The seed of one shard: no two splits or data sets share one, none is an evaluation seed."""
    return SPLITS[split] + seed * _SEEDS_PER_SET + shard


def shard_requests(request: DatasetRequest) -> Iterator[ShardRequest]:
    """The shards that the request's folder still lacks."""
    for shard in range(-(-request.frames // request.shard_frames)):
        folder = request.folder / f"shard_{shard:04d}"
        if (folder / "products.json").exists():
            continue
        yield ShardRequest(
            folder=folder,
            seed=shard_seed(request.split, request.seed, shard),
            frames=min(request.shard_frames, request.frames - shard * request.shard_frames),
            clutter=0 if request.split == "held" else 24,
            held_out=request.split == "held",
            visibility=request.visibility,
            market=request.market,
        )


def claim_folder(request: DatasetRequest) -> None:
    """Writes into the folder what it is for, so that no other data set goes on there.

    Raises:
        ValueError: shards of another data set lie there.
    """
    request.folder.mkdir(parents=True, exist_ok=True)
    path = request.folder / "request.json"
    wanted = {name: getattr(request, name) for name in _SHARD_FIELDS}
    if not path.exists():
        path.write_text(json.dumps(wanted))
    elif json.loads(path.read_text()) != wanted:
        raise ValueError(
            f"{request.folder} was begun with {path.read_text()}, not {json.dumps(wanted)}: "
            "give another folder, or delete this one"
        )


def render_dataset(request: DatasetRequest) -> None:
    """Renders what is missing of the data set, with a progress bar.

    Raises:
        ValueError: shards of another data set lie in its folder.
    """
    claim_folder(request)
    (request.folder / "grammar.json").write_text(json.dumps(grammar(request.market)))
    missing = list(shard_requests(request))
    kinds: set[str] = set()
    # A process a shard: the EGL renderer can be opened only once in a process, and it leaks.
    with get_context("spawn").Pool(request.workers, maxtasksperchild=1) as pool:
        rendered = pool.imap_unordered(render_shard, missing, chunksize=1)
        kinds.update(tqdm(rendered, total=len(missing), unit="shard", desc="rendering"))
    about = {
        "split": request.split,
        "seed": request.seed,
        "market": request.market,
        "frames": request.frames,
        "shard_frames": request.shard_frames,
        "renderer": sorted(kinds),
        "evaluation_seeds_from": EVALUATION_SEEDS,
    }
    (request.folder / "dataset.json").write_text(json.dumps(about, indent=1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m sim_bridge.training_data", description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--frames", type=int, default=3600, help="images (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="0 to 199 (default %(default)s)")
    parser.add_argument("--split", choices=list(SPLITS), default="train")
    parser.add_argument("--shard-frames", type=int, default=120, help="images a shard")
    parser.add_argument("--workers", type=int, default=1, help="processes at a time")
    parser.add_argument("--market", choices=list(MARKETS), default=WEST, help="whose goods")
    parser.add_argument("--visibility", action="store_true", help="measure visible shares, slower")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        request = DatasetRequest(
            options.out, options.frames, options.seed, options.split,
            options.shard_frames, options.workers, options.visibility, options.market,
        )  # fmt: skip
        render_dataset(request)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
