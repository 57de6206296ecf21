from collections.abc import Callable
from pathlib import Path

import pytest

from tools.steps import Step, content_key, pending_steps, run_steps


class Recorder:
    """Makes steps that remember having run."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.said: list[str] = []

    def step(self, name: str, key: str = "1", fails: bool = False) -> Step:
        return Step(name, f"doing {name}", key, self._runner(name, fails))

    def _runner(self, name: str, fails: bool) -> Callable[[], None]:
        def run() -> None:
            if fails:
                raise RuntimeError(name)
            self.ran.append(name)

        return run

    def run(self, steps: list[Step], stamp: Path) -> list[str]:
        self.ran.clear()
        run_steps(steps, stamp, self.said.append)
        return self.ran


@pytest.fixture
def stamp(tmp_path: Path) -> Path:
    return tmp_path / ".venv" / "setup.json"


def test_a_second_run_has_nothing_to_do(stamp: Path) -> None:
    recorder = Recorder()
    steps = [recorder.step("a"), recorder.step("b")]
    assert recorder.run(steps, stamp) == ["a", "b"]
    assert recorder.run(steps, stamp) == []
    assert recorder.said == ["doing a", "doing b"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("1", "1", "2"), ["c"]),
        (("1", "2", "1"), ["b", "c"]),
        (("2", "1", "1"), ["a", "b", "c"]),
    ],
)
def test_a_change_reaches_what_builds_on_it(
    stamp: Path, keys: tuple[str, str, str], expected: list[str]
) -> None:
    recorder = Recorder()
    recorder.run([recorder.step(name) for name in "abc"], stamp)
    changed = [recorder.step(name, key) for name, key in zip("abc", keys, strict=True)]
    assert recorder.run(changed, stamp) == expected
    assert recorder.run(changed, stamp) == []


def test_it_goes_on_where_it_failed(stamp: Path) -> None:
    recorder = Recorder()
    with pytest.raises(RuntimeError, match="b"):
        recorder.run([recorder.step("a"), recorder.step("b", fails=True)], stamp)
    assert recorder.run([recorder.step("a"), recorder.step("b")], stamp) == ["b"]


@pytest.mark.parametrize("content", ["", "not json", "[]"])
def test_a_broken_stamp_means_that_nothing_is_done(stamp: Path, content: str) -> None:
    stamp.parent.mkdir()
    stamp.write_text(content)
    step = Recorder().step("a")
    assert pending_steps([step], stamp) == [step]


def test_the_key_follows_names_and_contents(tmp_path: Path) -> None:
    folder = tmp_path / "interfaces"
    (folder / "msg").mkdir(parents=True)
    file = folder / "msg" / "A.msg"
    keys = [content_key([folder])]
    file.write_text("int8 a")
    keys.append(content_key([folder]))
    file.write_text("int8 b")
    keys.append(content_key([folder]))
    file.rename(file.with_name("B.msg"))
    keys += [content_key([folder]), content_key([folder], "a fact"), content_key([file])]
    assert len(set(keys)) == len(keys)
    assert content_key([folder]) == keys[3]
    assert content_key([folder, tmp_path / "x"]) == content_key([tmp_path / "x", folder])
