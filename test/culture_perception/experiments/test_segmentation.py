"""Table II on four colours, counted by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from culture_perception.concepts import LabelSet
from culture_perception.experiments.options import SegmentationOptions
from culture_perception.experiments.segmentation import Segmented, asked_in, claim, segmented
from culture_perception.experiments.sightings import Found
from culture_perception.experiments.texts import Named, banks_of
from culture_perception.measure.scene_sets import Scene
from culture_perception.protocols import Encoder

ALL = SegmentationOptions(negatives="all")
SCALE = 10.0


@pytest.fixture
def english(encoder: Encoder, label_set: LabelSet) -> Named:
    return banks_of("toy", {"verbatim": label_set}, encoder, "ensemble")[0]


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene(7, "toy.red", "toy.green")


@pytest.fixture
def run(english: Named) -> Callable[..., Segmented]:
    def run(scene: Scene, found: Found, options: SegmentationOptions = ALL) -> Segmented:
        asked = asked_in([scene], english.bank.labels.concept_ids, options)
        return segmented(asked, claim(asked, [scene], [found], english, SCALE, options))

    return run


class TestAsked:
    """Which labels are asked for."""

    def test_as_many_absent_as_present(self, scene: Scene, english: Named) -> None:
        asked = asked_in([scene], english.bank.labels.concept_ids, SegmentationOptions())
        assert asked.concepts.tolist()[:2] == ["toy.red", "toy.green"]
        assert asked.thing.tolist() == [0, 1, -1, -1]

    def test_absent_ones_follow_the_seed(
        self, make_scene: Callable[..., Scene], english: Named
    ) -> None:
        concepts = english.bank.labels.concept_ids
        drawn = {
            asked_in([make_scene(seed, "toy.red")], concepts, SegmentationOptions()).concepts[1]
            for seed in range(30)
        }
        assert drawn == {"toy.green", "toy.blue", "toy.white"}

    def test_objects_without_label_are_not_asked_for(
        self, make_scene: Callable[..., Scene], english: Named
    ) -> None:
        scene = make_scene(1, "other.thing", "toy.red")
        asked = asked_in([scene], english.bank.labels.concept_ids, ALL)
        assert asked.thing.tolist() == [1, -1, -1, -1]


class TestFigures:
    """Hits, misses and false claims."""

    def test_all_right(
        self, scene: Scene, found_as: Callable[..., Found], run: Callable[..., Segmented]
    ) -> None:
        found = found_as(["toy.red", "toy.green"], [[0.8, 0.0], [0.0, 0.6]])
        figures = run(scene, found).figures
        assert [figures[name].value for name in ("precision", "recall", "f1", "accuracy")] == [
            1
        ] * 4
        assert figures["iou"].value == pytest.approx(0.7)
        assert figures["iou_of_hits"].value == pytest.approx(0.7)

    def test_one_hit_one_miss_one_false_claim(
        self, scene: Scene, found_as: Callable[..., Found], run: Callable[..., Segmented]
    ) -> None:
        # Red is found; green's mask looks blue, so green is missed and blue, absent, is claimed.
        found = found_as(["toy.red", "toy.blue"], [[0.8, 0.0], [0.0, 0.6]])
        figures = run(scene, found).figures
        assert figures["precision"].value == 0.5
        assert figures["recall"].value == 0.5
        assert figures["f1"].value == 0.5
        assert figures["accuracy"].value == pytest.approx((0.5 + 1 - 0.5) / 2)
        assert figures["iou"].value == pytest.approx(0.4)
        assert figures["iou_of_hits"].value == pytest.approx(0.8)

    def test_wrong_mask_is_a_miss_and_no_false_claim(
        self, scene: Scene, found_as: Callable[..., Found], run: Callable[..., Segmented]
    ) -> None:
        found = found_as(["toy.red"], [[0.3, 0.0]])
        figures = run(scene, found).figures
        assert figures["recall"].value == 0.0
        assert math.isnan(figures["precision"].value)
        anywhere = run(scene, found, SegmentationOptions(negatives="all", hit_iou=0.0)).figures
        assert anywhere["recall"].value == 0.5
        assert anywhere["iou"].value == pytest.approx(0.15)

    def test_higher_score_overwrites(
        self, scene: Scene, found_as: Callable[..., Found], run: Callable[..., Segmented]
    ) -> None:
        # Both masks look red; equal scores go to the first, which is on the other object.
        found = found_as(["toy.red", "toy.red"], [[0.0, 0.9], [0.9, 0.0]])
        assert run(scene, found).figures["recall"].value == 0.0

    def test_unstable_masks_are_left_out(
        self, scene: Scene, found_as: Callable[..., Found], run: Callable[..., Segmented]
    ) -> None:
        found = found_as(["toy.red"], [[0.8, 0.0]], stability=0.9)  # not above .9
        assert run(scene, found).figures["recall"].value == 0.0

    def test_tau(
        self, scene: Scene, found_as: Callable[..., Found], run: Callable[..., Segmented]
    ) -> None:
        found = found_as(["toy.red"], [[0.8, 0.0]])
        too_high = SegmentationOptions(negatives="all", tau=1.0)
        assert run(scene, found, too_high).figures["recall"].value == 0.0

    def test_no_masks(
        self, scene: Scene, found_as: Callable[..., Found], run: Callable[..., Segmented]
    ) -> None:
        figures = run(scene, found_as([], np.zeros((0, 2)))).figures
        assert figures["recall"].value == 0.0
        assert figures["accuracy"].value == 0.5

    @pytest.mark.parametrize(("dealing", "recall"), [("greedy", 0.5), ("per_label", 1.0)])
    def test_masks_may_be_shared_where_labels_choose(
        self,
        dealing: str,
        recall: float,
        scene: Scene,
        found_as: Callable[..., Found],
        run: Callable[..., Segmented],
    ) -> None:
        found = found_as(["toy.red"], [[0.8, 0.8]])
        options = SegmentationOptions(negatives="all", dealing=dealing, tau=0.0)  # type: ignore[arg-type]
        assert run(scene, found, options).figures["recall"].value == recall


def test_the_papers_rows_obey_the_algebra() -> None:
    from culture_perception.experiments.paper import TABLE_2

    for row in TABLE_2.values():
        recall, precision = row["recall"], row["precision"]
        false = recall * (1 / precision - 1)
        assert row["accuracy"] == pytest.approx((recall + 1 - false) / 2, abs=0.011)
        assert row["f1"] == pytest.approx(2 * precision * recall / (precision + recall), abs=0.011)
