"""The end of a node's process on Ctrl-C, wherever it strikes."""

import subprocess
import sys

import pytest

SCRIPT = """
import os, signal, sys
from culture_perception.nodes.running import ManagedNode, run_node

class Interrupted(ManagedNode):
    def __init__(self):
        super().__init__("interrupted")
        self.create_timer(0.01, self.convert)

    def convert(self):
        try:
            if {told}:
                os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            pass
        raise RuntimeError("Unable to convert call argument")

sys.exit(run_node(Interrupted, "interrupted"))
"""


@pytest.mark.parametrize(("told", "code"), [(True, 0), (False, 1)])
def test_ctrl_c_that_comes_out_as_a_conversion_error_ends_well(
    environment: dict[str, str], told: bool, code: int
) -> None:
    command = [sys.executable, "-c", SCRIPT.format(told=told)]
    ended = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    assert ended.returncode == code, ended.stderr.decode()
    assert (b"Unable to convert" in ended.stderr) == (not told)
