"""Low-rank changes in each kind of tower that open_clip has: small, of random weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
import torch
from torch import Tensor, nn

from culture_perception.models import lora
from culture_perception.models.adapter_card import AdapterCard
from culture_perception.models.adapter_files import Adapter
from culture_perception.models.adapter_fitting import fit
from culture_perception.models.adapter_switch import AdapterSwitch
from culture_perception.models.clip_small import build_small_clip, small_clip_config
from culture_perception.models.encoder_files import load_parts
from culture_perception.models.fingerprint import weights_fingerprint
from culture_perception.models.lora_options import KINDS, TOWERS, LoraOptions
from culture_perception.models.lora_sites import kinds_there_are
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from open_clip import CLIP, CoCa, CustomTextCLIP  # noqa: E402
from open_clip.hf_model import HFTextEncoder  # noqa: E402
from timm.models.eva import Eva  # noqa: E402
from timm.models.fastvit import FastVit  # noqa: E402
from timm.models.vision_transformer import VisionTransformer  # noqa: E402

WIDTH: Final = 8
VOCABULARY: Final = 40
TEXT: Final[dict[str, Any]] = {
    "context_length": 8,
    "vocab_size": VOCABULARY,
    "width": 16,
    "heads": 2,
    "layers": 2,
}
VIT: Final[dict[str, Any]] = {
    "image_size": 32,
    "patch_size": 16,
    "width": 32,
    "layers": 2,
    "head_width": 16,
}
TRUNK: Final[dict[str, Any]] = {
    "img_size": 32,
    "patch_size": 16,
    "embed_dim": 32,
    "depth": 2,
    "num_heads": 2,
    "num_classes": 0,
}
ALL: Final = LoraOptions(rank=2, alpha=4.0, kinds=KINDS)


def vit() -> Any:
    return CLIP(WIDTH, VIT, TEXT)


def attention_of_open_clip() -> Any:
    return CustomTextCLIP(
        WIDTH, {**VIT, "block_type": "custom"}, {**TEXT, "block_type": "custom", "qk_norm": True}
    )


def modified_resnet() -> Any:
    vision = {"image_size": 32, "layers": (1, 1, 1, 1), "width": 8, "head_width": 16}
    return CLIP(WIDTH, vision, TEXT)


def attentional_pool_of_coca() -> Any:
    pool = {"attentional_pool": True, "attn_pooler_heads": 2, "output_tokens": True}
    text = {**TEXT, "embed_cls": True, "output_tokens": True}
    return CoCa(WIDTH, {**TEXT, "layers": 1}, text, {**VIT, **pool})


def with_trunk(trunk: nn.Module, width: int, **text: Any) -> Any:
    """A tower of timm; of the model that open_clip would load only the size is another."""
    vision = {"timm_model_name": "resnet10t", "timm_proj": "linear", "image_size": 32}
    made = CustomTextCLIP(WIDTH, vision, {**TEXT, **text})
    made.visual.trunk = trunk
    made.visual.head.proj = nn.Linear(width, WIDTH, bias=False)
    return made


def siglip() -> Any:
    trunk = VisionTransformer(**TRUNK, class_token=False, global_pool="map")
    return with_trunk(trunk, 32, no_causal_mask=True, proj_bias=True, pool_type="last")


def eva_with_stacked_weights() -> Any:
    trunk = Eva(**TRUNK, qkv_fused=True, use_rot_pos_emb=True, global_pool="avg")
    return with_trunk(trunk, 32)


def eva_with_weights_apart() -> Any:
    trunk = Eva(**TRUNK, qkv_fused=False, swiglu_mlp=True, scale_mlp=True, global_pool="map")
    return with_trunk(trunk, 32)


def mobile_clip() -> Any:
    trunk = FastVit(
        layers=(1, 1, 1, 1),
        embed_dims=(16, 32, 32, 32),
        token_mixers=("repmixer", "repmixer", "repmixer", "attention"),
        num_classes=0,
    )
    return with_trunk(trunk, trunk.num_features)


def _transformers(kind: str, **config: Any) -> Any:
    transformers = pytest.importorskip("transformers")
    pooler = "cls_pooler" if kind == "bert" else "mean_pooler"
    made = CustomTextCLIP(WIDTH, VIT, TEXT)
    made.text = HFTextEncoder(
        "",
        WIDTH,
        config=transformers.AutoConfig.for_model(kind, vocab_size=VOCABULARY, **config),
        pooler_type=pooler,
        proj_type="mlp",
    )
    return made


def xlm_roberta() -> Any:
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    return _transformers("xlm-roberta", **size, intermediate_size=32, max_position_embeddings=20)


def bert() -> Any:
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    return _transformers("bert", **size, intermediate_size=32, max_position_embeddings=20)


def untrained_embedded() -> Any:
    return build_small_clip(small_clip_config(VOCABULARY, image_size=32))


def embedded() -> Any:
    return load_parts(None).model


MODELS: Final[tuple[Callable[[], Any], ...]] = (
    vit,
    attention_of_open_clip,
    modified_resnet,
    attentional_pool_of_coca,
    siglip,
    eva_with_stacked_weights,
    eva_with_weights_apart,
    mobile_clip,
    xlm_roberta,
    bert,
    untrained_embedded,
    embedded,
)


class Pair:
    """A model and what it is asked."""

    def __init__(self, build: Callable[[], Any]) -> None:
        torch.manual_seed(0)
        # Frozen as `inject` leaves it: torch's attention rounds otherwise where gradients are kept.
        self.model = build().eval().requires_grad_(False)
        size = 96 if build is embedded else 32
        self.images = torch.randn(2, 3, size, size)
        length = 77 if build in (embedded, untrained_embedded) else TEXT["context_length"]
        tokens = torch.randint(2, VOCABULARY - 1, (2, length))
        tokens[:, -1] = VOCABULARY - 1
        self.tokens = tokens

    def embed(self) -> tuple[Tensor, Tensor]:
        images = self.model.encode_image(self.images, normalize=True)
        return images, self.model.encode_text(self.tokens, normalize=True)

    @torch.no_grad()
    def features(self) -> tuple[Tensor, Tensor]:
        return self.embed()

    def step(self) -> None:
        """One step of an optimiser that pulls images and texts apart."""
        lora.train_changes(self.model)
        optimiser = torch.optim.AdamW(lora.trainable(self.model), lr=1e-2)
        for _ in range(2):  # the first moves one factor alone, the other has no gradient yet
            images, texts = self.embed()
            (images * texts).sum().backward()
            optimiser.step()
            optimiser.zero_grad()
        lora.train_changes(self.model, training=False)


def close(a: tuple[Tensor, Tensor], b: tuple[Tensor, Tensor]) -> bool:
    return all(torch.allclose(x, y, atol=2e-5) for x, y in zip(a, b, strict=True))


def adapter(factors: dict[str, Tensor], options: LoraOptions = ALL) -> Adapter:
    return Adapter(AdapterCard("test", "base", "0", ("a",), ("en",), options), factors)


@pytest.fixture(scope="module", params=MODELS, ids=lambda build: build.__name__)
def pair(request: pytest.FixtureRequest) -> Pair:
    return Pair(request.param)


def test_the_way_of_a_change(pair: Pair) -> None:
    """From nothing over a step of training to a merged model, a file's tensors, and back."""
    model, before, print_before = pair.model, pair.features(), weights_fingerprint(pair.model)
    names = lora.inject(model, ALL)
    assert {name.startswith("visual.") for name in names} == {True, False}
    assert sum(one.numel() for one in lora.trainable(model)) > 0
    assert close(pair.features(), before)
    pair.step()
    factors = lora.delta(model)
    assert {name.rpartition(":")[0] for name in factors} == set(names)
    after = pair.features()
    for old, new in zip(before, after, strict=True):
        assert not torch.allclose(old, new, atol=1e-3)
    moved = [name for name in factors if name.endswith(".up") and factors[name].any()]
    assert len(moved) > len(names) / 2
    lora.set_scale(model, 0.0)
    assert close(pair.features(), before)
    lora.remove(model)
    assert weights_fingerprint(model) == print_before
    assert all(map(torch.equal, pair.features(), before))

    lora.inject(model, ALL)
    lora.load_delta(model, factors)
    assert close(pair.features(), after)
    lora.remove(model)
    switch = AdapterSwitch(model)
    switch.use(fit(adapter(factors), model))
    assert close(pair.features(), after)
    switch.use(None)
    assert weights_fingerprint(model) == print_before
    assert all(map(torch.equal, pair.features(), before))


def test_merged_equals_unmerged(pair: Pair) -> None:
    names = set(pair.model.state_dict())
    before = {name: value.clone() for name, value in pair.model.state_dict().items()}
    lora.inject(pair.model, ALL)
    pair.step()
    unmerged = pair.features()
    lora.merge(pair.model)
    assert set(pair.model.state_dict()) == names
    assert close(pair.features(), unmerged)
    pair.model.load_state_dict(before)


@pytest.mark.parametrize("tower", TOWERS)
def test_a_tower_alone(pair: Pair, tower: Any) -> None:
    before = pair.features()
    lora.inject(pair.model, LoraOptions(rank=2, towers=(tower,), kinds=KINDS))
    pair.step()
    after = pair.features()
    lora.remove(pair.model)
    changed = [not torch.equal(a, b) for a, b in zip(before, after, strict=True)]
    assert changed == [tower == "image", tower == "text"]


@pytest.mark.parametrize("kind", ["q", "k", "v", "out", "mlp"])
@pytest.mark.parametrize(
    "build",
    [vit, attention_of_open_clip, siglip, eva_with_weights_apart, xlm_roberta, bert],
    ids=lambda build: build.__name__,
)
def test_a_kind_alone_changes_both_towers(build: Callable[[], Any], kind: Any) -> None:
    pair = Pair(build)
    before = pair.features()
    names = lora.inject(pair.model, LoraOptions(rank=2, kinds=(kind,)))
    pair.step()
    for old, new in zip(before, pair.features(), strict=True):
        assert not torch.equal(old, new)
    apart = {name.rpartition(":")[2].partition(".")[0] for name in lora.delta(pair.model)}
    assert apart <= {kind, "all"}
    assert names


@pytest.mark.parametrize(
    ("build", "image", "text"),
    [
        (vit, "conv k mlp out projection q v", "embedding k mlp out projection q v"),
        (modified_resnet, "conv k out q v", "embedding k mlp out projection q v"),
        (siglip, "conv k mlp out projection q v", "embedding k mlp out projection q v"),
        (xlm_roberta, "conv k mlp out projection q v", "embedding k mlp out projection q v"),
        (mobile_clip, "conv k out projection q v", "embedding k mlp out projection q v"),
        (bert, "conv k mlp out projection q v", "embedding k mlp out projection q v"),
        (untrained_embedded, "conv projection", "embedding k mlp out projection q v"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_kinds_are_known_by_the_towers_own_names(
    build: Callable[[], Any], image: str, text: str
) -> None:
    model = build()
    assert " ".join(kinds_there_are(model, "image")) == image
    assert " ".join(kinds_there_are(model, "text")) == text
