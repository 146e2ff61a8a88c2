"""Where random numbers come from."""

import keras
import numpy as np


class Stream:
    """The numbers of a seed, drawn one after the other: what is drawn first changes what follows."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def numbers(self, *shape: int, low: float = -1.0, high: float = 1.0) -> np.ndarray:
        return self.rng.uniform(low, high, shape).astype("float32")

    def ids(self, *shape: int, below: int) -> np.ndarray:
        return self.rng.integers(0, below, shape).astype("int32")

    def bits(self, *shape: int) -> np.ndarray:
        return self.ids(*shape, below=2).astype("float32")

    def one_hot(self, samples: int, classes: int) -> np.ndarray:
        return np.eye(classes, dtype="float32")[self.ids(samples, below=classes)]


def start(seed: int) -> Stream:
    """Forgets what Keras has made and drawn, as at the begin of a program, and gives the stream of a seed."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    return Stream(seed)
