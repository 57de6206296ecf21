"""Where the live view goes: a window, a web page, a file or a viewer that runs already.

The only module that opens anything of rerun's; it is imported when the viewer starts, so that
everything else works without the package.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Final, Literal, get_args

import rerun as rr
import rerun.blueprint as rrb

Mode = Literal["auto", "spawn", "web", "save", "connect"]
MODES: Final[tuple[str, ...]] = get_args(Mode)
APPLICATION: Final = "culture_perception"
SCENE: Final = "scene"
CAMERA: Final = "scene/camera"
VIEW: Final = "scene/camera/view"
TABLE: Final = "names"
SCORES: Final = "scores"
_CONNECT_S: Final = 5.0


class SinkError(ValueError):
    """The view can not be opened; the message says why and what to do."""


@dataclass(frozen=True)
class Sink:
    """How a view is opened.

    Attributes:
        mode: save, web, spawn or connect.
        path: file of save.
        url: viewer of connect; empty: one of this machine.
        port: of the web page.
        data_port: of the data, for spawn and web.
        memory_limit: of what is kept for a page that is opened late, for example 512MiB.
    """

    mode: str
    path: str
    url: str
    port: int
    data_port: int
    memory_limit: str


def open_recording(sink: Sink) -> tuple[rr.RecordingStream, str]:
    """Opens a view.

    Returns:
        The stream to log to, and where to look, for people.

    Raises:
        SinkError: the file can not be written, a port is taken, or there is no viewer.
    """
    recording = rr.RecordingStream(APPLICATION)
    try:
        where = _open(recording, sink)
        recording.send_blueprint(layout())
        if sink.mode == "connect":
            recording.flush(timeout_sec=_CONNECT_S)  # it connects later, and says nothing
    except (OSError, RuntimeError, ValueError) as error:
        raise SinkError(
            f"mode {sink.mode} does not open: {error}; choose another path, url or port, "
            "or mode save"
        ) from error
    return recording, where


def _open(recording: rr.RecordingStream, sink: Sink) -> str:
    if sink.mode == "save":
        recording.save(sink.path)
        return f"{sink.path}; `rerun {sink.path}` shows it"
    if sink.mode == "connect":
        recording.connect_grpc(sink.url or None)
        return sink.url or "the viewer of this machine"
    if sink.mode == "spawn":
        recording.spawn(port=sink.data_port, memory_limit=sink.memory_limit)
        return "a window"
    for port in (sink.port, sink.data_port):
        _check_free(port)
    url = recording.serve_grpc(
        grpc_port=sink.data_port, server_memory_limit=sink.memory_limit, newest_first=True
    )
    rr.serve_web_viewer(web_port=sink.port, open_browser=False)
    quoted = url.replace("+", "%2B")
    return f"http://127.0.0.1:{sink.port}/?url={quoted}"


def _check_free(port: int) -> None:
    """Rerun only logs that the port of the data is taken, and shows nothing."""
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind(("0.0.0.0", port))
        except OSError as error:
            raise OSError(f"port {port} can not be had ({error.strerror})") from error


def layout() -> rrb.Blueprint:
    """Image with masks and names; space and depth; the table of names and the scores."""
    seen = [f"{VIEW}/{part}" for part in ("colour", "masks", "names")]
    in_space = [f"{SCENE}/**", *(f"- {VIEW}/{part}" for part in ("depth", "masks", "names"))]
    return rrb.Blueprint(
        rrb.Horizontal(
            rrb.Spatial2DView(name="masks", origin=VIEW, contents=seen),
            rrb.Vertical(
                rrb.Spatial3DView(name="space", origin=SCENE, contents=in_space),
                rrb.Spatial2DView(name="depth", origin=VIEW, contents=[f"{VIEW}/depth"]),
            ),
            rrb.Vertical(
                rrb.Spatial2DView(name="names", origin=TABLE),
                rrb.TimeSeriesView(name="scores", origin=SCORES),
            ),
            column_shares=[5, 4, 4],
        ),
        rrb.TimePanel(timeline="stamp", state="collapsed"),
        rrb.BlueprintPanel(state="collapsed"),
        rrb.SelectionPanel(state="collapsed"),
    )
