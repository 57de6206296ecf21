"""The page in a real browser: no network, no errors, filters that filter, phones that fit.

Chromium is driven over its DevTools protocol through a pipe, which needs no library: Selenium would
bring a dozen packages and a driver for the ten calls made here.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from culture_perception.report.contents import Section
from culture_perception.report.page import build_page
from culture_perception.report.reading import Run

Message: TypeAlias = dict[str, Any]

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
_LAUNCH = """\
import os, sys
os.dup2(int(sys.argv[1]), 3)  # where --remote-debugging-pipe reads
os.dup2(int(sys.argv[2]), 4)  # and writes
os.execv(sys.argv[3], sys.argv[3:])
"""
_TIMEOUT_S = 120.0


class Browser:
    """Chromium, driven over its DevTools protocol through a pipe: no library, no port."""

    def __init__(self, profile: Path) -> None:
        to_browser, from_browser = os.pipe(), os.pipe()
        ends = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (to_browser[0], from_browser[1])]
        assert CHROMIUM is not None
        command = [CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, *map(str, ends), *command],
            pass_fds=ends,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(profile)},
        )
        for one in (*ends, to_browser[0], from_browser[1]):
            os.close(one)
        self._write, self._read = to_browser[1], from_browser[0]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._read, selectors.EVENT_READ)
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[Message] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> Message:
        """Calls a method and waits for its result."""
        self._number += 1
        message: Message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer
        result: Message = answer["result"]
        return result

    def _next(self) -> Message:
        end = time.monotonic() + _TIMEOUT_S
        while b"\0" not in self._buffer:
            assert self._selector.select(end - time.monotonic()), "chromium says nothing"
            part = os.read(self._read, 1 << 16)
            assert part, "chromium has ended"
            self._buffer += part
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: Message = json.loads(text)
        return message

    def open(self, path: Path, width: int = 1280, height: int = 900) -> None:
        """Loads a file and waits until everything in it is there; events before it are dropped."""
        self.events.clear()
        self.resize(width, height)
        self.send("Page.navigate", url=path.as_uri())
        end = time.monotonic() + _TIMEOUT_S
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            assert time.monotonic() < end, "the page does not load"
            self.events.append(self._next())

    def resize(self, width: int, height: int) -> None:
        """The size of the window, in CSS pixels; narrow ones are phones."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression; of a promise, what it gives."""
        answer = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, code: int, text: str = "") -> None:
        """One key, as a person presses it."""
        fields = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **fields)
        self.send("Input.dispatchKeyEvent", type="keyUp", **fields)

    def requests(self) -> list[str]:
        """Addresses that the page asked for, its own and those that lie inside it left out."""
        found = [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        return [url for url in found if not url.startswith(("data:", "blob:"))]

    def complaints(self) -> list[str]:
        """Exceptions, and all that was written to the console."""
        kinds = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [json.dumps(event) for event in self.events if event.get("method") in kinds]

    def close(self) -> None:
        """Ends it."""
        with contextlib.suppress(OSError):
            os.close(self._write)  # it ends when nobody drives it
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._selector.close()
        os.close(self._read)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium; apt-get install chromium")
    one = Browser(tmp_path_factory.mktemp("chromium"))
    yield one
    one.close()


SCENES = 160
"""Of each kind of products: as many as a large experiment has."""
VIEWS = 2 * (4 + 4) * SCENES
"""Two tables; YCB is named by two styles of two arms, Konbini by two languages and styles."""


def enlarged(run: Run) -> Run:
    """The same run with many scenes, all of which look like its first ones."""
    source, shown = run.source, run.result.shown
    step = 1 + max(one.seed for one in shown)
    times = SCENES // step
    pictures = {
        f"{products}/{int(seed) + step * i}": picture
        for name, picture in source.pictures.items()
        for products, _, seed in (name.partition("/"),)
        for i in range(times)
    }
    many = tuple(replace(one, seed=one.seed + step * i) for i in range(times) for one in shown)
    return replace(
        run,
        result=replace(run.result, shown=many),
        source=replace(source, pictures=pictures),
    )


@pytest.fixture(scope="module")
def page(sections: list[Section], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    large = [replace(one, runs=tuple(map(enlarged, one.runs))) for one in sections]
    path.write_text(build_page(large).html, encoding="utf-8")
    return path


def count(browser: Browser) -> str:
    return str(browser.ask('document.getElementById("gallery-count").textContent'))


def choose(browser: Browser, name: str, value: str) -> None:
    browser.ask(
        f'{{ const one = document.getElementById("filter-{name}"); one.value = "{value}"; '
        'one.dispatchEvent(new Event("change")); }'
    )


def options(browser: Browser, name: str) -> dict[str, str]:
    """Values by their text, counts left out."""
    found: dict[str, str] = browser.ask(
        f'Object.fromEntries([...document.getElementById("filter-{name}").options]'
        '.map((one) => [one.text.replace(/ \\([0-9]+\\)$/, ""), one.value]))'
    )
    return found


def texts(browser: Browser, selector: str) -> list[str]:
    found: list[str] = browser.ask(
        f"[...document.querySelectorAll({json.dumps(selector)})].map((one) => one.textContent)"
    )
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_it_opens_without_network_and_without_a_complaint(
    browser: Browser, page: Path, width: int
) -> None:
    browser.open(page, width)
    browser.ask("window.scrollTo(0, document.documentElement.scrollHeight)")
    browser.ask("new Promise((done) => setTimeout(done, 500))")
    assert browser.requests() == [page.as_uri()]
    assert browser.complaints() == []


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_only_tables_and_charts_scroll_sideways(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width)
    browser.ask("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    boxes = browser.ask(
        "[...document.querySelectorAll('.scroll')].map((one) => one.getBoundingClientRect().right)"
    )
    assert len(boxes) > 20
    assert max(boxes) <= width
    assert min(browser.ask("[...document.images].map((one) => one.naturalWidth)")) > 0


def test_phones_get_narrow_charts(browser: Browser, page: Path) -> None:
    browser.open(page, 390)
    widths = browser.ask("[...document.querySelectorAll('img.fits')].map((one) => one.width)")
    assert widths
    assert max(widths) <= 390 - 2 * 10
    first = browser.ask("document.querySelector('img.fits').currentSrc.length")
    browser.resize(1280, 900)
    assert browser.ask(
        f"new Promise((done) => {{ const end = Date.now() + 5000; (function wait() {{"
        f"const now = document.querySelector('img.fits').currentSrc.length;"
        f"if (now !== {first} || Date.now() > end) done(now); else setTimeout(wait, 50); }})(); }})"
    ) != first  # fmt: skip


def test_japanese_has_a_font(browser: Browser, page: Path) -> None:
    browser.open(page)
    loaded = browser.ask(
        "document.fonts.load('16px Report', '茶').then((all) => all.map((one) => one.status))"
    )
    assert loaded == ["loaded"]
    assert browser.ask("getComputedStyle(document.body).fontFamily").count("Report") == 1


def test_the_worst_group_is_shown_first_and_few_cards_are_made(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    assert set(texts(browser, ".card h3")) == {"Konbini (Japanese) w/o brand"}
    assert count(browser).startswith(f"{SCENES} of {VIEWS} views of scenes; ")
    assert len(texts(browser, ".card")) <= 24
    browser.ask("document.getElementById('gallery-more').click()")
    assert len(texts(browser, ".card")) in range(13, 49)


def test_filters_change_what_is_shown(browser: Browser, page: Path) -> None:
    browser.open(page)
    choose(browser, "group", "any")
    everything = count(browser)
    choose(browser, "rung", options(browser, "rung")["segmenter missed"])
    assert count(browser) != everything
    missed = set(texts(browser, ".objects li:not(.other) .chip"))
    assert missed == {"segmenter missed"}
    choose(browser, "product", options(browser, "product")["green box"])
    choose(browser, "group", options(browser, "group")["Konbini (Japanese) w/o brand"])
    assert texts(browser, ".card h3")[0] == "Konbini (Japanese) w/o brand"
    labels = texts(browser, ".objects li:not(.other) .names [lang=ja]")
    assert set(labels) == {"緑の茶"}
    assert f"{SCENES} objects, 0 of them right" in count(browser)


def test_filters_that_fit_nothing_say_so(browser: Browser, page: Path) -> None:
    browser.open(page)
    choose(browser, "product", options(browser, "product")["green box"])
    choose(browser, "rung", options(browser, "rung")["right"])
    assert count(browser) == f"0 of {VIEWS} views of scenes; 0 objects, 0 of them right"
    assert texts(browser, ".card") == []


def test_show_all_takes_every_filter_back(browser: Browser, page: Path) -> None:
    browser.open(page)
    choose(browser, "rung", "failed")
    browser.ask("document.querySelector('#gallery-filters button').click()")
    assert count(browser).startswith(f"{VIEWS} of {VIEWS} views")
    assert browser.ask("document.getElementById('filter-rung').value") == "any"


def test_filters_work_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    before = count(browser)
    browser.ask("document.getElementById('filter-rung').focus()")
    browser.press("ArrowDown", 40)
    assert browser.ask("document.getElementById('filter-rung').value") == "failed"
    assert browser.ask("document.activeElement.id") == "filter-rung"
    assert set(texts(browser, ".objects li:not(.other) .chip")).isdisjoint({"right"})
    browser.press("Tab", 9)
    assert browser.ask("document.activeElement.type") == "reset"
    browser.press("Enter", 13, "\r")
    assert count(browser) != before


def test_a_scene_is_enlarged_and_closed_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.ask("document.querySelector('.card button').focus()")
    browser.press("Enter", 13, "\r")
    assert browser.ask("document.getElementById('gallery-dialog').open") is True
    boxes = browser.ask(
        "[...document.querySelectorAll('dialog svg')].map((one) => one.getAttribute('viewBox'))"
    )
    assert boxes == ["0 0 64 48"] * 2
    browser.press("Escape", 27)
    assert browser.ask("document.getElementById('gallery-dialog').open") is False
    assert browser.ask("document.activeElement.textContent") == "Enlarge"


def test_truth_and_answer_lie_on_the_picture(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert (
        browser.ask(
            "Promise.all([...document.querySelectorAll('.card image')].slice(0, 2).map((one) => {"
            "const picture = new Image(); picture.src = one.getAttribute('href');"
            "return picture.decode().then(() => [picture.naturalWidth, picture.naturalHeight]); }))"
        )
        == [[64, 48]] * 2
    )
    paths = browser.ask(
        "[...document.querySelector('.card').querySelectorAll('svg')]"
        ".map((one) => one.querySelectorAll('path').length)"
    )
    assert paths == [6, 4]  # two strokes each: three objects are there, and two were found


def test_it_prints_without_its_controls(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.send("Emulation.setEmulatedMedia", media="print")
    hidden = browser.ask(
        "['nav', '.filters', '.card button'].map((one) =>"
        "getComputedStyle(document.querySelector(one)).display)"
    )
    browser.send("Emulation.setEmulatedMedia", media="")
    assert hidden == ["none"] * 3
