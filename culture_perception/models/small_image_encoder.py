"""The image encoder of the small `Sam`, and its dense head.

It is convolutional down to stride 16, with a few transformer blocks there. One 1x1 layer, the
dense head, reads foreground, edges, object centres and offsets off the embedding; the centres
serve as prompts, which are far fewer than the points of a grid.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.modeling.common import LayerNorm2d  # noqa: E402

EMBEDDING_STRIDE = 16
MAP_STRIDE = 4
CANVAS_UNIT = 64
"""The long side is a multiple of this, so that both sides are multiples of the stride."""

FOREGROUND, EDGE, CENTRE, OFFSET_X, OFFSET_Y = range(5)
"""Channels of the dense maps: three logits, then the way to the object's centre."""
OFFSET_UNIT_CELLS = 8.0
"""An offset of 1.0 means this many cells of the stride-4 maps."""

_KINDS = {"widths": "four whole numbers"}
_PRIOR_LOGITS = (-1.5, -2.5, -4.0)
_COORDINATE_OCTAVES = 4


@dataclass(frozen=True)
class SmallSamConfig:
    """Shape of a small Sam; the weights do not depend on `image_size`.

    Attributes:
        image_size: long side of the 4:3 canvas in pixels, a multiple of 64.
        channels: width of the embedding and of the mask decoder, a multiple of 16.
        widths: channels of the encoder at strides 2, 4, 8 and 16; the last a multiple of 32.
        depth: transformer blocks at stride 16.
        decoder_mlp: hidden width of the mask decoder's transformer.
    """

    image_size: int = 512
    channels: int = 192
    widths: tuple[int, int, int, int] = (24, 48, 96, 192)
    depth: int = 3
    decoder_mlp: int = 512

    def __post_init__(self) -> None:
        check_canvas(self.image_size)
        if len(self.widths) != 4 or self.widths[3] % 32:
            raise ValueError(
                f"widths {self.widths}: give four, the last one a multiple of 32 "
                "(the width of an attention head)"
            )
        if self.channels % 16:
            raise ValueError(f"channels {self.channels}: give a multiple of 16")

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> "SmallSamConfig":
        """Build from the `architecture` record of a segmenter's JSON file.

        Raises:
            ValueError: a key is unknown or a value does not fit.
        """
        unknown = sorted(set(values) - set(cls.__dataclass_fields__))
        if unknown:
            raise ValueError(f"unknown architecture keys {unknown}: was it written by a newer one?")
        given = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        for key, value in given.items():
            numbers = value if isinstance(value, tuple) else (value,)
            is_kind = isinstance(value, tuple) is (key == "widths")
            if not (is_kind and all(type(number) is int and number >= 0 for number in numbers)):
                raise ValueError(f"{key} {value!r}: give {_KINDS.get(key, 'a whole number')}")
        return cls(**given)  # type: ignore[arg-type]

    def to_json(self) -> dict[str, object]:
        """The record that `from_json` reads."""
        return asdict(self)


class _ResidualBlock(nn.Module):
    """Two dense 3x3 convolutions; depthwise ones are slower on a CPU for the same accuracy."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(self.second_norm(self.second(inner)) + self.shortcut(x))


class _AttentionBlock(nn.Module):
    """A pre-norm transformer block over all cells of the stride-16 map."""

    def __init__(self, width: int, head_width: int = 32, expansion: int = 4) -> None:
        super().__init__()
        self.heads = width // head_width
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, expansion * width), nn.GELU(), nn.Linear(expansion * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        batch, cells, width = x.shape
        joint: Tensor = self.query_key_value(self.attention_norm(x))
        split = joint.view(batch, cells, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        if torch.is_grad_enabled():
            # On a CPU the fused kernel's backward pass takes four times as long as this one's.
            weights = (query * query.shape[-1] ** -0.5 @ key.transpose(-1, -2)).softmax(-1)
            mixed = weights.to(value.dtype) @ value
        else:
            mixed = functional.scaled_dot_product_attention(query, key, value)
        x = x + self.output(mixed.transpose(1, 2).reshape(batch, cells, width))
        expanded: Tensor = self.mlp(self.mlp_norm(x))
        return x + expanded


def _conv_norm(inputs: int, outputs: int) -> list[nn.Module]:
    convolution = nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU()]


class SmallImageEncoder(nn.Module):
    """Image (B, 3, H, W) to embedding (B, channels, H/16, W/16).

    The fine detail of strides 4 and 8 is folded into the stride-16 embedding by pixel-unshuffle:
    the mask decoder upscales that embedding alone and would otherwise never see it.
    """

    def __init__(self, config: SmallSamConfig) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth = config.widths
        channels = config.channels
        self.img_size = config.image_size  # the name that segment-anything's predictor reads
        self.stem = nn.Sequential(
            *_conv_norm(3, half), *_conv_norm(half, quarter), _ResidualBlock(quarter, quarter)
        )
        self.stage8 = nn.Sequential(
            _ResidualBlock(quarter, eighth, 2), _ResidualBlock(eighth, eighth)
        )
        self.stage16 = _ResidualBlock(eighth, sixteenth, 2)
        self.position = nn.Linear(4 * _COORDINATE_OCTAVES, sixteenth)
        self.blocks = nn.Sequential(*[_AttentionBlock(sixteenth) for _ in range(config.depth)])
        self.detail4 = nn.Conv2d(quarter, 12, 1)
        self.detail8 = nn.Conv2d(eighth, 32, 1)
        self.neck = nn.Conv2d(sixteenth + 12 * 16 + 32 * 4, channels, 1)
        self.fuse = nn.Sequential(
            nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, channels, 3, 1, 1)
        )
        self.norm = LayerNorm2d(channels)
        self.dense_head = nn.Conv2d(channels, 5 * 16, 1)
        self._start_dense_head_at_priors()

    def _start_dense_head_at_priors(self) -> None:
        bias = self.dense_head.bias
        assert bias is not None
        with torch.no_grad():
            bias[:48] = torch.tensor(_PRIOR_LOGITS).repeat_interleave(16)

    def features(self, x: Tensor) -> Tensor:
        """Embedding of normalised images, in the precision that autocast gives."""
        quarter = self.stem(x.contiguous(memory_format=torch.channels_last))
        eighth = self.stage8(quarter)
        deep = self._with_context(self.stage16(eighth))
        fine4 = functional.pixel_unshuffle(self.detail4(quarter), 4)
        fine8 = functional.pixel_unshuffle(self.detail8(eighth), 2)
        joined = self.neck(torch.cat([deep, fine8, fine4], 1))
        embedding: Tensor = self.norm(joined + self.fuse(joined))
        return embedding

    def _with_context(self, cells: Tensor) -> Tensor:
        batch, width, height, columns = cells.shape
        tokens = cells.flatten(2).transpose(1, 2)
        coordinates = self._coordinates(height, columns, cells.device)
        tokens = tokens + self.position(coordinates.to(self.position.weight.dtype))
        mixed: Tensor = self.blocks(tokens)
        return mixed.transpose(1, 2).reshape(batch, width, height, columns)

    def _coordinates(self, height: int, columns: int, device: torch.device) -> Tensor:
        cells_across = self.img_size // EMBEDDING_STRIDE
        y = (torch.arange(height, device=device) + 0.5) / cells_across
        x = (torch.arange(columns, device=device) + 0.5) / cells_across
        grid_y, grid_x = torch.meshgrid(y, x, indexing="ij")
        octaves = torch.pi * 2.0 ** torch.arange(_COORDINATE_OCTAVES, device=device)
        phase = torch.stack([grid_x, grid_y], -1)[..., None] * octaves
        waves = torch.cat([phase.sin(), phase.cos()], -1)
        return waves.view(1, height * columns, 4 * _COORDINATE_OCTAVES)

    def dense_maps(self, embedding: Tensor) -> Tensor:
        """Dense maps (B, 5, H/4, W/4) of an embedding: see the channel names of this module."""
        cells = self.dense_head(embedding.to(self.dense_head.weight.dtype))
        return functional.pixel_shuffle(cells, MAP_STRIDE)

    def forward(self, x: Tensor) -> Tensor:
        """Embedding of normalised images in single precision, as the mask decoder wants it."""
        return self.features(x).float().contiguous()


def check_canvas(image_size: int) -> None:
    """Raise ValueError unless `image_size` is a possible long side of a canvas, in pixels."""
    if image_size <= 0 or image_size % CANVAS_UNIT:
        raise ValueError(f"image_size {image_size}: give a positive multiple of {CANVAS_UNIT}")
