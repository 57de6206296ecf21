"""Figures of held-out combinations, of an encoder whose every answer is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from culture_perception.measure.held_figures import held_figures
from culture_perception.protocols import Calibration
from culture_perception.training.encoder_data import CropSet


def _values(encoder: Any, crops: CropSet) -> dict[str, float]:
    return {figure.key: figure.value for figure in held_figures(encoder, crops)}


def test_a_perfect_encoder_names_all_and_rejects_strangers(
    content_crops: Callable[..., CropSet], one_hot_encoder: Callable[..., Any]
) -> None:
    encoder = one_hot_encoder(certainty=0.6)
    encoder.calibration = Calibration(100.0, 0.0, 0.5)
    values = _values(encoder, content_crops())
    assert values["held.plain.top1"] == values["held.type_and_content.top1"] == 1.0
    assert values["rejection.held.false"] == 0.0
    assert values["rejection.held.unknown"] == 1.0
    assert values["held.plain.calibration_error"] == pytest.approx(0.0, abs=1e-6)


def test_each_crop_counts_once_however_many_sets_it_is_in(
    content_crops: Callable[..., CropSet], one_hot_encoder: Callable[..., Any]
) -> None:
    figures = {figure.key: figure for figure in held_figures(one_hot_encoder(), content_crops())}
    assert figures["held.plain.top1"].n == 40
    assert figures["rejection.held.false"].n == 40
    low, high = figures["held.plain.top1"].interval
    assert low > 0.99 and high == pytest.approx(1.0)


def test_without_thresholds_nothing_is_rejected(
    content_crops: Callable[..., CropSet], one_hot_encoder: Callable[..., Any]
) -> None:
    values = _values(one_hot_encoder(certainty=0.6), content_crops())
    assert values["rejection.held.unknown"] == 0.0


def test_too_few_products_have_no_figures(
    content_crops: Callable[..., CropSet], one_hot_encoder: Callable[..., Any]
) -> None:
    assert held_figures(one_hot_encoder(), content_crops(14)) == []
