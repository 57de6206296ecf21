"""docs/adapters.md, as a reader would try it; test_readme checks its commands."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from culture_perception.adapt.arguments import add_options
from culture_perception.labels import load_label_set

TEXT = (Path(__file__).parents[3] / "docs" / "adapters.md").read_text(encoding="utf-8")


def test_its_label_set_and_languages_are_whole(tmp_path: Path) -> None:
    labels, languages = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    (tmp_path / "kauppa.yaml").write_text(labels, encoding="utf-8")
    (tmp_path / "languages.yaml").write_text(languages, encoding="utf-8")
    active = load_label_set(tmp_path / "kauppa.yaml").select("fi", "plain")
    assert active.labels[0].prompts == ("sininen limutölkki", "kuva: sininen limutölkki")


def test_every_option_that_it_names_is_there() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser)
    of_others = {"--market", "--recompute", "--models", "--adapters"}
    named = set(re.findall(r"--[a-z][a-z-]+", TEXT)) - of_others
    there_is = set(re.findall(r"--[a-z][a-z-]+", parser.format_help()))
    assert {"--shots", "--keep", "--allow-forgetting"} <= named
    assert named <= there_is
