"""Perception with culture adapters: chosen by the labels, refused where made for another base."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from builtin_interfaces.msg import Time
from culture_interfaces.msg import LabelledMaskArray, LabelSet
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import Parameter as ParameterMessage
from rcl_interfaces.msg import ParameterValue
from rcl_interfaces.srv import SetParameters

from culture_perception.labels import load_label_sets
from culture_perception.models import lora
from culture_perception.models.adapter_card import AdapterCard
from culture_perception.models.adapter_files import Adapter, save_adapter
from culture_perception.models.lora_options import LoraOptions
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import labels_to_message
from culture_perception.resources import share_path

PERCEPTION = "culture_perception.nodes.perception"
SELECTIONS = (("ycb", "en", ""), ("konbini", "ja", "japan"), ("konbini", "en", ""))


def random_adapter() -> tuple[str, Adapter]:
    """The name of the bare base, and an adapter of it for Konbini in Japanese."""
    base, options = load_encoder(runtime=Runtime(threads=1)), LoraOptions()
    torch.manual_seed(0)
    lora.inject(base.model, options)
    for factor in lora.trainable(base.model):
        torch.nn.init.normal_(factor, std=0.03)
    factors = lora.delta(base.model)
    card = AdapterCard("japan", "embedded", base.fingerprint, ("konbini",), ("ja",), options)
    return base.name, Adapter(card, factors)


def test_the_adapter_of_the_labels_is_used_and_one_of_another_base_refused(
    children: Any, peer: Any, picture: Any, camera_type: Any, tmp_path: Path
) -> None:
    sets = load_label_sets(share_path("config", "labels"))
    base, adapter = random_adapter()
    save_adapter(adapter, tmp_path / "japan.safetensors")
    other = Adapter(replace(adapter.card, base_hash="0123456789ab"), adapter.factors)
    save_adapter(other, tmp_path / "other.safetensors")
    node = children.start(
        PERCEPTION, threads=1, autostart=False, adapters=str(tmp_path / "other.safetensors")
    )
    camera = camera_type(peer, picture)
    results = peer.collect(LabelledMaskArray, "/perception/labelled_masks", qos.RESULTS)
    diagnostics = peer.collect(DiagnosticArray, "/diagnostics", qos.RESULTS)
    labels = peer.node.create_publisher(LabelSet, "labels/active", qos.LABELS)

    def change(transition: int) -> bool:
        request = ChangeState.Request(transition=Transition(id=transition))
        return bool(peer.call(ChangeState, "/perception/change_state", request, 60.0).success)

    assert not change(Transition.TRANSITION_CONFIGURE)
    said = "adapter japan was made for embedded with weights 0123456789ab, the encoder is"
    (line,) = (line for line in node.output.splitlines() if said in line)
    assert "choose the encoder that it was made for" in line

    value = ParameterValue(type=4, string_value=str(tmp_path / "japan.safetensors"))
    request = SetParameters.Request(parameters=[ParameterMessage(name="adapters", value=value)])
    answer = peer.call(SetParameters, "/perception/set_parameters", request)
    assert answer.results[0].successful
    assert change(Transition.TRANSITION_CONFIGURE)
    assert change(Transition.TRANSITION_ACTIVATE)
    for label_set, language, expected in SELECTIONS:
        selected = sets[label_set].select(language, "plain")
        labels.publish(labels_to_message(selected, Time()))

        def recognised(version: str = selected.version) -> bool:
            camera.publish()
            return any(one.labels_version == version and one.masks for one in results)

        peer.wait_for(recognised, f"a result by {label_set} {language}", 60.0)
        diagnostics.clear()
        peer.wait_for(lambda: diagnostics, "diagnostics")
        (encoder,) = {one.hardware_id for one in diagnostics[-1].status}
        name = f"{base}+{adapter.name}" if expected else base
        assert encoder.endswith(f", {name}")
