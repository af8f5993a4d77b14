"""The weights of the fixed digit classifier in `assets/`, which judges generated digits."""

from __future__ import annotations

from functools import cache

import numpy as np

from playground.data.mnist import ASSETS, DataMissing
from playground.words import say

FILE = ASSETS / "digit_classifier.safetensors"


@cache
def classifier_weights() -> dict[str, np.ndarray]:
    """Name of a parameter of `models.digit_classifier.DigitClassifier` → its values, float32.

    Raises DataMissing with a sentence where the file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return {name: values.astype(np.float32) for name, values in load_file(FILE).items()}
    except (OSError, SafetensorError) as error:
        raise DataMissing(say("digits.no_classifier", path=FILE, error=error)) from None
