"""Vision-language models of the library transformers, which answer a picture and a text in words.

Any that `AutoModelForImageTextToText` loads and whose processor has a chat template: the LLaVA,
Qwen-VL and Llama vision families among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, final

import torch
from PIL import Image

from culture_perception.masks import Uint8Array
from culture_perception.models.errors import CheckpointError, reason_of
from culture_perception.models.fingerprint import weights_fingerprint
from culture_perception.models.memory_fallback import MemoryFallback
from culture_perception.models.runtime import DEFAULT_RUNTIME, Runtime
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.models.transformers_files import require_transformers

BATCH: Final = 8
MAX_NEW_TOKENS: Final = 16


@final
class VisionLanguageModel:
    """A model and its processor behind culture_bench's Writer protocol."""

    def __init__(
        self,
        model: Any,
        processor: Any,
        name: str,
        runtime: Runtime = DEFAULT_RUNTIME,
        max_new_tokens: int = MAX_NEW_TOKENS,
    ) -> None:
        """Places a loaded model on the runtime's device.

        Args:
            model: of transformers, with `generate`.
            processor: of the same family, with a chat template.
            name: what the model is called; a hash of its weights is added.
            runtime: device, threads and precision.
            max_new_tokens: that an answer may have.

        Raises:
            RuntimeOptionError: the runtime is not there.
        """
        runtime.apply_threads()
        self.max_new_tokens = max_new_tokens
        self.name = f"{name}-{weights_fingerprint(model)}"
        self._model = model.eval()
        self._processor = processor
        self._processor.tokenizer.padding_side = "left"  # what is generated follows the last token
        self._dtype = runtime.dtype(reduced=True)
        self._memory = MemoryFallback(runtime.torch_device(), BATCH, self._move_to_cpu)
        self._memory.place(lambda device: self._model.to(device, self._dtype))

    @property
    def notice(self) -> str:
        """What it does with less than was asked for, and why; empty: nothing."""
        return self._memory.notice

    @torch.inference_mode()
    def write(self, pictures: Sequence[Uint8Array], prompts: Sequence[str]) -> list[str]:
        """What the model says, without sampling: the same words at every run.

        Args:
            pictures: uint8 (H, W, 3) RGB each, of any sizes.
            prompts: one a picture.

        Returns:
            One text a picture, without special tokens; none for no pictures.
        """
        pairs = list(zip(pictures, prompts, strict=True))

        def write_all() -> list[str]:
            batch = self._memory.batch
            starts = range(0, len(pairs), batch)
            return [text for start in starts for text in self._batch(pairs[start : start + batch])]

        return self._memory.call(write_all)

    def _batch(self, pairs: Sequence[tuple[Uint8Array, str]]) -> list[str]:
        images = [[Image.fromarray(picture)] for picture, _ in pairs]
        chats = [chat_text(self._processor, prompt) for _, prompt in pairs]
        inputs = self._processor(text=chats, images=images, padding=True, return_tensors="pt")
        inputs = inputs.to(self._memory.device, self._dtype)
        written = self._model.generate(
            **inputs,
            do_sample=False,
            max_new_tokens=self.max_new_tokens,
            pad_token_id=self._processor.tokenizer.pad_token_id,
        )
        new = written[:, inputs["input_ids"].shape[1] :]
        return list(self._processor.batch_decode(new, skip_special_tokens=True))

    def _move_to_cpu(self) -> None:
        """Called where a GPU cannot hold the model and one picture."""
        self._dtype = torch.float32
        self._model.to("cpu", self._dtype)


def load_vlm(
    source: str, runtime: Runtime = DEFAULT_RUNTIME, max_new_tokens: int = MAX_NEW_TOKENS
) -> VisionLanguageModel:
    """A vision-language model with its weights.

    Args:
        source: a folder that `save_pretrained` wrote, or "organisation/name" on the hub, which is
            downloaded if it is not cached; with ~FOLDER behind it, a LoRA adapter that `adapt
            --vlm` or the library peft wrote.
        runtime: device, threads and precision.
        max_new_tokens: that an answer may have.

    Raises:
        CheckpointError: a library is not installed, or the files are missing, damaged, of
            another kind of model, without a chat template, or not to be had.
        RuntimeOptionError: the runtime is not there.
    """
    runtime.torch_device()
    base, _, adapter = source.partition("~")
    model, processor = load_vlm_parts(base, runtime.dtype(reduced=True))
    name = Path(base).name
    if adapter:
        model, name = _merged(model, adapter), f"{name}~{Path(adapter).name}"
    return VisionLanguageModel(model, processor, name, runtime, max_new_tokens)


def load_vlm_parts(source: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """Model and processor as transformers has them; arguments and errors as load_vlm."""
    require_transformers(f"model {source}")
    ensure_torchvision()
    import transformers

    try:
        with _without_bars(transformers):
            loaders: Any = transformers
            processor = loaders.AutoProcessor.from_pretrained(source)
            model = loaders.AutoModelForImageTextToText.from_pretrained(source, dtype=dtype)
    except Exception as error:  # a damaged description can fail anywhere in the library
        raise CheckpointError(
            f"{source}: no vision-language model could be loaded ({type(error).__name__}: "
            f"{reason_of(error)}); give a folder that save_pretrained wrote, or a name on the hub "
            "of a model for image-text-to-text"
        ) from error
    if getattr(processor, "chat_template", None) is None:
        raise CheckpointError(
            f"{source}: its processor has no chat template; take a model tuned to chat"
        )
    return model, processor


def _merged(model: Any, folder: str) -> Any:
    """The model with an adapter's change in its weights."""
    if find_spec("peft") is None:
        raise CheckpointError(
            f"adapter {folder} needs the package peft: pip install 'culture_perception[vlm]'"
        )
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, folder).merge_and_unload()
    except Exception as error:  # of another model: the library fails in many ways
        raise CheckpointError(
            f"{folder}: no adapter of this model ({type(error).__name__}: {reason_of(error)}); "
            "give the folder that adapt --vlm wrote, with the model that it was made for"
        ) from error


def chat_text(processor: Any, prompt: str) -> str:
    """A picture and a prompt as the model's chat template has them, up to the answer."""
    content = [{"type": "image"}, {"type": "text", "text": prompt}]
    chat = [{"role": "user", "content": content}]
    return str(processor.apply_chat_template(chat, add_generation_prompt=True))


@contextmanager
def _without_bars(transformers: Any) -> Iterator[None]:
    log = transformers.utils.logging
    bars = log.is_progress_bar_enabled()
    log.disable_progress_bar()
    try:
        yield
    finally:
        if bars:
            log.enable_progress_bar()
