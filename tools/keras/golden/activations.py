"""`keras/activations.safetensors`: values and slopes of the activations, `NAME` and `NAME_gradient` on `x`.

`exponential` is on `exponential_x`, `threshold` is `threshold(x, 0.5, -1)`. `softmax` and `log_softmax` are on
`matrix`, with gradients of the sum of `upstream` times the output.
"""

from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from .fixture import Arrays, Fixture
from .stream import start

Activation = Callable[[tf.Tensor], tf.Tensor]

# Those that Keras has under a name are on the list, those with arguments below.
NAMED = [
    "relu", "relu6", "leaky_relu", "sigmoid", "hard_sigmoid", "log_sigmoid", "silu", "hard_silu", "gelu", "tanh",
    "softplus", "softsign", "elu", "selu", "celu", "exponential", "mish", "linear", "tanh_shrink", "hard_tanh",
    "hard_shrink", "soft_shrink", "squareplus", "sparse_plus",
]  # fmt: skip
CASES: dict[str, Activation] = {name: keras.activations.get(name) for name in NAMED} | {
    "threshold": lambda x: keras.activations.threshold(x, 0.5, -1.0),
}
# Those that see a row at once.
OF_ROWS = ["softmax", "log_softmax"]

X = np.concatenate([np.linspace(-6, 6, 97), [-100, -20, 20, 100, 0]]).astype("float32")
# The exponential overflows on the others.
EXPONENTIAL_X = np.clip(X, -20, 20)


def value_and_gradient(name: str, activation: Activation, x: np.ndarray, upstream: np.ndarray) -> Arrays:
    variable = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = activation(variable)
    return {name: y.numpy(), f"{name}_gradient": tape.gradient(y, variable, tf.constant(upstream)).numpy()}


def fixtures() -> Iterator[Fixture]:
    stream = start(31)
    matrix, upstream = stream.numbers(6, 9, low=-4, high=4), stream.numbers(6, 9)
    arrays = {"x": X, "exponential_x": EXPONENTIAL_X, "matrix": matrix, "upstream": upstream}
    for name, activation in CASES.items():
        x = EXPONENTIAL_X if name == "exponential" else X
        arrays |= value_and_gradient(name, activation, x, np.ones_like(x))
    for name in OF_ROWS:
        arrays |= value_and_gradient(name, keras.activations.get(name), matrix, upstream)
    yield Fixture("activations", "keras/activations.safetensors", arrays)
