"""`keras/regularizers.safetensors`: penalties on `kernel`, `NAME_value`, and their gradients, `NAME_gradient`."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from keras import regularizers as R

from .fixture import Arrays, Fixture
from .stream import start

CASES: dict[str, R.Regularizer] = {
    "l1": R.L1(0.02),
    "l2": R.L2(0.03),
    "l1_l2": R.L1L2(0.02, 0.03),
    "orthogonal_rows": R.OrthogonalRegularizer(0.05, "rows"),
    "orthogonal_columns": R.OrthogonalRegularizer(0.05, "columns"),
}


def fixtures() -> Iterator[Fixture]:
    kernel = start(50).numbers(5, 4)
    # The slope of |w| at 0, and a vector without a direction.
    kernel[1] = 0
    arrays: Arrays = {"kernel": kernel}
    for name, regularizer in CASES.items():
        variable = tf.Variable(kernel)
        with tf.GradientTape() as tape:
            value = regularizer(variable)
        gradient = tape.gradient(value, variable).numpy()
        arrays |= {f"{name}_value": np.float32(value).reshape(1), f"{name}_gradient": gradient}
    yield Fixture("regularizers", "keras/regularizers.safetensors", arrays)
