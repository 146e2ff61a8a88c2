"""`keras/models/NAME/`: whole models.

`weights.safetensors` has the weights and `io.safetensors` what they make of some inputs. A model that is trained has
the data in `train_data.safetensors`, the weights after it in `weights_after.safetensors`, and in `training.json` how it
was trained, the running logs after each step and the history.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import losses

from . import networks, programs
from .fixture import ROUNDING, Arrays, Fixture, Json
from .stream import Stream, start
from .weights import randomize, weights

Batches = list[np.ndarray]

# Where batch normalization takes a bias away again, its gradient is nothing but rounding, of which Adam makes whole
# steps. Such weights differ by 5e-4 where TensorFlow sums in another order.
ROUNDING_DECIDES = 5e-3


@dataclass
class Training:
    """Inputs with targets, and the arguments of `compile` and `fit`."""

    data: Callable[[Stream], tuple[Batches, Batches]]
    compile: dict[str, Any]
    fit: dict[str, Any]
    # Whether those of a training in float64 are kept too, since rounding decides the trained weights.
    rounding_decides: bool = False
    # Whether each sample has a weight of its own.
    weighted: bool = False
    # The weights of samples for each output, made with its targets.
    of_outputs: Callable[[Stream, Batches], Batches] | None = None
    # Inputs, targets and the weights for each output of samples to validate on, where there are any.
    validation: Callable[[Stream], tuple[Batches, Batches, Batches]] | None = None


@dataclass
class Case:
    make: Callable[[], keras.Model]
    seed: int
    weight_seed: int
    inputs: Callable[[Stream], Batches]
    training: Training | None = None
    # Weights that are all one number, not what is drawn.
    filled: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.make.__name__


def sum_of_three(stream: Stream) -> tuple[Batches, Batches]:
    x = stream.numbers(96, 10)
    return [x], [(x[:, :3].sum(1, keepdims=True) + 0.1).astype("float32")]


def sum_times_number(stream: Stream) -> tuple[Batches, Batches]:
    a, b = stream.numbers(128, 32), stream.numbers(128, 128)
    return [a, b], [(a[:, :4].sum(1, keepdims=True) * b[:, :1] + 1).astype("float32")]


def digits(stream: Stream) -> tuple[Batches, Batches]:
    return [stream.numbers(128, 64, low=0)], [stream.ids(128, below=10)]


def texts_and_tags(stream: Stream, samples: int) -> Batches:
    return [stream.ids(samples, 7, below=50), stream.ids(samples, 11, below=50), stream.numbers(samples, 6, low=0)]


def sorted_tickets(stream: Stream) -> tuple[Batches, Batches]:
    departments = stream.one_hot(64, 4)
    return texts_and_tags(stream, 64), [stream.bits(64, 1), departments]


def attributes_and_photos(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 10, low=0), stream.numbers(samples, 16, 16, 3, low=0)]


def prices(stream: Stream) -> tuple[Batches, Batches]:
    return attributes_and_photos(stream, 48), [stream.numbers(48, 1, low=0.5, high=1.5)]


def visits(stream: Stream, samples: int) -> Batches:
    ids = [stream.ids(samples, below=below) for below in (12, 15, 7)]
    return [*ids, stream.numbers(samples, low=0)]


def ratings(stream: Stream) -> tuple[Batches, Batches]:
    return visits(stream, 80), [stream.numbers(80, 1, low=0)]


def small_images(stream: Stream) -> tuple[Batches, Batches]:
    return [stream.numbers(40, 16, 16, 3, low=0)], [stream.ids(40, below=10)]


def boards(stream: Stream, samples: int) -> Batches:
    """Of each place whether it is empty, the player's or the other's."""
    return [(stream.ids(samples, 6, 7, below=3) - 1).astype("float32")]


def games(stream: Stream) -> tuple[Batches, Batches]:
    return boards(stream, 40), [stream.one_hot(40, 7), stream.numbers(40, 1)]


def series(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 10, 1), stream.numbers(samples, 10, 2)]


def forecasts(stream: Stream) -> tuple[Batches, Batches]:
    """What comes next, and nothing that is left of what was there."""
    past = series(stream, 40)
    return past, [(past[0][:, -3:] * 0.5 + past[1][:, -3:, :1]).astype("float32"), np.zeros((40, 10, 1), "float32")]


def places(stream: Stream, samples: int) -> Batches:
    ids = [stream.ids(samples, below=40), stream.ids(samples, below=4)]
    return [stream.numbers(samples, 10), *ids]


def covers(stream: Stream) -> tuple[Batches, Batches]:
    return places(stream, 40), [stream.ids(40, below=7)]


def people(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 6), stream.ids(samples, below=9)]


def incomes(stream: Stream) -> tuple[Batches, Batches]:
    return people(stream, 40), [stream.bits(40, 1)]


def letters(stream: Stream, samples: int) -> Batches:
    source, target = stream.one_hot(7 * samples, 5), stream.one_hot(6 * samples, 8)
    return [source.reshape(samples, 7, 5), target.reshape(samples, 6, 8)]


def translations(stream: Stream) -> tuple[Batches, Batches]:
    """At each letter the next one."""
    source, target = letters(stream, 40)
    return [source, target], [np.concatenate([target[:, 1:], target[:, :1]], 1)]


def records(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 6), stream.numbers(samples, 4), stream.ids(samples, 3, below=7)]


def values_of_records(stream: Stream) -> tuple[Batches, Batches]:
    # So that the last batch is shorter, and a penalty counts in it as much as its samples do.
    return records(stream, 56), [stream.numbers(56, 1)]


def sentences(stream: Stream, samples: int) -> Batches:
    """Ids of words, with 0 where a sentence is over."""
    ids, lengths = stream.ids(samples, 6, below=8) + 1, stream.ids(samples, below=6) + 1
    return [np.where(np.arange(6) < lengths[:, None], ids, 0).astype("int32")]


def tags(stream: Stream) -> tuple[Batches, Batches]:
    return sentences(stream, 56), [stream.ids(56, 6, below=3)]


def on_records() -> Training:
    """With an optimizer of its own for each model."""
    adam = keras.optimizers.Adam(0.01, global_clipnorm=0.5)
    fit = {"epochs": 3, "batch_size": 16, "validation_split": 0.25}
    return Training(values_of_records, {"optimizer": adam, "loss": "mse", "metrics": ["mae"]}, fit)


ADAM_ON_SQUARES = {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]}
ON_DIGITS = {
    "optimizer": "rmsprop",
    "loss": losses.SparseCategoricalCrossentropy(from_logits=True),
    "metrics": ["accuracy"],
}
ON_TICKETS = {
    "optimizer": "rmsprop",
    "loss": [losses.BinaryCrossentropy(from_logits=True), losses.CategoricalCrossentropy(from_logits=True)],
    "loss_weights": [1.0, 0.2],
}
# As AlphaZero was trained, by smaller steps: those of 0.01 make of 40 layers with batch normalization what depends on
# rounding alone.
ON_GAMES = {
    "optimizer": {"class_name": "SGD", "config": {"learning_rate": 0.001, "momentum": 0.9}},
    "loss": ["categorical_crossentropy", "mse"],
}
ON_FORECASTS = {"optimizer": "adam", "loss": ["mse", "mse"], "loss_weights": [1.0, 0.5]}
ON_COVERS = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
ON_INCOMES = {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"]}
ON_LETTERS = {"optimizer": "rmsprop", "loss": "categorical_crossentropy", "metrics": ["accuracy"]}
ON_PRICES = {"optimizer": "adam", "loss": "mape", "metrics": ["mae"]}

SUM = Training(sum_of_three, ADAM_ON_SQUARES, {"epochs": 4})
PRODUCT = Training(sum_times_number, ADAM_ON_SQUARES, {"epochs": 5, "validation_split": 0.25})
DIGITS = Training(digits, ON_DIGITS, {"epochs": 2, "validation_split": 0.25})
TICKETS = Training(sorted_tickets, ON_TICKETS, {"epochs": 2, "batch_size": 16})
TAGS = Training(
    tags,
    {"optimizer": keras.optimizers.Adam(0.01), "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]},
    {"epochs": 2, "batch_size": 16, "validation_split": 0.25},
)
RATINGS = Training(ratings, ADAM_ON_SQUARES, {"epochs": 2, "batch_size": 16})
PRICES = Training(prices, ON_PRICES, {"epochs": 2, "batch_size": 8, "validation_split": 0.25}, rounding_decides=True)

# Ten steps each.
TEN_STEPS = {"epochs": 2, "batch_size": 8}
IMAGES = Training(small_images, ON_DIGITS, TEN_STEPS)
GAMES = Training(games, ON_GAMES, TEN_STEPS)
FORECASTS = Training(forecasts, ON_FORECASTS, TEN_STEPS)
COVERS = Training(covers, ON_COVERS, TEN_STEPS, rounding_decides=True)
INCOMES = Training(incomes, ON_INCOMES, TEN_STEPS)
TRANSLATIONS = Training(translations, ON_LETTERS, TEN_STEPS)

# With biases near zero, the last activation of the autoencoder is zero everywhere.
RAISED = {"conv2d_3/bias": 0.2, "conv2d_transpose/bias": 0.3, "conv2d_transpose_1/bias": 0.6}

CASES = [
    Case(networks.seed_sequential, 10, 0, lambda s: [s.numbers(16, 10)], SUM),
    Case(networks.seed_functional, 11, 1, lambda s: [s.numbers(16, 10)], SUM),
    Case(networks.seed_fusion, 12, 2, lambda s: [s.numbers(16, 32), s.numbers(16, 128)], PRODUCT),
    Case(networks.mnist_mlp, 20, 3, lambda s: [s.numbers(8, 64)], DIGITS),
    Case(networks.autoencoder, 21, 4, lambda s: [s.numbers(3, 12, 12, 1, low=0)], filled=RAISED),
    Case(networks.ensemble, 22, 5, lambda s: [s.numbers(8, 16)]),
    Case(networks.tickets, 23, 6, lambda s: texts_and_tags(s, 8), TICKETS),
    Case(networks.toy_resnet, 24, 7, lambda s: [s.numbers(4, 16, 16, 3, low=0)]),
    Case(networks.shared_embedding, 25, 8, lambda s: [s.ids(8, 6, below=40), s.ids(8, 6, below=40)]),
    Case(networks.mixed_data, 26, 9, lambda s: attributes_and_photos(s, 8), PRICES),
    Case(networks.recommender, 27, 10, lambda s: visits(s, 8), RATINGS),
    Case(networks.regularized, 28, 11, lambda s: records(s, 4), on_records()),
    Case(networks.activity, 29, 12, lambda s: records(s, 4), on_records()),
    Case(networks.tagging, 29, 12, lambda s: sentences(s, 4), TAGS),
    Case(programs.program_toy_resnet, 40, 20, lambda s: [s.numbers(4, 16, 16, 3, low=0)], IMAGES),
    Case(programs.program_connect4, 41, 21, lambda s: boards(s, 4), GAMES),
    Case(programs.program_nbeats, 42, 22, lambda s: series(s, 8), FORECASTS),
    Case(programs.program_deep_and_cross, 43, 23, lambda s: places(s, 8), COVERS),
    Case(programs.program_gated_residual, 44, 24, lambda s: people(s, 8), INCOMES),
    Case(programs.program_seq2seq, 60, 40, lambda s: letters(s, 8), TRANSLATIONS),
]


class Steps(keras.callbacks.Callback):
    """Keeps the running logs after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.logs: list[dict[str, float]] = []

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.logs.append(dict(logs or {}))


@contextmanager
def floats(kind: str) -> Iterator[None]:
    """What numbers layers are made of."""
    before = keras.config.floatx()
    keras.config.set_floatx(kind)
    yield
    keras.config.set_floatx(before)


def bare(batches: Batches) -> np.ndarray | Batches:
    """What Keras wants of a model of one input, or of several."""
    return batches[0] if len(batches) == 1 else batches


def numbered(prefix: str, batches: Batches) -> Arrays:
    return {f"{prefix}{i}": np.asarray(batch) for i, batch in enumerate(batches)}


def in_order(prefix: str, arrays: Arrays) -> Batches:
    """Those that `numbered` gave this name."""
    return [arrays[f"{prefix}{i}"] for i in range(len(arrays)) if f"{prefix}{i}" in arrays]


def with_weights(case: Case) -> keras.Model:
    model = case.make()
    randomize(model, case.weight_seed)
    for variable in model.weights:
        if variable.path in case.filled:
            variable.assign(np.full(variable.shape, case.filled[variable.path]))
    return model


def described(loss: Any) -> Json:
    """A loss by its name, or as Keras would save it; of a function its name."""
    match loss:
        case str():
            return loss
        case list():
            return [described(each) for each in loss]
        case losses.Loss():
            return losses.serialize(loss)
        case _:
            return loss.__name__


def weights_of(prefix: str, arrays: Arrays) -> np.ndarray | Batches | None:
    """The weights of samples for each output, if there are any."""
    batches = in_order(f"{prefix}sample_weight", arrays)
    return bare(batches) if batches else None


def validation_data(data: Arrays) -> tuple[Any, ...]:
    """What `fit` validates on, with weights if there are any."""
    inputs, targets = (bare(in_order(f"validation_{prefix}", data)) for prefix in ("input", "target"))
    sample_weight = weights_of("validation_", data)
    return (inputs, targets) if sample_weight is None else (inputs, targets, sample_weight)


def train(model: keras.Model, training: Training, data: Arrays) -> Json:
    """Trains without shuffling; what it was told and what it logged."""
    fit = {"batch_size": 32, "validation_split": 0.0, "class_weight": None, **training.fit}
    steps = Steps()
    inputs, targets = (in_order(prefix, data) for prefix in ("input", "target"))
    model.compile(**training.compile)
    if training.validation:
        fit["validation_data"] = validation_data(data)
    sample_weight = data["sample_weight"] if training.weighted else weights_of("", data)
    history = model.fit(
        bare(inputs), bare(targets), sample_weight=sample_weight, shuffle=False, verbose=0, callbacks=[steps], **fit
    )
    also = {"weighted_metrics": str(training.compile["weighted_metrics"])} if "weighted_metrics" in training.compile else {}
    return also | {
        "optimizer": keras.optimizers.serialize(model.optimizer),
        "loss": described(training.compile["loss"]),
        "metrics": str(training.compile.get("metrics")),
        "loss_weights": training.compile.get("loss_weights"),
        "class_weight": fit["class_weight"] and {str(name): weight for name, weight in fit["class_weight"].items()},
        "batch_size": fit["batch_size"],
        "epochs": fit["epochs"],
        "shuffle": False,
        "validation_split": fit["validation_split"],
        "running_logs_per_step": [{name: float(value) for name, value in logs.items()} for logs in steps.logs],
        "history": {name: [float(value) for value in values] for name, values in history.history.items()},
    }


def trained_in_float64(case: Case, training: Training, data: Arrays) -> Arrays:
    """The weights after the same training with twice the digits, rounded."""
    with floats("float64"):
        keras.utils.clear_session()
        model = with_weights(case)
        for variable in model.weights:
            variable.assign(variable.numpy().astype("float32"))
        train(model, training, data)
        return {path: array.astype("float32") for path, array in weights(model).items()}


def data_of(training: Training, stream: Stream) -> Arrays:
    inputs, targets = training.data(stream)
    data = numbered("input", inputs) | numbered("target", targets)
    if training.weighted:
        data["sample_weight"] = stream.numbers(len(inputs[0]), low=0.1, high=2.0)
    if training.of_outputs:
        data |= numbered("sample_weight", training.of_outputs(stream, targets))
    if training.validation:
        names = ("validation_input", "validation_target", "validation_sample_weight")
        for name, batches in zip(names, training.validation(stream)):
            data |= numbered(name, batches)
    return data


def fixtures_of(case: Case, kind: str = "models", folder: str = "models") -> Iterator[Fixture]:
    def fixture(file: str, content: Arrays | Json, tolerance: float = ROUNDING) -> Fixture:
        return Fixture(f"{kind}/{case.name}", f"keras/{folder}/{case.name}/{file}", content, tolerance)

    stream = start(case.seed)
    model = with_weights(case)
    inputs = case.inputs(stream)
    outputs = model(bare(inputs), training=False)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    yield fixture("weights.safetensors", weights(model))
    yield fixture("io.safetensors", numbered("input", inputs) | numbered("output", outputs))
    if training := case.training:
        data = data_of(training, stream)
        yield fixture("train_data.safetensors", data)
        tolerance = ROUNDING_DECIDES if training.rounding_decides else ROUNDING
        yield fixture("training.json", train(model, training, data), tolerance)
        yield fixture("weights_after.safetensors", weights(model), tolerance)
        if training.rounding_decides:
            yield fixture("weights_after_float64.safetensors", trained_in_float64(case, training, data))


def fixtures() -> Iterator[Fixture]:
    for case in CASES:
        yield from fixtures_of(case)
