"""Frame after frame: names and tracks, with models whose every answer is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from culture_perception.concepts import ActiveLabels, LabelText
from culture_perception.intrinsics import Intrinsics
from culture_perception.masks import Float32Array, Uint8Array
from culture_perception.perceiving import NoLabelsError, Perceiver, put_into_space
from culture_perception.protocols import Calibration, Segment
from culture_perception.recognition import Options
from culture_perception.tracking import Tracker

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0)}
OPTIONS = Options(min_probability=0.9)


class ColourSegmenter:
    """Every area of one non-black colour is a segment."""

    name = "colours"
    notice = ""

    def segment(self, image_rgb: Uint8Array) -> list[Segment]:
        colours = np.unique(image_rgb.reshape(-1, 3), axis=0)
        return [Segment((image_rgb == one).all(axis=2)) for one in colours if one.any()]


class ColourEncoder:
    """A crop is its mean colour, a text the colour that it names."""

    name = "mean colour"
    notice = ""
    crop_size = 8
    calibration = Calibration(20.0)

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        rows = np.array([one.reshape(-1, 3).mean(axis=0) for one in crops], np.float32)
        rows = rows.reshape(-1, 3)
        length = np.linalg.norm(rows, axis=1, keepdims=True).clip(min=1e-6)
        return np.asarray(rows / length, np.float32)

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        colours = [COLOURS[text] for text in texts]
        unit = np.array(colours, np.float32).reshape(-1, 3) / 255
        return np.asarray(unit, np.float32)


def labels(*names: str) -> ActiveLabels:
    texts = tuple(LabelText(f"c.{one}", one, (one,), "", "", "en") for one in names)
    return ActiveLabels.of("c", "en", "plain", texts)


def image(**left: int) -> Uint8Array:
    """A 40 x 80 picture with a square of each colour, its left edge at the given column."""
    picture = np.zeros((40, 80, 3), np.uint8)
    for colour, x in left.items():
        picture[10:30, x : x + 20] = COLOURS[colour]
    return picture


@pytest.fixture
def perceiver() -> Perceiver:
    made = Perceiver(ColourSegmenter(), ColourEncoder(), OPTIONS, Tracker())
    made.take_labels(labels("red", "green"))
    return made


def test_ids_stay_with_objects_that_move_and_change_places_in_the_ranking(
    perceiver: Perceiver,
) -> None:
    first = perceiver.perceive(image(red=5, green=40), 1, "optical")
    second = perceiver.perceive(image(red=9, green=37), 2, "optical")
    by_name = {one.concept_id: one.track_id for one in first.recognition.masks}
    assert {one.concept_id: one.track_id for one in second.recognition.masks} == by_name
    assert sorted(by_name.values()) == [1, 2]
    ids = {one.instance_id for one in second.recognition.masks}
    assert ids == set(np.unique(second.recognition.id_image())) - {0}
    assert ids == set(by_name.values())


def test_what_no_label_names_is_tracked_and_stays_unlabelled(perceiver: Perceiver) -> None:
    perceiver.take_labels(labels("red"))
    perceiver.options = Options(min_similarity=0.9)
    found = perceiver.perceive(image(green=40), 1, "optical").recognition.masks
    assert [(one.track_id, one.instance_id, one.concept_id) for one in found] == [(1, 65535, "")]
    perceiver.take_labels(labels("green"))
    named = perceiver.perceive(image(green=40), 2, "optical").recognition.masks
    assert [(one.track_id, one.instance_id) for one in named] == [(1, 1)]


def test_the_same_labels_again_change_nothing(perceiver: Perceiver) -> None:
    assert not perceiver.take_labels(labels("red", "green"))
    assert perceiver.take_labels(labels("red"))


class ColourEncoderWithAdapters(ColourEncoder):
    """Its adapters only change its name, and that of the set "broken" can embed no text."""

    adapter_names = ("one-0123", "two-4567")

    def adapt_to(self, label_set: str, languages: Sequence[str]) -> None:
        self.name = f"mean colour for {label_set} {' '.join(languages)}"

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        if "broken" in self.name:
            raise RuntimeError("no memory")
        return super().encode_texts(texts)


def in_set(label_set: str, *languages: str) -> ActiveLabels:
    texts = tuple(LabelText(f"c.{one}", "red", ("red",), "", "", one) for one in languages)
    return ActiveLabels.of(label_set, "th", "plain", texts)


def test_the_encoder_takes_the_adapter_of_the_labels_and_of_the_language_they_are_in() -> None:
    encoder = ColourEncoderWithAdapters()
    perceiver = Perceiver(ColourSegmenter(), encoder, OPTIONS, Tracker())
    for labels_, expected in (
        (in_set("konbini", "ja", "en"), "mean colour for konbini en ja"),
        (in_set("ycb", "en"), "mean colour for ycb en"),
        (in_set("empty"), "mean colour for empty th"),
        (in_set("konbini", "ja", "en"), "mean colour for konbini en ja"),
    ):
        assert perceiver.take_labels(labels_)
        assert perceiver.bank is not None
        assert encoder.name == perceiver.bank.encoder_name == expected
    perceived = perceiver.perceive(image(red=5), 1, "optical")
    assert perceived.observation.encoder_name == "mean colour for konbini en ja"


def test_labels_that_can_not_be_embedded_leave_the_adapter_of_those_before() -> None:
    encoder = ColourEncoderWithAdapters()
    perceiver = Perceiver(ColourSegmenter(), encoder, OPTIONS, Tracker())
    with pytest.raises(RuntimeError, match="no memory"):
        perceiver.take_labels(in_set("broken", "en"))
    assert perceiver.bank is None
    perceiver.take_labels(in_set("ycb", "en"))
    with pytest.raises(RuntimeError, match="no memory"):
        perceiver.take_labels(in_set("broken", "en"))
    assert encoder.name == "mean colour for ycb en"
    assert perceiver.perceive(image(red=5), 1, "optical").bank.labels.label_set == "ycb"


def test_without_labels_nothing_is_perceived() -> None:
    with pytest.raises(NoLabelsError):
        Perceiver(ColourSegmenter(), ColourEncoder(), OPTIONS, Tracker()).perceive(
            image(red=1), 1, "optical"
        )


def test_places_belong_to_their_masks(perceiver: Perceiver) -> None:
    perceived = perceiver.perceive(image(red=5, green=40), 1, "optical")
    depth = np.full((40, 80), 0.5, np.float32)
    depth[:, 38:] = np.nan  # no depth of the green one
    camera = Intrinsics(100.0, 100.0, 40.0, 20.0, 80, 40)
    placed = put_into_space(perceived, depth, camera)
    red, green = (
        next(one for one in placed.recognition.masks if one.concept_id == f"c.{name}")
        for name in ("red", "green")
    )
    assert placed.object_of(green) is None
    place = placed.object_of(red)
    assert place is not None
    # Columns 5 to 24 and rows 10 to 29, whose middle is (14.5, 19.5), half a metre away.
    assert place.centroid == pytest.approx((-0.1275, -0.0025, 0.5), abs=1e-6)
    index = next(i for i, s in enumerate(perceived.observation.segments) if s is red.segment)
    assert placed.named_of_segment(index) is red


def test_an_image_of_nothing(perceiver: Perceiver) -> None:
    perceived = perceiver.perceive(image(), 1, "optical")
    assert perceived.recognition.masks == ()
    nothing = np.full((40, 80), np.nan, np.float32)
    camera = Intrinsics(100.0, 100.0, 40.0, 20.0, 80, 40)
    assert put_into_space(perceived, nothing, camera).objects == ()
