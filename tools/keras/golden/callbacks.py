"""`keras/callbacks.json`: what callbacks decide on one sequence of losses.

`keras/averages.json`: three epochs with moving averages of the weights, which `SwapEMAWeights` puts in their place: the
`history`, the weights that a callback behind it sees `at_epoch_end`, and those `after` the training.
"""

from collections.abc import Iterator

import keras
import numpy as np
from keras import callbacks as C

from .fixture import Fixture, Json

LOSSES = [1.0, 0.8, 0.79, 0.795, 0.8, 0.78, 0.7799, 0.785, 0.79, 0.8, 0.81, 0.9]

CASES: dict[str, C.Callback] = {
    "early_stopping_patience_2": C.EarlyStopping("val_loss", patience=2),
    "early_stopping_patience_3_min_delta": C.EarlyStopping("val_loss", patience=3, min_delta=0.01),
    "early_stopping_start_from_epoch": C.EarlyStopping("val_loss", patience=2, start_from_epoch=5),
    "reduce_lr_patience_1": C.ReduceLROnPlateau("val_loss", factor=0.5, patience=1, min_delta=1e-4),
    "reduce_lr_cooldown": C.ReduceLROnPlateau("val_loss", factor=0.5, patience=1, cooldown=2, min_lr=0.03),
}


def decisions(callback: C.Callback) -> Json:
    """Plays a training with these losses to the callback."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    callback.set_model(model)
    callback.on_train_begin()
    rates, stopped = [], None
    for epoch, loss in enumerate(LOSSES):
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {"val_loss": loss})
        rates.append(float(model.optimizer.learning_rate))
        if model.stop_training:
            stopped = epoch
            break
    return {"val_loss": LOSSES, "learning_rate_after_epoch": rates, "stopped_at_epoch": stopped}


X = np.array([[1, 2], [-1, 0.5], [0.25, -2], [3, 1], [-0.5, -0.75]], "float32")
Y = np.array([[1], [0], [0.5], [-1], [2]], "float32")

SWAPS: dict[str, list[C.Callback]] = {
    "never": [],
    "validation": [C.SwapEMAWeights()],
    "epoch": [C.SwapEMAWeights(swap_on_epoch=True)],
}


def averaged(swap: list[C.Callback]) -> Json:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.layers[0].kernel.assign(np.array([[0.5], [0.25]], "float32"))
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.75), "mse", metrics=["mae"])
    seen = []
    flat = lambda: [float(number) for weights in model.get_weights() for number in weights.ravel()]
    look = C.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(flat()))
    options = {"epochs": 3, "batch_size": 2, "shuffle": False, "verbose": 0, "validation_data": (X, Y)}
    history = model.fit(X, Y, callbacks=[*swap, look], **options).history
    return {"history": dict(sorted(history.items())), "at_epoch_end": seen, "after": flat()}


def fixtures() -> Iterator[Fixture]:
    content = {name: decisions(callback) for name, callback in CASES.items()}
    yield Fixture("callbacks", "keras/callbacks.json", content)
    yield Fixture("callbacks/averages", "keras/averages.json", {name: averaged(swap) for name, swap in SWAPS.items()})
