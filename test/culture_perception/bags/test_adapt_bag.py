"""A recording as what an adapter learns from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from culture_perception.adapt.bag_source import read_bag
from culture_perception.bags.topics import Topics
from culture_perception.cli import main
from culture_perception.labels import load_label_set
from culture_perception.resources import share_path
from culture_perception.runner import SystemFailure

SIZE = (60, 120)
COLOURS = {
    "ycb.sponge": (40, 160, 60),
    "ycb.mustard_bottle": (240, 200, 20),
    "ycb.tuna_fish_can": (20, 60, 200),
    "ycb.pudding_box": (110, 60, 30),
}
LABELS = load_label_set(share_path("config", "labels", "ycb.yaml"))


def _frame(kit: Any, stamp_ns: int, concepts: list[str]) -> tuple[Any, Any]:
    """The image and truth of things beside each other."""
    picture = np.full((*SIZE, 3), 128, np.uint8)
    masks = []
    for place, concept in enumerate(concepts):
        x0 = 4 + 38 * place
        picture[10:50, x0 : x0 + 30] = COLOURS.get(concept, (200, 200, 200))
        one = kit.mask((concept, x0, x0 + 30))
        one.box.y_offset, one.box.height = 10, 40
        one.mask = kit.image(0, np.full((40, 30), 255, np.uint8), "mono8")
        masks.append(one)
    truth = kit.make(
        kit.MASKS,
        header=kit.header(stamp_ns),
        label_set="ycb",
        image_height=SIZE[0],
        image_width=SIZE[1],
        masks=masks,
    )
    return picture, truth


def _pairs() -> Iterator[list[str]]:
    """Scenes that have at most one product in common, so that each is a scene of its own."""
    names = list(COLOURS)
    return cycle([names[:2], names[2:], [names[0], names[2]], [names[1], names[3]]])


@pytest.fixture
def tour(tmp_path: Path, kit: Any) -> Path:
    """Twenty-four scenes, each of two frames 0.6 s apart and one 0.1 s later."""
    path = tmp_path / "tour"
    with kit.recording(path) as record:
        for number, concepts in enumerate(islice(_pairs(), 24)):
            for offset_ms in (0, 600, 700):
                stamp_ns = (2 * number + 1) * kit.SECOND + offset_ms * 1_000_000
                picture, truth = _frame(kit, stamp_ns, concepts)
                record.image(stamp_ns, picture)
                record.write(kit.TOPICS.truth, kit.MASKS, truth, stamp_ns)
    return path


def test_frames_of_a_scene_are_one_group_and_too_close_ones_are_passed_over(tour: Path) -> None:
    found = read_bag(tour, LABELS, 32, Topics())
    assert len(found.pictures) == 24 * 2 * 2
    assert len(np.unique(found.pictures.groups)) == 24
    assert set(found.pictures.concepts) == set(COLOURS)
    assert found.left_out == {}
    first = found.pictures.seen[0][16, 16]
    assert np.abs(first.astype(int) - COLOURS["ycb.sponge"]).max() < 12


def test_what_has_no_pair_and_what_is_of_others_is_counted(tmp_path: Path, kit: Any) -> None:
    path = tmp_path / "odd"
    with kit.recording(path) as record:
        for number in range(3):
            stamp_ns = (number + 1) * kit.SECOND
            picture, truth = _frame(kit, stamp_ns, ["ycb.sponge", "konbini.pocky"])
            record.image(stamp_ns, picture)
            if number:
                record.write(kit.TOPICS.truth, kit.MASKS, truth, stamp_ns)
        picture, truth = _frame(kit, 9 * kit.SECOND, ["ycb.sponge"])
        record.image(9 * kit.SECOND, picture[:, :50])
        record.write(kit.TOPICS.truth, kit.MASKS, truth, 9 * kit.SECOND)
        record.write_raw(kit.TOPICS.truth, kit.MASKS, b"no message", 9 * kit.SECOND)
        truth.masks[0].box.height = 3  # its picture has 40 rows
        record.write(kit.TOPICS.truth, kit.MASKS, truth, 10 * kit.SECOND)
    found = read_bag(path, LABELS, 32, Topics())
    assert len(found.pictures) == 2
    assert len(np.unique(found.pictures.groups)) == 1
    assert found.left_out == {
        "objects of other products": 2,
        "images without truth": 1,
        "images of another size than their truth": 1,
        "ground truth that contradicts itself": 1,
        "messages that do not decode": 1,
    }


def test_a_bag_without_any_product_says_what_it_needs(tmp_path: Path, kit: Any) -> None:
    path = tmp_path / "bare"
    with kit.recording(path) as record:
        record.image(kit.SECOND, _frame(kit, 0, [])[0])
    with pytest.raises(SystemFailure, match="no product of ycb is marked in an image; it needs"):
        read_bag(path, LABELS, 32, Topics())
    with pytest.raises(SystemFailure, match="nowhere"):
        read_bag(tmp_path / "nowhere", LABELS, 32, Topics())


def test_an_adapter_is_made_of_a_recording(
    tour: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = tmp_path / "toys.yaml"
    lines = ["name: toys", "culture: FI", "description: x", "languages: [en]", "concepts:"]
    for concept, word in zip(COLOURS, ("alpha", "beta", "gamma", "delta"), strict=True):
        lines += [
            f"  - id: {concept}",
            "    category: food",
            "    texts:",
            f'      en: {{plain: "{word} thing", brand: "{word.title()}"}}',
        ]
    labels.write_text("\n".join(lines))
    code = main(
        [
            *("adapt", "--labels", str(labels), "--bag", str(tour), "--keep-scenes", "0"),
            *("--steps", "12", "--every", "6", "--batch", "12", "--learning-rate", "0.004"),
            *("--threads", "1", "--out", str(tmp_path / "toys.safetensors")),
            *("--json", str(tmp_path / "toys.json")),
        ]
    )
    assert code == 0, capsys.readouterr()
    record = json.loads((tmp_path / "toys.json").read_text())
    assert "recorded frames" in record["card"]["data"]
    assert all(one["after"] > one["before"] for one in record["cells"])
