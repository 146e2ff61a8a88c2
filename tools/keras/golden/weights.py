"""The weights of models and layers."""

import keras
import numpy as np

from .fixture import Arrays


def weights(model: keras.Model) -> Arrays:
    """Every variable under its path in Keras, `dense/kernel`."""
    return {variable.path: variable.numpy() for variable in model.weights}


def randomize(layer: keras.Layer, seed: int) -> None:
    """Draws biases, statistics and gains too, so that no weight's effect can hide behind 0 or 1."""
    rng = np.random.default_rng(seed)
    for variable in layer.weights:
        match variable.path.rsplit("/", 1)[-1]:
            case "variance" | "moving_variance" | "gamma":
                value = rng.uniform(0.5, 1.5, variable.shape)
            case "bias" | "beta" | "mean" | "moving_mean" | "alpha":
                value = rng.normal(0, 0.1, variable.shape)
            case "kernel" | "recurrent_kernel" | "depthwise_kernel" | "pointwise_kernel":
                value = rng.normal(0, 1 / np.sqrt(max(1, np.prod(variable.shape[:-1]))), variable.shape)
            case "embeddings":
                value = rng.normal(0, 0.5, variable.shape)
            case _:
                continue
        variable.assign(value)
