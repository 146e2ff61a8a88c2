"""`summaries/NAME.txt`: how Keras prints the models on a terminal of 80 columns; `NAME.wide.txt` with
`line_length=120`, and `NAME.narrow.txt` with `line_length=40` where words wrap; `nested*.txt` of models within models with
`expand_nested` and `show_trainable`, on terminals of several widths."""

import os
from collections.abc import Iterator

import keras
from keras import layers

from . import models
from .fixture import Fixture
from .stream import start

NARROW = ["autoencoder", "toy_resnet"]
NESTED_ON = [40, 60, 80, 120]


def summary(model: keras.Model, line_length: int | None = None, terminal: int = 80, **options: bool) -> str:
    """The summary on a terminal of so many columns, or of the length of a line."""
    os.environ["COLUMNS"] = str(max(terminal, line_length or 0))
    lines: list[str] = []
    model.summary(line_length=line_length, print_fn=lambda text, **_: lines.append(text), **options)
    return "\n".join(lines) + "\n"


def encoder(name: str) -> keras.Model:
    x = keras.Input((8,), name="x")
    h = layers.Dense(6, activation="relu", name="dense")(x)
    return keras.Model(x, layers.Dense(3, name="dense_1")(h), name=name)


def nested() -> keras.Model:
    """A model with a model that has two others within it, of which one is frozen, and a frozen layer."""
    frozen = encoder("encoder")
    frozen.trainable = False
    scaler = keras.Sequential(
        [keras.Input((3,)), layers.Dense(4, name="dense"), layers.BatchNormalization(name="batch_normalization")], name="scaler"
    )
    x = keras.Input((8,), name="x")
    tower = keras.Model(x, scaler(frozen(x)), name="tower")
    a, b = keras.Input((8,), name="a"), keras.Input((8,), name="b")
    fixed = layers.Dense(2, name="fixed")
    joined = layers.Concatenate(name="concatenate")([tower(a), fixed(b)])
    fixed.trainable = False
    y = layers.Dense(1, name="dense")(layers.Dropout(0.5, name="dropout")(joined))
    return keras.Model([a, b], y, name="Nested")


def nested_chain() -> keras.Model:
    return keras.Sequential([keras.Input((8,)), encoder("encoder"), layers.Dense(1, name="dense")], name="NestedChain")


def fixtures() -> Iterator[Fixture]:
    for case in models.CASES:
        start(case.seed)
        model = case.make()
        lengths = {"": None, ".wide": 120} | ({".narrow": 40} if case.name in NARROW else {})
        for suffix, length in lengths.items():
            path = f"summaries/{case.name}{suffix}.txt"
            yield Fixture(f"summaries/{case.name}", path, summary(model, length))
    both = {"expand_nested": True, "show_trainable": True}
    for terminal in NESTED_ON:
        yield Fixture("summaries/nested", f"summaries/nested.{terminal}.txt", summary(nested(), terminal=terminal, **both))
    # So narrow that what stands below the table has no room in one line either.
    yield Fixture("summaries/nested", "summaries/nested.narrow.txt", summary(nested(), terminal=36))
    for option in both:
        yield Fixture("summaries/nested", f"summaries/nested.{option}.txt", summary(nested(), **{option: True}))
    yield Fixture("summaries/nested_chain", "summaries/nested_chain.txt", summary(nested_chain(), **both))
