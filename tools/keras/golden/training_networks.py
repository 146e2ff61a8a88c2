"""The networks of whole trainings."""

import keras
from keras import constraints as C
from keras import layers as L
from keras import regularizers as R


def regularized() -> keras.Model:
    """Penalties, constraints."""
    numbers, flags = keras.Input((6,), name="numbers"), keras.Input((4,), name="flags")
    x = L.Dense(8, activation="relu", kernel_regularizer=R.L2(0.01), bias_regularizer=R.L1(0.001))(numbers)
    x = L.Dense(5, activation="tanh", activity_regularizer=R.L1(0.002), kernel_constraint=C.MaxNorm(1.0))(x)
    y = L.Dense(5, activation="elu", kernel_constraint=C.NonNeg())(flags)
    x = L.Dense(1, kernel_regularizer=R.L1L2(0.001, 0.002))(L.average([x, y]))
    return keras.Model([numbers, flags], x, name="regularized")


def class_weight() -> keras.Model:
    """Classes that count differently."""
    a, b = keras.Input((7,)), keras.Input((3,))
    # Made before those that come before it, as where a call is an argument of another.
    classes = L.Dense(3, activation="softmax")
    x = L.concatenate([L.Dense(9, activation="selu")(a), L.Dense(4, activation="swish")(b)])
    return keras.Model([a, b], classes(x), name="class_weight")


def series() -> keras.Model:
    """A series read in both directions, behind a gate of what does not change."""
    steps, static = keras.Input((12, 3), name="series"), keras.Input((5,), name="static")
    x = L.BatchNormalization()(L.Conv1D(6, 3, padding="causal", activation="relu")(steps))
    x = L.Bidirectional(L.GRU(4, return_sequences=True))(L.MaxPooling1D(2)(x))
    x = L.multiply([L.GlobalAveragePooling1D()(x), L.Dense(8, activation="sigmoid")(static)])
    return keras.Model([steps, static], L.Dense(2)(L.LayerNormalization()(x)), name="series")


def attention() -> keras.Model:
    """A transformer block over two sequences."""
    query, memory = keras.Input((5, 8), name="query"), keras.Input((7, 6), name="memory")
    x = L.LayerNormalization()(L.add([query, L.MultiHeadAttention(2, 4)(query, L.Dense(8)(memory))]))
    outer = L.Dense(8)
    x = L.LayerNormalization()(L.add([x, outer(L.Dense(16, activation="gelu")(x))]))
    x = L.Dense(1, activation="sigmoid")(L.GlobalAveragePooling1D()(x))
    return keras.Model([query, memory], x, name="attention")


def recommender() -> keras.Model:
    """A table and a bias for each of two ids."""
    user, item = (keras.Input((1,), dtype="int32", name=name) for name in ("user", "item"))
    users = L.Flatten()(L.Embedding(20, 6, embeddings_regularizer=R.L2(1e-3))(user))
    items = L.Flatten()(L.Embedding(30, 6)(item))
    user_bias, item_bias = L.Flatten()(L.Embedding(20, 1)(user)), L.Flatten()(L.Embedding(30, 1)(item))
    x = L.add([L.dot([users, items], axes=1), user_bias, item_bias])
    return keras.Model([user, item], L.Activation("sigmoid")(x), name="recommender")


def squeeze_excite() -> keras.Model:
    """Separable and depthwise convolutions, and a gate of each channel."""
    image = keras.Input((8, 8, 3))
    x = L.SeparableConv2D(6, 3, padding="same", activation="relu")(image)
    x = L.DepthwiseConv2D(3, activation="relu6")(x)
    gate = L.GlobalAveragePooling2D(keepdims=True)(x)
    outer = L.Conv2D(6, 1, activation="sigmoid")
    gate = outer(L.Conv2D(3, 1, activation="relu")(gate))
    x = L.AveragePooling2D(2)(L.multiply([x, gate]))
    return keras.Model(image, L.Dense(4)(L.Flatten()(x)), name="squeeze_excite")


def two_heads() -> keras.Model:
    """Two outputs, behind two batch normalizations."""
    numbers, flags = keras.Input((6,), name="numbers"), keras.Input((4,), name="flags")
    x = L.BatchNormalization()(L.Dense(8, activation="tanh")(numbers))
    y = L.BatchNormalization(momentum=0.9)(L.Dense(5, activation="elu")(flags))
    z = L.Dense(7, activation="silu")(L.concatenate([x, y]))
    value = L.Dense(2, name="value")(z)
    return keras.Model([numbers, flags], [value, L.Dense(3, activation="softmax", name="kind")(z)], name="two_heads")


def weighted_classes() -> keras.Model:
    """A series with batch normalization, of which classes count differently."""
    steps, fixed = keras.Input((10, 4), name="series"), keras.Input((5,), name="fixed")
    x = L.BatchNormalization()(L.Conv1D(6, 3, activation="relu")(steps))
    x = L.concatenate([L.GlobalAveragePooling1D()(x), L.Dense(4, activation="tanh")(fixed)])
    return keras.Model([steps, fixed], L.Dense(4, activation="softmax")(x), name="weighted_classes")


def three_heads() -> keras.Model:
    """Three outputs of an image with batch normalization, and numbers."""
    image, numbers = keras.Input((6, 6, 2), name="image"), keras.Input((3,), name="numbers")
    x = L.BatchNormalization()(L.Conv2D(4, 3, use_bias=False)(image))
    x = L.GlobalAveragePooling2D()(L.Activation("relu")(x))
    x = L.Dense(6, activation="tanh")(L.concatenate([x, numbers]))
    size, kind = L.Dense(1, name="size")(x), L.Dense(3, activation="softmax", name="kind")(x)
    outputs = [size, kind, L.Dense(1, activation="sigmoid", name="good")(x)]
    return keras.Model([image, numbers], outputs, name="three_heads")
