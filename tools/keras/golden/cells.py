"""Cells of one's own, those that the tests have in Rust."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable("golden")
class MinimalGatedCell(keras.Layer):
    """That of `docs/writing-a-layer.md`."""

    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.units = self.state_size = units

    def build(self, shape: tuple[int | None, ...]) -> None:
        sizes, units = (shape[-1], self.units), self.units
        self.gate_kernel = self.add_weight(sizes, name="gate_kernel")
        self.gate_recurrent_kernel = self.add_weight((units, units), name="gate_recurrent_kernel")
        self.gate_bias = self.add_weight((units,), "zeros", name="gate_bias")
        self.kernel = self.add_weight(sizes, name="kernel")
        self.recurrent_kernel = self.add_weight((units, units), name="recurrent_kernel")
        self.bias = self.add_weight((units,), "zeros", name="bias")

    def call(self, x: tf.Tensor, states: list[tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor]]:
        (h,) = states
        gate = x @ self.gate_kernel + h @ self.gate_recurrent_kernel + self.gate_bias
        f = ops.sigmoid(gate)
        c = ops.tanh(x @ self.kernel + (f * h) @ self.recurrent_kernel + self.bias)
        h = (1 - f) * h + f * c
        return h, [h]

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"units": self.units}
