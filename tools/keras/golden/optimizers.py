"""`keras/optimizers/NAME.safetensors`: a small network's weights before, and after 1, 2, 5 and 20 steps of 8 samples
of `x` and `y` with the mean squared error, `stepN/…`."""

from collections.abc import Iterator

import keras
from keras import optimizers as O

from .fixture import Arrays, Fixture
from .stream import start
from .weights import randomize, weights

CASES: dict[str, O.Optimizer] = {
    "sgd": O.SGD(),
    "sgd_momentum": O.SGD(0.01, momentum=0.9),
    "sgd_nesterov": O.SGD(0.01, momentum=0.9, nesterov=True),
    "sgd_weight_decay": O.SGD(0.01, weight_decay=0.01),
    "rmsprop": O.RMSprop(),
    "rmsprop_momentum": O.RMSprop(momentum=0.5),
    "rmsprop_centered": O.RMSprop(centered=True),
    "adam": O.Adam(),
    "adam_exponential_decay": O.Adam(O.schedules.ExponentialDecay(0.01, 5, 0.5)),
    "adam_amsgrad": O.Adam(amsgrad=True),
    "adam_clipnorm": O.Adam(0.01, clipnorm=0.05),
    "adam_clipvalue": O.Adam(0.01, clipvalue=0.01),
    "adam_global_clipnorm": O.Adam(0.01, global_clipnorm=0.1),
    "adam_ema": O.Adam(0.01, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=5),
    "adam_accumulate_2": O.Adam(0.01, gradient_accumulation_steps=2),
    "adamw": O.AdamW(),
    "adamw_decay": O.AdamW(0.01, weight_decay=0.05),
    "adamax": O.Adamax(),
    "nadam": O.Nadam(),
    "adagrad": O.Adagrad(0.01),
    "adadelta": O.Adadelta(1.0),
    "adafactor": O.Adafactor(),
    "ftrl": O.Ftrl(0.01),
    "ftrl_l1_l2": O.Ftrl(0.01, l1_regularization_strength=0.001, l2_regularization_strength=0.01),
    "lion": O.Lion(),
    "lamb": O.Lamb(),
}

BATCH, STEPS = 8, 20
KEPT = (1, 2, 5, 20)


def arrays(optimizer: O.Optimizer) -> Arrays:
    stream = start(40)
    hidden = keras.layers.Dense(5, activation="tanh", name="hidden")
    model = keras.Sequential([keras.Input((6,)), hidden, keras.layers.Dense(2, name="out")])
    randomize(model, 1)
    x, y = stream.numbers(BATCH * STEPS, 6), stream.numbers(BATCH * STEPS, 2)
    arrays = {"x": x, "y": y} | {f"step0/{path}": value for path, value in weights(model).items()}
    model.compile(optimizer, "mse")
    for step in range(STEPS):
        batch = slice(BATCH * step, BATCH * (step + 1))
        model.train_on_batch(x[batch], y[batch])
        if step + 1 in KEPT:
            arrays |= {f"step{step + 1}/{path}": value for path, value in weights(model).items()}
    return arrays


def fixtures() -> Iterator[Fixture]:
    for name, optimizer in CASES.items():
        yield Fixture(f"optimizers/{name}", f"keras/optimizers/{name}.safetensors", arrays(optimizer))
