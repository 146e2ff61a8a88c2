"""`keras/losses/NAME.safetensors`: `y_true`, `y_pred`, `per_sample`, `value`, `gradient` of the mean with respect to
`y_pred`, and `weighted_value` under `sample_weight`."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import losses as L

from .fixture import Arrays, Fixture
from .stream import Stream, start

SAMPLES, COLUMNS = 6, 5

# A loss's class, its arguments, `y_true` and `y_pred`.
Case = tuple[type[keras.Loss], dict[str, Any], np.ndarray, np.ndarray]


def cases(stream: Stream) -> dict[str, Case]:
    """Each line draws weights of samples in turn: new ones go to the end."""

    def numbers(low: float = -1.0, high: float = 1.0) -> np.ndarray:
        return stream.numbers(SAMPLES, COLUMNS, low=low, high=high)

    def softmax(x: np.ndarray) -> np.ndarray:
        return tf.nn.softmax(x).numpy()

    true, pred = numbers(), numbers()
    probabilities, one_hot = softmax(numbers(-2, 2)), stream.one_hot(SAMPLES, COLUMNS)
    soft, bits = softmax(numbers()), stream.bits(SAMPLES, COLUMNS)
    chances, logits = numbers(0.02, 0.98), numbers(-3, 3)
    signs = np.where(bits > 0, 1, -1).astype("float32")
    ids = stream.ids(SAMPLES, below=COLUMNS)
    positive, positive_pred = numbers(0.1, 3), numbers(0.1, 3)
    of_logits = {"from_logits": True}
    smooth = of_logits | {"label_smoothing": 0.1}
    return {
        "mean_squared_error": (L.MeanSquaredError, {}, true, pred),
        "mean_absolute_error": (L.MeanAbsoluteError, {}, true, pred),
        "mean_absolute_percentage_error": (L.MeanAbsolutePercentageError, {}, true, pred),
        "mean_squared_logarithmic_error": (L.MeanSquaredLogarithmicError, {}, positive, positive_pred),
        "huber": (L.Huber, {}, true * 3, pred * 3),
        "huber_delta_half": (L.Huber, {"delta": 0.5}, true, pred),
        "log_cosh": (L.LogCosh, {}, true, pred),
        "binary_crossentropy": (L.BinaryCrossentropy, {}, bits, chances),
        "binary_crossentropy_logits": (L.BinaryCrossentropy, of_logits, bits, logits),
        "binary_crossentropy_smoothing": (L.BinaryCrossentropy, smooth, bits, logits),
        "categorical_crossentropy": (L.CategoricalCrossentropy, {}, one_hot, probabilities),
        "categorical_crossentropy_logits": (L.CategoricalCrossentropy, of_logits, one_hot, logits),
        "categorical_crossentropy_smoothing": (L.CategoricalCrossentropy, smooth, one_hot, logits),
        "sparse_categorical_crossentropy": (L.SparseCategoricalCrossentropy, {}, ids, probabilities),
        "sparse_categorical_crossentropy_logits": (L.SparseCategoricalCrossentropy, of_logits, ids, logits),
        "kl_divergence": (L.KLDivergence, {}, soft, probabilities),
        "poisson": (L.Poisson, {}, positive, positive_pred),
        "hinge": (L.Hinge, {}, signs, pred * 2),
        "squared_hinge": (L.SquaredHinge, {}, signs, pred * 2),
        "categorical_hinge": (L.CategoricalHinge, {}, one_hot, pred),
        "cosine_similarity": (L.CosineSimilarity, {}, true, pred),
        "binary_focal_crossentropy": (L.BinaryFocalCrossentropy, of_logits, bits, logits),
        "categorical_focal_crossentropy": (L.CategoricalFocalCrossentropy, {}, one_hot, probabilities),
    }


def more_cases(stream: Stream) -> dict[str, Case]:
    """The same, of another stream: new ones go to the end here too."""

    def numbers(low: float = -1.0, high: float = 1.0) -> np.ndarray:
        return stream.numbers(SAMPLES, COLUMNS, low=low, high=high)

    one_hot, probabilities = stream.one_hot(SAMPLES, COLUMNS), tf.nn.softmax(numbers(-2, 2)).numpy()
    bits, chances = stream.bits(SAMPLES, COLUMNS), numbers(0.02, 0.98)
    true, pred, logits = numbers(), numbers(), numbers(-2, 2)
    ids = one_hot.argmax(1).astype("int32")
    embeddings = true / np.linalg.norm(true, axis=1, keepdims=True)
    # One label has a single sample.
    labels = np.array([7, 3, 7, 1, 3, 7], "int32")
    return {
        "dice": (L.Dice, {}, bits, chances),
        "tversky": (L.Tversky, {"alpha": 0.3, "beta": 0.7}, bits, chances),
        "categorical_generalized_cross_entropy": (L.CategoricalGeneralizedCrossEntropy, {}, ids, probabilities),
        "binary_focal_crossentropy_balanced": (
            L.BinaryFocalCrossentropy, {"apply_class_balancing": True}, bits, chances,
        ),
        "categorical_focal_crossentropy_logits": (
            L.CategoricalFocalCrossentropy, {"from_logits": True, "label_smoothing": 0.1}, one_hot, logits,
        ),
        "cosine_similarity_axis0": (L.CosineSimilarity, {"axis": 0}, true, pred),
        "sparse_ignore_class": (L.SparseCategoricalCrossentropy, {"ignore_class": 2}, ids, probabilities),
        "dice_by_sample": (L.Dice, {"axis": (1,)}, bits, chances),
        "dice_by_column": (L.Dice, {"axis": (0,)}, bits, chances),
        "tversky_by_sample": (L.Tversky, {"alpha": 0.4, "beta": 0.2, "axis": (-1,)}, bits, chances),
        "categorical_generalized_cross_entropy_q": (
            L.CategoricalGeneralizedCrossEntropy, {"q": 0.8}, ids, probabilities,
        ),
        "binary_focal_crossentropy_options": (
            L.BinaryFocalCrossentropy,
            {"apply_class_balancing": True, "alpha": 0.7, "gamma": 1.5, "label_smoothing": 0.2, "from_logits": True},
            bits,
            logits,
        ),
        "categorical_focal_crossentropy_alphas": (
            L.CategoricalFocalCrossentropy, {"alpha": [0.1, 0.5, 0.25, 1.0, 2.0], "gamma": 3.0}, one_hot, probabilities,
        ),
        "sparse_ignore_class_logits": (
            L.SparseCategoricalCrossentropy, {"ignore_class": 3, "from_logits": True}, ids, logits,
        ),
        "categorical_hinge_several": (L.CategoricalHinge, {}, one_hot, np.round(pred)),
        "hinge_bits": (L.Hinge, {}, bits, pred * 2),
        "circle": (L.Circle, {}, labels, embeddings),
        "circle_options": (
            L.Circle, {"gamma": 5.0, "margin": 0.25, "remove_diagonal": False}, labels, embeddings,
        ),
    }  # fmt: skip


def cases_of_sequences(stream: Stream) -> dict[str, Case]:
    """Of a stream of their own too."""
    # Class 0 is the blank; the last but one takes all seven steps.
    labels = np.array([[1, 2, 3, 4], [2, 0, 0, 0], [3, 3, 0, 0], [1, 4, 1, 0], [2, 2, 2, 2], [0, 0, 0, 0]], "int32")
    logits = stream.numbers(SAMPLES, 7, COLUMNS, low=-3, high=3)
    return {"ctc": (L.CTC, {}, labels, logits)}


def arrays(case: Case, sample_weight: np.ndarray) -> Arrays:
    loss, arguments, y_true, y_pred = case
    variable = tf.Variable(y_pred)
    with tf.GradientTape() as tape:
        value = loss(**arguments)(y_true, variable)
    found = {
        "y_true": y_true,
        "y_pred": y_pred,
        "per_sample": np.atleast_1d(loss(reduction=None, **arguments)(y_true, y_pred).numpy()),
        "gradient": tape.gradient(value, variable).numpy(),
        "value": value.numpy().reshape(1),
    }
    if found["per_sample"].shape not in [(1,), sample_weight.shape]:
        # The samples' losses are one, and Keras finds no place for their weights.
        return found
    weighted = loss(**arguments)(y_true, y_pred, sample_weight=sample_weight)
    return found | {"sample_weight": sample_weight, "weighted_value": weighted.numpy().reshape(1)}


def fixtures() -> Iterator[Fixture]:
    for seed, table in [(30, cases), (156, more_cases), (158, cases_of_sequences)]:
        stream = start(seed)
        for name, case in table(stream).items():
            sample_weight = stream.numbers(SAMPLES, low=0.1, high=2)
            yield Fixture(f"losses/{name}", f"keras/losses/{name}.safetensors", arrays(case, sample_weight))
