"""Results made anew: any model over the recorded images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from culture_perception.adapting import adapt, adapters_of
from culture_perception.bags.errors import BagError
from culture_perception.bags.frame_images import read_image
from culture_perception.bags.label_timeline import LabelTimeline
from culture_perception.bags.messages import Message
from culture_perception.bags.topics import Topics
from culture_perception.concepts import ActiveLabels
from culture_perception.given_segments import GivenSegments
from culture_perception.histogram import LatencyHistogram
from culture_perception.images import ImageError
from culture_perception.masks import Uint8Array
from culture_perception.message_records import Result, Unreadable, recognition_to_result
from culture_perception.protocols import Encoder, Segmenter
from culture_perception.recognition import Options, name_segments, observe
from culture_perception.results import Observation
from culture_perception.zero_shot import TextBankCache


@dataclass(frozen=True)
class ModelChoice:
    """Models by name, as culture_perception.models.registry loads them.

    Attributes:
        segmenter: its name, file or folder.
        segmenter_checkpoint: a file for vit_b, vit_l or vit_h; "": the published one.
        encoder: its name or folder.
        encoder_pretrained: a tag or a file of weights.
        adapters: of the encoder; see models.adapter_choice.
        device: of torch.
        threads: of torch. With another number the last bits of a similarity may differ, so it is
            the same in every process, however many there are.
    """

    segmenter: str = "embedded"
    segmenter_checkpoint: str = ""
    encoder: str = "embedded"
    encoder_pretrained: str = ""
    adapters: str = "shipped"
    device: str = "auto"
    threads: int = 1


@dataclass(frozen=True)
class RecomputeOptions:
    """What is recognised anew, and by which labels.

    Attributes:
        models: what recognises.
        labels: each is a cell of its own; none: those that were active in the recording.
    """

    models: ModelChoice = field(default_factory=ModelChoice)
    labels: tuple[ActiveLabels, ...] = ()


@lru_cache(maxsize=1)
def load_models(choice: ModelChoice) -> tuple[Segmenter, Encoder]:
    """Loads both models, once a process.

    Raises:
        BagError: there is no such model, file or device; the message says what to do.
    """
    from culture_perception.models.registry import load_encoder, load_segmenter
    from culture_perception.models.runtime import Runtime

    try:
        runtime = Runtime(device=choice.device, threads=choice.threads)
        segmenter = load_segmenter(choice.segmenter, choice.segmenter_checkpoint, runtime)
        encoder = load_encoder(
            choice.encoder, choice.encoder_pretrained, runtime, adapters=choice.adapters
        )
        return segmenter, encoder
    except (ValueError, OSError) as error:
        raise BagError(str(error)) from error


class Recomputation:
    """Names the images of one bag as the perception node does, by one or several sets of labels.

    Attributes:
        image_ms: how long an image took.
        adapters: names of those that the encoder has.
    """

    def __init__(self, path: Path, options: RecomputeOptions, topics: Topics) -> None:
        """Loads the models, and reads which labels were active where those are to be used.

        Raises:
            BagError: A model can not be loaded.
            UnreadableBagError: The bag can not be read.
        """
        self._segmenter, self._encoder = load_models(options.models)
        self._labels = options.labels
        self._timeline = None if options.labels else LabelTimeline(path, topics)
        self._banks = TextBankCache()
        self._options = Options()
        self.image_ms = LatencyHistogram()
        self.adapters = adapters_of(self._encoder)

    def results(self, message: Message) -> Sequence[Result | Unreadable]:
        """A result for each of the labels, of an Image or CompressedImage."""
        labels = self._labels
        if self._timeline:
            active = self._timeline.at(message.received_ns)
            if active is None:
                return [Unreadable("the bag announces no labels; choose some by --label-set")]
            labels = (active,)
        try:
            return self._recognise(read_image(message.content), labels)
        except ImageError as error:
            return [Unreadable(str(error))]

    def _recognise(self, image_rgb: Uint8Array, labels: Sequence[ActiveLabels]) -> list[Result]:
        """By each of the labels, with the adapter that fits them, as the node does."""
        seen: dict[str, Observation] = {}  # by what the encoder is with the adapter in use
        segmenter, named = self._segmenter, []
        for one in labels:
            adapt(self._encoder, one)
            if self._encoder.name not in seen:
                observation = observe(image_rgb, segmenter, self._encoder, self._options)
                seen[self._encoder.name] = observation
                segmenter = GivenSegments(observation.segments)  # the masks stay the same
            bank = self._banks.get(self._encoder, one)
            named.append(name_segments(seen[self._encoder.name], bank, self._options))
        naming_ms = sum(one.stage_ms["name"] for one in named)
        observing_ms = sum(sum(one.stage_ms.values()) for one in seen.values())
        self.image_ms.add(observing_ms + naming_ms)
        return [recognition_to_result(one) for one in named]
