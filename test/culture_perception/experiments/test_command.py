"""`culture-perception experiment`: the verb on scenes in miniature, by the shipped models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from culture_perception import cli
from culture_perception.experiments import running
from culture_perception.resources import share_path

SHOWN = (("ycb.sponge",), ("ycb.rubiks_cube", "ycb.sponge"))
COLOURS = {"ycb.sponge": (40, 200, 220), "ycb.rubiks_cube": (200, 60, 40)}  # BGR


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two scenes of YCB products, as if they had been rendered."""
    folder = tmp_path / "data" / f"ycb-{running.FIRST_SEED}"
    folder.mkdir(parents=True)
    records = [_write(folder, seed, concepts) for seed, concepts in enumerate(SHOWN)]
    index = {"products": "ycb", "scenes": records, "left_out": []}
    (folder / "scenes.json").write_text(json.dumps(index))
    monkeypatch.setattr(running, "render_set", lambda *_: None)
    return tmp_path / "data"


def _write(folder: Path, seed: int, concepts: tuple[str, ...]) -> dict[str, Any]:
    image, ids = np.full((240, 320, 3), 170, np.uint8), np.zeros((240, 320), np.uint16)
    objects = []
    for number, concept in enumerate(concepts, start=1):
        x = 140 * number - 80
        image[80:160, x : x + 70], ids[80:160, x : x + 70] = COLOURS[concept], number
        objects.append(
            {"instance_id": number, "concept_id": concept, "visible_px": 5600, "visibility": 1.0}
        )
    cv2.imwrite(str(folder / f"{seed}.png"), image)
    cv2.imwrite(str(folder / f"{seed}_ids.png"), ids)
    return {
        "seed": seed,
        "image": f"{seed}.png",
        "ids": f"{seed}_ids.png",
        "target": concepts[0],
        "objects": objects,
    }


def _run(kind: str, data: Path, *more: str) -> dict[str, Any]:
    path = data.parent / "out" / f"{kind}.json"
    arguments = ["experiment", kind, "--products", "ycb", "--data", str(data), "--threads", "1"]
    assert cli.main([*arguments, "--json", str(path), *more]) == 0
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def test_identification(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = _run("identification", data)
    assert [cell["style"] for cell in record["cells"]] == ["plain", "brand"]
    assert {cell["n"] for cell in record["cells"]} == {2}
    assert record["cells"][0]["paper"] == {"score": 0.7916}
    image = data.parent / "out" / record["scenes"]["ycb/0"]["image"]
    assert image.is_file(), "pictures are named from where the JSON file lies"
    printed = capsys.readouterr().out
    assert "79.2" in printed
    assert "A small sample: 2 different products" in printed


def test_segmentation_is_the_same_at_every_run(data: Path) -> None:
    options = ("--contents", "all", "--tau", "0.1")
    first, again = (_run("segmentation", data, *options) for _ in range(2))
    for record in (first, again):
        del record["provenance"]
    assert first == again
    assert first["cells"][0]["n"] == 3
    assert first["cells"][0]["options"]["tau"] == 0.1
    assert len(first["results"][0]["seconds"]) == 2


def test_an_adapter_is_compared_with_its_base(data: Path) -> None:
    _run("identification", data)  # what the base saw is kept, but is not what the adapter sees
    record = _run("identification", data, "--models", "embedded", "embedded~japan")
    bare, _, adapted, _ = record["cells"]
    assert adapted["model"].startswith(f"{bare['model']}+japan-")
    assert adapted["score"] != bare["score"]


def test_arms_of_the_shipped_set(data: Path) -> None:
    record = _run("identification", data, "--arms", "verbatim", "matched")
    assert {cell["arm"] for cell in record["cells"]} == {"verbatim", "matched"}


def test_another_language_needs_yaml_alone(data: Path, tmp_path: Path) -> None:
    known = yaml.safe_load(share_path("config", "labels", "ycb.yaml").read_text(encoding="utf-8"))
    for number, concept in enumerate(known["concepts"]):
        concept["texts"] = {"es": {"plain": f"cosa {number}", "brand": f"marca {number}"}}
    known |= {"name": "ycb_es", "languages": ["es"]}
    languages = {"es": {"name": "Spanish", "templates": ["{}", "una foto de {}"]}}
    (tmp_path / "languages.yaml").write_text(yaml.safe_dump(languages), encoding="utf-8")
    labels = tmp_path / "ycb_es.yaml"
    labels.write_text(yaml.safe_dump(known, allow_unicode=True), encoding="utf-8")
    record = _run("identification", data, "--labels", str(labels))
    assert {(cell["arm"], cell["language"]) for cell in record["cells"]} == {
        ("verbatim", "en"),
        ("ycb_es", "es"),
    }


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (("--arms", "other"), "ycb has no arm other; it has verbatim, normalised, matched"),
        (("--products", "scans"), "scans need their folder; add --scans DIR"),
        (("--models", "vit_b+"), "write SEGMENTER+ENCODER"),
        (("--models", "embedded+no-such-model"), "no-such-model"),
        (("--models", "embedded~no-such-adapter"), "no-such-adapter: no such adapter"),
    ],
)
def test_mistakes_are_one_line(
    data: Path, more: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["experiment", "identification", "--products", "ycb", "--data", str(data)]
    assert cli.main([*arguments, *more]) == 1
    error = capsys.readouterr().err
    assert complaint in error
    assert "Traceback" not in error
