"""Where things are, against where the simulation has them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest

from culture_perception.intrinsics import Intrinsics
from culture_perception.masks import (
    BoxedMask,
    Float32Array,
    FloatArray,
    MaskArray,
    crop_to_box,
)
from culture_perception.matching import match_masks
from culture_perception.object_noise import DepthNoise
from culture_perception.objects_3d import LocatedObject, LocateOptions, locate
from culture_perception.point_clouds import PointOptions
from culture_perception.rigid_transform import RigidTransform

PIXEL_M = 0.002  # at 0.9 m and 450 pixels of focal length
KEEP_ALL = LocateOptions(points=PointOptions(border_px=0, max_gap_m=0))


@dataclass(frozen=True)
class Error:
    """Of one object, metres: box's centre, its highest point, its edges (found - true)."""

    centre: float
    top: float
    size: tuple[float, float, float]


def _upright_box(corners: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Centre and edges of the smallest box on the table around (N, 3) corners, longer edge first.

    Its own way of finding it: of all headings, half a degree apart, the smallest rectangle.
    """
    best: tuple[float, Any] = (np.inf, None)
    for heading in np.radians(np.arange(0, 90, 0.5)):
        turn = np.array([[np.cos(heading), np.sin(heading)], [-np.sin(heading), np.cos(heading)]])
        flat = corners[:, :2] @ turn.T
        low, high = flat.min(axis=0), flat.max(axis=0)
        area = float(np.prod(high - low))
        if area < best[0]:
            best = area, ((low + high) / 2 @ turn, high - low)
    centre, edges = best[1]
    z = corners[:, 2]
    return (
        np.array([*centre, (z.min() + z.max()) / 2]),
        np.array([max(edges), min(edges), np.ptp(z)]),
    )


def _error(place: LocatedObject, corners: FloatArray) -> Error:
    centre, size = _upright_box(corners)
    found = np.asarray(place.pose.translation)
    a, b, c = (float(one) for one in np.asarray(place.size) - size)
    top = float(place.points.points[:, 2].max() - corners[:, 2].max())
    return Error(float(np.linalg.norm(found - centre)), abs(top), (a, b, c))


def _wider(pixels: int) -> Callable[[MaskArray], MaskArray]:
    square = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    return lambda mask: cv2.dilate(mask.view(np.uint8), square).astype(np.bool_)


def _noisy(depth_m: Float32Array) -> Float32Array:
    rng = np.random.default_rng(5)
    sigma = 0.001 + 0.0029 * depth_m**2
    return (depth_m + sigma * rng.standard_normal(depth_m.shape)).astype(np.float32)


def intrinsics_of(stage: Any) -> Intrinsics:
    camera = stage.camera
    return Intrinsics(camera.fx, camera.fy, camera.cx, camera.cy, camera.width, camera.height)


def _located(
    stage: Any, masks: Iterable[BoxedMask], depth_m: Float32Array, options: LocateOptions | None
) -> Iterator[LocatedObject]:
    """Places in the world of masks, all of which have one."""
    to_world = RigidTransform(stage.camera.position, stage.camera.quaternion_xyzw)
    up = tuple(to_world.inverse().rotation @ [0.0, 0.0, 1.0])
    for mask in masks:
        place = locate(mask, depth_m, intrinsics_of(stage), up, options)
        assert place is not None
        yield place.transformed(to_world)


def _errors(
    stage: Any,
    options: LocateOptions | None = None,
    mask_of: Callable[[MaskArray], MaskArray] = lambda mask: mask,
    depth_of: Callable[[Float32Array], Float32Array] = lambda depth_m: depth_m,
) -> list[Error]:
    seen, truth = stage.world.observe(), stage.truth()
    masks = [crop_to_box(mask_of(seen.id_image == n + 1)) for n in range(len(truth))]
    places = _located(stage, masks, depth_of(seen.depth_m), options)
    return [_error(place, corners) for place, corners in zip(places, truth, strict=True)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_blocks_are_where_they_are(stage: Any, seed: int) -> None:
    stage.world.new_scene(["test.cube", "test.brick"], seed)

    for error in _errors(stage):
        # Each end of a visible side is known to a pixel; what is lowest may be hidden by one more.
        assert error.centre < 2 * PIXEL_M
        assert max(abs(one) for one in error.size) < 4 * PIXEL_M
        assert error.top < 0.001  # the top face is seen whole: only the depth buffer's step is left


def test_a_mask_that_is_too_wide_does_not_move_a_block(stage: Any) -> None:
    stage.world.new_scene(["test.cube", "test.brick"], 1)

    careful = _errors(stage, None, _wider(2))
    careless = _errors(stage, KEEP_ALL, _wider(2))

    assert max(error.centre for error in careful) < 4 * PIXEL_M
    assert min(error.centre for error in careless) > 6 * PIXEL_M


def test_noise_of_pixels_moves_a_block_little(stage: Any) -> None:
    stage.world.new_scene(["test.cube", "test.brick"], 1)

    for error in _errors(stage, depth_of=_noisy):
        # 3.4 mm at .9 m, one for each pixel: the box grows on all sides.
        assert error.centre < 3 * 0.0034


def test_the_covariance_says_how_far_the_cameras_error_moves_a_block(stage: Any) -> None:
    stage.world.new_scene(["test.cube", "test.brick"], 1)
    seen, noise = stage.world.observe(), DepthNoise()
    mask, rng = crop_to_box(seen.id_image == 1), np.random.default_rng(3)
    place = locate(mask, seen.depth_m, intrinsics_of(stage), (0.0, -1.0, -1.0))
    assert place is not None
    ray = np.asarray(place.centroid) / place.centroid[2]
    along = ray / np.linalg.norm(ray)
    shifts = []
    for bias_m in rng.normal(0, noise.sigma_m(place.centroid[2]), 100):
        depth_m = (seen.depth_m + bias_m).astype(np.float32)
        biased = locate(mask, depth_m, intrinsics_of(stage), (0.0, -1.0, -1.0))
        assert biased is not None
        moved = np.asarray(biased.pose.translation) - np.asarray(place.pose.translation)
        shifts.append(float(along @ moved))

    said_m = float(np.sqrt(along @ place.covariance[:3, :3] @ along))

    # The spread of 100 numbers is known to 7 %; a part of said_m is doubt about other things.
    assert 0.75 < float(np.std(shifts)) / said_m < 1.15


def _figures(errors: list[Error]) -> str:
    parts = {
        "centre": [error.centre for error in errors],
        "top": [error.top for error in errors],
        "edges": [abs(one) for error in errors for one in error.size],
    }
    return "; ".join(
        f"{name} {np.median(values) * 1e3:.1f}, {np.quantile(values, 0.9) * 1e3:.1f}, "
        f"{max(values) * 1e3:.1f}"
        for name, values in parts.items()
    )


@pytest.mark.slow
def test_products_of_twenty_scenes(stage: Any) -> None:
    """Prints median, 90 % and worst, mm, of five products a scene."""
    cases: dict[str, dict[str, Any]] = {
        "exact masks": {},
        "masks 1 pixel too wide": {"mask_of": _wider(1)},
        "masks 2 pixels too wide": {"mask_of": _wider(2)},
        "2 pixels too wide, all points kept": {"mask_of": _wider(2), "options": KEEP_ALL},
        "noisy depth": {"depth_of": _noisy},
        "masks 1 pixel too wide, noisy depth": {"mask_of": _wider(1), "depth_of": _noisy},
    }
    errors: dict[str, list[Error]] = {name: [] for name in cases}
    for seed in range(950_000, 950_020):
        stage.world.new_scene(stage.products(seed), seed)
        for name, case in cases.items():
            errors[name] += _errors(stage, **case)
    for name, found in errors.items():
        print(f"{name}: {len(found)} objects; {_figures(found)}")

    # Measured: 1.7, 1.7, 2.9 mm, and 4.0 and 2.5 mm with noise.
    for name, limit_m in zip(cases, (0.003, 0.003, 0.005, np.inf, 0.006, 0.006), strict=True):
        assert np.median([error.centre for error in errors[name]]) < limit_m, name


@pytest.mark.slow
def test_products_that_are_found_in_twenty_scenes(stage: Any, segment: Any) -> None:
    """Prints the same of the masks that the shipped segmenter finds."""
    by_iou: list[tuple[float, Error]] = []
    for seed in range(950_000, 950_020):
        stage.world.new_scene(stage.products(seed), seed)
        seen, corners = stage.world.observe(), stage.truth()
        truth = [crop_to_box(seen.id_image == n + 1) for n in range(len(corners))]
        masks = segment(seen.image_rgb)
        matches = match_masks(truth, masks)
        found = _located(stage, (masks[i] for i, _ in matches.values()), seen.depth_m, None)
        for (number, (_, iou)), place in zip(matches.items(), found, strict=True):
            by_iou.append((iou, _error(place, corners[number])))
    everything = [error for _, error in by_iou]
    good = [error for iou, error in by_iou if iou >= 0.9]
    print(f"found masks: {len(everything)} objects of 100; {_figures(everything)}")
    print(f"found masks of IoU .9 and more: {len(good)} objects of 100; {_figures(good)}")

    # Measured: 5.4 mm; half a mask, or a piece of the table in it, is as wrong in space.
    assert len(everything) >= 90
    assert np.median([error.centre for error in everything]) < 0.008
    assert np.median([error.centre for error in good]) < 0.006


def test_ten_objects_take_milliseconds(stage: Any) -> None:
    stage.world.new_scene(stage.products(950_001, 10), 950_001)
    _errors(stage)
    intrinsics, up = intrinsics_of(stage), (0.0, -1.0, -1.0)
    seen = stage.world.observe()
    masks = [crop_to_box(seen.id_image == number) for number in range(1, 11)]
    took_s = []
    for _ in range(5):
        start_s = time.perf_counter()
        for mask in masks:
            locate(mask, seen.depth_m, intrinsics, up)
        took_s.append(time.perf_counter() - start_s)

    # Measured: 7 ms on an idle core.
    assert min(took_s) < 0.05
