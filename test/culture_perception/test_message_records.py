"""From messages to records, of whichever library the messages are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from culture_perception.message_records import (
    Result,
    Truth,
    Unreadable,
    own_crop,
    read_labels,
    read_result,
    read_truth,
    stamp_ns_of,
)


def mask_message(concept_id: str, alternatives: tuple[str, ...] = (), width: int = 3) -> Any:
    return SimpleNamespace(
        concept_id=concept_id,
        alternatives=[SimpleNamespace(concept_id=one) for one in alternatives],
        box=SimpleNamespace(x_offset=4, y_offset=1, width=width, height=2),
        mask=SimpleNamespace(
            height=2, width=3, encoding="mono8", is_bigendian=0, step=3, data=b"\xff\0\xff\0\xff\0"
        ),
    )


def array_message(*masks: Any) -> Any:
    return SimpleNamespace(
        header=SimpleNamespace(stamp=SimpleNamespace(sec=7, nanosec=9)),
        label_set="toys",
        labels_version="v1",
        language="ja",
        style="brand",
        image_height=6,
        image_width=8,
        masks=list(masks),
    )


def test_a_result_keeps_names_first_hypotheses_and_pixels() -> None:
    message = array_message(
        mask_message("toys.cat", ("toys.dog", "toys.cat")), mask_message("", ("toys.owl",))
    )
    result = read_result(message)
    assert isinstance(result, Result)
    assert (result.label_set, result.labels_version) == ("toys", "v1")
    assert (result.language, result.style, result.shape_hw) == ("ja", "brand", (6, 8))
    assert [one.concept_id for one in result.objects] == ["toys.cat", ""]
    assert [one.top1_concept_id for one in result.objects] == ["toys.dog", "toys.owl"]
    assert result.objects[0].mask.box == (4, 1, 7, 3)
    assert result.objects[0].mask.inside.tolist() == [[True, False, True], [False, True, False]]
    assert stamp_ns_of(message) == 7_000_000_009


def test_without_hypotheses_the_name_is_the_first_one() -> None:
    result = read_result(array_message(mask_message("toys.cat")))
    assert isinstance(result, Result)
    assert result.objects[0].top1_concept_id == "toys.cat"


def test_a_message_without_masks_is_a_frame_with_nothing_in_it() -> None:
    truth, result = read_truth(array_message()), read_result(array_message())
    assert isinstance(truth, Truth) and isinstance(result, Result)
    assert (truth.label_set, truth.objects, result.objects) == ("toys", (), ())


@pytest.mark.parametrize("read", [read_truth, read_result])
def test_what_contradicts_itself_is_no_error_but_unreadable(read: Any) -> None:
    record = read(array_message(mask_message("toys.cat", width=4)))
    assert isinstance(record, Unreadable)
    assert "does not hold a mask of shape (2, 3)" in record.why


def test_labels_keep_the_version_of_who_published_them() -> None:
    label = SimpleNamespace(
        concept_id="toys.cat",
        label="猫",
        prompts=["猫の写真"],
        culture="JP",
        category="toy",
        language="ja",
    )
    message = SimpleNamespace(
        label_set="toys", version="v7", language="ja", style="plain", labels=[label]
    )
    labels = read_labels(message)
    assert (labels.version, labels.concept_ids) == ("v7", ("toys.cat",))
    assert labels.labels[0].prompts == ("猫の写真",)


def test_a_crop_of_its_own_does_not_hold_the_whole_mask() -> None:
    mask = np.zeros((100, 100), dtype=np.bool_)
    mask[3:5, 7:9] = True
    crop = own_crop(mask)
    assert crop.box == (7, 3, 9, 5)
    assert crop.inside.base is None
