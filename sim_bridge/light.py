"""The light of a rendered scene."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

_FAR = 10.0
"""Metres: at this distance both renderers treat a light as directional."""


@dataclass(frozen=True)
class Light:
    """A light far away, and light from everywhere.

    The EGL renderer looks at the direction alone: its light is white, its ambient, diffuse and
    specular shares are fixed, and it always casts shadows.

    Attributes:
        direction: (x, y, z) from the scene towards the light; its length does not matter.
        colour: red, green, blue, 0 to 1.
        ambient: share of light without direction.
        diffuse: share of light by angle.
        specular: share of reflected light.
        shadow: whether bodies cast shadows.
    """

    direction: tuple[float, float, float] = (0.35, 0.25, 1.0)
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ambient: float = 0.6
    diffuse: float = 0.4
    specular: float = 0.05
    shadow: bool = True

    def __post_init__(self) -> None:
        if math.hypot(*self.direction) == 0:
            raise ValueError("a light's direction must not be (0, 0, 0)")

    def arguments(self) -> dict[str, Any]:
        """All of PyBullet's light arguments: it keeps those of the last call that are left out."""
        scale = _FAR / math.hypot(*self.direction)
        return {
            "lightDirection": [scale * x for x in self.direction],
            "lightColor": list(self.colour),
            "lightDistance": _FAR,
            "lightAmbientCoeff": self.ambient,
            "lightDiffuseCoeff": self.diffuse,
            "lightSpecularCoeff": self.specular,
            "shadow": int(self.shadow),
        }
