"""`keras/models/program_NAME/`: the networks of public programs, as those of `models`, ten steps of training each."""

from collections.abc import Iterator
from typing import Any

from keras import losses
from keras import metrics as M

from . import public_networks as networks
from .fixture import Fixture
from .models import ON_INCOMES, TEN_STEPS, Batches, Case, Training, fixtures_of
from .stream import Stream

Data = tuple[Batches, Batches]


def ids(stream: Stream, samples: int, *counts: int) -> Batches:
    """Of each a column."""
    return [stream.ids(samples, below=count) for count in counts]


def numbers(stream: Stream, samples: int, count: int) -> Batches:
    return [stream.numbers(samples) for _ in range(count)]


def table(stream: Stream, samples: int, *counts: int) -> Batches:
    """Three columns of numbers, and some of ids."""
    return [*numbers(stream, samples, 3), *ids(stream, samples, *counts)]


def rated_films(stream: Stream, samples: int) -> Batches:
    films, film = stream.ids(samples, 3, below=16), stream.ids(samples, 1, below=16)
    ratings = (stream.ids(samples, 3, below=5) + 1).astype("float32")
    return [films, film, ratings, *ids(stream, samples, 2, 7, 21)]


def pairs_of_images(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 10, 10, 1, low=0) for _ in range(2)]


def described(stream: Stream, samples: int) -> Batches:
    return [stream.numbers(samples, 5), stream.ids(samples, 1, below=6), stream.ids(samples, 7, below=30)]


def pairs_of_questions(stream: Stream, samples: int) -> Batches:
    return [stream.ids(samples, 4, below=30) for _ in range(2)]


def masks(stream: Stream, samples: int) -> Batches:
    return [stream.bits(samples, 8, 8, 1)]


# An optimizer by its configuration, as one of its own trains each model.
def adam(learning_rate: float = 0.001) -> dict[str, Any]:
    return {"class_name": "Adam", "config": {"learning_rate": learning_rate}}


ADAM_W = {"class_name": "AdamW", "config": {"learning_rate": 0.001, "weight_decay": 0.0001}}
ADAGRAD = {"class_name": "Adagrad", "config": {"learning_rate": 0.01}}

# What attention adds to all keys of a query alike, the bias of its keys, its softmax takes away again; and what a
# normalization of each sample adds, a batch normalization.
TABLES = Training(
    lambda s: (table(s, 40, 9, 16, 6, 12), [s.bits(40, 1)]),
    ON_INCOMES | {"optimizer": ADAM_W},
    TEN_STEPS,
    rounding_decides=True,
    weighted=True,
)
RATINGS = Training(
    lambda s: (rated_films(s, 40), [(s.ids(40, 1, below=5) + 1).astype("float32")]),
    {"optimizer": ADAGRAD, "loss": "mse", "metrics": ["mae"]},
    TEN_STEPS,
)
INCOMES = Training(lambda s: (table(s, 40, 9, 2, 12), [s.bits(40, 1)]), ON_INCOMES, TEN_STEPS, weighted=True)
PAIRS = Training(
    lambda s: (pairs_of_images(s, 40), [s.bits(40, 1)]),
    {"optimizer": "rmsprop", "loss": networks.contrastive, "metrics": ["accuracy"]},
    TEN_STEPS,
)
CLASSES = Training(
    lambda s: ([s.numbers(40, 1, 12)], [s.one_hot(40, 4)]),
    {"optimizer": adam(), "loss": "categorical_crossentropy", "metrics": ["accuracy"]},
    TEN_STEPS,
    rounding_decides=True,
)
TEXTS = Training(
    lambda s: (described(s, 40), [s.bits(40, 1)]),
    {
        "optimizer": adam(),
        "loss": "binary_crossentropy",
        "metrics": [M.BinaryAccuracy(), M.Precision(name="precision"), M.AUC(name="auc")],
    },
    TEN_STEPS,
)
QUESTIONS = Training(
    lambda s: (pairs_of_questions(s, 45), [s.bits(45, 1)]), ON_INCOMES, TEN_STEPS | {"validation_split": 0.1}
)
EDGES = Training(
    lambda s: (ids(s, 40, 20, 20), [s.bits(40, 1)]),
    {"optimizer": adam(), "loss": losses.BinaryCrossentropy(from_logits=True)},
    TEN_STEPS,
    weighted=True,
)
MASKS = Training(
    lambda s: ([s.numbers(40, 8, 8, 1, low=0)], masks(s, 40)), ON_INCOMES | {"optimizer": adam(0.0001)}, TEN_STEPS
)

CASES = [
    Case(networks.program_tab_transformer, 45, 25, lambda s: table(s, 8, 9, 16, 6, 12), TABLES),
    Case(networks.program_behavior_sequence, 46, 26, lambda s: rated_films(s, 8), RATINGS),
    Case(networks.program_variable_selection, 47, 27, lambda s: table(s, 8, 9, 2, 12), INCOMES),
    Case(networks.program_siamese, 48, 28, lambda s: pairs_of_images(s, 4), PAIRS),
    Case(networks.program_lstm_fcn, 49, 29, lambda s: [s.numbers(8, 1, 12)], CLASSES),
    Case(networks.program_text_and_metadata, 53, 33, lambda s: described(s, 8), TEXTS),
    # With these weights no ReLU lets a whole batch through, whose bias the normalization after it would take away.
    Case(networks.program_question_pairs, 50, 79, lambda s: pairs_of_questions(s, 8), QUESTIONS),
    Case(networks.program_node2vec, 51, 31, lambda s: ids(s, 8, 20, 20), EDGES),
    Case(networks.program_unet, 52, 32, lambda s: [s.numbers(4, 8, 8, 1, low=0)], MASKS),
]


def fixtures() -> Iterator[Fixture]:
    for case in CASES:
        yield from fixtures_of(case, "public")
