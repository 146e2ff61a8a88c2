"""`keras/optimizers/schedule_free_adamw*.safetensors`: as the other optimizers, with Keras on JAX.

On TensorFlow Keras 3.15's `ScheduleFreeAdamW` reads its momentum after it has moved where the formula wants it from
before, and where `fit` makes the optimizer's variables, the momentum begins at 0 and not at the weights. On JAX, where
a variable's value is an array that stays as it is, it computes the formula. Keras has one backend in a process, so that
this module is run as a program of its own; it goes back through the network by hand.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors.numpy import load_file, save_file

CASES: dict[str, dict] = {
    "schedule_free_adamw_jax": {"learning_rate": 0.01},
    "schedule_free_adamw_warmup_jax": {"learning_rate": 0.01, "warmup_steps": 7, "weight_decay": 0.1},
}
NAMES = ("hidden/kernel", "hidden/bias", "out/kernel", "out/bias")


def trained(name: str, start: dict[str, np.ndarray], batch: int, kept: tuple[int, ...]) -> dict[str, np.ndarray]:
    """The arrays of a case that begins with this `x`, `y` and `step0/…`."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "arrays"
        save_file(start, file)
        steps = [str(step) for step in kept]
        program = [sys.executable, __file__, name, str(file), str(batch), *steps]
        subprocess.run(program, check=True, env=os.environ | {"KERAS_BACKEND": "jax"})
        return load_file(file)


def gradients(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Of the mean squared error of a network with one hidden layer and tanh."""
    kernel, bias, out_kernel, out_bias = weights
    hidden = np.tanh(x @ kernel + bias)
    dy = 2 * (hidden @ out_kernel + out_bias - y) / y.size
    before_tanh = dy @ out_kernel.T * (1 - hidden**2)
    return [x.T @ before_tanh, before_tanh.sum(0), hidden.T @ dy, dy.sum(0)]


def main(name: str, file: str, batch: str, *kept: str) -> None:
    import keras

    arrays = load_file(file)
    size, kept = int(batch), {int(step) for step in kept}
    variables = [keras.Variable(arrays[f"step0/sequential/{name}"], name=name.replace("/", "_")) for name in NAMES]
    optimizer = keras.optimizers.ScheduleFreeAdamW(**CASES[name])
    for step in range(max(kept)):
        rows = slice(size * step, size * (step + 1))
        weights = [np.asarray(variable.value) for variable in variables]
        optimizer.apply(gradients(weights, arrays["x"][rows], arrays["y"][rows]), variables)
        if step + 1 in kept:
            after = {f"step{step + 1}/sequential/{name}": np.array(variable.value) for name, variable in zip(NAMES, variables)}
            arrays |= after
    save_file(arrays, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
