"""`keras/optimizers/NAME.safetensors`: a small network's weights before, and after 1, 2, 5 and 20 steps of 8 samples
of `x` and `y` with the mean squared error, `stepN/…`; `final/…` where the averages of them take their place at the end.

`keras/optimizers/arrays/NAME.safetensors`: arrays of one to four dimensions and vectors whose gradient comes in rows,
`rowsN` of `idsN`, before, and after each of three steps with the gradients `gradientN/…`."""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from keras import optimizers as O

from . import schedule_free
from .fixture import Arrays, Fixture
from .stream import start
from .weights import randomize, weights


def excluding(optimizer: O.Optimizer, *names: str) -> O.Optimizer:
    optimizer.exclude_from_weight_decay(var_names=names)
    return optimizer


CASES: dict[str, O.Optimizer] = {
    "sgd": O.SGD(),
    "sgd_momentum": O.SGD(0.01, momentum=0.9),
    "sgd_nesterov": O.SGD(0.01, momentum=0.9, nesterov=True),
    "sgd_weight_decay": O.SGD(0.01, weight_decay=0.01),
    "sgd_weight_decay_not_biases": excluding(O.SGD(0.01, weight_decay=2.0), "bias"),
    "sgd_ema": O.SGD(0.05, use_ema=True, ema_momentum=0.8),
    "rmsprop": O.RMSprop(),
    "rmsprop_momentum": O.RMSprop(momentum=0.5),
    "rmsprop_centered": O.RMSprop(centered=True),
    "rmsprop_clipnorm": O.RMSprop(0.01, clipnorm=0.1),
    "adam": O.Adam(),
    "adam_exponential_decay": O.Adam(O.schedules.ExponentialDecay(0.01, 5, 0.5)),
    "adam_amsgrad": O.Adam(amsgrad=True),
    "adam_clipnorm": O.Adam(0.01, clipnorm=0.05),
    "adam_clipvalue": O.Adam(0.01, clipvalue=0.01),
    "adam_global_clipnorm": O.Adam(0.01, global_clipnorm=0.1),
    "adam_ema": O.Adam(0.01, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=5),
    "adam_ema_accumulate_2": O.Adam(
        0.01, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3, gradient_accumulation_steps=2
    ),
    "adam_accumulate_2": O.Adam(0.01, gradient_accumulation_steps=2),
    "adam_cosine_warmup": O.Adam(O.schedules.CosineDecay(0.0, 15, warmup_target=0.02, warmup_steps=5)),
    "adam_rate_of_layer": O.MultiOptimizer(O.OptimizerMap(O.Adam(0.01), {".*hidden/.*": O.Adam(0.001)})),
    "adamw": O.AdamW(),
    "adamw_decay": O.AdamW(0.01, weight_decay=0.05),
    "adamw_not_biases": excluding(O.AdamW(0.01, weight_decay=2.0, amsgrad=True), "bias", "out"),
    "adamax": O.Adamax(),
    "nadam": O.Nadam(),
    "nadam_decay": O.Nadam(0.01, weight_decay=0.02),
    "adagrad": O.Adagrad(0.01),
    "adadelta": O.Adadelta(1.0),
    "adafactor": O.Adafactor(),
    "adafactor_scheduled": O.Adafactor(0.01, relative_step=False),
    "ftrl": O.Ftrl(0.01),
    "ftrl_l1_l2": O.Ftrl(0.01, l1_regularization_strength=0.001, l2_regularization_strength=0.01),
    "ftrl_power": O.Ftrl(
        0.1, learning_rate_power=-0.7, beta=0.3, l1_regularization_strength=0.01, l2_shrinkage_regularization_strength=0.05
    ),
    "lion": O.Lion(),
    "lion_decay": O.Lion(0.001, weight_decay=0.05),
    "lamb": O.Lamb(),
    "lamb_decay": O.Lamb(0.01, weight_decay=0.01),
    "muon": O.Muon(0.01),
    "muon_not_out": O.Muon(0.01, exclude_layers=["out"], adam_lr_ratio=0.5, adam_weight_decay=0.1),
}

OF_ARRAYS: dict[str, O.Optimizer] = {
    "sgd": O.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": O.RMSprop(0.01, momentum=0.5, centered=True),
    "adam": O.Adam(0.01, amsgrad=True),
    "adamax": O.Adamax(0.01),
    "nadam": O.Nadam(0.01),
    "adagrad": O.Adagrad(0.1),
    "adadelta": O.Adadelta(1.0),
    "adafactor": O.Adafactor(0.5, clip_threshold=0.5, beta_2_decay=-0.6),
    "ftrl": O.Ftrl(0.1, l1_regularization_strength=0.01),
    "lion": O.Lion(0.01),
    "lamb": O.Lamb(0.1),
    "muon": O.Muon(0.1),
    "muon_plain": O.Muon(0.1, exclude_embeddings=False, nesterov=False, rms_rate=None, ns_steps=3),
}
# Keras's Adamax adds up the sizes of the rows of an id, all others their squares.
IDS = {"adamax": (3, 0, 1)}

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
    if optimizer.use_ema:
        optimizer.finalize_variable_values(model.trainable_variables)
        arrays |= {f"final/{path}": value for path, value in weights(model).items()}
    return arrays


def of_arrays(optimizer: O.Optimizer, ids: tuple[int, ...]) -> Arrays:
    stream = start(41)
    shapes = {"embeddings": (4, 2), "bias": (3,), "tall": (7, 3), "wide": (3, 5), "kernel": (2, 3, 3, 4)}
    variables = [keras.Variable(stream.numbers(*shape), name=name) for name, shape in shapes.items()]
    arrays = {f"step0/{variable.name}": variable.numpy() for variable in variables}
    for step in range(1, 4):
        rows = stream.numbers(len(ids), 2)
        dense = {name: stream.numbers(*shape) for name, shape in shapes.items() if name != "embeddings"}
        in_rows = tf.IndexedSlices(tf.constant(rows), tf.constant(ids), tf.constant(shapes["embeddings"]))
        optimizer.apply([in_rows, *map(tf.constant, dense.values())], variables)
        arrays |= {f"rows{step}": rows, f"ids{step}": np.array(ids, "int32")}
        arrays |= {f"gradient{step}/{name}": gradient for name, gradient in dense.items()}
        arrays |= {f"step{step}/{variable.name}": variable.numpy() for variable in variables}
    return arrays


def fixtures() -> Iterator[Fixture]:
    for name, optimizer in CASES.items():
        yield Fixture(f"optimizers/{name}", f"keras/optimizers/{name}.safetensors", arrays(optimizer))
    begin = {name: array for name, array in arrays(O.SGD()).items() if name.split("/")[0] in ("x", "y", "step0")}
    for name in schedule_free.CASES:
        content = schedule_free.trained(name, begin, BATCH, KEPT)
        yield Fixture(f"optimizers/{name}", f"keras/optimizers/{name}.safetensors", content)
    for name, optimizer in OF_ARRAYS.items():
        content = of_arrays(optimizer, IDS.get(name, (1, 1, 3, 1, 0)))
        yield Fixture(f"optimizers/arrays/{name}", f"keras/optimizers/arrays/{name}.safetensors", content)
