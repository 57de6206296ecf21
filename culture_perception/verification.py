"""Is a label true of an image? Judged for each pair alone, to tell what no label names.

The cosine that ranks labels is a poor judge of that: a red box of tea is nearly as close to "red
box of cookies" as cookies are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from culture_perception.masks import Float32Array, FloatArray

PARTS = 4
"""Of the input, each as long as an embedding: product, absolute difference, image, text."""


@dataclass(frozen=True, eq=False)
class Verifier:
    """A perceptron of one hidden layer on an image's and a text's unit rows a and b.

    Its input is (a * b, |a - b|, a, b), its hidden layer rectified. training.verifier makes it.

    Attributes:
        hidden: float32 (4 D, H) weights.
        hidden_bias: float32 (H,).
        output: float32 (H,) weights.
        output_bias: of the logit.
    """

    hidden: Float32Array
    hidden_bias: Float32Array
    output: Float32Array
    output_bias: float

    def __post_init__(self) -> None:
        """Refuses weights that do not fit each other.

        Raises:
            ValueError: they do not.
        """
        inputs, width = self.hidden.shape
        if inputs % PARTS or self.hidden_bias.shape != (width,) or self.output.shape != (width,):
            raise ValueError(
                f"weights of shapes {self.hidden.shape}, {self.hidden_bias.shape} and "
                f"{self.output.shape} make no verifier; (4 D, H), (H,) and (H,) do"
            )

    def matches(self, images: Float32Array | FloatArray, texts: Float32Array) -> FloatArray:
        """Probability that each text (C, D) is true of each image (N, D): (N, C), 0 to 1.

        Raises:
            ValueError: the embeddings are of another length than those it was trained on.
        """
        length = len(self.hidden) // PARTS
        if images.shape[1] != length or texts.shape[1] != length:
            raise ValueError(
                f"embeddings of shapes {images.shape} and {texts.shape} are not of the encoder "
                f"that this verifier was trained on; its have length {length}"
            )
        product, apart, of_image, of_text = np.split(self.hidden, PARTS)
        alone = (images @ of_image)[:, None] + (texts @ of_text)[None] + self.hidden_bias
        rows = [  # image by image: all pairs at once would need N C 4 D numbers
            alone[i] + (image * texts) @ product + np.abs(image - texts) @ apart
            for i, image in enumerate(images)
        ]
        if not rows:
            return np.zeros((0, len(texts)))
        logits = np.maximum(np.stack(rows), 0.0) @ self.output + self.output_bias
        return np.asarray(expit(logits.astype(np.float64)))
