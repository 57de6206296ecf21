import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from culture_perception.models import torchvision_compat
from culture_perception.models.torchvision_compat import ensure_torchvision, suppress


def _boxes(*rows: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.array(rows, dtype=np.float32).reshape(-1, 4)


@pytest.mark.parametrize(
    ("boxes", "scores", "threshold", "kept", "reason"),
    [
        (_boxes(), [], 0.5, [], "no boxes"),
        (_boxes((0, 0, 2, 2)), [0.1], 0.5, [0], "one box"),
        (_boxes((0, 0, 2, 2), (4, 4, 6, 6)), [0.1, 0.9], 0.5, [1, 0], "apart: best first"),
        (_boxes((0, 0, 2, 2), (0, 0, 2, 2)), [0.1, 0.9], 0.5, [1], "the same: best stays"),
        (_boxes((0, 0, 2, 2), (0, 0, 2, 2)), [0.5, 0.5], 0.5, [0], "a tie: first stays"),
        (_boxes((0, 0, 2, 2), (0, 0, 2, 1)), [0.9, 0.1], 0.5, [0, 1], "IoU 1/2 is not above 1/2"),
        (_boxes((0, 0, 2, 2), (0, 0, 2, 1)), [0.9, 0.1], 0.49, [0], "IoU 1/2 is above .49"),
        (_boxes((0, 0, 0, 0), (0, 0, 0, 0)), [0.9, 0.1], 0.5, [0, 1], "empty boxes do not overlap"),
        (
            _boxes((0, 0, 10, 2), (0, 0, 10, 3), (0, 1, 10, 4)),
            [0.9, 0.8, 0.7],
            0.4,
            [0, 2],
            "a box that is gone (1) no longer takes others (2) along",
        ),
    ],
)
def test_suppress(
    boxes: NDArray[np.float32],
    scores: list[float],
    threshold: float,
    kept: list[int],
    reason: str,
) -> None:
    result = suppress(boxes, np.array(scores, dtype=np.float32), threshold)
    assert result.tolist() == kept, reason
    assert result.dtype == np.int64


@given(
    corners=st.lists(
        st.tuples(*[st.integers(0, 8)] * 2, *[st.integers(1, 8)] * 2), min_size=1, max_size=12
    ),
    threshold=st.sampled_from([0.0, 0.3, 0.7]),
)
def test_every_box_overlaps_a_kept_one_and_the_kept_do_not_overlap(
    corners: list[tuple[int, int, int, int]], threshold: float
) -> None:
    boxes = _boxes(*[(x, y, x + w, y + h) for x, y, w, h in corners])
    scores = np.linspace(1, 0, len(boxes), dtype=np.float32)
    kept = suppress(boxes, scores, threshold).tolist()
    for index in range(len(boxes)):
        overlapping = [k for k in kept if _iou(boxes[index], boxes[k]) > threshold]
        assert (overlapping == [index]) if index in kept else overlapping


def _iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Counts unit cells: the boxes have integer corners."""
    pixels = []
    for x0, y0, x1, y1 in (a.astype(int), b.astype(int)):
        image = np.zeros((20, 20), dtype=bool)
        image[y0:y1, x0:x1] = True
        pixels.append(image)
    return float((pixels[0] & pixels[1]).sum() / (pixels[0] | pixels[1]).sum())


def test_torchvision_imports_and_its_nms_works() -> None:
    operators = ensure_torchvision()
    boxes_module = pytest.importorskip("torchvision.ops.boxes")
    boxes = torch.from_numpy(_boxes((0, 0, 2, 2), (0, 0, 2, 2), (0, 0, 2, 2)))
    groups = torch.tensor([0, 0, 1])
    kept = boxes_module.batched_nms(boxes, torch.tensor([0.1, 0.9, 0.5]), groups, 0.5)
    assert kept.tolist() == [1, 2]
    assert operators == ensure_torchvision(), "a second call says the same"


def test_another_import_error_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "torchvision":
                raise RuntimeError("another reason")

    monkeypatch.setattr(torchvision_compat, "_libraries", [])
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(RuntimeError, match="another reason"):
        ensure_torchvision()


def test_native_operators_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchvision_compat, "_libraries", [])
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    assert ensure_torchvision() == "native"
