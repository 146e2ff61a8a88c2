"""`keras/names.json`: how Keras names layers of itself, by which names it knows what it has, and which paths the weights
of layers within layers have.
"""

from collections.abc import Callable, Iterator
from inspect import isclass

import keras
from keras import layers as L
from keras.src import activations, losses, metrics, optimizers

from .fixture import Fixture, Json


def sequential(shape: tuple[int, ...], *layers: keras.Layer, name: str | None = None) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *layers], name=name)


def functional(shape: tuple[int, ...], *layers: keras.Layer, name: str | None = None) -> keras.Model:
    wire = first = keras.Input(shape)
    for layer in layers:
        wire = layer(wire)
    return keras.Model(first, wire, name=name)


def coder(name: str | None = None) -> keras.Model:
    return functional((3,), L.Dense(4), L.Dense(3), name=name)


def no_input(name: str | None = None) -> keras.Model:
    """A model that learns its input's shape where it is used."""
    return keras.Sequential([L.Dense(4), L.Dense(3)], name=name)


def made_before() -> keras.Model:
    nested = coder()
    return functional((3,), L.Dense(3), nested, L.Dense(1))


def used_twice() -> keras.Model:
    a, b, nested = keras.Input((3,)), keras.Input((3,)), coder()
    return keras.Model([a, b], L.Dense(1)(L.add([nested(a), nested(b)])))


def attention() -> keras.Model:
    x = keras.Input((5, 4))
    return keras.Model(x, L.MultiHeadAttention(2, 3)(x, x))


def spelled_otherwise() -> keras.Model:
    x = keras.Input((5, 4))
    return keras.Model(x, L.PReLU(shared_axes=[1])(L.ReLU()(L.GroupQueryAttention(3, 2, 1)(x, x))))


Steps, Both = L.TimeDistributed, L.Bidirectional

# In each model the layers are made in the order in which they are written.
MODELS: dict[str, Callable[[], keras.Model]] = {
    "time_distributed": lambda: sequential((5, 3), L.Dense(4), Steps(L.Dense(4)), L.Dense(2)),
    "time_distributed_first": lambda: sequential((5, 3), Steps(L.Dense(4)), L.Dense(2)),
    "time_distributed_twice": lambda: sequential((5, 3), Steps(L.Dense(4)), Steps(L.Dense(2))),
    "time_distributed_functional": lambda: functional((5, 3), L.Dense(4), Steps(L.Dense(4)), L.Dense(2)),
    "time_distributed_named": lambda: functional((5, 3), Steps(L.Dense(4), name="steps"), L.Dense(2)),
    "time_distributed_named_inside": lambda: functional((5, 3), Steps(L.Dense(4, name="step")), L.Dense(2)),
    "time_distributed_of_itself": lambda: functional((6, 5, 3), Steps(Steps(L.Dense(4))), L.Dense(2)),
    "time_distributed_of_no_weights": lambda: functional((5, 4, 3), Steps(L.Flatten()), L.Flatten(), L.Dense(1)),
    "time_distributed_of_functional": lambda: functional((5, 3), L.Dense(3), Steps(coder()), L.Dense(2)),
    "time_distributed_of_sequential": lambda: functional((5, 3), Steps(sequential((3,), L.Dense(4))), L.Dense(2)),
    "functional": lambda: functional((3,), L.Dense(3), coder(), L.Dense(1)),
    "functional_made_before": made_before,
    "functional_named": lambda: functional((3,), L.Dense(3), coder("coder"), L.Dense(1)),
    "functional_two": lambda: functional((3,), coder(), coder(), L.Dense(1)),
    "functional_used_twice": used_twice,
    "functional_in_functional": lambda: functional((3,), L.Dense(3), functional((3,), L.Dense(3), coder()), L.Dense(1)),
    "functional_in_sequential": lambda: sequential((3,), L.Dense(3), coder(), L.Dense(1)),
    "functional_of_named": lambda: functional((3,), L.Dense(3), functional((3,), L.Dense(4, name="code")), L.Dense(1)),
    "sequential": lambda: sequential((3,), L.Dense(3), sequential((3,), L.Dense(4), L.Dense(3)), L.Dense(1)),
    "sequential_named": lambda: sequential((3,), L.Dense(3), sequential((3,), L.Dense(4), name="coder"), L.Dense(1)),
    "sequential_no_input": lambda: sequential((3,), L.Dense(3), no_input(), L.Dense(1)),
    "sequential_no_input_named": lambda: sequential((3,), L.Dense(3), no_input("coder"), L.Dense(1)),
    "sequential_in_functional": lambda: functional((3,), L.Dense(3), sequential((3,), L.Dense(4)), L.Dense(1)),
    "sequential_no_input_in_functional": lambda: functional((3,), L.Dense(3), no_input(), L.Dense(1)),
    "spelled_otherwise": spelled_otherwise,
    "bidirectional": lambda: sequential((5, 3), Both(L.LSTM(2)), L.Dense(1)),
    "bidirectional_functional": lambda: functional((5, 3), Both(L.LSTM(2)), L.Dense(1)),
    "bidirectional_between": lambda: functional(
        (5, 3), L.LSTM(3, return_sequences=True), Both(L.LSTM(2, return_sequences=True)), L.LSTM(2)
    ),
    "bidirectional_twice": lambda: functional((5, 3), Both(L.GRU(2, return_sequences=True)), Both(L.GRU(2))),
    "bidirectional_named": lambda: functional((5, 3), Both(L.LSTM(2), name="both"), L.Dense(1)),
    "bidirectional_named_inside": lambda: functional((5, 3), Both(L.LSTM(2, name="reader")), L.Dense(1)),
    "bidirectional_in_time_distributed": lambda: functional((6, 5, 3), Steps(Both(L.LSTM(2))), L.LSTM(1)),
    "cells": lambda: functional(
        (5, 3), L.RNN(L.StackedRNNCells([L.LSTMCell(2), L.GRUCell(2)]), return_sequences=True), L.RNN(L.LSTMCell(2))
    ),
    "multi_head_attention": attention,
    "spectral_normalization": lambda: functional((3,), L.SpectralNormalization(L.Dense(2)), L.Dense(1)),
}


# Operations of a functional model that are layers here.
OPERATIONS = ["ExpandDims", "GetItem", "Split", "Squeeze", "Stack", "Unstack"]

# Layers of `keras_hub`.
OF_HUB = ["PositionEmbedding"]

# Classes whose public name is another: summaries show these.
PRIVATE = ["GroupedQueryAttention"]


def layer_classes() -> dict[str, type[keras.Layer]]:
    """Every class of layers under its public name."""
    public = {name: getattr(L, name) for name in sorted(dir(L))}
    return {name: each for name, each in public.items() if isclass(each) and issubclass(each, keras.Layer)}


def automatic_name(class_name: str) -> str:
    """What Keras calls the first layer of a class. The class's own name alone says it: an empty class will do."""
    keras.utils.clear_session()
    return type(class_name, (keras.Layer,), {})().name


def spellings() -> Json:
    """Each class and function of a room with all that Keras knows it by, such as `mse`."""
    rooms = {"activations": activations, "losses": losses, "metrics": metrics, "optimizers": optimizers}
    found = {room: {} for room in rooms}
    for room, module in rooms.items():
        for name, each in module.ALL_OBJECTS_DICT.items():
            found[room].setdefault(each.__name__, {each.__name__}).add(name)
    found["callbacks"] = {name: {name} for name in dir(keras.callbacks) if isclass(getattr(keras.callbacks, name))}
    return {room: [" ".join(sorted(names[name])) for name in sorted(names)] for room, names in found.items()}


def names_in(make: Callable[[], keras.Model]) -> Json:
    """The names in a model that is the first of its program."""
    keras.utils.clear_session()
    model = make()
    return {
        "name": model.name,
        "layers": [layer.name for layer in model.layers],
        "weights": [weight.path for weight in model.weights],
    }


def fixtures() -> Iterator[Fixture]:
    classes = layer_classes()
    yield Fixture(
        "names",
        "keras/names.json",
        {
            "names": {name: automatic_name(each.__name__) for name, each in classes.items()}
            | {name: automatic_name(name) for name in OPERATIONS + OF_HUB + PRIVATE},
            "aliases": {name: each.__name__ for name, each in classes.items() if name != each.__name__},
            "spellings": spellings(),
            "models": {name: names_in(make) for name, make in MODELS.items()},
        },
    )
