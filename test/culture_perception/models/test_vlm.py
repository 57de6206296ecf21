"""Vision-language models of transformers: small ones of real architectures, built here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from culture_perception.culture_bench.answering import Question
from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.models import ModelOptions, load_answerer
from culture_perception.culture_bench.vlm_answers import WriterAnswerer
from culture_perception.models.errors import CheckpointError
from culture_perception.models.runtime import Runtime
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.models.vlm import VisionLanguageModel, load_vlm

ensure_torchvision()
transformers = pytest.importorskip(
    "transformers",
    reason="the extra is not installed: pip install 'culture_perception[transformers]'",
)

RUNTIME = Runtime(device="cpu", threads=1, precision="float32")
SPECIAL = [
    "<unk>", "<pad>", "<s>", "</s>", "<image>", "<|image_pad|>", "<|video_pad|>",
    "<|vision_start|>", "<|vision_end|>",
]  # fmt: skip
CHAT = (
    "{% for m in messages %}USER: {% for part in m.content %}"
    "{% if part.type == 'image' %}IMAGE{% else %}{{ part.text }}{% endif %}{% endfor %}"
    "{% endfor %}{% if add_generation_prompt %} ASSISTANT:{% endif %}"
)
SIDE, PATCH = 28, 14
TEXT = {
    "vocab_size": 400, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 2, "num_key_value_heads": 2, "pad_token_id": 1, "bos_token_id": 2,
    "eos_token_id": 3,
}  # fmt: skip


def tokenizer(image_token: str) -> Any:
    """Bytes as tokens, so that it writes any text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = pre_tokenizers.ByteLevel.alphabet()
    vocabulary = {one: i for i, one in enumerate([*SPECIAL, *sorted(letters)])}
    found = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = decoders.ByteLevel()
    found.add_special_tokens(SPECIAL)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=found, unk_token="<unk>", pad_token="<pad>", bos_token="<s>",
        eos_token="</s>", extra_special_tokens={"image_token": image_token},
    )  # fmt: skip


def llava() -> tuple[Any, Any]:
    vision = transformers.CLIPVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        image_size=SIDE, patch_size=PATCH, projection_dim=32,
    )  # fmt: skip
    config = transformers.LlavaConfig(
        vision_config=vision, text_config=transformers.LlamaConfig(**TEXT),
        image_token_index=SPECIAL.index("<image>"), vision_feature_layer=-1,
    )  # fmt: skip
    size = {"height": SIDE, "width": SIDE}
    processor = transformers.LlavaProcessor(
        transformers.CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size=size),
        tokenizer("<image>"), patch_size=PATCH, vision_feature_select_strategy="default",
        chat_template=CHAT.replace("IMAGE", "<image>"), num_additional_image_tokens=1,
    )  # fmt: skip
    return transformers.LlavaForConditionalGeneration(config), processor


def qwen() -> tuple[Any, Any]:
    config = transformers.Qwen2VLConfig(
        text_config={
            **TEXT,
            "rope_parameters": {
                "rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3],
            },
        },
        vision_config={
            "depth": 2, "embed_dim": 32, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2,
            "patch_size": PATCH, "spatial_merge_size": 1, "temporal_patch_size": 2,
        },
        image_token_id=SPECIAL.index("<|image_pad|>"),
        video_token_id=SPECIAL.index("<|video_pad|>"),
        vision_start_token_id=SPECIAL.index("<|vision_start|>"),
        vision_end_token_id=SPECIAL.index("<|vision_end|>"),
    )  # fmt: skip
    mark = "<|vision_start|><|image_pad|><|vision_end|>"
    images = transformers.Qwen2VLImageProcessor(
        patch_size=PATCH, merge_size=1, min_pixels=SIDE**2, max_pixels=SIDE**2
    )
    words = tokenizer("<|image_pad|>")
    videos = transformers.Qwen2VLVideoProcessor(patch_size=PATCH, merge_size=1)
    processor = transformers.Qwen2VLProcessor(
        images, words, videos, chat_template=CHAT.replace("IMAGE", mark)
    )
    return transformers.Qwen2VLForConditionalGeneration(config), processor


def mllama() -> tuple[Any, Any]:
    """Llama vision: pictures are crossed into the text, not put among its tokens."""
    text = transformers.models.mllama.configuration_mllama.MllamaTextConfig(
        **{**TEXT, "num_hidden_layers": 3}, cross_attention_layers=[1],
        rope_parameters={"rope_type": "default", "rope_theta": 1e4},
    )  # fmt: skip
    vision = transformers.models.mllama.configuration_mllama.MllamaVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_global_layers=1,
        attention_heads=2, image_size=SIDE, patch_size=PATCH, vision_output_dim=64,
        intermediate_layers_indices=[0], max_num_tiles=2,
        supported_aspect_ratios=[[1, 1], [1, 2], [2, 1]],
    )  # fmt: skip
    config = transformers.MllamaConfig(
        vision_config=vision, text_config=text, image_token_index=SPECIAL.index("<image>")
    )
    size = {"height": SIDE, "width": SIDE}
    images = transformers.MllamaImageProcessor(size=size, max_image_tiles=2)
    chat = "<s>" + CHAT.replace("IMAGE", "<image>")
    processor = transformers.MllamaProcessor(images, tokenizer("<image>"), chat_template=chat)
    return transformers.MllamaForConditionalGeneration(config), processor


def picture(colour: tuple[int, int, int], shape_hw: tuple[int, int] = (40, 60)) -> Any:
    return np.full((*shape_hw, 3), colour, dtype=np.uint8)


RED, BLUE = picture((220, 20, 20)), picture((20, 20, 220), (64, 32))


@pytest.fixture(params=[llava, qwen, mllama])
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    torch.manual_seed(3)
    build: Callable[[], tuple[Any, Any]] = request.param
    model, processor = build()
    folder = tmp_path / build.__name__
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def test_a_folder_of_any_family_is_loaded_and_writes(saved: Path) -> None:
    model = load_vlm(str(saved), RUNTIME)
    assert model.name.startswith(f"{saved.name}-")
    prompts = ["What is this?", "これは何ですか。とても長い質問です。"]
    together = model.write([RED, BLUE], prompts)
    alone = [model.write([one], [text])[0] for one, text in zip([RED, BLUE], prompts, strict=True)]
    assert together == alone  # padding changes nothing
    assert model.write([], []) == []


def test_the_answerer_asks_it_and_reads_what_it_says(saved: Path, tmp_path: Path) -> None:
    answerer = load_answerer(f"vlm:{saved}", ModelOptions(device="cpu"))
    assert isinstance(answerer, WriterAnswerer)
    item = Item(
        "x", tmp_path / "a.jpg", "?", ("ab", "cd", "ef", "gh"), 0, "c", "JP", "", "food",
        "recognition", "en",
    )  # fmt: skip
    seen, blind = answerer.answer([Question(item, RED)]), answerer.answer([Question(item, None)])
    for one in (*seen, *blind):
        assert (one.choice is None) == bool(one.reason)


def test_what_it_sees_decides_what_it_says() -> None:
    """A small LLaVA learns to call red A and blue B; then it does, through the chat template."""
    torch.manual_seed(0)
    model, processor = llava()
    pictures, letters = [RED, BLUE], ["A", "B"]
    _teach(model, processor, pictures, letters)
    writer = VisionLanguageModel(model, processor, "taught", RUNTIME)
    said = writer.write([BLUE, RED, BLUE], ["Which?"] * 3)
    assert [text[0] for text in said] == ["B", "A", "B"]


def _teach(model: Any, processor: Any, pictures: list[Any], letters: list[str]) -> None:
    content = [{"type": "image"}, {"type": "text", "text": "Which?"}]
    chat = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True
    )
    inputs = processor(
        text=[chat + letter + "</s>" for letter in letters], images=[[one] for one in pictures],
        return_tensors="pt", padding=True,
    )  # fmt: skip
    labels = inputs["input_ids"].clone()
    labels[:, :-2] = -100
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(80):
        loss = model(**inputs, labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.1


def test_what_is_no_such_model_says_what_to_give(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="save_pretrained"):
        load_vlm(str(tmp_path), RUNTIME)


def test_a_processor_without_chat_template_is_refused(tmp_path: Path) -> None:
    model, processor = llava()
    processor.chat_template = None
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    with pytest.raises(CheckpointError, match="no chat template"):
        load_vlm(str(tmp_path), RUNTIME)
