"""`keras/training/NAME/`: whole trainings of models, as those of `models`."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import losses
from keras.optimizers import schedules

from . import training_networks as networks
from .fixture import Fixture
from .models import Batches, Case, Training, fixtures_of
from .stream import Stream


def numbers_and_flags(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 6), stream.numbers(samples, 4)]


def two_kinds(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 7), stream.numbers(samples, 3)]


def steps_and_static(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 12, 3), stream.numbers(samples, 5)]


def two_sequences(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 5, 8), stream.numbers(samples, 7, 6)]


def visits(stream: Stream, samples: int) -> Batches:
    return [stream.ids(samples, 1, below=20), stream.ids(samples, 1, below=30)]


def value_and_kind(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 2), stream.ids(samples, below=3)]


def of_each(stream: Stream, targets: Batches) -> Batches:
    """Weights for each output, of which some are 0."""
    return [np.maximum(stream.numbers(len(target), low=-0.5, high=2.0), 0) for target in targets]


def values_and_kinds(stream: Stream) -> tuple[Batches, Batches, Batches]:
    targets = value_and_kind(stream, 21)
    return numbers_and_flags(stream, 21), targets, of_each(stream, targets)


def series_and_fixed(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 10, 4), stream.numbers(samples, 5)]


def classes_of_series(stream: Stream) -> tuple[Batches, Batches, Batches]:
    targets = [stream.one_hot(17, 4)]
    return series_and_fixed(stream, 17), targets, of_each(stream, targets)


def image_and_numbers(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 6, 6, 2), stream.numbers(samples, 3)]


def size_kind_good(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 1), stream.ids(samples, below=3), stream.bits(samples, 1)]


def by_class(stream: Stream, targets: Batches) -> Batches:
    """What classes count for each output, as Keras has no `class_weight` where there are several."""
    size, kind, good = targets
    return [np.ones(len(size), "float32"), np.float32([2.0, 0.5, 1.5])[kind], np.float32([1.0, 3.0])[good[:, 0].astype(int)]]


def sizes_kinds_goods(stream: Stream) -> tuple[Batches, Batches, Batches]:
    return image_and_numbers(stream, 13), size_kind_good(stream, 13), []


def optimizer(of: keras.optimizers.Optimizer) -> dict[str, Any]:
    """Its configuration, so that one of its own trains each model, with no name that counts those made before it."""
    of.name = type(of).__name__.lower()
    return keras.optimizers.serialize(of)


ADAM = optimizer(keras.optimizers.Adam(0.01, global_clipnorm=0.5))
SGD = optimizer(keras.optimizers.SGD(0.05, momentum=0.8))
WARMED = optimizer(keras.optimizers.Adam(schedules.CosineDecay(0.0, 12, warmup_target=0.01, warmup_steps=3)))
ADAGRAD = optimizer(keras.optimizers.Adagrad(0.1))
ADAM_W = optimizer(keras.optimizers.AdamW(0.01))
NADAM = optimizer(keras.optimizers.Nadam(0.003, clipvalue=0.5))
FOCAL = losses.CategoricalFocalCrossentropy(from_logits=True)

REGULARIZED = Training(
    lambda s: (numbers_and_flags(s, 64), [s.numbers(64, 1)]),
    {"optimizer": ADAM, "loss": "mse", "metrics": ["mae"]},
    {"epochs": 3, "batch_size": 16, "validation_split": 0.25},
)
CLASS_WEIGHT = Training(
    lambda s: (two_kinds(s, 70), [s.ids(70, below=3)]),
    {"optimizer": SGD, "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]},
    {"epochs": 3, "batch_size": 16, "validation_split": 0.2, "class_weight": {0: 1.0, 1: 3.5, 2: 0.25}},
)
SERIES = Training(
    lambda s: (steps_and_static(s, 48), [s.numbers(48, 2)]),
    {"optimizer": ADAM_W, "loss": losses.LogCosh(), "metrics": ["mse"]},
    {"epochs": 2, "batch_size": 8, "validation_split": 0.25},
)
# What the bias of the keys adds to all steps alike, the softmax takes away again.
ATTENTION = Training(
    lambda s: (two_sequences(s, 40), [s.bits(40, 1)]),
    {"optimizer": WARMED, "loss": "binary_crossentropy", "metrics": ["accuracy", keras.metrics.AUC(name="auc")]},
    {"epochs": 2, "batch_size": 8},
    rounding_decides=True,
)
RECOMMENDER = Training(
    lambda s: (visits(s, 96), [s.numbers(96, 1, low=0)]),
    {"optimizer": ADAGRAD, "loss": "mse"},
    {"epochs": 2, "batch_size": 16},
)
SQUEEZE_EXCITE = Training(
    lambda s: ([s.numbers(40, 8, 8, 3)], [s.one_hot(40, 4)]),
    {"optimizer": NADAM, "loss": FOCAL, "metrics": ["accuracy"]},
    {"epochs": 2, "batch_size": 8},
)
# Two or three outputs, batches of which the last is shorter, batch normalization, weights, and data to validate on.
SPARSE = "sparse_categorical_crossentropy"
TWO_HEADS = Training(
    lambda s: (numbers_and_flags(s, 50), value_and_kind(s, 50)),
    {
        "optimizer": optimizer(keras.optimizers.Adam(0.01)),
        "loss": ["mse", SPARSE],
        "loss_weights": [1.0, 0.4],
        "metrics": [["mae"], ["accuracy"]],
        "weighted_metrics": [["mae"], ["accuracy", SPARSE]],
    },
    {"epochs": 3, "batch_size": 16},
    of_outputs=of_each,
    validation=values_and_kinds,
)
WEIGHTED_CLASSES = Training(
    lambda s: (series_and_fixed(s, 43), [s.one_hot(43, 4)]),
    {
        "optimizer": optimizer(keras.optimizers.RMSprop(0.005)),
        "loss": "categorical_crossentropy",
        "metrics": ["accuracy"],
        "weighted_metrics": ["accuracy", "categorical_crossentropy"],
    },
    {"epochs": 3, "batch_size": 12, "class_weight": {0: 2.0, 1: 1.0, 2: 0.5, 3: 0.0}},
    validation=classes_of_series,
)
THREE_HEADS = Training(
    lambda s: (image_and_numbers(s, 42), size_kind_good(s, 42)),
    {
        "optimizer": optimizer(keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True)),
        "loss": ["mae", SPARSE, "binary_crossentropy"],
        "loss_weights": [0.5, 1.0, 2.0],
        "metrics": [["mse"], ["accuracy"], [keras.metrics.AUC(name="auc")]],
        "weighted_metrics": [[], ["accuracy"], ["accuracy"]],
    },
    {"epochs": 3, "batch_size": 8},
    of_outputs=by_class,
    validation=sizes_kinds_goods,
)

CASES = [
    Case(networks.regularized, 170, 1, lambda s: numbers_and_flags(s, 4), REGULARIZED),
    Case(networks.class_weight, 171, 2, lambda s: two_kinds(s, 4), CLASS_WEIGHT),
    Case(networks.series, 172, 3, lambda s: steps_and_static(s, 4), SERIES),
    Case(networks.attention, 173, 4, lambda s: two_sequences(s, 3), ATTENTION),
    Case(networks.recommender, 174, 5, lambda s: visits(s, 4), RECOMMENDER),
    Case(networks.squeeze_excite, 175, 6, lambda s: [s.numbers(3, 8, 8, 3)], SQUEEZE_EXCITE),
    Case(networks.two_heads, 176, 7, lambda s: numbers_and_flags(s, 4), TWO_HEADS),
    Case(networks.weighted_classes, 177, 8, lambda s: series_and_fixed(s, 4), WEIGHTED_CLASSES),
    Case(networks.three_heads, 178, 9, lambda s: image_and_numbers(s, 4), THREE_HEADS),
]


def fixtures() -> Iterator[Fixture]:
    for case in CASES:
        yield from fixtures_of(case, "training", "training")
