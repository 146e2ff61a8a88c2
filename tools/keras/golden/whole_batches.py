"""`keras/whole_batches.json`: trainings with losses that are of a batch as a whole: those that share sums between samples,
and those whose targets leave positions out.

Each case is three epochs of SGD with a learning rate of 0.1 on five samples in batches of two: their `history` with
validation on the same samples, then what `evaluate` says, and the `weights`, each flat. The steps are those of
`masked_outputs.json`, with a mask and without.
"""

from collections.abc import Callable, Iterator

import keras
import numpy as np
from keras import layers as L
from keras import losses

from .fixture import Fixture, Json
from .masks import STEPS

KERNEL = np.array([[1, 0, -0.5], [0, 1, 0.25]], "float32")
IDS = np.array([i * 7 % 3 for i in range(20)], "int32").reshape(5, 4)
BITS = np.array([i * i % 7 % 2 for i in range(60)], "float32").reshape(5, 4, 3)
WEIGHTS = np.array([[1], [0.25], [4], [1], [0.5]], "float32")


def ignoring() -> keras.Loss:
    return losses.SparseCategoricalCrossentropy(ignore_class=1)


# What makes the loss, the activation and the targets; whether there is a mask, and weights of the samples.
CASES: dict[str, tuple[Callable[[], keras.Loss], str, np.ndarray, bool, bool]] = {
    "ignore_class": (ignoring, "softmax", IDS, False, False),
    "ignore_class_masked": (ignoring, "softmax", IDS, True, False),
    "ignore_class_weighted": (ignoring, "softmax", IDS, True, True),
    "dice": (losses.Dice, "sigmoid", BITS, False, False),
    "dice_masked": (losses.Dice, "sigmoid", BITS, True, False),
    "tversky_by_class": (lambda: losses.Tversky(alpha=0.3, axis=(0, 1)), "sigmoid", BITS, False, False),
    "cosine_along_steps": (lambda: losses.CosineSimilarity(axis=1), "tanh", BITS, False, False),
}


def trained(
    loss: Callable[[], keras.Loss], activation: str, y: np.ndarray, is_masked: bool, is_weighted: bool
) -> Json:
    x = keras.Input((4, 2))
    dense = L.Dense(3, activation=activation)
    model = keras.Model(x, dense(L.Masking()(x) if is_masked else x))
    dense.kernel.assign(KERNEL)
    model.compile(keras.optimizers.SGD(0.1), loss())
    history = model.fit(
        STEPS,
        y,
        epochs=3,
        batch_size=2,
        shuffle=False,
        verbose=0,
        sample_weight=WEIGHTS if is_weighted else None,
        validation_data=(STEPS, y),
    ).history
    return {
        "history": dict(sorted(history.items())),
        "evaluate": model.evaluate(STEPS, y, batch_size=2, verbose=0),
        "weights": [variable.numpy().ravel().tolist() for variable in model.weights],
    }


def fixtures() -> Iterator[Fixture]:
    yield Fixture("whole_batches", "keras/whole_batches.json", {name: trained(*case) for name, case in CASES.items()})
