"""Runs a command of .venv under the variables it needs: `python -m tools.in_venv COMMAND ...`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.ros_installation import process_environment, sourced_ros


def main() -> None:
    """Becomes the command, so that signals and the exit code are the command's own."""
    venv = Path(__file__).resolve().parent.parent / ".venv"
    command = sys.argv[1:]
    if not command:
        sys.exit("Usage: python -m tools.in_venv COMMAND [ARGUMENT ...]")
    ros = sourced_ros(os.environ, venv)
    environment = process_environment(os.environ, venv, ros)
    own = venv / "bin" / command[0]
    os.execvpe(str(own) if own.is_file() else command[0], command, environment)


if __name__ == "__main__":
    main()
