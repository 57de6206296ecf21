"""A place and a turn, as numpy and scipy have them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.transform import Rotation, Slerp

from culture_perception.masks import FloatArray


@dataclass(frozen=True)
class RigidTransform:
    """A place and a turn: how coordinates in a child frame become those in its parent.

    Attributes:
        translation: the child's origin in the parent, metres.
        quaternion_xyzw: the child's axes in the parent; it need not have length 1.
    """

    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    quaternion_xyzw: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)

    def __post_init__(self) -> None:
        numbers = (*self.translation, *self.quaternion_xyzw)
        if not np.isfinite(numbers).all() or not any(self.quaternion_xyzw):
            raise ValueError(
                f"translation {self.translation} and quaternion {self.quaternion_xyzw} are no "
                "transform; numbers must be finite and the quaternion not all zero"
            )

    @property
    def rotation(self) -> FloatArray:
        """(3, 3) rotation from child to parent."""
        return np.asarray(Rotation.from_quat(self.quaternion_xyzw).as_matrix(), dtype=np.float64)

    def apply(self, points: ArrayLike) -> FloatArray:
        """Points of the child, (..., 3) metres, in the parent."""
        turned = np.asarray(points, np.float64) @ self.rotation.T
        return np.asarray(turned + np.asarray(self.translation), dtype=np.float64)

    def inverse(self) -> RigidTransform:
        """How coordinates in the parent become those in the child."""
        back = Rotation.from_quat(self.quaternion_xyzw).inv()
        return _of(-back.apply(self.translation), back)

    def compose(self, inner: RigidTransform) -> RigidTransform:
        """This one after `inner`: from inner's child to this one's parent."""
        turn = Rotation.from_quat(self.quaternion_xyzw) * Rotation.from_quat(inner.quaternion_xyzw)
        return _of(self.apply(inner.translation), turn)


def _of(translation: FloatArray, turn: Rotation) -> RigidTransform:
    x, y, z = (float(one) for one in translation)
    qx, qy, qz, qw = (float(one) for one in turn.as_quat())
    return RigidTransform((x, y, z), (qx, qy, qz, qw))


def interpolate(first: RigidTransform, second: RigidTransform, share: float) -> RigidTransform:
    """Between two transforms: `share` 0 is the first, 1 the second; the shorter way round."""
    translation = (1 - share) * np.asarray(first.translation) + share * np.asarray(
        second.translation
    )
    turns = Rotation.from_quat([first.quaternion_xyzw, second.quaternion_xyzw])
    return _of(translation, Slerp([0.0, 1.0], turns)(share))
