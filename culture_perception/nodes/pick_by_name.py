"""Runs the planner of examples/pick_by_name as a process of a system (config/systems/pick.yaml)."""

import runpy
import sys

from culture_perception.resources import share_path


def main() -> int:
    """Runs the planner; returns the exit code."""
    names = runpy.run_path(str(share_path("examples", "pick_by_name")), run_name="pick_by_name")
    code: int = names["main"]()
    return code


if __name__ == "__main__":
    sys.exit(main())
