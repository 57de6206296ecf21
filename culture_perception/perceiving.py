"""From an image to what is in it, frame after frame: names, tracks, and places in space.

One thread at a time uses a Perceiver. It knows neither ROS nor torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from culture_perception.adapting import adapt
from culture_perception.concepts import ActiveLabels
from culture_perception.intrinsics import Intrinsics
from culture_perception.masks import BoxedMask, Float32Array, Uint8Array
from culture_perception.objects_3d import LocatedObject, locate
from culture_perception.protocols import Encoder, Segmenter
from culture_perception.recognition import Options, name_segments, observe
from culture_perception.results import NamedMask, Observation, Recognition
from culture_perception.tracking import Tracker
from culture_perception.zero_shot import TextBank, TextBankCache


class NoLabelsError(RuntimeError):
    """A frame came before there were labels."""


@dataclass(frozen=True, eq=False)
class Perceived:
    """What was made of one frame.

    Attributes:
        stamp_ns: of the image.
        frame_id: the image's optical frame.
        image_rgb: uint8 (H, W, 3).
        observation: segments and embeddings, before names.
        recognition: with the tracks' ids.
        bank: the labels that named it.
        objects: one a mask of the recognition, in the optical frame; None for a mask with too
            little depth. Empty: there was no depth.
    """

    stamp_ns: int
    frame_id: str
    image_rgb: Uint8Array
    observation: Observation
    recognition: Recognition
    bank: TextBank
    objects: tuple[LocatedObject | None, ...] = ()

    def named_of_segment(self, index: int) -> NamedMask:
        """The named mask of a segment of the observation."""
        segment = self.observation.segments[index]
        return next(one for one in self.recognition.masks if one.segment is segment)

    def object_of(self, named: NamedMask) -> LocatedObject | None:
        """Where a mask of the recognition is; None: that is not known."""
        found = next(i for i, one in enumerate(self.recognition.masks) if one is named)
        return self.objects[found] if self.objects else None


class Perceiver:
    """Models, labels and tracks.

    Attributes:
        options: for the next frame.
        tracker: gives the ids.
        bank: the labels in use; None: none yet.
    """

    def __init__(
        self, segmenter: Segmenter, encoder: Encoder, options: Options, tracker: Tracker
    ) -> None:
        self.segmenter = segmenter
        self.encoder = encoder
        self.options = options
        self.tracker = tracker
        self.bank: TextBank | None = None
        self._banks = TextBankCache()

    def take_labels(self, labels: ActiveLabels) -> bool:
        """Names by these labels from now on; False where they are in use already.

        An encoder with adapters changes to the one that fits them, or to its bare base.
        """
        if self.bank is not None and self.bank.labels.version == labels.version:
            return False
        try:
            adapt(self.encoder, labels)
            self.bank = self._banks.get(self.encoder, labels)
        except Exception:
            if self.bank is not None:  # frames go on to be named by them, and by their adapter
                adapt(self.encoder, self.bank.labels)
            raise
        return True

    def perceive(self, image_rgb: Uint8Array, stamp_ns: int, frame_id: str) -> Perceived:
        """Finds, names and tracks what is in an image; see recognition.recognise.

        Raises:
            NoLabelsError: there are no labels yet.
            ValueError: the image is not uint8 (H, W, 3).
        """
        if self.bank is None:
            raise NoLabelsError("a frame came before there were labels")
        observation = observe(image_rgb, self.segmenter, self.encoder, self.options)
        recognition = name_segments(observation, self.bank, self.options)
        return Perceived(
            stamp_ns=stamp_ns,
            frame_id=frame_id,
            image_rgb=image_rgb,
            observation=observation,
            recognition=self._tracked(recognition, stamp_ns),
            bank=self.bank,
        )

    def _tracked(self, recognition: Recognition, stamp_ns: int) -> Recognition:
        masks = recognition.masks
        ids = self.tracker.update(
            stamp_ns,
            [_boxed(one) for one in masks],
            [one.concept_id for one in masks],
        )
        tracked = tuple(_with_track(one, track) for one, track in zip(masks, ids, strict=True))
        return replace(recognition, masks=tracked)


def _with_track(named: NamedMask, track_id: int) -> NamedMask:
    instance_id = track_id if named.is_named else named.instance_id
    return replace(named, track_id=track_id, instance_id=instance_id)


def _boxed(named: NamedMask) -> BoxedMask:
    # The segment knows its box already; crop_to_box would look for it in the whole image.
    x0, y0, x1, y1 = named.segment.box_xyxy
    return BoxedMask(named.segment.box_xyxy, named.segment.mask[y0:y1, x0:x1])


def put_into_space(
    perceived: Perceived,
    depth_m: Float32Array,
    intrinsics: Intrinsics,
    up: Sequence[float] | None = None,
) -> Perceived:
    """The same with the place of each mask in the optical frame; see objects_3d.locate."""
    objects = tuple(
        locate(_boxed(named), depth_m, intrinsics, up) for named in perceived.recognition.masks
    )
    return replace(perceived, objects=objects)
