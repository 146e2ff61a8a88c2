"""`keras/training/NAME/`: whole trainings of models, as those of `models`."""

from collections.abc import Iterator
from typing import Any

import keras
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


def optimizer(of: keras.optimizers.Optimizer) -> dict[str, Any]:
    """Its configuration, so that one of its own trains each model."""
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

CASES = [
    Case(networks.regularized, 170, 1, lambda s: numbers_and_flags(s, 4), REGULARIZED),
    Case(networks.class_weight, 171, 2, lambda s: two_kinds(s, 4), CLASS_WEIGHT),
    Case(networks.series, 172, 3, lambda s: steps_and_static(s, 4), SERIES),
    Case(networks.attention, 173, 4, lambda s: two_sequences(s, 3), ATTENTION),
    Case(networks.recommender, 174, 5, lambda s: visits(s, 4), RECOMMENDER),
    Case(networks.squeeze_excite, 175, 6, lambda s: [s.numbers(3, 8, 8, 3)], SQUEEZE_EXCITE),
]


def fixtures() -> Iterator[Fixture]:
    for case in CASES:
        yield from fixtures_of(case, "training", "training")
