"""Random views of rendered frames: zoom, rotation, mirror, exposure, colour, blur, noise."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from culture_perception.training.segmenter_data import Frame

Affine = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """An augmented frame on the training canvas.

    Attributes:
        image: (H, W, 3) float32 RGB, 0 to 255.
        ids: (H, W) uint8 instance ids, 0 background.
    """

    image: NDArray[np.float32]
    ids: NDArray[np.uint8]


def random_view(frame: Frame, width: int, rng: np.random.Generator) -> View:
    """A random view of a frame on a canvas of `width` x `width` * 3 / 4 pixels."""
    size = (width, width * 3 // 4)
    affine = _random_affine(frame.ids, size, rng)
    image = cv2.warpAffine(frame.image_rgb, affine, size, flags=cv2.INTER_LINEAR)
    ids = cv2.warpAffine(frame.ids, affine, size, flags=cv2.INTER_NEAREST)
    return View(_with_random_colours(np.asarray(image, np.float32), rng), np.asarray(ids, np.uint8))


def _random_affine(
    ids: NDArray[np.uint8], size: tuple[int, int], rng: np.random.Generator
) -> Affine:
    close_up = rng.random() < 0.5
    low, high = (1.0, 2.2) if close_up else (0.95, 1.2)
    zoom = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    scale = size[0] / ids.shape[1] * zoom
    angle = np.deg2rad(rng.normal(0.0, 5.0))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    cosine, sine = np.cos(angle), np.sin(angle)
    linear = scale * np.array([[mirror * cosine, -sine], [mirror * sine, cosine]])
    centre = _random_centre(ids, zoom, scale, size, rng)
    shift = np.array(size) / 2.0 - linear @ centre
    affine: Affine = np.column_stack([linear, shift])
    return affine


def _random_centre(
    ids: NDArray[np.uint8],
    zoom: float,
    scale: float,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Where in the frame to look: near an object when zoomed in, else near the middle."""
    height, width = ids.shape
    middle = np.array([width / 2.0, height / 2.0])
    rows, columns = np.nonzero(ids[::8, ::8])
    if zoom <= 1.15 or not len(rows):
        return middle + rng.normal(0.0, 8.0, 2)
    chosen = int(rng.integers(len(rows)))
    target = 8.0 * np.array([columns[chosen], rows[chosen]]) + rng.normal(0.0, 60.0 / zoom, 2)
    margin = np.minimum(np.array(size) / 2.0 / scale, middle)
    clipped: NDArray[np.float64] = np.clip(target, margin, 2.0 * middle - margin)
    return clipped


def _with_random_colours(
    image: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    gain = rng.uniform(0.7, 1.3) * rng.normal(1.0, 0.06, 3)
    image = image * gain.astype(np.float32)
    if rng.random() < 0.4:
        image = 255.0 * np.clip(image / 255.0, 0.0, 1.0) ** np.float32(rng.uniform(0.65, 1.5))
    if rng.random() < 0.15:
        image = 0.8 * image.mean(2, keepdims=True) + 0.2 * image
    if rng.random() < 0.15:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.2)), np.float32)
    channels = 1 if rng.random() < 0.5 else 3
    noise = rng.standard_normal((*image.shape[:2], channels), dtype=np.float32)
    noisy = image + noise * np.float32(rng.uniform(0.0, 7.0))
    return np.asarray(np.clip(noisy, 0.0, 255.0), np.float32)
