"""The label service as a process."""

from pathlib import Path
from typing import Any

from culture_interfaces.msg import LabelSet
from culture_interfaces.srv import FindLabels, GetLabels, SelectLabels

from culture_perception.nodes import qos

MODULE = "culture_perception.nodes.label_service"


def test_late_subscriber_gets_the_active_labels_with_prompts_and_version(
    children: Any, peer: Any
) -> None:
    children.start(MODULE, label_set="konbini", language="ja", style="brand")
    first = peer.collect(LabelSet, "/labels/active", qos.LATCHED)
    peer.wait_for(lambda: first, "labels")
    late = peer.collect(LabelSet, "/labels/active", qos.LATCHED)
    labels = peer.wait_for(lambda: late, "latched labels")[0]
    assert (labels.label_set, labels.language, labels.style) == ("konbini", "ja", "brand")
    assert len(labels.labels) == 15
    assert len(labels.version) == 12
    pocky = next(one for one in labels.labels if one.concept_id == "konbini.pocky")
    assert pocky.language == "ja"
    assert all(pocky.label in prompt for prompt in pocky.prompts)
    assert labels.header.stamp.sec > 0


def test_labels_are_repeated(children: Any, peer: Any) -> None:
    children.start(MODULE)
    seen = peer.collect(LabelSet, "/labels/active", qos.LABELS)
    peer.wait_for(lambda: len(seen) >= 2, "a second publication")
    assert seen[0].version == seen[1].version


def test_get_changes_nothing_and_says_what_there_is(children: Any, peer: Any) -> None:
    children.start(MODULE)
    active = peer.collect(LabelSet, "/labels/active", qos.LABELS)
    peer.wait_for(lambda: active, "labels")
    found = peer.call(
        GetLabels, "/labels/get", GetLabels.Request(label_set="konbini", language="ja")
    )
    assert found.success
    assert found.labels.language == "ja"
    assert found.labels.style == "plain"  # that of the active labels
    assert found.label_sets == ["konbini", "ycb"]
    missing = peer.call(GetLabels, "/labels/get", GetLabels.Request(label_set="garden"))
    assert not missing.success
    assert "garden" in missing.message
    assert "konbini, ycb" in missing.message
    assert missing.label_sets == ["konbini", "ycb"]
    assert {message.version for message in active} == {active[0].version}


def test_a_text_of_any_language_finds_its_concept(children: Any, peer: Any) -> None:
    children.start(MODULE)

    def concepts(text: str, language: str = "") -> list[tuple[str, str, str]]:
        request = FindLabels.Request(text=text, language=language)
        answer = peer.call(FindLabels, "/labels/find", request)
        pairs = zip(answer.label_sets, answer.labels, strict=True)
        return [(name, one.concept_id, one.language) for name, one in pairs]

    pocky = [("konbini", "konbini.pocky", "en")]
    assert concepts("Chocolate POCKY box!") == pocky
    assert concepts("chocolate Pocky box", "en") == pocky
    assert concepts("chocolate Pocky box", "ja") == []
    assert concepts("たけのこの里") == [("konbini", "konbini.takenoko_no_sato", "ja")]
    assert concepts("たけのこの里", "tlh") == []
    assert concepts("") == []


OWN_SET = """\
name: bakery
culture: JP
description: What the shop sells.
languages: [en]
concepts:
  - id: bakery.melon_bread
    category: food
    texts:
      en: {plain: round sweet bun, brand: Kimuraya melon bread}
"""


def test_own_labels_are_served_beside_the_installed_ones(
    children: Any, peer: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "bakery.yaml").write_text(OWN_SET, encoding="utf-8")
    children.start(MODULE, labels_dir=str(folder), label_set="ycb")
    own = peer.call(GetLabels, "/labels/get", GetLabels.Request(label_set="bakery"))
    assert own.success, own.message
    assert [one.label for one in own.labels.labels] == ["round sweet bun"]
    assert own.label_sets == ["bakery", "konbini", "ycb"]
    chosen = peer.call(SelectLabels, "/labels/select", SelectLabels.Request(label_set="bakery"))
    assert chosen.success, chosen.message
    assert chosen.labels_version == own.labels.version
    back = peer.call(SelectLabels, "/labels/select", SelectLabels.Request(label_set="ycb"))
    assert back.success, back.message


def test_an_own_set_with_the_name_of_an_installed_one_is_refused(
    children: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    path = folder / "mine.yaml"
    path.write_text(OWN_SET.replace("name: bakery", "name: ycb"), encoding="utf-8")
    child = children.start(MODULE, labels_dir=str(folder))
    assert child.popen.wait(timeout=30) == 2, child.output
    assert f"{path}:1: label set 'ycb' is there already, in " in child.output
    assert "ycb.yaml; rename one of the two" in child.output
    children.running.clear()


def test_selection_without_perception_succeeds_with_a_remark(children: Any, peer: Any) -> None:
    children.start(MODULE)
    active = peer.collect(LabelSet, "/labels/active", qos.LABELS)
    request = SelectLabels.Request(label_set="konbini", language="ja", style="brand")
    answer = peer.call(SelectLabels, "/labels/select", request)
    assert answer.success
    assert "no perception node" in answer.message
    peer.wait_for(lambda: active and active[-1].version == answer.labels_version, "the new labels")


def test_a_wrong_selection_names_what_there_is_and_changes_nothing(
    children: Any, peer: Any
) -> None:
    children.start(MODULE)
    active = peer.collect(LabelSet, "/labels/active", qos.LABELS)
    before = peer.wait_for(lambda: active, "labels")[0].version
    for request, names in (
        (SelectLabels.Request(label_set="garden"), "konbini, ycb"),
        (SelectLabels.Request(language="tlh"), "en"),
        (SelectLabels.Request(style="shiny"), "plain, brand"),
    ):
        answer = peer.call(SelectLabels, "/labels/select", request)
        assert not answer.success
        assert names in answer.message
        assert answer.labels_version == before
    assert {message.version for message in active} == {before}


def test_a_selection_counts_once_perception_announces_it(children: Any, peer: Any) -> None:
    children.start(MODULE)
    announcer = peer.node.create_publisher(LabelSet, "/perception/label_set", qos.LATCHED)
    peer.node.create_subscription(LabelSet, "/labels/active", announcer.publish, qos.LABELS)
    peer.wait_for(lambda: announcer.get_subscription_count() > 0, "the label service")
    answer = peer.call(SelectLabels, "/labels/select", SelectLabels.Request(style="brand"))
    assert (answer.success, answer.message) == (True, "")


def test_a_selection_that_perception_does_not_take_is_taken_back(children: Any, peer: Any) -> None:
    children.start(MODULE, confirm_timeout_s=0.5)
    active = peer.collect(LabelSet, "/labels/active", qos.LABELS)
    deaf = peer.node.create_publisher(LabelSet, "/perception/label_set", qos.LATCHED)
    before = peer.wait_for(lambda: active, "labels")[0].version
    peer.wait_for(lambda: deaf.get_subscription_count() > 0, "the label service")
    answer = peer.call(SelectLabels, "/labels/select", SelectLabels.Request(style="brand"))
    assert not answer.success
    assert "within 0.5 s" in answer.message
    assert answer.labels_version == before
    peer.wait_for(lambda: len(active) >= 3, "the old labels again")
    assert [message.version == before for message in active[:3]] == [True, False, True]


def test_ctrl_c_ends_a_wait_for_perception(children: Any, peer: Any) -> None:
    child = children.start(MODULE)
    active = peer.collect(LabelSet, "/labels/active", qos.LABELS)
    deaf = peer.node.create_publisher(LabelSet, "/perception/label_set", qos.LATCHED)
    client = peer.node.create_client(SelectLabels, "/labels/select")
    peer.wait_for(client.service_is_ready, "the service")
    peer.wait_for(lambda: deaf.get_subscription_count() > 0, "the label service")
    client.call_async(SelectLabels.Request(style="brand"))
    peer.wait_for(lambda: len({message.version for message in active}) == 2, "the new labels")
    assert child.interrupt() == 0


def test_a_wrong_parameter_is_one_clear_message(children: Any) -> None:
    for parameters, expected in (
        ({"style": "shiny"}, "style is 'shiny'; use one of: plain, brand"),
        ({"label_set": "garden"}, "unknown label set 'garden'; there is konbini, ycb"),
        ({"labels_dir": "/nowhere"}, "no label set"),
        ({"confirm_timeout_s": -1.0}, "confirm_timeout_s"),
        ({"confirm_timeout_s": "soon"}, "give a float such as 30.0"),
        (
            {"langauge": "ja", "use_sim_time": False},
            "unknown parameter langauge; label_service has confirm_timeout_s, label_set, "
            "labels_dir, language, style",
        ),
    ):
        child = children.start(MODULE, **parameters)
        assert child.popen.wait(timeout=30) == 2, child.output
        assert expected in child.output
        assert "Traceback" not in child.output
    children.running.clear()
