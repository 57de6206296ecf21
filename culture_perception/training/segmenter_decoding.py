"""The mask decoder in training: the prompts of a batch of images."""

import torch
from torch import Tensor

from culture_perception.models.sam_small import CanvasSam
from culture_perception.training.segmenter_targets import Batch


def decode_prompts(sam: CanvasSam, embedding: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    """Decode each image's prompts.

    Args:
        sam: the model, its canvas set to the batch's.
        embedding: (B, channels, H/16, W/16) float32.
        batch: the prompts.

    Returns:
        Mask logits (B, K, 4, H/4, W/4) and predicted IoU (B, K, 4), float32: the single mask
        first, then the three ambiguity masks.
    """
    tokens = _prompt_tokens(sam, batch)
    prompts = sam.prompt_encoder
    position = prompts.get_dense_pe()
    rows, columns = prompts.image_embedding_size
    no_mask = prompts.no_mask_embed.weight.reshape(1, -1, 1, 1).expand(1, -1, rows, columns)
    logits, predicted = [], []
    for image, image_tokens in enumerate(tokens):
        with torch.autocast("cpu", torch.bfloat16):
            mask, iou = sam.mask_decoder.predict_masks(
                image_embeddings=embedding[image : image + 1],
                image_pe=position,
                sparse_prompt_embeddings=image_tokens,
                dense_prompt_embeddings=no_mask,
            )
        logits.append(mask.float())
        predicted.append(iou.float())
    return torch.stack(logits), torch.stack(predicted)


def _prompt_tokens(sam: CanvasSam, batch: Batch) -> Tensor:
    """Two tokens a prompt (B, K, 2, channels), as inference has: point and pad, or two corners."""
    prompts = sam.prompt_encoder
    corners = batch.corners.flatten(0, 1)
    label = torch.ones(len(corners), 1, dtype=torch.int)
    as_point: Tensor = prompts._embed_points(corners[:, :1], label, pad=True)
    as_box: Tensor = prompts._embed_boxes(corners.reshape(-1, 4))
    chosen = torch.where(batch.is_box.flatten()[:, None, None], as_box, as_point)
    return chosen.view(*batch.is_box.shape, 2, -1)
