"""Publishes a task of RAVENS or CLIPort through ROS, with products of ours on its table.

    python examples/ravens_bridge.py ravens block-insertion --products ycb.cracker_box ycb.sponge

Perception, RViz and so on then see it as they see any camera; `--act` lets the task's own oracle
do one action a frame. Put google-research/ravens or cliport/cliport on PYTHONPATH, and what their
environments need: `pip install gym==0.17.3 six meshcat transforms3d` (CLIPort: also kornia,
omegaconf and imageio). TensorFlow is not needed: the modules that train are left out.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from sim_bridge.assets import product_meshes
from sim_bridge.physics import load_hull
from sim_bridge.ravens import product_urdf
from sim_bridge.ravens_node import RavensBridge

TRIES = 20


def make_environment(package: str, task: str, use_egl: bool) -> Any:
    """An Environment with its task set, not yet reset."""
    for name in ("agents", "models", "dataset"):  # these import TensorFlow or train
        stub = ModuleType(f"{package}.{name}")
        stub.__dict__.update(Dataset=object, RavensDataset=object)
        sys.modules[stub.__name__] = stub
    try:
        module = importlib.import_module(f"{package}.environments.environment")
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error}: put {package} on PYTHONPATH, and see --help") from error
    tasks = importlib.import_module(f"{package}.tasks").names
    if task not in tasks:
        raise SystemExit(f"{package} has no task {task!r}: choose one of {', '.join(tasks)}")
    assets = Path(str(module.__file__)).parent / "assets"
    options = {"use_egl": True} if use_egl else {}  # CLIPort's environment has no such argument
    env = module.Environment(f"{assets}/", hz=480, **options)
    env.set_task(tasks[task]())
    env.task.mode = "train"
    return env


def add_products(env: Any, concept_ids: Sequence[str]) -> None:
    """Stands products on free places of the table."""
    meshes = product_meshes("")
    unknown = sorted(set(concept_ids) - set(meshes))
    if unknown:
        raise SystemExit(f"no product {', '.join(unknown)}: choose of {', '.join(meshes)}")
    with tempfile.TemporaryDirectory() as folder:
        for concept_id in concept_ids:
            urdf = Path(folder) / f"{concept_id}.urdf"
            urdf.write_text(product_urdf(concept_id, meshes[concept_id]), encoding="utf-8")
            size = np.ptp(load_hull(meshes[concept_id]), axis=0)
            (x, y, _), turn = free_place(env, size)
            env.add_object(str(urdf), ((x, y, size[2] / 2 + 0.002), turn))


def free_place(env: Any, size: Any) -> Any:
    """Position and turn of a free place; the task looks for it at random."""
    for _ in range(TRIES):
        position, turn = env.task.get_random_pose(env, size)
        if position is not None:
            return position, turn
    raise SystemExit(f"no place left for a product of {size} m: ask for fewer or another --seed")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", choices=("ravens", "cliport"))
    parser.add_argument("task", help="for example block-insertion")
    parser.add_argument("--products", nargs="*", default=[], metavar="CONCEPT_ID")
    parser.add_argument("--label-set", default="ravens", help="that ground truth is said to be of")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--frames", type=int, default=0, help="0: until Ctrl-C")
    parser.add_argument("--rate-hz", type=float, default=2.0)
    parser.add_argument("--act", action="store_true", help="one action of the oracle a frame")
    parser.add_argument("--egl", action="store_true", help="draw by EGL (RAVENS only)")
    return parser.parse_args()


def run(env: Any, given: argparse.Namespace) -> None:
    """Publishes frame after frame."""
    oracle = env.task.oracle(env)
    with RavensBridge(env, label_set=given.label_set) as bridge:
        frame = 0
        while not given.frames or frame < given.frames:
            frame += 1
            bridge.publish()
            if given.act and not env.task.done():
                env.step(oracle.act(None, env.info))
            time.sleep(1 / given.rate_hz)


def main() -> None:
    """Makes the environment and publishes it."""
    given = arguments()
    np.random.seed(given.seed)  # noqa: NPY002  their tasks draw from it
    random.seed(given.seed)
    env = make_environment(given.package, given.task, given.egl)
    env.seed(given.seed)
    env.reset()
    add_products(env, given.products)
    try:
        run(env, given)
    except KeyboardInterrupt:
        pass
    finally:
        if hasattr(env, "close"):
            env.close()


if __name__ == "__main__":
    main()
