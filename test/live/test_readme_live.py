"""The README's subscriber, run as a program."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from culture_interfaces.msg import LabelledMask, LabelledMaskArray

README = Path(__file__).parents[2] / "README.md"


def test_the_subscriber_prints_names_as_they_come(
    peer: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    output = tmp_path / "output"
    with output.open("wb") as written:
        reader = subprocess.Popen(
            [sys.executable, "-c", example],
            env={**os.environ, **environment},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        publisher = peer.node.create_publisher(LabelledMaskArray, "/perception/labelled_masks", 10)
        peer.wait_for(publisher.get_subscription_count, "the subscriber")
        named = LabelledMask(label="緑色のペットボトル", probability=0.75)
        publisher.publish(LabelledMaskArray(masks=[named, LabelledMask()]))
        peer.wait_for(lambda: "unknown 0.00" in output.read_text("utf-8"), "the second name")
        assert "緑色のペットボトル 0.75" in output.read_text("utf-8")
    finally:
        reader.send_signal(signal.SIGINT)
        reader.wait(timeout=20)
