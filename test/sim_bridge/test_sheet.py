from pathlib import Path

import numpy as np

from sim_bridge.products.designs import Design, build_design
from sim_bridge.products.export import write_product
from sim_bridge.products.parts import Carton
from sim_bridge.products.prints import Panel
from sim_bridge.products.sheet import contact_sheet

COLOURS = {
    "front": (220, 30, 30),
    "right": (30, 160, 30),
    "back": (30, 30, 220),
    "left": (230, 210, 30),
    "top": (230, 230, 230),
    "bottom": (20, 20, 20),
}


def test_each_view_shows_its_side(tmp_path: Path) -> None:
    prints = {face: Panel(colour) for face, colour in COLOURS.items()}
    die = Design("shop.die", (Carton(0.1, 0.1, 0.1),), prints, ())
    path = write_product(build_design(die), tmp_path)
    sheet = np.asarray(contact_sheet({"shop.die": path}, "tiny")).astype(int)
    assert sheet.shape == (324, 4500, 3)
    front, angled, back = (sheet[150, 300 * view + 150] for view in range(3))
    assert front.argmax() == 0
    assert back.argmax() == 2
    assert angled.argmax() == 0
    left = sheet[150, 300 + 70]  # turned to the right, the left side comes into view
    assert left[2] < 0.5 * min(left[0], left[1])
