from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from culture_perception.concepts import ActiveLabels, LabelText
from culture_perception.masks import Float32Array, MaskArray, Uint8Array
from culture_perception.protocols import Calibration
from culture_perception.recognition import (
    CropOptions,
    NamedMask,
    Options,
    Recognition,
    Segment,
    TextBank,
    embed_labels,
    name_segments,
    observe,
    recognise,
)
from culture_perception.verification import Verifier

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


class ColourSegmenter:
    """Every area of one non-black colour is a segment."""

    name = "colours"
    notice = ""

    def segment(self, image_rgb: Uint8Array) -> list[Segment]:
        colours = np.unique(image_rgb.reshape(-1, 3), axis=0)
        return [
            Segment((image_rgb == colour).all(axis=2), 0.9, 0.8)
            for colour in colours
            if colour.any()
        ]


class FixedSegmenter:
    """Finds what it is told to."""

    name = "fixed"
    notice = ""

    def __init__(self, *masks: MaskArray) -> None:
        self.masks = masks

    def segment(self, image_rgb: Uint8Array) -> list[Segment]:
        return [Segment(mask) for mask in self.masks]


class ColourEncoder:
    """Embeds a crop as its mean colour and a colour's name as the colour."""

    name = "mean colour"
    calibration = Calibration(10.0)
    crop_size = 8
    notice = ""

    def __init__(self) -> None:
        self.image_batches: list[int] = []

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        self.image_batches.append(len(crops))
        means = [crop.reshape(-1, 3).mean(axis=0) for crop in crops]
        rows = np.array(means, np.float32).reshape(-1, 3)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(min=1e-6)

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        return np.array([COLOURS[text] for text in texts], np.float32).reshape(-1, 3)


def bank(*colours: str) -> TextBank:
    texts = tuple(LabelText(f"c.{one}", one, (one,), "", "", "en") for one in colours)
    return embed_labels(ColourEncoder(), ActiveLabels.of("c", "en", "plain", texts))


def table(**patches: tuple[slice, tuple[int, int, int]]) -> Uint8Array:
    """A black image of 20 x 40 pixels with patches: columns and colour."""
    image = np.zeros((20, 40, 3), np.uint8)
    for columns, colour in patches.values():
        image[5:15, columns] = colour
    return image


# Its logit is -4 times the sum of |image - text|: only a text that equals the image is likely.
STRICT = Verifier(
    np.repeat(np.array([0, 1, 0, 0], np.float32), 3)[:, None],
    np.zeros(1, np.float32),
    np.array([-4.0], np.float32),
    0.0,
)
PLAIN = Options(crop=CropOptions("black", padding=0.0), min_probability=0.0)
RED_AND_BLUE = table(a=(slice(2, 12), (255, 0, 0)), b=(slice(20, 30), (60, 0, 255)))


def test_each_segment_gets_the_name_it_is_most_like() -> None:
    found = recognise(
        RED_AND_BLUE, ColourSegmenter(), ColourEncoder(), bank("red", "green", "blue"), PLAIN
    )

    assert [named.concept_id for named in found.masks] == ["c.red", "c.blue"]
    assert [named.instance_id for named in found.masks] == [1, 2], "surest first"
    red, blue = found.masks
    assert red.label == "red" and red.similarity == pytest.approx(1.0)
    assert red.probability == pytest.approx(1 / (1 + 2 * np.exp(-10)))
    assert blue.similarity == pytest.approx(255 / np.hypot(60, 255))
    assert red.segment.box_xyxy == (2, 5, 12, 15) and red.segment.area == 100
    assert (red.segment.predicted_iou, red.segment.stability) == (0.9, 0.8)


def test_the_result_says_which_labels_it_used_and_how_long_each_stage_took() -> None:
    labels = bank("red")

    found = recognise(RED_AND_BLUE, ColourSegmenter(), ColourEncoder(), labels, PLAIN)

    assert (found.label_set, found.language, found.style) == ("c", "en", "plain")
    assert found.labels_version == labels.labels.version
    assert found.shape_hw == (20, 40)
    assert set(found.stage_ms) == {"segment", "crop", "encode", "name"}
    assert all(milliseconds >= 0 for milliseconds in found.stage_ms.values())


def test_hypotheses_are_ranked_and_cut_to_top_k() -> None:
    options = Options(crop=PLAIN.crop, min_probability=0.0, top_k=2)
    found = recognise(
        RED_AND_BLUE, ColourSegmenter(), ColourEncoder(), bank("green", "blue", "red"), options
    )

    assert [one.label for one in found.masks[1].hypotheses] == ["blue", "red"]
    assert found.masks[1].hypotheses[0].probability == found.masks[1].probability
    assert found.masks[0].hypotheses[1].label == "green", "a tie goes to the label that is first"


def test_too_small_and_too_large_segments_are_dropped() -> None:
    everything = np.ones((20, 40), np.bool_)
    dot = np.zeros_like(everything)
    dot[0, 0] = True
    half = np.zeros_like(everything)
    half[:, :20] = True

    seen = observe(RED_AND_BLUE, FixedSegmenter(everything, dot, half), ColourEncoder(), PLAIN)

    assert [segment.area for segment in seen.segments] == [400]
    assert seen.embeddings.shape == (1, 3)


def test_all_crops_are_encoded_in_one_batch_and_new_labels_need_none() -> None:
    encoder = ColourEncoder()
    seen = observe(RED_AND_BLUE, ColourSegmenter(), encoder, PLAIN)

    first = name_segments(seen, bank("red", "blue"), PLAIN)
    second = name_segments(seen, bank("green", "blue"), PLAIN)

    assert encoder.image_batches == [2]
    assert {named.label for named in first.masks} == {"red", "blue"}
    assert "green" in {named.hypotheses[0].label for named in second.masks}


def test_an_unsure_name_is_not_given_but_stays_the_first_hypothesis() -> None:
    options = Options(crop=PLAIN.crop, min_similarity=0.99, min_probability=0.0)

    found = recognise(
        RED_AND_BLUE, ColourSegmenter(), ColourEncoder(), bank("red", "blue"), options
    )

    unknown = found.masks[1]
    assert not unknown.is_named and (unknown.concept_id, unknown.label) == ("", "")
    assert unknown.instance_id == 65535
    assert unknown.hypotheses[0].label == "blue"
    assert unknown.probability == unknown.hypotheses[0].probability
    assert unknown.similarity == unknown.hypotheses[0].similarity


def test_min_probability_rejects_a_toss_up() -> None:
    yellow = table(a=(slice(2, 12), (255, 255, 0)))
    options = Options(crop=PLAIN.crop, min_probability=0.6)

    found = recognise(yellow, ColourSegmenter(), ColourEncoder(), bank("red", "green"), options)

    assert found.masks[0].probability == pytest.approx(0.5)
    assert not found.masks[0].is_named


def test_temperature_overrules_the_encoders_own() -> None:
    options = Options(crop=PLAIN.crop, temperature=1.0)

    found = recognise(
        RED_AND_BLUE, ColourSegmenter(), ColourEncoder(), bank("red", "green"), options
    )

    assert found.masks[0].probability == pytest.approx(1 / (1 + np.exp(-1)))


def test_of_two_masks_with_one_name_greedy_keeps_the_surer() -> None:
    reds = table(a=(slice(2, 12), (255, 90, 0)), b=(slice(20, 30), (255, 0, 0)))

    found = recognise(reds, ColourSegmenter(), ColourEncoder(), bank("red", "blue"), PLAIN)

    assert [named.label for named in found.masks] == ["red", ""]
    assert found.masks[0].segment.box_xyxy[0] == 20


def test_the_id_image_shows_the_surer_name_on_top_and_any_name_over_none() -> None:
    def named(instance_id: int, x0: int, x1: int) -> NamedMask:
        mask = np.zeros((1, 10), np.bool_)
        mask[0, x0:x1] = True
        return NamedMask(instance_id, Segment(mask), "c.x", "x", 0.5, 0.5, ())

    masks = (named(1, 1, 4), named(2, 2, 6), named(65535, 4, 9))
    found = Recognition("c", "", "en", "plain", (1, 10), masks, {})

    assert found.id_image().dtype == np.uint16
    assert found.id_image().tolist() == [[0, 1, 1, 1, 2, 2, 65535, 65535, 65535, 0]]


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 5, 3), (20, 40, 3)])
def test_an_image_with_nothing_in_it_gives_no_masks(shape: tuple[int, int, int]) -> None:
    image = np.zeros(shape, np.uint8)

    found = recognise(image, ColourSegmenter(), ColourEncoder(), bank("red"), PLAIN)

    assert found.masks == ()
    assert found.id_image().shape == shape[:2] and not found.id_image().any()


def test_without_labels_everything_is_unknown() -> None:
    found = recognise(RED_AND_BLUE, ColourSegmenter(), ColourEncoder(), bank(), PLAIN)

    assert [named.is_named for named in found.masks] == [False, False]
    assert [(one.probability, one.similarity, one.hypotheses) for one in found.masks] == [
        (0.0, 0.0, ())
    ] * 2
    assert set(found.id_image().ravel()) == {0, 65535}


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(np.zeros((4, 4, 3), np.float32), id="float"),
        pytest.param(np.zeros((4, 4), np.uint8), id="grey"),
        pytest.param(np.zeros((4, 4, 4), np.uint8), id="with alpha"),
    ],
)
def test_an_image_that_is_not_rgb_is_refused(image: Uint8Array) -> None:
    with pytest.raises(ValueError, match=r"pass uint8 \(H, W, 3\)"):
        observe(image, ColourSegmenter(), ColourEncoder())


def test_labels_of_another_encoder_are_refused() -> None:
    seen = observe(RED_AND_BLUE, ColourSegmenter(), ColourEncoder())
    other = bank("red")

    with pytest.raises(ValueError, match=r"'mean colour'.*'other'"):
        name_segments(seen, TextBank(other.labels, other.embeddings, "other"))
    with pytest.raises(ValueError, match="D = 2"):
        name_segments(seen, TextBank(other.labels, np.ones((1, 2), np.float32)))


def test_a_segment_needs_a_boolean_mask() -> None:
    with pytest.raises(ValueError, match="uint8"):
        Segment(np.zeros((2, 2), np.uint8))


def test_an_empty_segment_has_an_empty_box() -> None:
    segment = Segment(np.zeros((2, 2), np.bool_))

    assert segment.box_xyxy == (0, 0, 0, 0) and segment.area == 0


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"top_k": 0}, "top_k 0"),
        ({"min_area": 0}, "min_area 0"),
        ({"max_area_share": 1.5}, "max_area_share"),
        ({"min_probability": -0.1}, "min_probability -0.1"),
        ({"min_similarity": 2.0}, "min_similarity"),
        ({"temperature": 0.0}, "temperature 0.0"),
        ({"assignment": "best"}, "'best'.*greedy"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, float], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Options(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        (Calibration(10.0, 0.6), {}, ""),  # the encoder's own threshold rejects the toss-up
        (Calibration(10.0, 0.6), {"min_probability": 0.0}, "red"),  # what is given goes first
        (Calibration(10.0, 0.0, 0.99), {}, ""),
        (Calibration(10.0, 0.0, 0.99), {"min_similarity": -1.0}, "red"),
        (Calibration(10.0, 0.0, 0.5), {}, "red"),
        # |image - text| sums to 1: a match of expit(-4) = .018.
        (Calibration(10.0, 0.0, 0.5, STRICT, 0.017), {}, "red"),
        (Calibration(10.0, 0.0, 0.5, STRICT, 0.019), {}, ""),
        (Calibration(10.0, 0.0, 0.5, STRICT, 0.019), {"min_similarity": 0.5}, "red"),
    ],
)
def test_thresholds_are_the_encoder_s_own_unless_given(
    own: Calibration, given: dict[str, float], expected: str
) -> None:
    encoder = ColourEncoder()
    encoder.calibration = own
    options = Options(crop=PLAIN.crop, **given)
    yellow = table(a=(slice(2, 12), (255, 255, 0)))

    found = recognise(yellow, ColourSegmenter(), encoder, bank("red", "green"), options)

    assert found.masks[0].label == expected
