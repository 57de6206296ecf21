"""PyBullet's EGL plugin: OpenGL without a window. Its state belongs to the process."""

from __future__ import annotations

import importlib.util

import pybullet

MAX_SIZE = (1024, 768)
"""Width and height of the plugin's buffer, pixels."""

_open_clients: set[int] = set()


class RendererError(RuntimeError):
    """Nothing can be drawn that way; the message says what to do."""


def check_size(width: int, height: int) -> None:
    """Refuses what the plugin would silently draw smaller and scale up.

    Raises:
        RendererError: larger than MAX_SIZE.
    """
    if width > MAX_SIZE[0] or height > MAX_SIZE[1]:
        raise RendererError(
            f"EGL draws images up to {MAX_SIZE[0]}x{MAX_SIZE[1]}, not {width}x{height}:"
            " take a smaller camera or kind='tiny'"
        )


def open_plugin(client: int) -> int:
    """Loads the plugin into a PyBullet client and gives its handle.

    Raises:
        RendererError: it does not load, or another client of this process has it.
    """
    if _open_clients:
        raise RendererError(
            "an EGL renderer is open already and a process can have only one: close it first,"
            " share it, or ask for kind='tiny'"
        )
    spec = importlib.util.find_spec("eglRenderer")
    plugin = -1
    if spec is not None and spec.origin is not None:
        plugin = pybullet.loadPlugin(spec.origin, "_eglRendererPlugin", physicsClientId=client)
    if plugin < 0:
        raise RendererError(
            "PyBullet's EGL plugin does not load: apt-get install libegl1 libgl1-mesa-dri"
        )
    _open_clients.add(client)
    return int(plugin)


def close_plugin(client: int, plugin: int) -> None:
    """Gives the plugin back, so that another client of this process can have it."""
    if client in _open_clients:
        pybullet.unloadPlugin(plugin, physicsClientId=client)
        _open_clients.discard(client)
