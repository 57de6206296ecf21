"""A small `Sam`: segment-anything's prompt encoder and mask decoder on a small image encoder.

Its canvas is 4:3 instead of a padded square, because cameras are: a square would spend a quarter
of the work on padding.
"""

from torch import Tensor
from torch.nn import functional

from culture_perception.models.small_image_encoder import (
    EMBEDDING_STRIDE,
    MAP_STRIDE,
    SmallImageEncoder,
    SmallSamConfig,
    check_canvas,
)
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.modeling import (  # noqa: E402
    MaskDecoder,
    PromptEncoder,
    Sam,
    TwoWayTransformer,
)


class CanvasSam(Sam):  # type: ignore[misc]
    """`Sam` on a canvas that need not be square; segment-anything's classes work unchanged."""

    @property
    def canvas_hw(self) -> tuple[int, int]:
        """Height and width in pixels of the canvas that images are padded to."""
        height, width = self.prompt_encoder.input_image_size
        return int(height), int(width)

    def preprocess(self, x: Tensor) -> Tensor:
        """Normalise colours (..., 3, h, w) and pad at the right and the bottom to the canvas.

        Raises:
            ValueError: the image is larger than the canvas.
        """
        canvas_height, canvas_width = self.canvas_hw
        height, width = x.shape[-2:]
        if height > canvas_height or width > canvas_width:
            raise ValueError(
                f"image {width}x{height} is larger than the canvas {canvas_width}x{canvas_height}: "
                "give it a border to 4:3 and resize it first, as ImageEmbedder does"
            )
        normal = (x - self.pixel_mean) / self.pixel_std
        return functional.pad(normal, (0, canvas_width - width, 0, canvas_height - height))

    def postprocess_masks(
        self, masks: Tensor, input_size: tuple[int, ...], original_size: tuple[int, ...]
    ) -> Tensor:
        """Logits (N, C, h, w) of the canvas to logits (N, C, *original_size) of the image."""
        if any(side % MAP_STRIDE for side in input_size):
            masks = functional.interpolate(
                masks, self.canvas_hw, mode="bilinear", align_corners=False
            )
            used = masks[..., : input_size[0], : input_size[1]]
        else:  # the border lies between two cells: one interpolation does
            rows, columns = (side // MAP_STRIDE for side in input_size)
            used = masks[..., :rows, :columns]
        return functional.interpolate(
            used, list(original_size), mode="bilinear", align_corners=False
        )


def set_canvas(sam: CanvasSam, image_size: int) -> CanvasSam:
    """Set the canvas's long side in pixels (a multiple of 64), in place; the weights stay.

    Raises:
        ValueError: `image_size` is no positive multiple of 64.
    """
    check_canvas(image_size)
    height, width = image_size * 3 // 4, image_size
    prompts = sam.prompt_encoder
    sam.image_encoder.img_size = image_size
    prompts.input_image_size = (height, width)
    prompts.image_embedding_size = (height // EMBEDDING_STRIDE, width // EMBEDDING_STRIDE)
    prompts.mask_input_size = (height // MAP_STRIDE, width // MAP_STRIDE)
    return sam


def build_small_sam(config: SmallSamConfig) -> CanvasSam:
    """A small Sam with random weights, in training mode."""
    channels = config.channels
    prompt_encoder = PromptEncoder(
        embed_dim=channels,
        image_embedding_size=(1, 1),
        input_image_size=(1, 1),
        mask_in_chans=16,
    )
    transformer = TwoWayTransformer(
        depth=2, embedding_dim=channels, mlp_dim=config.decoder_mlp, num_heads=8
    )
    mask_decoder = MaskDecoder(
        num_multimask_outputs=3,
        transformer=transformer,
        transformer_dim=channels,
        iou_head_depth=3,
        iou_head_hidden_dim=channels,
    )
    sam = CanvasSam(SmallImageEncoder(config), prompt_encoder, mask_decoder)
    return set_canvas(sam, config.image_size)
