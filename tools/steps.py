"""Steps of the set-up that run again only when what they depend on has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """One part of the set-up.

    Attributes:
        name: Unique; what the stamp file calls it.
        says: What a person reads while it runs.
        key: Hash of everything it depends on.
        run: Does it; raises where it fails.
    """

    name: str
    says: str
    key: str
    run: Callable[[], None]


def content_key(paths: Iterable[Path], *facts: str) -> str:
    """Hashes files, folders with all that is in them, and plain facts.

    Args:
        paths: Files or folders; one that is missing counts as empty.
        *facts: Anything else that makes a difference, for example a version.

    Returns:
        Hexadecimal digest; the same for the same names and contents, in any order of `paths`.
    """
    digest = hashlib.sha256()
    for path in sorted(paths):
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            content = file.read_bytes() if file.is_file() else b""
            digest.update(f"{path.name}/{file.name}:{len(content)}:".encode() + content)
    digest.update("\0".join(facts).encode())
    return digest.hexdigest()


def pending_steps(steps: Sequence[Step], stamp: Path) -> list[Step]:
    """Gives the first step that is not up to date, and all that come after it.

    Args:
        steps: In order; each builds on the ones before it.
        stamp: File that remembers the keys of the steps done.

    Returns:
        The steps to run, in order; empty where everything is up to date.
    """
    done = _read_stamp(stamp)
    for index, step in enumerate(steps):
        if done.get(step.name) != step.key:
            return list(steps[index:])
    return []


def run_steps(steps: Sequence[Step], stamp: Path, say: Callable[[str], None]) -> None:
    """Runs the pending steps; one that is interrupted is pending again the next time.

    Args:
        steps: All steps, as for `pending_steps`.
        stamp: Written after each step.
        say: Told what is being done.
    """
    pending = pending_steps(steps, stamp)
    done = {step.name: step.key for step in steps if step not in pending}
    for step in pending:
        say(step.says)
        step.run()
        done[step.name] = step.key
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(json.dumps(done, indent=1))


def _read_stamp(stamp: Path) -> dict[str, str]:
    try:
        content = json.loads(stamp.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
