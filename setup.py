"""Adds to setup.cfg the files that go to share/culture_perception."""

from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
SHARE = Path("share/culture_perception")
FOLDERS = ("config", "launch", "models")


def files_by_folder(folder: str) -> dict[Path, list[str]]:
    """Lists a folder's files, hidden and compiled ones left out, by the folder they lie in."""
    found: dict[Path, list[str]] = {}
    for path in sorted((ROOT / folder).rglob("*")):
        relative = path.relative_to(ROOT)
        hidden = any(part.startswith((".", "__pycache__")) for part in relative.parts)
        if path.is_file() and not hidden:
            found.setdefault(relative.parent, []).append(relative.as_posix())
    return found


data_files = [
    ("share/ament_index/resource_index/packages", ["resource/culture_perception"]),
    (SHARE.as_posix(), ["package.xml"]),
]
for name in FOLDERS:
    data_files += [
        ((SHARE / folder).as_posix(), files) for folder, files in files_by_folder(name).items()
    ]

setup(data_files=data_files)
