"""`keras/outputs.json`: a model with two outputs, trained with batches of which the last is shorter.

Each case is three epochs of SGD with a learning rate of 0.1 on five samples in batches of two: their `history` with
validation on the same samples, then what `evaluate` says, and the `weights`, each flat.
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import layers as L

from .fixture import Fixture, Json

P_KERNEL = np.array([[0.5], [0.25]], "float32")
Q_KERNEL = np.array([[1, 0, -0.5], [0, 1, 0.25]], "float32")

X = np.array([[1, 2], [-1, 0.5], [0.25, -2], [3, 1], [-0.5, -0.75]], "float32")
P = np.array([[1], [0], [0.5], [-1], [2]], "float32")
Q = np.array([2, 0, 1, 1, 0], "int32")

ALIKE = np.array([1, 0.5, 2, 0, 1.5], "float32")
OF_P = np.array([0.5, 1, 0, 2, 3], "float32")
OF_Q = np.array([1, 0.25, 4, 1, 0.5], "float32")

SPARSE = "sparse_categorical_crossentropy"
CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "loss_weights": {"loss_weights": {"p": 0.5, "q": 2.0}},
    "weights_alike": {"sample_weight": ALIKE},
    "weights_of_each": {"sample_weight": {"p": OF_P, "q": OF_Q}, "loss_weights": {"p": 0.5, "q": 2.0}},
}


def trained(loss_weights: dict[str, float] | None = None, sample_weight: Any = None) -> Json:
    x = keras.Input((2,))
    outputs = {"p": L.Dense(1, name="p")(x), "q": L.Dense(3, activation="softmax", name="q")(x)}
    model = keras.Model(x, outputs)
    model.get_layer("p").kernel.assign(P_KERNEL)
    model.get_layer("q").kernel.assign(Q_KERNEL)
    model.compile(
        keras.optimizers.SGD(0.1),
        {"p": "mse", "q": SPARSE},
        loss_weights=loss_weights,
        metrics={"p": ["mae"], "q": ["sparse_categorical_accuracy"]},
        weighted_metrics={"p": ["mse"], "q": [SPARSE]},
    )
    y = {"p": P, "q": Q}
    history = model.fit(
        X, y, epochs=3, batch_size=2, shuffle=False, verbose=0, sample_weight=sample_weight, validation_data=(X, y)
    ).history
    scores = model.evaluate(X, y, batch_size=2, verbose=0, return_dict=True)
    return {
        "history": dict(sorted(history.items())),
        "evaluate": dict(sorted(scores.items())),
        "weights": [variable.numpy().ravel().tolist() for variable in model.weights],
    }


def fixtures() -> Iterator[Fixture]:
    yield Fixture("outputs", "keras/outputs.json", {name: trained(**case) for name, case in CASES.items()})
