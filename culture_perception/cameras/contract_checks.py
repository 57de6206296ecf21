"""Says what a camera breaks of the contract, from what was received of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from culture_perception.cameras.calibration import Calibration, CalibrationError, of_camera_info
from culture_perception.cameras.contract import CONTRACT, DEPTH, DEPTH_INFO, Contract, Stream
from culture_perception.cameras.received import Offer, Received
from culture_perception.depth_images import to_depth_m
from culture_perception.image_encodings import ImageError
from culture_perception.images import image_to_array
from culture_perception.message_records import stamp_ns_of

_NS: Final = 1e9


def breaches(received: Received, contract: Contract = CONTRACT) -> list[str]:
    """Everything that is not as it should be, for people; empty: the camera will do."""
    there = [one for one in contract.streams if received.of(one)]
    found = list(_missing(received, contract, there))
    for stream in there:
        found += _offered(received.offers.get(stream.name, ()), stream, contract)
        found += _timely(received.messages[stream.name], stream, contract)
        found += _images(received.of(stream), stream) if stream.encodings else ()
        found += () if stream.encodings else _infos(received.of(stream), stream)
    found += _alike(received, there)
    found += _one_stamp(received, there)
    found += _distance(received.of(DEPTH), contract)
    found += _placed(received, there, contract)
    return list(dict.fromkeys(found))


def _missing(received: Received, contract: Contract, there: Sequence[Stream]) -> Iterator[str]:
    for stream in contract.streams:
        if stream.needed and stream not in there:
            how_many = len(received.offers.get(stream.name, ()))
            yield f"{stream.topic}: no message ({how_many} publishers)"
    if (DEPTH in there) != (DEPTH_INFO in there):
        yield f"{DEPTH.topic} and {DEPTH_INFO.topic}: only one of them comes"


def _offered(offers: Sequence[Offer], stream: Stream, contract: Contract) -> Iterator[str]:
    if len(offers) != 1:
        yield f"{stream.topic} has {len(offers)} publishers, not one"
    for offer in offers:
        if offer.msgtype != stream.msgtype:
            yield f"{stream.topic} is of type {offer.msgtype}, not {stream.msgtype}"
        if offer.reliability != contract.reliability:
            yield (
                f"{stream.topic} is {offer.reliability}, not {contract.reliability}: see the "
                "remedies for best effort in docs/camera.md"
            )
        if offer.durability != contract.durability:
            yield f"{stream.topic} is {offer.durability}, not {contract.durability}"


def _timely(
    messages: Sequence[tuple[int, Any]], stream: Stream, contract: Contract
) -> Iterator[str]:
    stamps = np.array([stamp_ns_of(message) for _, message in messages], dtype=np.int64)
    ages_s = (np.array([at for at, _ in messages], dtype=np.int64) - stamps) / _NS
    if (np.diff(stamps) <= 0).any():
        yield f"{stream.topic}: stamps do not grow from message to message"
    if ages_s.max() > contract.oldest_s:
        yield f"{stream.topic}: up to {ages_s.max():.2f} s old on arrival: lag, or another clock"
    if ages_s.min() < -contract.newest_s:
        yield f"{stream.topic}: up to {-ages_s.min():.2f} s in the future: another clock"


def _images(images: Sequence[Any], stream: Stream) -> Iterator[str]:
    for image in images:
        if image.encoding not in stream.encodings:
            yield f"{stream.topic} is in {image.encoding!r}, not {' or '.join(stream.encodings)}"
            continue
        try:
            image_to_array(image)
        except ImageError as error:
            yield f"{stream.topic}: {error}"


def _infos(infos: Sequence[Any], stream: Stream) -> Iterator[str]:
    for info in infos:
        try:
            yield from _calibrated(of_camera_info(info), stream)
        except CalibrationError as error:
            yield f"{stream.topic}: {error}"
        if not info.distortion_model:
            yield f"{stream.topic}: no distortion model; plumb_bob with five zeros for none"


def _calibrated(made: Calibration, stream: Stream) -> Iterator[str]:
    for name, (cx, cy) in (("k", (made.k[2], made.k[5])), ("p", (made.p[2], made.p[6]))):
        if not (0 < cx < made.width and 0 < cy < made.height):
            yield f"{stream.topic}: the principal point of {name}, {cx}, {cy}, is not in the image"
    turn = np.reshape(made.r, (3, 3))
    if not np.allclose(turn @ turn.T, np.eye(3), atol=1e-3):
        yield f"{stream.topic}: r is no rotation; without rectification it is the identity"


def _alike(received: Received, there: Sequence[Stream]) -> Iterator[str]:
    for what in ("frame_id", "size"):
        values = {
            stream.topic: sorted({_value(message, what) for message in received.of(stream)})
            for stream in there
        }
        if len({value for one in values.values() for value in one}) > 1:
            listed = ", ".join(f"{topic} {' '.join(one)}" for topic, one in values.items())
            yield f"{what} differs: {listed}; align depth to colour in the driver"


def _value(message: Any, what: str) -> str:
    if what == "frame_id":
        return str(message.header.frame_id)
    return f"{message.width}x{message.height}"


def _one_stamp(received: Received, there: Sequence[Stream]) -> Iterator[str]:
    """Messages at either end may lack their partners: listening began and ended between them."""
    stamps = {one.topic: {stamp_ns_of(message) for message in received.of(one)} for one in there}
    if not stamps:
        return
    first, last = max(map(min, stamps.values())), min(map(max, stamps.values()))
    inside = {t: {ns for ns in one if first <= ns <= last} for t, one in stamps.items()}
    everywhere = set[int].intersection(*inside.values())
    for topic, ones in inside.items():
        alone = len(ones - everywhere)
        if alone or not ones:
            yield (
                f"{topic}: {alone} of {len(ones)} stamps are not on every topic: colour, depth "
                "and camera info of one frame need one stamp"
            )


def _distance(images: Sequence[Any], contract: Contract) -> Iterator[str]:
    low, high = contract.depth_m
    for image in images:
        try:
            depth_m = to_depth_m(image)
        except ImageError:
            continue  # said already
        if not np.isfinite(depth_m).any():
            yield f"{DEPTH.topic}: nothing is measured in an image"
        elif not low <= float(np.nanmedian(depth_m)) <= high:
            yield (
                f"{DEPTH.topic}: median distance {np.nanmedian(depth_m):.4g} m: "
                "32FC1 is in metres, 16UC1 in millimetres (REP-118)"
            )


def _placed(received: Received, there: Sequence[Stream], contract: Contract) -> Iterator[str]:
    frames = {str(one.header.frame_id) for stream in there for one in received.of(stream)}
    parents = {pose.child: pose.parent for pose in received.poses}
    for frame in sorted(frames):
        if not frame.endswith(contract.frame_suffix) or frame.startswith("/"):
            yield f"frame_id {frame!r} does not end in {contract.frame_suffix} (REP-103)"
        if frame not in parents:
            yield f"/tf_static says nothing of where {frame!r} is"
    for pose in received.poses:
        if pose.child in frames and not np.isclose(
            np.linalg.norm(pose.rotation_xyzw), 1, atol=1e-3
        ):
            yield f"/tf_static: the rotation of {pose.child} is no unit quaternion"
