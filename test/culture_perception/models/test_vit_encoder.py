"""The fused image encoder against segment-anything's own, in double precision."""

import pytest
import torch

from culture_perception.models import vit_encoder
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.models.vit_encoder import FusedImageEncoder

ensure_torchvision()

from segment_anything.modeling import ImageEncoderViT  # noqa: E402


def encoder(use_rel_pos: bool) -> ImageEncoderViT:
    """Of one block of windows that do not fit into the 6 x 6 cells, and one that sees all."""
    torch.manual_seed(0)
    made = ImageEncoderViT(
        img_size=96,
        patch_size=16,
        embed_dim=16,
        depth=2,
        num_heads=2,
        out_chans=8,
        use_rel_pos=use_rel_pos,
        window_size=4,
        global_attn_indexes=(1,),
    )
    for name, values in made.named_parameters():
        if "pos" in name:
            torch.nn.init.normal_(values, std=0.5)  # zeros otherwise
    return made.double().eval()


@pytest.mark.parametrize("use_rel_pos", [True, False])
@pytest.mark.parametrize("values_at_once", [1, 2 * 6 * 36 * 4, 2**24])
def test_embeddings_are_those_of_segment_anything(
    use_rel_pos: bool, values_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vit_encoder, "BIAS_VALUES_AT_ONCE", values_at_once)
    published = encoder(use_rel_pos)
    images = torch.randn(2, 3, 96, 96, dtype=torch.float64)
    with torch.inference_mode():
        found, wanted = FusedImageEncoder(published)(images), published(images)
    torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-10)
    assert wanted.std() > 0.1
