"""Renders scenes of evaluation products: `python -m sim_bridge.evaluation_scenes OUT`.

A scene is what the demo's bridge makes of the same seed: the same choice of products, the same
settling, the same camera and light. Of seeds below 970000 nothing is ever
trained on; from there on `culture-perception adapt` draws its scenes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from tqdm import tqdm

from sim_bridge.assets import product_meshes
from sim_bridge.camera import CAMERA_NAMES, PROFILE_NAMES, ravens_camera
from sim_bridge.products.catalogue import CONCEPTS, version
from sim_bridge.products.scans import SCAN_CONCEPTS, ScanError
from sim_bridge.renderer import KINDS, RendererError
from sim_bridge.scenes import SceneError
from sim_bridge.selection import DEFAULT_COUNT, choose_products
from sim_bridge.training_data import EVALUATION_SEEDS
from sim_bridge.world import World

LAYOUTS: Final = ("random", "iterations")
"""What a scene shows: products by its seed; or the paper's five iterations of each product in turn,
the first with that product alone, four among others."""
ITERATIONS: Final = 5
PRODUCTS: Final = ("ycb", "konbini", "scans", "mixed")
"""Whose products: the made ones of a label set, the scans that there are, or both label sets."""
FIRST_SEED: Final = 920_000
"""Of the published figures; the demo has those from 900000 on."""
SAMPLES: Final = 2
"""Points along each side of a pixel: the bridge's default."""
INDEX_FILE: Final = "scenes.json"


@dataclass(frozen=True)
class ScenesRequest:
    """A set of scenes.

    Attributes:
        folder: where to; scenes that are whole there are kept.
        products: one of PRODUCTS.
        scenes: how many.
        seed: of the first scene, EVALUATION_SEEDS or more; the following ones count up.
        count: products a scene.
        layout: one of LAYOUTS.
        rounds: of the iterations of all products, in the layout of that name, instead of scenes;
            0: as many scenes as are asked for.
        camera: where it stands.
        profile: its image size and focal length.
        scans_dir: folder of YCB scans; needed for, and used by, "scans" alone.
        renderer: auto, egl or tiny.
        workers: processes at a time.
    """

    folder: Path
    products: str
    scenes: int = 200
    seed: int = FIRST_SEED
    count: int = DEFAULT_COUNT
    layout: str = "random"
    rounds: int = 0
    camera: str = "front"
    profile: str = "ravens"
    scans_dir: str = ""
    renderer: str = "auto"
    workers: int = 1

    def __post_init__(self) -> None:
        if self.products not in PRODUCTS:
            raise ValueError(f"products {self.products!r} are none of {', '.join(PRODUCTS)}")
        if self.layout not in LAYOUTS:
            raise ValueError(f"layout {self.layout!r} is none of {', '.join(LAYOUTS)}")
        if self.seed < EVALUATION_SEEDS:
            raise ValueError(
                f"seed {self.seed} may be one of training data; use {EVALUATION_SEEDS} or more"
            )
        if min(self.scenes, self.count, self.workers) < 1:
            raise ValueError("scenes, count and workers must each be at least 1")
        if self.rounds and self.layout != "iterations":
            raise ValueError("rounds are of the layout iterations; add --layout iterations")
        if (self.products == "scans") != bool(self.scans_dir):
            raise ValueError("give --scans FOLDER with --products scans, and only then")

    @property
    def seeds(self) -> range:
        """Of all scenes."""
        scenes = len(self.concepts()) * ITERATIONS * self.rounds if self.rounds else self.scenes
        return range(self.seed, self.seed + scenes)

    def concepts(self) -> tuple[str, ...]:
        """The concept ids that scenes choose from, in the order of the catalogue."""
        if self.products == "mixed":
            return tuple(chain.from_iterable(CONCEPTS.values()))
        if self.products == "scans":
            return tuple(c for name, c in SCAN_CONCEPTS.items() if self._has_scan(name))
        return CONCEPTS[self.products]

    def wanted(self, seed: int) -> tuple[str, ...]:
        """The products that a scene must show, the one that it is of first; none: any."""
        if self.layout == "random":
            return ()
        concepts, number = self.concepts(), seed - self.seed
        target = concepts[number // ITERATIONS % len(concepts)]
        others = [one for one in concepts if one != target]
        order = np.random.default_rng(seed).permutation(len(others))
        company = 0 if number % ITERATIONS == 0 else self.count - 1
        return (target, *(others[i] for i in order[:company]))

    def _has_scan(self, name: str) -> bool:
        return (Path(self.scans_dir) / name).is_dir()

    def identity(self) -> dict[str, Any]:
        """What every scene depends on; a set may be made longer."""
        return {
            "products": self.products,
            "concepts": list(self.concepts()),
            "count": self.count,
            "camera": self.camera,
            "profile": self.profile,
            "catalogue": version(),
            **({} if self.layout == "random" else {"layout": self.layout, "first": self.seed}),
        }


def render_scenes(request: ScenesRequest) -> None:
    """Renders what is missing of a set, with a progress bar, and writes its index.

    Raises:
        ValueError: scenes of another request lie in the folder, or there are too few products.
        ScanError: the scans are missing or incomplete.
        RendererError: the renderer does not open.
    """
    concepts = request.concepts()
    if request.count > len(concepts):
        raise SceneError(f"{request.products} has {len(concepts)} products, not {request.count}")
    meshes = product_meshes(request.scans_dir)  # made once, before processes want them
    _claim_folder(request)
    missing = [seed for seed in request.seeds if not _record_path(request.folder, seed).exists()]
    if missing:
        _render_missing(request, meshes, missing)
    _write_index(request)


def _render_missing(
    request: ScenesRequest, meshes: Mapping[str, Path], seeds: Sequence[int]
) -> None:
    workers = min(request.workers, len(seeds))
    task = partial(_render_scene, request)
    with get_context("spawn").Pool(workers, _open_world, (request, dict(meshes))) as pool:
        done = pool.imap_unordered(task, seeds, chunksize=1)
        for _ in tqdm(done, total=len(seeds), unit="scene", desc=f"rendering {request.products}"):
            pass


_worlds: Final[list[World]] = []
"""The one of this worker process: the EGL renderer can be opened only once in a process."""


def _open_world(request: ScenesRequest, meshes: Mapping[str, Path]) -> None:
    camera = ravens_camera(request.camera, request.profile)
    _worlds.append(World(meshes, camera, request.renderer, SAMPLES))


def _render_scene(request: ScenesRequest, seed: int) -> None:
    """Writes one scene: pictures first, then the record, by which it counts as whole."""
    world = _worlds[0]
    record: dict[str, Any] = {"seed": seed, "renderer": world.renderer_kind}
    try:
        record |= _scene_files(world, request, seed)
    except SceneError as error:
        record["left_out"] = str(error)
    path = _record_path(request.folder, seed)
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(record), encoding="utf-8")
    draft.replace(path)


def _scene_files(world: World, request: ScenesRequest, seed: int) -> dict[str, Any]:
    wanted = request.wanted(seed)
    chosen = choose_products(
        {request.products: request.concepts()}, request.products, wanted, request.count, seed
    )
    world.new_scene(chosen, seed)
    seen, shares = world.observe(), world.visibility()
    names = {"image": f"{seed}.png", "ids": f"{seed}_ids.png"}
    bgr = np.ascontiguousarray(seen.image_rgb[..., ::-1])
    for name, pixels in ((names["image"], bgr), (names["ids"], seen.id_image)):
        if not cv2.imwrite(str(request.folder / name), pixels):
            raise OSError(f"{request.folder / name} cannot be written: is the disk full?")
    objects = [
        {
            "instance_id": number,
            "concept_id": concept_id,
            "visible_px": int((seen.id_image == number).sum()),
            "visibility": round(share, 4),
        }
        for number, (concept_id, share) in enumerate(
            zip(seen.concept_ids, shares, strict=True), start=1
        )
    ]
    return {**names, "target": wanted[0] if wanted else "", "objects": objects}


def _claim_folder(request: ScenesRequest) -> None:
    """Writes into the folder what it is for, so that no other set goes on there."""
    request.folder.mkdir(parents=True, exist_ok=True)
    path, wanted = request.folder / "request.json", request.identity()
    if not path.exists():
        path.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        return
    found = json.loads(path.read_text(encoding="utf-8"))
    differing = [key for key, value in wanted.items() if found.get(key) != value]
    if differing:
        changes = ", ".join(f"{key} {found.get(key)} is now {wanted[key]}" for key in differing)
        raise ValueError(
            f"{request.folder} holds other scenes: {changes}; give another folder, or delete it"
        )


def _write_index(request: ScenesRequest) -> None:
    records = [
        json.loads(_record_path(request.folder, seed).read_text(encoding="utf-8"))
        for seed in request.seeds
    ]
    index = {
        **request.identity(),
        "renderer": sorted({record["renderer"] for record in records}),
        "scenes": [record for record in records if "left_out" not in record],
        "left_out": [record for record in records if "left_out" in record],
    }
    path = request.folder / INDEX_FILE
    path.write_text(json.dumps(index, indent=1), encoding="utf-8")


def _record_path(folder: Path, seed: int) -> Path:
    return folder / f"{seed}.json"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m sim_bridge.evaluation_scenes", description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--products", choices=PRODUCTS, default="ycb")
    parser.add_argument("--scenes", type=int, default=200, help="default %(default)s")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="default %(default)s")
    parser.add_argument("--count", type=int, default=DEFAULT_COUNT, help="products a scene")
    parser.add_argument("--layout", choices=LAYOUTS, default="random")
    parser.add_argument("--rounds", type=int, default=0, help="of iterations, instead of --scenes")
    parser.add_argument("--camera", choices=CAMERA_NAMES, default="front")
    parser.add_argument("--profile", choices=PROFILE_NAMES, default="ravens")
    parser.add_argument("--scans", default="", help="folder of YCB scans, for --products scans")
    parser.add_argument("--renderer", choices=KINDS, default="auto")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        render_scenes(
            ScenesRequest(
                folder=given.out,
                products=given.products,
                scenes=given.scenes,
                seed=given.seed,
                count=given.count,
                layout=given.layout,
                rounds=given.rounds,
                camera=given.camera,
                profile=given.profile,
                scans_dir=given.scans,
                renderer=given.renderer,
                workers=given.workers,
            )
        )
    except (ValueError, ScanError, SceneError, RendererError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
