"""Ids that stay with objects from frame to frame: masks that overlap are the same object.

The association of SORT (Bewley et al., Simple Online and Realtime Tracking, 2016), on masks in
place of boxes: one assignment a frame, so that two objects can not take one id. In place of its
motion model of each object is the shift of the whole image, since here it is the camera that moves
most. What is out of sight for a while gets its id back where it would be by now. At the image's
border, where only a part of an object is left, ids may change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from culture_perception.camera_shift import common_shift
from culture_perception.masks import (
    BACKGROUND,
    UNLABELLED,
    BoxedMask,
    pairwise_iou_boxed,
)
from culture_perception.matching import match_by_iou
from culture_perception.message_records import NANOSECONDS

MAX_ID: Final = UNLABELLED - 1
"""Ids are 1 to this, so that they fit an id image beside background and unlabelled."""


class TrackError(ValueError):
    """Tracking can not be as asked for."""


@dataclass(frozen=True)
class TrackOptions:
    """When a mask is taken to be an object of an earlier frame.

    Attributes:
        min_iou: overlap that the object's last mask and this one must have, 0 to 1.
        concept_bonus: added to the overlap where both have the same name; it decides between
            objects that overlap about equally, and does not make up for too little overlap.
        keep_s: how long an object that is not seen keeps its id, seconds.
    """

    min_iou: float = 0.3
    concept_bonus: float = 0.2
    keep_s: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 < self.min_iou <= 1.0 or self.concept_bonus < 0.0 or self.keep_s < 0.0:
            raise TrackError(
                f"min_iou {self.min_iou} (above 0, up to 1), concept_bonus {self.concept_bonus} "
                f"or keep_s {self.keep_s} (0 or more) is out of range"
            )


_MARGIN: Final = 1 << 20
"""Added to all boxes, so that what leaves the image on the left or above still has one."""


@dataclass(frozen=True, eq=False)
class _Track:
    track_id: int
    mask: BoxedMask
    concept_id: str
    seen_ns: int


class Tracker:
    """Gives ids to the masks of one camera's frames; one thread may call it."""

    def __init__(self, options: TrackOptions | None = None) -> None:
        self.options = options or TrackOptions()
        self._tracks: list[_Track] = []
        self._last_id = BACKGROUND
        self._stamp_ns: int | None = None

    def update(
        self, stamp_ns: int, masks: Sequence[BoxedMask], concept_ids: Sequence[str]
    ) -> list[int]:
        """The ids of a frame's masks, each different, 1 to 65534.

        A stamp before the last one is a time jump (a bag that starts again): all tracks end, and
        every mask gets a new id. An empty mask never keeps an id.

        Args:
            stamp_ns: of the frame, nanoseconds.
            masks: in any order.
            concept_ids: one a mask; "" for an unknown.

        Raises:
            TrackError: not one concept id a mask, or more objects than ids.
        """
        if len(masks) != len(concept_ids):
            raise TrackError(f"{len(masks)} masks came with {len(concept_ids)} concept ids")
        masks = [_moved(mask, _MARGIN, _MARGIN) for mask in masks]
        self._forget(stamp_ns)
        self._follow(masks)
        matches = self._match(masks, concept_ids)
        ids = []
        for column, (mask, concept_id) in enumerate(zip(masks, concept_ids, strict=True)):
            row = matches.get(column)
            track_id = self._new_id() if row is None else self._tracks[row].track_id
            track = _Track(track_id, mask, concept_id, stamp_ns)
            if row is None:
                self._tracks.append(track)
            else:
                # A name that is rejected in one frame is not forgotten.
                named = concept_id or self._tracks[row].concept_id
                self._tracks[row] = replace(track, concept_id=named)
            ids.append(track_id)
        return ids

    def reset(self) -> None:
        """Ends all tracks. Their ids are not given again before all others were."""
        self._tracks = []
        self._stamp_ns = None

    def _forget(self, stamp_ns: int) -> None:
        if self._stamp_ns is not None and stamp_ns < self._stamp_ns:
            self.reset()
        self._stamp_ns = stamp_ns
        oldest_ns = stamp_ns - round(self.options.keep_s * NANOSECONDS)
        self._tracks = [track for track in self._tracks if track.seen_ns >= oldest_ns]

    def _follow(self, masks: Sequence[BoxedMask]) -> None:
        """Moves all tracks as the image did since the last frame."""
        dx, dy = common_shift([track.mask for track in self._tracks], masks)
        self._tracks = [replace(one, mask=_moved(one.mask, dx, dy)) for one in self._tracks]

    def _match(self, masks: Sequence[BoxedMask], concept_ids: Sequence[str]) -> dict[int, int]:
        """Index of mask -> index of its track."""
        iou = pairwise_iou_boxed([track.mask for track in self._tracks], masks)
        names = np.array([track.concept_id for track in self._tracks], dtype=object)
        same = names[:, None] == np.array(concept_ids, dtype=object)[None, :]
        agree = same & (names != "")[:, None]
        worth = np.where(iou >= self.options.min_iou, iou + self.options.concept_bonus * agree, 0.0)
        return {column: row for row, (column, _) in match_by_iou(worth, np.nextafter(0, 1)).items()}

    def _new_id(self) -> int:
        live = {track.track_id for track in self._tracks}
        if len(live) >= MAX_ID:
            raise TrackError(f"{len(live)} objects at a time are more than there are ids")
        while True:
            self._last_id = self._last_id % MAX_ID + 1
            if self._last_id not in live:
                return self._last_id


def _moved(mask: BoxedMask, dx: int, dy: int) -> BoxedMask:
    x0, y0, x1, y1 = mask.box
    return BoxedMask((x0 + dx, y0 + dy, x1 + dx, y1 + dy), mask.inside)
