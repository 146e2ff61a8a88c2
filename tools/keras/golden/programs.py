"""The networks of five programs that build them of functions and loops, at small sizes: those of `docs/blocks.md`.

Dropout is left out of those that are trained by a rate of 0, as nobody else can draw its numbers.
"""

import keras
from keras import KerasTensor
from keras import layers as L


def program_toy_resnet() -> keras.Model:
    """Of the functional API guide: blocks whose input is added to their output."""

    def residual(x: KerasTensor) -> KerasTensor:
        h = L.Conv2D(12, 3, activation="relu", padding="same")(x)
        h = L.Conv2D(12, 3, activation="relu", padding="same")(h)
        return L.add([h, x])

    image = keras.Input((16, 16, 3), name="img")
    x = L.Conv2D(8, 3, activation="relu")(image)
    x = L.Conv2D(12, 3, activation="relu")(x)
    x = L.MaxPooling2D(3)(x)
    for _ in range(2):
        x = residual(x)
    x = L.Conv2D(12, 3, activation="relu")(x)
    x = L.GlobalAveragePooling2D()(x)
    x = L.Dense(16, activation="relu")(x)
    x = L.Dropout(0.0)(x)
    return keras.Model(image, L.Dense(10)(x), name="toy_resnet")


def program_connect4() -> keras.Model:
    """AlphaZero's network as it plays Connect Four: a tower of 19 residual blocks, a policy and a value."""

    def residual(x: KerasTensor) -> KerasTensor:
        h = L.Conv2D(4, 3, padding="same")(x)
        h = L.Activation("relu")(h)
        h = L.BatchNormalization()(h)
        h = L.Conv2D(4, 3, padding="same")(h)
        h = L.BatchNormalization()(h)
        return L.Activation("relu")(L.add([x, h]))

    def plane(x: KerasTensor, size: int) -> KerasTensor:
        x = L.Conv2D(1, size, padding="same")(x)
        x = L.BatchNormalization()(x)
        x = L.Activation("relu")(x)
        return L.Flatten()(x)

    board = keras.Input((6, 7), name="board")
    x = L.Reshape((6, 7, 1))(board)
    x = L.BatchNormalization()(x)
    x = L.Conv2D(4, 3, padding="same")(x)
    x = L.Activation("relu")(x)
    x = L.BatchNormalization()(x)
    for _ in range(19):
        x = residual(x)
    pi = L.Dense(7, activation="softmax", name="pi")(plane(x, 2))
    v = plane(x, 1)
    v = L.Dense(16, activation="relu")(v)
    v = L.Dense(16)(v)
    v = L.Dense(1, activation="tanh", name="v")(v)
    return keras.Model(board, [pi, v], name="connect4")


def program_nbeats() -> keras.Model:
    """N-BEATS of generic blocks, with other series beside the one that goes on: each block explains a part of what the
    blocks before it left."""

    def generic(x: KerasTensor, others: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
        h = L.concatenate([x, others[..., 0], others[..., 1]])
        for _ in range(4):
            h = L.Dense(12, activation="relu")(h)
        backcast = L.Dense(4, use_bias=False)(h)
        backcast = L.Dense(10)(backcast)
        forecast = L.Dense(4, use_bias=False)(h)
        forecast = L.Dense(3)(forecast)
        return x - backcast, forecast

    series, others = keras.Input((10, 1), name="series"), keras.Input((10, 2), name="others")
    rest, forecasts = series[..., 0], []
    for _ in range(3):
        rest, forecast = generic(rest, others)
        forecasts.append(forecast)
    forecast = L.Reshape((3, 1), name="forecast")(L.add(forecasts))
    backcast = L.Reshape((10, 1), name="backcast")(rest)
    return keras.Model([series, others], [forecast, backcast], name="nbeats")


def program_deep_and_cross() -> keras.Model:
    """Deep & Cross: products of features beside a deep network, of the numbers and two kinds of ids."""

    def cross(x0: KerasTensor, x: KerasTensor) -> KerasTensor:
        return x0 * L.Dense(x.shape[-1])(x) + x

    def hidden(x: KerasTensor) -> KerasTensor:
        x = L.Dense(16)(x)
        x = L.BatchNormalization()(x)
        x = L.Activation("relu")(x)
        return L.Dropout(0.0)(x)

    numbers = keras.Input((10,), name="numbers")
    soil, area = keras.Input((), dtype="int32", name="soil"), keras.Input((), dtype="int32", name="area")
    x0 = L.concatenate([numbers, L.Embedding(40, 6)(soil), L.Embedding(4, 2)(area)])
    crossed = x0
    for _ in range(2):
        crossed = cross(x0, crossed)
    crossed = L.BatchNormalization()(crossed)
    deep = x0
    for _ in range(2):
        deep = hidden(deep)
    cover = L.Dense(7, activation="softmax")(L.concatenate([crossed, deep]))
    return keras.Model([numbers, soil, area], cover, name="deep_and_cross")


def gated_linear_unit(x: KerasTensor, units: int) -> KerasTensor:
    return L.Dense(units)(x) * L.Dense(units, activation="sigmoid")(x)


def gated_residual(x: KerasTensor, units: int) -> KerasTensor:
    """Can close itself, all but the way past it."""
    h = L.Dense(units, activation="elu")(x)
    h = L.Dense(units)(h)
    h = L.Dropout(0.0)(h)
    if x.shape[-1] != units:
        x = L.Dense(units)(x)
    return L.LayerNormalization()(x + gated_linear_unit(h, units))


def program_gated_residual() -> keras.Model:
    """Gated residual networks, of which each can close itself, on numbers and ids."""

    numbers, work = keras.Input((6,), name="numbers"), keras.Input((), dtype="int32", name="work")
    x = L.concatenate([L.Dense(8)(numbers), L.Embedding(9, 8)(work)])
    for _ in range(3):
        x = gated_residual(x, 8)
    income = L.Dense(1, activation="sigmoid")(x)
    return keras.Model([numbers, work], income, name="gated_residual")


def program_seq2seq() -> keras.Model:
    """A sequence that becomes another one, letter by letter: what an encoder ends with is what a decoder begins with."""
    source, target = keras.Input((7, 5), name="source"), keras.Input((6, 8), name="target")
    _, h, c = L.LSTM(10, return_state=True)(source)
    letters, _, _ = L.LSTM(10, return_sequences=True, return_state=True)(target, initial_state=[h, c])
    return keras.Model([source, target], L.Dense(8, activation="softmax")(letters), name="seq2seq")
