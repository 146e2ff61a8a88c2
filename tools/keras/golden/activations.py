"""`keras/activations.safetensors`: values and slopes of the activations, `NAME` and `NAME_gradient` on `x`.

`exponential` is on `exponential_x`, `threshold` is `threshold(x, 0.5, -1)`. `softmax` and `log_softmax` are on
`matrix`, with gradients of the sum of `upstream` times the output.

`keras/activations_more.safetensors`: those with parameters and those that came later, `NAME` with `NAME_gradient`, on `x`
or on `matrix`, each with its own `NAME_upstream`.
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

# With their parameters, on `x`.
PARAMETERIZED: dict[str, Activation] = {
    "sparse_sigmoid": keras.activations.get("sparse_sigmoid"),
    "gelu_approximate": lambda x: keras.activations.gelu(x, approximate=True),
    "leaky_relu_03": lambda x: keras.activations.leaky_relu(x, negative_slope=0.3),
    "elu_half": lambda x: keras.activations.elu(x, alpha=0.5),
    "celu_half": lambda x: keras.activations.celu(x, alpha=0.5),
    "relu_capped": lambda x: keras.activations.relu(x, negative_slope=0.1, max_value=2.0, threshold=0.3),
    "hard_shrink_tenth": lambda x: keras.activations.hard_shrink(x, threshold=0.1),
    "soft_shrink_tenth": lambda x: keras.activations.soft_shrink(x, threshold=0.1),
    "squareplus_one": lambda x: keras.activations.squareplus(x, b=1),
}

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
    yield Fixture("activations/more", "keras/activations_more.safetensors", more())


def sparsemax(x: tf.Tensor) -> tf.Tensor:
    """As in the paper. `keras.activations.sparsemax` of 3.15 adds up the sums of those that count where it should take the
    last one, and gives zeros where more than one counts."""
    falling = tf.sort(x, direction="DESCENDING")
    counts = falling - (tf.cumsum(falling, axis=-1) - 1) / tf.range(1, x.shape[-1] + 1, dtype=x.dtype) > 0
    number = tf.reduce_sum(tf.cast(counts, x.dtype), axis=-1, keepdims=True)
    threshold = (tf.reduce_sum(tf.where(counts, falling, 0.0), axis=-1, keepdims=True) - 1) / number
    return tf.maximum(x - threshold, 0.0)


def more() -> Arrays:
    stream = start(158)
    matrix, x = stream.numbers(6, 8, low=-4, high=4), np.linspace(-6, 6, 97).astype("float32")
    arrays = {"x": x, "matrix": matrix}
    cases = {name: (activation, x) for name, activation in PARAMETERIZED.items()}
    cases["sparsemax"] = sparsemax, matrix
    for name, (activation, on) in cases.items():
        upstream = stream.numbers(*on.shape)
        arrays |= {f"{name}_upstream": upstream} | value_and_gradient(name, activation, on, upstream)
    return arrays
