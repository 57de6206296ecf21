"""Encoders for recognition: any open_clip model, and the small one that the package ships."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from culture_perception.masks import Float32Array, Uint8Array
from culture_perception.models.clip_small import ClipModel
from culture_perception.models.encoder_files import BPE_FILE as BPE_FILE
from culture_perception.models.encoder_files import CONFIG_FILE as CONFIG_FILE
from culture_perception.models.encoder_files import WEIGHTS_FILE as WEIGHTS_FILE
from culture_perception.models.encoder_files import load_parts
from culture_perception.models.encoder_files import read_config as read_config
from culture_perception.models.fingerprint import weights_fingerprint
from culture_perception.models.image_batches import ImageBatcher
from culture_perception.models.memory_fallback import MemoryFallback
from culture_perception.models.open_clip_files import create_published_model
from culture_perception.models.openvino_tower import placed_tower
from culture_perception.models.runtime import DEFAULT_RUNTIME, Runtime
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.protocols import Calibration

ensure_torchvision()

from open_clip.transform import PreprocessCfg  # noqa: E402

Tokenizer: TypeAlias = Callable[[list[str]], Tensor]
_Item = TypeVar("_Item")

IMAGE_BATCH = 64
AT_ONCE_ON_CPU = 32
"""Pictures. More take longer there: each layer's output would be memory fresh from the system."""
TEXTS_AN_IMAGE = 4  # a text costs less memory than a picture


class ClipEncoder:
    """An open_clip model behind the core's Encoder protocol: numpy in, numpy out.

    Only the image tower is of the runtime's precision: texts are embedded once.

    Attributes:
        fingerprint: hash of the weights before they are of another precision.
        name: of the model, with that hash.
        crop_size: side of the square crops that it sees, pixels.
        calibration: what makes its cosines probabilities.
        tokenizer: texts to int64 (N, context length).
        to_batch: crops to the model's input.
    """

    def __init__(
        self,
        model: ClipModel,
        tokenizer: Tokenizer,
        preprocess: PreprocessCfg,
        name: str,
        calibration: Calibration | None = None,
        runtime: Runtime = DEFAULT_RUNTIME,
    ) -> None:
        """Wraps a loaded model.

        Args:
            model: has encode_image, encode_text and logit_scale, as open_clip's models have.
            tokenizer: texts to int64 (N, context length).
            preprocess: open_clip's description of the resizing and normalising of its training.
            name: what the model is called; a hash of its weights is added.
            calibration: of the embedded model; by default its own logit scale and no rejection.
            runtime: device, threads, precision and backend.

        Raises:
            RuntimeOptionError: the runtime is not there.
        """
        runtime.apply_threads()
        self._memory = MemoryFallback(runtime.torch_device(), IMAGE_BATCH, self._move_to_cpu)
        self._runtime = runtime
        self.tokenizer = tokenizer
        self.to_batch = ImageBatcher(preprocess)
        self.fingerprint = weights_fingerprint(model)
        self.name = f"{name}-{self.fingerprint}"
        self.crop_size = max(self.to_batch.shape_hw)
        self.calibration = calibration or Calibration(float(model.logit_scale.detach().exp()))
        self._width: int | None = None
        self._model = model.eval()
        self._memory.place(self._put)

    @torch.inference_mode()
    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        """Embeds crops in one batch, or in several of IMAGE_BATCH or what the memory holds.

        Args:
            crops: uint8 (h, w, 3) RGB each, of any sizes; square ones lose nothing.

        Returns:
            float32 (N, D), unit rows; (0, D) for no crops.

        Raises:
            ValueError: a crop is not uint8 (h, w, 3) or is empty.
        """
        for index, crop in enumerate(crops):
            _check_crop(crop, index)
        return self._embed(crops, self._encode_crops, 1)

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        """Embeds texts of any language as float32 (N, D) unit rows; (0, D) for no texts.

        Text beyond the model's context length is cut, as open_clip does.
        """
        return self._embed(texts, self._encode_texts, TEXTS_AN_IMAGE)

    @property
    def model(self) -> ClipModel:
        """The open_clip model that it calls."""
        return self._model

    @property
    def notice(self) -> str:
        """What it does with less than was asked for, and why; empty: nothing."""
        return self._memory.notice

    def _embed(
        self,
        items: Sequence[_Item],
        encode: Callable[[Sequence[_Item]], Tensor],
        items_an_image: int,
    ) -> Float32Array:
        if not items:
            return np.zeros((0, self.embedding_width), dtype=np.float32)

        def embed_all() -> Tensor:
            on_cpu = self._memory.device.type == "cpu"
            images = min(self._memory.batch, AT_ONCE_ON_CPU) if on_cpu else self._memory.batch
            batch = images * items_an_image
            starts = range(0, len(items), batch)
            parts = [encode(items[start : start + batch]) for start in starts]
            return torch.cat([functional.normalize(part.float()) for part in parts])

        rows: Float32Array = self._memory.call(embed_all).cpu().numpy()
        self._width = rows.shape[1]
        return rows

    def _encode_crops(self, crops: Sequence[Uint8Array]) -> Tensor:
        pictures = self.to_batch(crops).to(self._memory.device, self._dtype)
        return torch.as_tensor(self._model.encode_image(pictures))

    def _encode_texts(self, texts: Sequence[str]) -> Tensor:
        tokens = self.tokenizer(list(texts)).to(self._memory.device)
        return torch.as_tensor(self._model.encode_text(tokens))

    def _put(self, device: torch.device) -> None:
        # The tower first: its weights reach the device in the precision they are to have there.
        self._model.visual, self._dtype = placed_tower(
            self._model.visual,
            self.to_batch.shape_hw,
            self._runtime.dtype(reduced=True),
            self._runtime,
        )
        self._model.to(device)

    def _move_to_cpu(self) -> None:
        """Called where a GPU cannot hold the model and one picture."""
        self._model.to("cpu")
        self._runtime = self._runtime.on_cpu()
        self._put(torch.device("cpu"))

    @property
    def embedding_width(self) -> int:
        """D, the length of an embedding."""
        return self._width or self.encode_texts([""]).shape[1]


def load_embedded_encoder(
    folder: Path | None = None, runtime: Runtime = DEFAULT_RUNTIME
) -> ClipEncoder:
    """The small encoder that the package ships, or one trained by `culture-perception train`.

    Args:
        folder: holds encoder.safetensors, encoder.json and encoder_bpe.txt.gz, and a verifier
            if its calibration has one; by default the package's own models folder.
        runtime: device, threads, precision and backend.

    Raises:
        CheckpointError: one of the three files is missing or damaged, or they do not fit.
        RuntimeOptionError: the runtime is not there.
    """
    parts = load_parts(folder)
    return ClipEncoder(
        parts.model, parts.tokenizer, parts.preprocess, "embedded", parts.calibration, runtime
    )


def load_published_encoder(
    name: str, pretrained: str, runtime: Runtime = DEFAULT_RUNTIME
) -> ClipEncoder:
    """Any open_clip model.

    Args:
        name: open_clip's name of the architecture, or "local-dir:FOLDER" or "hf-hub:ORG/NAME".
        pretrained: tag of published weights, or a .pt, .pth, .bin or .safetensors file.
        runtime: device, threads, precision and backend.

    Raises:
        UnknownEncoderError: there is no such architecture or tag.
        CheckpointError: the weights are missing, damaged, of another model, or cannot be fetched.
        RuntimeOptionError: the runtime is not there.
    """
    model, tokenizer = create_published_model(name, pretrained)
    preprocess = PreprocessCfg(**model.visual.preprocess_cfg)
    return ClipEncoder(model, tokenizer, preprocess, name=name, runtime=runtime)


def _check_crop(crop: Uint8Array, index: int) -> None:
    if crop.dtype != np.uint8 or crop.ndim != 3 or crop.shape[2] != 3 or crop.size == 0:
        raise ValueError(
            f"crop {index} is {crop.dtype} {crop.shape}; it must be uint8 (height, width, 3)"
        )
