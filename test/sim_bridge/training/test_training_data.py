"""What the embedded models are trained on, and what they must never see."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from culture_perception.demo import DemoOptions
from sim_bridge.products.catalogue import CONCEPTS, DESIGNS
from sim_bridge.training_data import (
    EVALUATION_SEEDS,
    SPLITS,
    DatasetRequest,
    main,
    shard_requests,
    shard_seed,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of three images, rendered by the command."""
    folder = tmp_path_factory.mktemp("dataset")
    assert main([str(folder), "--frames", "3", "--shard-frames", "3", "--split", "val",
                 "--visibility"]) == 0  # fmt: skip
    return folder


def test_no_two_splits_share_a_seed_and_none_has_an_evaluation_seed() -> None:
    seeds = {
        split: {shard_seed(split, seed, shard) for seed in (0, 199) for shard in (0, 999)}
        | {shard_seed(split, 199, 999)}
        for split in SPLITS
    }
    for split, own in seeds.items():
        assert max(own) < EVALUATION_SEEDS
        for other, others in seeds.items():
            ranges = (min(own), max(own)), (min(others), max(others))
            assert other == split or ranges[0][1] < ranges[1][0] or ranges[1][1] < ranges[0][0]


def test_the_demo_starts_where_no_training_data_is() -> None:
    assert DemoOptions(out=Path("x")).seed >= EVALUATION_SEEDS


def test_frames_and_ids_agree_with_their_records(dataset: Path) -> None:
    shard = dataset / "shard_0000"
    frames = json.loads((shard / "frames.json").read_text())
    products = json.loads((shard / "products.json").read_text())
    assert len(frames) == 3
    for frame in frames:
        ids = cv2.imread(str(shard / frame["ids"]), cv2.IMREAD_UNCHANGED)
        image = cv2.imread(str(shard / frame["image"]))
        assert image is not None and ids is not None
        assert image.shape[:2] == ids.shape
        assert {o["instance_id"] for o in frame["objects"]} == set(np.unique(ids)) - {0}
        for thing in frame["objects"]:
            assert thing["visible_px"] == int((ids == thing["instance_id"]).sum())
            assert -1 <= thing["product"] < len(products)
            assert 0 < thing["visibility"] <= 1.01


def test_no_evaluation_product_appears(dataset: Path) -> None:
    products = json.loads((dataset / "shard_0000" / "products.json").read_text())
    evaluation = {concept for concepts in CONCEPTS.values() for concept in concepts}
    assert evaluation and not evaluation & {product["id"] for product in products}
    assert all(product["id"].startswith("sibling.") for product in products)
    grammar = json.loads((dataset / "grammar.json").read_text())
    words = [word for words in grammar["words"] for word in words]
    texts = [caption["text"] for product in products for caption in product["captions"]]
    assert all(text.isascii() for text in [*words, *texts])  # no Japanese


def test_what_renders_the_data_cannot_reach_evaluation_products_or_scans() -> None:
    program = (
        "import sys, sim_bridge.training_data, sim_bridge.training.shard\n"
        "print(*(name for name in sys.modules if name.startswith('sim_bridge.')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.split()
    assert "sim_bridge.products.siblings" in loaded
    makers = {type(design).__module__ for design in DESIGNS.values()}
    makers |= {"sim_bridge.products.catalogue", "sim_bridge.products.scans", "sim_bridge.assets"}
    families = ("sim_bridge.products.ycb_", "sim_bridge.products.konbini_")
    assert not makers & set(loaded)
    assert not [name for name in loaded if name.startswith(families)]


def test_whole_shards_are_kept(dataset: Path) -> None:
    request = DatasetRequest(dataset, frames=3, shard_frames=3, split="val")
    assert list(shard_requests(request)) == []
    longer = DatasetRequest(dataset, frames=7, shard_frames=3, split="val")
    assert [(s.folder.name, s.frames) for s in shard_requests(longer)] == [
        ("shard_0001", 3),
        ("shard_0002", 1),
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"split": "demo"}, "split 'demo'"),
        ({"seed": 200}, "seed 200"),
        ({"frames": 0}, "at least 1"),
        ({"frames": 5000, "shard_frames": 1}, "raise shard_frames"),
    ],
)
def test_bad_requests_are_named(arguments: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        DatasetRequest(Path("x"), **{"frames": 10, **arguments})  # type: ignore[arg-type]


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--seed", "999"]) == 2
    assert "999" in capsys.readouterr().err


def test_a_folder_of_another_data_set_is_refused(
    dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(dataset), "--frames", "3", "--shard-frames", "3", "--split", "val"]
    assert main([*arguments, "--seed", "1"]) == 2  # begun with seed 0
    assert "another folder" in capsys.readouterr().err
