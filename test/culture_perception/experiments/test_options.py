"""Every open choice has a name, a default and what the paper says."""

from __future__ import annotations

import argparse

import pytest

from culture_perception.experiments import command
from culture_perception.experiments.models import ModelNames
from culture_perception.experiments.options import (
    ExperimentOptions,
    IdentificationOptions,
    SegmentationOptions,
)


@pytest.mark.parametrize("kind", [IdentificationOptions, SegmentationOptions])
def test_every_choice_is_stated(kind: type[ExperimentOptions]) -> None:
    for one in kind().choices():
        assert one.value == one.default
        assert one.meaning
        assert one.paper


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"crop": "round"}, "crop 'round' is none of blur, padded, box, black"),
        ({"tau": 1.5}, "tau 1.5 is outside 0 to 1"),
        ({"dealing": "best"}, "dealing 'best' is none of greedy"),
    ],
)
def test_other_values_are_refused(values: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        SegmentationOptions(**values)  # type: ignore[arg-type]


def test_changes_leave_out_what_is_in_use() -> None:
    changed = IdentificationOptions().changes({"crop": ("blur", "box")})
    assert [(name, value) for name, value, _ in changed] == [("crop", "box")]
    assert changed[0][2] == IdentificationOptions(crop="box")


@pytest.mark.parametrize("kind", sorted(command.KINDS))
def test_every_choice_is_an_argument(kind: str) -> None:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    given = parser.parse_args(["experiment", kind])
    for one in command.KINDS[kind]().choices():
        assert getattr(given, one.name) == one.default


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("embedded", ModelNames()),
        ("vit_b+ViT-B-32@openai", ModelNames("vit_b", "ViT-B-32@openai")),
        ("embedded~japan", ModelNames("embedded", "embedded~japan")),
        (
            "vit_b+ViT-B-32@openai~a.b",
            ModelNames("vit_b", "ViT-B-32@openai~a.b"),
        ),
        ("hf:a/b+hf-hub:c/d", ModelNames("hf:a/b", "hf-hub:c/d")),
    ],
)
def test_names_of_models(text: str, names: ModelNames) -> None:
    assert ModelNames.parse(text) == names


@pytest.mark.parametrize("text", ["", "vit_b+", "+ViT-B-32"])
def test_names_that_name_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="SEGMENTER"):
        ModelNames.parse(text)
