"""From messages to what rerun shows, each at its own stamp.

The viewer's font has no Japanese (rerun-io/rerun issues 7626 and 12770, open in 0.41): names are
drawn as pictures in the shipped one. Text for rerun itself, where it can show it, goes along: the
annotation context has every name as it is, boxes in space have names in Latin script, else ids.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any, Final, TypeAlias

import numpy as np
import rerun as rr
from numpy.typing import NDArray
from PIL import Image as Picture

from culture_perception.depth_images import metres_to_millimetres, to_depth_m
from culture_perception.images import to_rgb
from culture_perception.masks import BoxedMask
from culture_perception.message_records import message_to_mask
from culture_perception.name_pictures import NamedBox, draw_plates, draw_table
from culture_perception.nodes.rerun_sink import CAMERA, SCENE, SCORES, TABLE, VIEW
from culture_perception.overlay import colour_of
from culture_perception.transforms import RigidTransform
from culture_perception.view_queue import COLOUR, DEPTH, MASKS

INFO: Final = "info"
OBJECTS: Final = "objects"
CLOUD: Final = "cloud"
EVALUATION: Final = "scores"
_FIGURES: Final = ("mask_recall_iou50", "top1", "f1", "unknown_rate")
_LAST_LATIN: Final = "\u024f"
_FLUSH_S: Final = 10.0
_OPACITY: Final = 0.45
_BELOW: Final = -20.0
_ABOVE: Final = 20.0  # masks, of which rerun decides, lie between
Translate: TypeAlias = Callable[[str, str, str, str], str]


def as_it_is(label_set: str, style: str, concept_id: str, label: str) -> str:
    """Shows names as recognition gave them."""
    return label


class RerunView:
    """Logs messages to a recording, from one thread."""

    def __init__(
        self, recording: rr.RecordingStream, jpeg_quality: int = 90, translate: Translate = as_it_is
    ) -> None:
        """Prepares the scene.

        Args:
            recording: open.
            jpeg_quality: of colour images, 1 to 100.
            translate: from label set, style, concept id and label to the label that is shown.
        """
        self._recording = recording
        self._jpeg_quality = jpeg_quality
        self._translate = translate
        self._classes: dict[str, tuple[int, str]] = {}
        self._log_kind: Mapping[str, Callable[[Any], None]] = {
            COLOUR: self._colour,
            DEPTH: self._depth,
            MASKS: self._masks,
            INFO: self._info,
            OBJECTS: self._objects,
            CLOUD: self._cloud,
            EVALUATION: self._scores,
        }
        recording.log(SCENE, rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)

    def show(self, kind: str, stamp_ns: int, message: Any, pose: RigidTransform) -> None:
        """Logs a message at its stamp.

        Args:
            kind: COLOUR, DEPTH, MASKS, INFO, OBJECTS, CLOUD or EVALUATION.
            stamp_ns: of the message.
            message: of that kind.
            pose: of the optical frame in the world; used with INFO.

        Raises:
            ValueError: the message contradicts itself, or can not be shown.
        """
        self._recording.set_time("stamp", timestamp=np.datetime64(stamp_ns, "ns"))
        if kind == INFO:  # again with each frame, as a live page forgets what is old
            self._log(CAMERA, _transform(pose))
        self._log_kind[kind](message)

    def close(self) -> None:
        """Writes what is not written yet.

        Raises:
            RuntimeError: it can not be written, as the viewer is gone.
        """
        self._recording.flush(timeout_sec=_FLUSH_S)
        self._recording.disconnect()

    def _colour(self, message: Any) -> None:
        picture = encoded(to_rgb(message), "JPEG", _BELOW, quality=self._jpeg_quality)
        self._log(f"{VIEW}/colour", picture)

    def _depth(self, message: Any) -> None:
        # In whole millimetres 0 says that there is none, and a frame takes half the room.
        depth_mm = metres_to_millimetres(to_depth_m(message))
        self._log(f"{VIEW}/depth", rr.DepthImage(depth_mm, meter=1000.0))

    def _info(self, message: Any) -> None:
        self._log(
            VIEW,
            rr.Pinhole(
                image_from_camera=np.reshape(np.asarray(message.k, np.float64), (3, 3)),
                resolution=[message.width, message.height],
                camera_xyz=rr.ViewCoordinates.RDF,
                image_plane_distance=0.2,
            ),
        )

    def _masks(self, message: Any) -> None:
        labels = self._labels(message, message.masks)
        shape = (int(message.image_height), int(message.image_width))
        boxed = [message_to_mask(one) for one in message.masks]
        named = [
            self._named_box(message, one, label, mask)
            for one, label, mask in zip(message.masks, labels, boxed, strict=True)
        ]
        classes = [self._classes[one.concept_id][0] for one in named]
        self._log(
            f"{VIEW}/masks",
            rr.SegmentationImage(class_image(boxed, classes, shape), opacity=_OPACITY),
        )
        self._log(f"{VIEW}/names", encoded(draw_plates(named, shape), "PNG", _ABOVE))
        title = f"{message.label_set}, named in {message.language} {message.style}"
        self._log(f"{TABLE}/table", encoded(draw_table(named, title), "PNG", _BELOW))

    def _objects(self, message: Any) -> None:
        labels = self._labels(message, message.objects)
        poses = [one.pose.pose for one in message.objects]
        self._log(
            f"{CAMERA}/boxes",
            rr.Boxes3D(
                centers=[[p.position.x, p.position.y, p.position.z] for p in poses],
                half_sizes=[[o.size.x / 2, o.size.y / 2, o.size.z / 2] for o in message.objects],
                quaternions=[
                    [p.orientation.x, p.orientation.y, p.orientation.z, p.orientation.w]
                    for p in poses
                ],
                colors=[colour_of(one.concept_id) for one in message.objects],
                labels=list(map(latin_name, message.objects, labels)),
            ),
        )

    def _cloud(self, message: Any) -> None:
        positions, colours = cloud_points(message)
        self._log(f"{CAMERA}/points", rr.Points3D(positions, colors=colours, radii=0.001))

    def _scores(self, message: Any) -> None:
        for cell in message.cells:
            for figure in _FIGURES:
                value = float(getattr(cell, figure))
                if not math.isnan(value):
                    path = [SCORES, cell.label_set, cell.language, cell.style, figure]
                    self._log(path, rr.Scalars(value))

    def _labels(self, message: Any, named: Sequence[Any]) -> list[str]:
        """Names as they are shown; every concept has a class, with its name, from then on."""
        labels = [self._shown(message, one.concept_id, one.label) for one in named]
        self._take_names([(str(one.concept_id), n) for one, n in zip(named, labels, strict=True)])
        return labels

    def _shown(self, message: Any, concept_id: str, label: str) -> str:
        return self._translate(message.label_set, message.style, concept_id, label)

    def _named_box(self, message: Any, one: Any, label: str, mask: BoxedMask) -> NamedBox:
        guesses = [self._shown(message, o.concept_id, o.label) for o in one.alternatives[:1]]
        return NamedBox(
            concept_id=str(one.concept_id),
            label=label or str(one.concept_id),
            guess="".join(guesses),
            probability=float(one.probability),
            similarity=float(one.similarity),
            box=mask.box,
        )

    def _take_names(self, names: Sequence[tuple[str, str]]) -> None:
        before = dict(self._classes)
        self._classes.setdefault("", (1, "?"))
        for concept_id, label in names:
            number, _ = self._classes.get(concept_id, (len(self._classes) + 1, ""))
            self._classes[concept_id] = (number, label or "?")
        if self._classes != before:
            self._announce_classes()

    def _announce_classes(self) -> None:
        infos = [rr.AnnotationInfo(id=0, label="", color=(0, 0, 0, 0))] + [
            rr.AnnotationInfo(id=number, label=label, color=colour_of(concept_id))
            for concept_id, (number, label) in self._classes.items()
        ]
        # Static data is kept, and sent first, by a live page.
        self._recording.log(VIEW, rr.AnnotationContext(infos), static=True)

    def _log(self, path: str | list[object], entity: Any) -> None:
        self._recording.log(path, entity)


def encoded(
    pixels: NDArray[np.uint8], form: str, draw_order: float, **options: Any
) -> rr.EncodedImage:
    """A compressed picture; the viewer lays such over each other, in the order given.

    A transparent rr.Image over an rr.EncodedImage it draws opaque (0.41).
    """
    buffer = BytesIO()
    Picture.fromarray(pixels).save(buffer, format=form, **options)
    kind = f"image/{form.lower()}"
    return rr.EncodedImage(contents=buffer.getvalue(), media_type=kind, draw_order=draw_order)


def class_image(
    masks: Sequence[BoxedMask], classes: Sequence[int], shape_hw: tuple[int, int]
) -> NDArray[np.uint16]:
    """(H, W) uint16: the class of each pixel's mask, 0 where none is; the first mask wins."""
    image = np.zeros(shape_hw, np.uint16)
    for mask, number in zip(reversed(masks), reversed(classes), strict=True):
        x0, y0, x1, y1 = mask.box
        image[y0:y1, x0:x1][mask.inside] = number
    return image


def latin_name(message: Any, label: str) -> str:
    """A LabelledObject's name as the viewer's font can show it, else its concept's id."""
    label = label or "?"
    name = label if max(label) <= _LAST_LATIN else str(message.concept_id)
    return f"{name} {message.probability:.2f}"


def cloud_points(message: Any) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Positions (N, 3) and colours (N, 3) RGB of a PointCloud2 with x, y, z and rgb.

    Raises:
        ValueError: a field is missing.
    """
    offsets = {field.name: field.offset for field in message.fields}
    missing = [name for name in ("x", "y", "z", "rgb") if name not in offsets]
    if missing:
        raise ValueError(f"a cloud without {', '.join(missing)} can not be shown")
    kinds = [("x", "f4"), ("y", "f4"), ("z", "f4"), ("rgb", "u4")]
    order = ">" if message.is_bigendian else "<"
    layout = np.dtype(
        {
            "names": [name for name, _ in kinds],
            "formats": [order + kind for _, kind in kinds],
            "offsets": [offsets[name] for name, _ in kinds],
            "itemsize": message.point_step,
        }
    )
    points = np.frombuffer(bytes(message.data), layout)
    positions = np.stack([points[axis] for axis in "xyz"], axis=1).astype(np.float32)
    colours = np.stack([points["rgb"] >> shift & 255 for shift in (16, 8, 0)], axis=1)
    return positions, colours.astype(np.uint8)


def _transform(pose: RigidTransform) -> rr.Transform3D:
    turn = rr.Quaternion(xyzw=pose.quaternion_xyzw)
    return rr.Transform3D(translation=pose.translation, quaternion=turn)
