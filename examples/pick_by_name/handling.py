"""Takes the thing with the suction cup and puts it into the basket."""

from __future__ import annotations

from arm import Arm, ArmError
from grasp import Grasp

ABOVE_M = 0.08  # from here it goes straight down
PRESS_M = 0.02  # how far below the surface the way down ends, if nothing is met
TABLE_M = 0.004
CARRY_Z_M = (0.35, 0.30, 0.25)  # the first that the arm reaches
VIA = (0.45, 0.1, 0.38)  # over the table's middle: the way to everywhere
BASKET_Z_M = (0.45, 0.03)


class PickError(RuntimeError):
    """The thing is not in the basket; the first words say why, in a way to count by."""


class Handler:
    """Goes the ways; where a step fails it raises PickError, ArmError or NoAnswerError."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    async def take(self, places: list[Grasp]) -> None:
        """Goes down on one place after the other until the suction holds."""
        why = "no grasp: no point of it has depth"
        await self._arm.move(*VIA)
        for grasp in places:
            why = await self._press(*grasp.position)
            if not why:
                x, y, _ = grasp.position
                return await self._lift(x, y)
        raise PickError(why)

    async def _press(self, x: float, y: float, z: float) -> str:
        """Goes down on one place, suction on; why it does not hold there, or nothing."""
        try:
            await self._arm.move(x, y, z + ABOVE_M)
            await self._arm.move(x, y, max(z - PRESS_M, TABLE_M), 0.06, until_contact=True)
            holds, reason = await self._arm.suction(True)
            if holds:
                return ""
            await self._arm.move(x, y, z + ABOVE_M)
        except ArmError as error:  # another place may be free
            return f"arm: {error}"
        return f"no seal: {reason}"

    async def _lift(self, x: float, y: float) -> None:
        """As high as the arm can there, then to the table's middle."""
        for last, z in enumerate(CARRY_Z_M, start=1):
            try:
                await self._arm.move(x, y, z, 0.25)
                break
            except ArmError:
                if last == len(CARRY_Z_M):
                    raise
        await self._arm.move(*VIA)
        await self._check_held("while it was lifted")

    async def put_into_basket(self, floor: tuple[float, float, float]) -> None:
        """Lowers it until it touches the basket or what lies there, and lets go."""
        basket_x, basket_y, floor_z = floor
        high, low = (floor_z + z for z in BASKET_Z_M)
        await self._arm.move(basket_x, basket_y, high)
        await self._check_held("on the way to the basket")
        await self._arm.move(basket_x, basket_y, low, 0.2, until_contact=True)
        await self._arm.suction(False)

    async def _check_held(self, when: str) -> None:
        """A vacuum switch would say it; here the suction, asked again, does."""
        holds, _ = await self._arm.suction(True)
        if not holds:
            raise PickError(f"slipped: it fell {when}")
