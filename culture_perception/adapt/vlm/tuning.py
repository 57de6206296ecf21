"""Trains LoRA on a vision-language model with trl and peft: only the answer is in the loss."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from culture_perception.adapt.vlm.options import VlmOptions
from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.letters import LETTERS, prompt
from culture_perception.models.runtime import Runtime
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.models.vlm import chat_text
from culture_perception.runner import SystemFailure

_SEES: Final = ("vision", "visual", "image", "multi_modal", "connector", "merger")
"""Parts of module names of towers that see, in the families of LLaVA, Qwen-VL and Llama vision."""


def require_libraries() -> None:
    """Raises SystemFailure, with the command that installs them, where a library is missing."""
    lacking = [name for name in ("transformers", "peft", "trl") if find_spec(name) is None]
    if lacking:
        raise SystemFailure(
            f"adapt --vlm needs {', '.join(lacking)}: pip install 'culture_perception[vlm]'"
        )


def _libraries() -> tuple[Any, Any, Any]:
    """peft, transformers and trl, whose own annotations leave much open."""
    ensure_torchvision()
    import peft
    import transformers.trainer_utils
    import trl

    return peft, transformers, trl


def language_layers(model: nn.Module) -> list[str]:
    """Full names of the linear layers of the language model, without its output layer.

    Raises:
        SystemFailure: there are none.
    """
    found = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
        and not name.endswith("lm_head")
        and not any(word in name for word in _SEES)
    ]
    if not found:
        raise SystemFailure("the model has no linear layer outside its towers that see")
    return found


def question_rows(processor: Any, items: Sequence[Item]) -> list[dict[str, Any]]:
    """What trl's collator takes: the prompt as it is asked when tested, and the right letter."""
    end = str(processor.tokenizer.eos_token or "")
    return [
        {
            "prompt": chat_text(processor, prompt(item)),
            "completion": LETTERS[item.answer] + end,
            "images": [str(item.image)],
        }
        for item in items
    ]


def tune(
    model: Any,
    processor: Any,
    training: Sequence[Item],
    validation: Sequence[Item],
    options: VlmOptions,
    folder: Path,
    resume: bool,
) -> Any:
    """Trains and gives the model with its change, as it was when validation loss was least.

    Args:
        model: of transformers; it is changed.
        processor: its own.
        training: questions with whole pictures.
        validation: by which it is chosen when to stop.
        options: see VlmOptions.
        folder: of checkpoints.
        resume: go on from the last one, if there is one.

    Raises:
        SystemFailure: the model has nothing that can be changed, or the loss is no number.
    """
    require_libraries()
    peft, transformers, trl = _libraries()
    lora = peft.LoraConfig(
        r=options.rank,
        lora_alpha=options.alpha,
        lora_dropout=options.dropout,
        target_modules=language_layers(model),
        task_type="CAUSAL_LM",
    )
    trainer = trl.SFTTrainer(
        model=model,
        args=_arguments(options, folder),
        train_dataset=_data_set(question_rows(processor, training), options.picture_side),
        eval_dataset=_data_set(question_rows(processor, validation), options.picture_side),
        processing_class=processor,
        peft_config=lora,
        callbacks=[transformers.EarlyStoppingCallback(options.patience)],
    )
    there = resume and folder.is_dir()
    last = transformers.trainer_utils.get_last_checkpoint(str(folder)) if there else None
    result = trainer.train(resume_from_checkpoint=last)
    _check(trainer.model, float(result.training_loss))
    return trainer.model


def _arguments(options: VlmOptions, folder: Path) -> Any:
    _, _, trl = _libraries()
    device = Runtime(device=options.device).torch_device()
    on_cpu = device.type == "cpu"
    return trl.SFTConfig(
        output_dir=str(folder),
        max_steps=options.steps,
        per_device_train_batch_size=options.batch,
        per_device_eval_batch_size=options.batch,
        gradient_accumulation_steps=options.accumulate,
        gradient_checkpointing=not on_cpu,
        learning_rate=options.learning_rate,
        lr_scheduler_type="cosine",
        eval_strategy="steps",
        eval_steps=options.every,
        save_strategy="steps",
        save_steps=options.every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        logging_steps=options.every,
        report_to="none",
        seed=options.seed,
        data_seed=options.seed,
        bf16=options.precision == "bfloat16",
        fp16=False,
        use_cpu=on_cpu,
        dataloader_pin_memory=not on_cpu,
        completion_only_loss=True,
        max_length=None,
        remove_unused_columns=False,
    )


def _data_set(rows: list[dict[str, Any]], picture_side: int) -> Any:
    """Pictures are read when they are wanted, as large as those that are tested."""
    from datasets import Dataset
    from PIL import Image

    from culture_perception.culture_bench.pictures import read_picture

    def read(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        pictures = [
            [Image.fromarray(read_picture(Path(path), picture_side)) for path in paths]
            for paths in batch["images"]
        ]
        return {**batch, "images": pictures}

    return Dataset.from_list(rows).with_transform(read)


def _check(model: nn.Module, loss: float) -> None:
    """Refuses a change that does nothing, or that is none.

    Raises:
        SystemFailure: the loss is no number, or all changes are zero.
    """
    ups = [one for name, one in model.named_parameters() if "lora_B" in name]
    if not ups or not any(bool(one.any()) for one in ups):
        raise SystemFailure("nothing was learned: train for more --steps")
    if not all(bool(torch.isfinite(one).all()) for one in ups) or loss != loss:
        raise SystemFailure("the loss is no number: lower --learning-rate")
