"""Bottles after those of the YCB object set, in its sizes."""

from __future__ import annotations

from typing import Final

from sim_bridge.products.designs import Design
from sim_bridge.products.inks import BLACK, BLUE, GREEN, LIME, NAVY, RED, SKY, WHITE, YELLOW
from sim_bridge.products.layouts import FACTS
from sim_bridge.products.parts import Block, Disc, Section, Turned, smooth
from sim_bridge.products.prints import Inset, Oval, Panel, Picture, Polygon, Rectangle, Wrap
from sim_bridge.products.words import BarCode, SmallPrint, Words

_MUSTARD_SECTION: Final = Section(0.050 / 0.085)
_MUSTARD_FRONT: Final = Panel(
    YELLOW,
    (
        Oval((0.2, 0.36, 0.8, 0.68), NAVY),
        Words("40% MORE", (0.5, 0.42), 0.05, YELLOW, 0.36),
        Polygon(((0.16, 0.5), (0.84, 0.44), (0.84, 0.58), (0.16, 0.64)), RED),
        Words("French's", (0.5, 0.54), 0.13, WHITE, 0.58, slope=5),
        Words("Classic YELLOW", (0.5, 0.75), 0.07, BLACK, 0.6),
        Words("MUSTARD", (0.5, 0.83), 0.09, RED, 0.6),
        Picture("hotdog", (0.5, 0.92), 0.12, 1),
    ),
)
_MUSTARD_BACK: Final = Panel(
    YELLOW,
    (
        Words("French's mustard", (0.5, 0.42), 0.08, RED, 0.6),
        SmallPrint((0.22, 0.48, 0.78, 0.74), FACTS["food"], BLACK, (252, 226, 110)),
        BarCode((0.36, 0.78, 0.64, 0.9), 9),
    ),
)

MUSTARD_BOTTLE: Final = Design(
    "ycb.mustard_bottle",
    (
        Disc("bottle", 0.040, 0.0, True, _MUSTARD_SECTION, up=False),
        Turned(
            "label",
            smooth(
                (
                    (0.040, 0.0),
                    (0.0425, 0.006),
                    (0.0425, 0.055),
                    (0.038, 0.085),
                    (0.0425, 0.112),
                    (0.036, 0.132),
                    (0.020, 0.144),
                )
            ),
            section=_MUSTARD_SECTION,
        ),
        Turned("bottle", ((0.021, 0.140), (0.021, 0.147), (0.014, 0.147)), plain=True),
        Turned("cap", smooth(((0.017, 0.146), (0.017, 0.154), (0.005, 0.172))), plain=True),
        Turned("tip", ((0.005, 0.171), (0.004, 0.175), (0.0, 0.175)), plain=True),
    ),
    {
        "label": Wrap(_MUSTARD_FRONT, _MUSTARD_BACK),
        "bottle": Panel(YELLOW),
        "cap": Panel((236, 190, 20)),
        "tip": Panel(RED),
    },
    (YELLOW,),
)

_BLEACH_SECTION: Final = Section(0.065 / 0.098, 0.8)
_BLEACH_LABEL: Final = Panel(
    WHITE,
    (
        Rectangle((0.0, 0.0, 1.0, 0.34), LIME),
        Words("with BLEACH", (0.5, 0.1), 0.1, NAVY, 0.7),
        Words("CLEANSER", (0.5, 0.25), 0.13, GREEN, 0.84, WHITE),
        Polygon(((0.0, 0.36), (1.0, 0.3), (1.0, 0.72), (0.0, 0.78)), BLUE),
        Words("Soft\nScrub", (0.5, 0.54), 0.19, WHITE, 0.8, NAVY, slope=3),
        Picture("sparkle", (0.76, 0.87), 0.13, 1),
        Words("multi surface", (0.36, 0.86), 0.07, GREEN, 0.56),
        Words("24 FL OZ", (0.3, 0.95), 0.05, BLACK, 0.4),
    ),
)
_BLEACH_FRONT: Final = Panel(WHITE, (Inset((0.2, 0.36, 0.8, 0.92), _BLEACH_LABEL),))
_BLEACH_BACK: Final = Panel(
    WHITE,
    (
        Words("Soft Scrub", (0.5, 0.42), 0.06, BLUE, 0.5),
        SmallPrint((0.24, 0.47, 0.76, 0.74), FACTS["household"] * 2, NAVY),
        Rectangle((0.24, 0.76, 0.76, 0.79), LIME),
        BarCode((0.38, 0.81, 0.62, 0.9), 10),
    ),
)

BLEACH_CLEANSER: Final = Design(
    "ycb.bleach_cleanser",
    (
        Disc("bottle", 0.045, 0.0, True, _BLEACH_SECTION, up=False),
        Turned(
            "label",
            smooth(
                (
                    (0.045, 0.0),
                    (0.049, 0.008),
                    (0.048, 0.100),
                    (0.043, 0.165),
                    (0.028, 0.200),
                    (0.018, 0.215),
                )
            ),
            section=_BLEACH_SECTION,
        ),
        Turned("cap", ((0.0205, 0.212), (0.0205, 0.246), (0.018, 0.25), (0.0, 0.25)), plain=True),
        Block("spout", (0.010, 0.012, 0.008), (0.0, -0.019, 0.238)),
    ),
    {
        "label": Wrap(_BLEACH_FRONT, _BLEACH_BACK),
        "bottle": Panel(WHITE),
        "cap": Panel((238, 240, 242)),
        "spout": Panel((222, 226, 230)),
    },
    (WHITE,),
)

_SPRAY_SECTION: Final = Section(0.076 / 0.100, 0.75)
_SPRAY_FRONT: Final = Panel(
    NAVY,
    (
        Rectangle((0.16, 0.5, 0.84, 0.94), RED, 0.12),
        Words("Windex", (0.5, 0.59), 0.12, WHITE, 0.6, NAVY),
        Words("GLASS CLEANER", (0.5, 0.69), 0.05, YELLOW, 0.56),
        Picture("window", (0.5, 0.82), 0.14, 1),
        Words("26 FL OZ", (0.5, 0.965), 0.035, WHITE, 0.4),
    ),
)
_SPRAY_BACK: Final = Panel(
    NAVY,
    (
        Rectangle((0.16, 0.5, 0.84, 0.94), RED, 0.12),
        Words("Windex", (0.5, 0.55), 0.07, WHITE, 0.5),
        SmallPrint((0.22, 0.6, 0.78, 0.8), FACTS["household"], WHITE),
        BarCode((0.38, 0.82, 0.62, 0.9), 11),
    ),
)

WINDEX_BOTTLE: Final = Design(
    "ycb.windex_bottle",
    (
        Disc("bottle", 0.044, 0.0, True, _SPRAY_SECTION, up=False),
        Turned(
            "label",
            smooth(
                (
                    (0.044, 0.0),
                    (0.048, 0.008),
                    (0.048, 0.095),
                    (0.040, 0.130),
                    (0.020, 0.170),
                    (0.016, 0.205),
                )
            ),
            section=_SPRAY_SECTION,
        ),
        Turned("collar", ((0.019, 0.198), (0.019, 0.222), (0.012, 0.224)), plain=True),
        Block("head", (0.080, 0.030, 0.040), (0.005, 0.0, 0.222)),
        Block("ridge", (0.060, 0.022, 0.009), (-0.002, 0.0, 0.261)),
        Block("trigger", (0.010, 0.018, 0.052), (0.033, 0.0, 0.175)),
        Block("nozzle", (0.012, 0.018, 0.018), (0.050, 0.0, 0.236)),
    ),
    {
        "label": Wrap(_SPRAY_FRONT, _SPRAY_BACK),
        "bottle": Panel(NAVY),
        "collar": Panel(RED),
        "head": Panel(RED),
        "ridge": Panel(RED),
        "trigger": Panel(WHITE),
        "nozzle": Panel(SKY),
    },
    (NAVY, RED),
)

BOTTLES: Final = (MUSTARD_BOTTLE, BLEACH_CLEANSER, WINDEX_BOTTLE)
