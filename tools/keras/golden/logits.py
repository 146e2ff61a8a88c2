"""`keras/logits.json`: crossentropies after a sigmoid or softmax, which Keras may compute from the logits before.

The probabilities are 0 and 1 to the last digit here, and wrong, so that they have no slope themselves. Each case is
three steps of SGD with a learning rate of 0.1 on two samples: their `history`, then what `evaluate` says, and the
`weights`, each flat.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers as L
from keras import losses

from .fixture import Fixture, Json

KERNEL = np.array([[40, -40, 0], [-40, 10, 5]], "float32")
OTHER_KERNEL = np.array([[1], [-2], [0.5]], "float32")

X = np.array([[1, 2], [-1, 0.5]], "float32")
ONE_HOT = np.array([[0, 1, 0], [1, 0, 0]], "float32")
IDS = np.array([1, 0], "int32")
NUMBERS = np.array([[0.5], [-1]], "float32")


@dataclass
class Case:
    model: keras.Model
    y: Any
    loss: Any
    metrics: Any = None
    kernels: tuple[np.ndarray, ...] = (KERNEL,)


def sequential(*layers: keras.Layer, shape: tuple[int, ...] = (2,)) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *layers])


def dense(activation: str) -> keras.Model:
    return sequential(L.Dense(3, activation))


def nested_two_inputs() -> keras.Model:
    a, b, x = (keras.Input((2,)) for _ in range(3))
    inner = keras.Model([a, b], L.Dense(3, "softmax")(L.add([a, b])))
    return keras.Model(x, inner([x, x]))


def also_an_input() -> keras.Model:
    """An output that another layer reads too."""
    x = keras.Input((2,))
    wire = L.Dense(3, "sigmoid", name="p")(x)
    return keras.Model(x, [wire, L.Dense(1, name="q")(wire)])


def twice() -> keras.Model:
    """One wire as two outputs."""
    x = keras.Input((2,))
    wire = L.Dense(3, "sigmoid")(x)
    return keras.Model(x, [wire, wire])


SMOOTH = losses.BinaryCrossentropy(label_smoothing=0.1)
BINARY, CATEGORICAL, SPARSE = "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"


def cases() -> dict[str, Case]:
    one_hot_image = ONE_HOT.reshape(2, 1, 1, 3)
    each_step = L.TimeDistributed(L.Dense(3, "softmax"))
    convolution, transposed = L.Conv2D(3, 1, activation="sigmoid"), L.Conv2DTranspose(3, 1, activation="softmax")
    return {
        "sigmoid_binary": Case(dense("sigmoid"), ONE_HOT, BINARY, [BINARY, "binary_accuracy"]),
        "sigmoid_binary_smoothing": Case(dense("sigmoid"), ONE_HOT, SMOOTH),
        "sigmoid_binary_from_logits": Case(dense("sigmoid"), ONE_HOT, losses.BinaryCrossentropy(from_logits=True)),
        "sigmoid_categorical": Case(dense("sigmoid"), ONE_HOT, CATEGORICAL),
        "sigmoid_mean_squared_error": Case(dense("sigmoid"), ONE_HOT, "mean_squared_error", [BINARY]),
        "softmax_binary": Case(dense("softmax"), ONE_HOT, BINARY),
        "softmax_categorical": Case(dense("softmax"), ONE_HOT, CATEGORICAL, [CATEGORICAL, "categorical_accuracy"]),
        "softmax_sparse": Case(dense("softmax"), IDS, SPARSE, [SPARSE, "sparse_categorical_accuracy"]),
        "softmax_layer": Case(sequential(L.Dense(3), L.Activation("softmax")), IDS, SPARSE),
        "softmax_flatten": Case(sequential(L.Dense(3, "softmax"), L.Flatten()), IDS, SPARSE, [SPARSE]),
        "log_softmax_categorical": Case(dense("log_softmax"), ONE_HOT, CATEGORICAL),
        "nested": Case(sequential(dense("sigmoid")), ONE_HOT, BINARY),
        "nested_two_inputs": Case(nested_two_inputs(), ONE_HOT, CATEGORICAL),
        "also_an_input": Case(
            also_an_input(), [ONE_HOT, NUMBERS], [BINARY, "mse"], [[BINARY], []], kernels=(KERNEL, OTHER_KERNEL)
        ),
        "twice": Case(twice(), [ONE_HOT, 1 - ONE_HOT], [BINARY, BINARY]),
        "twice_first_not": Case(twice(), [ONE_HOT, ONE_HOT], ["mse", BINARY]),
        "time_distributed": Case(sequential(each_step, shape=(1, 2)), IDS.reshape(2, 1), SPARSE),
        "convolution": Case(sequential(convolution, shape=(1, 1, 2)), one_hot_image, BINARY),
        "transposed_convolution": Case(
            sequential(transposed, shape=(1, 1, 2)), one_hot_image, CATEGORICAL, kernels=(KERNEL.T,)
        ),
    }


def logs_of(model: keras.Model, logs: dict[str, Any]) -> Json:
    """What was logged. Of outputs that are one wire, of one name, Keras logs only one loss, which is left out."""
    one_wire = len({output.name for output in model.outputs}) < len(model.outputs)
    return {name: value for name, value in sorted(logs.items()) if name == "loss" or not one_wire}


def trained(case: Case) -> Json:
    model = case.model
    x = X.reshape(2, *model.input_shape[1:])
    kernels = [variable for variable in model.weights if variable.name == "kernel"]
    for variable, kernel in zip(kernels, case.kernels, strict=True):
        variable.assign(kernel.reshape(variable.shape))
    model.compile(keras.optimizers.SGD(0.1), case.loss, metrics=case.metrics)
    history = model.fit(x, case.y, epochs=3, batch_size=2, shuffle=False, verbose=0).history
    scores = model.evaluate(x, case.y, batch_size=2, verbose=0, return_dict=True)
    return {
        "history": logs_of(model, history),
        "evaluate": logs_of(model, scores),
        "weights": [variable.numpy().ravel().tolist() for variable in model.weights],
    }


def fixtures() -> Iterator[Fixture]:
    with warnings.catch_warnings():
        # Of one case Keras warns that its logits are probabilities. They are.
        warnings.simplefilter("ignore")
        content = {name: trained(case) for name, case in cases().items()}
    yield Fixture("logits", "keras/logits.json", content)
