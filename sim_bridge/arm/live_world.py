"""A table of products, seen by a camera, on which an arm works: World plus live physics.

The scene of a seed is the one that World makes of it; from then on it moves.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, final

import numpy as np

from sim_bridge.arm.furniture import BASKET_POSITION, in_basket, write_meshes
from sim_bridge.arm.kinematics import Kinematics
from sim_bridge.arm.model import BASE_LINK, BASE_POSITION, BASE_QUATERNION_XYZW, TOOL_LINK
from sim_bridge.arm.motion import Ending, Motion
from sim_bridge.arm.suction import Seal
from sim_bridge.arm.trajectory import Trajectory, timed
from sim_bridge.arm.triangles import read_triangles
from sim_bridge.arm.workplace import Workplace
from sim_bridge.camera import Camera, FloatArray
from sim_bridge.physics import STEP_S, STILL_M_S, Pose, load_hull
from sim_bridge.world import Observation, World

DOWN_XYZW: Final = (0.0, 1.0, 0.0, 0.0)
"""The tool points down."""
HOME: Final = Pose((0.80, 0.88, 0.45), DOWN_XYZW)
"""Beside the basket's middle, where no camera's picture shows the arm."""
TABLE_FRAMES: Final = {
    BASE_LINK: Pose(BASE_POSITION, BASE_QUATERNION_XYZW),
    "basket": Pose(BASKET_POSITION, (0.0, 0.0, 0.0, 1.0)),
}
"""Frames that do not move, in the world."""
CLEAR_Z_M: Final = 0.35
"""A tip this high passes over everything on the table."""
JOINT_STEPS: Final = 20
_CALM_S: Final = 0.25
_LONGEST_S: Final = 5.0
"""After this long without a command what still trembles is left as it is."""


@final
class LiveWorld:
    """Use it as a context manager or call close(). One thread at a time may use it."""

    def __init__(
        self, assets: Mapping[str, Path], camera: Camera, renderer: str = "auto", samples: int = 1
    ) -> None:
        """Loads products and arm; the arguments are World's.

        Raises:
            SceneError: there are no assets.
            RendererError: a file is missing, or the renderer does not open.
        """
        self._world = World(assets, camera, renderer, samples)
        self.camera = camera
        self._kinematics = Kinematics()
        self._home = self._kinematics.solve(HOME)
        self._workplace = Workplace(
            {concept_id: load_hull(path) for concept_id, path in assets.items()},
            {concept_id: read_triangles(path) for concept_id, path in assets.items()},
            self._home.tolist(),
        )
        self._load_meshes()
        self._motion: Motion | None = None
        self._ending: Ending | None = None
        self._calm_s, self._idle_s = _CALM_S, _LONGEST_S
        self.revision = 0
        """Changes whenever anything may look different."""
        self._show()

    def _load_meshes(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            files = write_meshes(Path(folder))
            handles = {name: self._world.add_body(path) for name, path in files.items()}
        self._world.move_body(handles.pop("rail"), TABLE_FRAMES[BASE_LINK])
        self._world.move_body(handles.pop("basket"), TABLE_FRAMES["basket"])
        self._links = handles

    @property
    def renderer_kind(self) -> str:
        """What really draws: egl or tiny."""
        return self._world.renderer_kind

    @property
    def joints(self) -> FloatArray:
        """(8,) rail in metres, the others in radians."""
        return self._workplace.robot.joints

    @property
    def velocities(self) -> FloatArray:
        """(8,) of the joints, a second."""
        return self._workplace.robot.velocities

    @property
    def tool(self) -> Pose:
        """Where the tip of the tool is in the world; z points out of it."""
        return self._workplace.robot.link_pose(TOOL_LINK)

    @property
    def held(self) -> str | None:
        """Concept id of what the cup holds."""
        return self._workplace.held

    @property
    def at_rest(self) -> bool:
        """Whether nothing moves, so that time need not go on."""
        calm = self._calm_s >= _CALM_S or self._idle_s >= _LONGEST_S
        return self._motion is None and calm

    @property
    def moving(self) -> bool:
        """Whether a motion is being carried out."""
        return self._motion is not None

    @property
    def ending(self) -> Ending | None:
        """How the last motion ended; None before the first one and during one."""
        return self._ending

    @property
    def left_m(self) -> float:
        """Way that the tip has still to go."""
        return self._motion.left_m if self._motion else 0.0

    def new_scene(self, concept_ids: Sequence[str], seed: int) -> None:
        """Clears table and basket and lets products fall; the arm is at home then.

        Raises:
            SceneError: see World.new_scene; the table stays as it was.
        """
        scene = self._world.new_scene(concept_ids, seed)
        self._motion, self._ending = None, None
        self._workplace.set_scene(scene.concept_ids, scene.poses)
        self._workplace.robot.put(self._home.tolist())
        self._wake()

    def move_to(self, target: Pose, speed_m_s: float, until_contact: bool) -> None:
        """Begins a straight motion of the tip, in place of one that goes on.

        Args:
            target: of the tip, in the world.
            speed_m_s: at most.
            until_contact: end it, with success, when the tool or what it holds touches something.

        Raises:
            UnreachableError: the arm stays where it is.
        """
        path = self._kinematics.straight(self.joints.tolist(), target, speed_m_s)
        self._begin(path, until_contact)

    def rise(self, speed_m_s: float) -> None:
        """Begins a motion straight up until the tip is clear of everything on the table.

        Raises:
            UnreachableError: the arm stays where it is.
        """
        tool = self.tool
        x, y, z = tool.position
        self.move_to(Pose((x, y, max(z, CLEAR_Z_M)), tool.quaternion_xyzw), speed_m_s, False)

    def go_home(self, speed_m_s: float) -> None:
        """Begins a motion of the joints to home."""
        shares = np.linspace(0.0, 1.0, JOINT_STEPS)[:, None]
        joints = self.joints + shares * (self._home - self.joints)
        self._begin(timed(joints, 0.0, 0.0, speed_m_s), until_contact=False)

    def _begin(self, path: Trajectory, until_contact: bool) -> None:
        self._motion, self._ending = Motion(path, until_contact), None
        self._wake()

    def _wake(self) -> None:
        self._calm_s = self._idle_s = 0.0
        self.revision += 1

    def stop(self) -> None:
        """Ends a motion where it is."""
        if self._motion is not None:
            self._workplace.robot.follow(self.joints)
            self._motion, self._ending = None, Ending.STOPPED
            self._wake()

    def grip(self) -> Seal:
        """Switches the suction on; see Workplace.grip."""
        return self._workplace.grip()

    def release(self) -> None:
        """Switches the suction off; what it held falls."""
        self._workplace.release()
        self._wake()

    def step(self) -> None:
        """Goes on by physics.STEP_S."""
        robot = self._workplace.robot
        if self._motion is not None:
            command = self._motion.advance(STEP_S, robot.joints, self._workplace.touches())
            robot.follow(command.joints)
            if command.ending is not None:
                self._motion, self._ending = None, command.ending
        self._workplace.step()
        self.revision += 1
        still = self._motion is None and self._workplace.fastest_m_s < STILL_M_S
        self._calm_s = self._calm_s + STEP_S if still else 0.0
        self._idle_s = 0.0 if self._motion is not None else self._idle_s + STEP_S

    def observe(self, samples: int | None = None) -> Observation:
        """What the camera sees now.

        Args:
            samples: points along each side of a pixel; None: as the world was made.
        """
        self._show()
        return self._world.observe() if samples is None else self._world.observe_with(samples)

    def observe_from(self, camera: Camera) -> Observation:
        """What another camera, with no larger an image, sees now."""
        self._show()
        return self._world.observe(camera)

    def _show(self) -> None:
        poses = self._workplace.poses
        self._world.move_products([poses[c] for c in self._world.scene.concept_ids])
        for name, handle in self._links.items():
            self._world.move_body(handle, self._workplace.robot.link_pose(name))

    def basket(self) -> list[str]:
        """Concept ids of what lies in the basket and is not held: the truth, for a judge."""
        return [
            concept_id
            for concept_id, pose in self._workplace.poses.items()
            if concept_id != self.held and in_basket(np.array(pose.position))
        ]

    def close(self) -> None:
        """Gives everything back; calling it again does nothing."""
        self._workplace.close()
        self._kinematics.close()
        self._world.close()

    def __enter__(self) -> LiveWorld:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
