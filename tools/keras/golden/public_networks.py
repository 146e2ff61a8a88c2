"""The networks of public programs in our own words, at small sizes. `docs/programs.md` says where each comes from.

Dropout has the rate 0, as nobody else can draw its numbers. What is a `Sequential` there is a function here, as it is a
block in the tests.
"""

import keras
from keras import KerasTensor
from keras import layers as L
from keras import ops
from keras import regularizers as R

from .layers import PositionEmbedding
from .programs import gated_residual

Ids = list[KerasTensor]


def ids_of(*names: str) -> Ids:
    """An input of one id for each name."""
    return [keras.Input((), dtype="int32", name=name) for name in names]


def numbers_of(*names: str) -> list[KerasTensor]:
    """An input of one number for each name."""
    return [keras.Input((), name=name) for name in names]


def program_tab_transformer() -> keras.Model:
    """Attention between the columns of a table that hold categories."""

    def normalized(x: KerasTensor) -> KerasTensor:
        return L.LayerNormalization(epsilon=1e-6)(x)

    def transformer(x: KerasTensor) -> KerasTensor:
        x = normalized(L.add([L.MultiHeadAttention(2, 4)(x, x), x]))
        h = L.Dense(4, activation="gelu")(normalized(x))
        return normalized(L.add([L.Dropout(0.0)(h), x]))

    def hidden(x: KerasTensor, units: int) -> KerasTensor:
        x = L.Dense(units, activation="selu")(L.BatchNormalization()(x))
        return L.Dropout(0.0)(x)

    numbers, categories = numbers_of("age", "gain", "hours"), ids_of("job", "education", "relation", "country")
    columns = [L.Embedding(count, 4)(x) for count, x in zip((9, 16, 6, 12), categories)]
    columns = ops.stack(columns, axis=1)
    for _ in range(2):
        columns = transformer(columns)
    table = normalized(L.concatenate([ops.expand_dims(x, -1) for x in numbers]))
    x = L.concatenate([L.Flatten()(columns), table])
    x = hidden(hidden(x, 38), 19)
    income = L.Dense(1, activation="sigmoid", name="income")(x)
    return keras.Model([*numbers, *categories], income, name="tab_transformer")


def program_behavior_sequence() -> keras.Model:
    """The behaviour sequence transformer: films that someone has rated, in order, and the one to be rated."""
    sequence, target = keras.Input((3,), dtype="int32", name="films"), keras.Input((1,), dtype="int32", name="film")
    ratings, users = keras.Input((3,), name="ratings"), ids_of("sex", "age", "occupation")
    film = L.Embedding(16, 4, name="film_embedding")
    genres = L.Embedding(16, 5, name="genres_vector", trainable=False)
    with_genres = L.Dense(4, activation="relu", name="with_genres")

    def encode(ids: KerasTensor) -> KerasTensor:
        return with_genres(L.concatenate([film(ids), genres(ids)]))

    user = L.concatenate([L.Embedding(count, size)(x) for x, count, size in zip(users, (2, 7, 21), (1, 2, 4))])
    rated = L.multiply([PositionEmbedding(4)(encode(sequence)), ops.expand_dims(ratings, -1)])
    x = L.concatenate([rated, encode(target)], axis=1)
    x = L.LayerNormalization()(L.add([x, L.Dropout(0.0)(L.MultiHeadAttention(3, 4)(x, x))]))
    h = L.Dense(4)(L.LeakyReLU()(x))
    x = L.LayerNormalization()(L.add([x, L.Dropout(0.0)(h)]))
    x = L.concatenate([L.Flatten()(x), user])
    for units in (16, 8):
        x = L.BatchNormalization()(L.Dense(units)(x))
        x = L.Dropout(0.0)(L.LeakyReLU()(x))
    return keras.Model([sequence, target, ratings, *users], L.Dense(1)(x), name="behavior_sequence")


def program_variable_selection() -> keras.Model:
    """A gated residual network of each column, and one of all of them that says how much each counts."""
    numbers, categories = numbers_of("age", "wage", "weeks"), ids_of("worker", "sex", "state")
    columns = [L.Dense(6)(ops.expand_dims(x, -1)) for x in numbers]
    columns += [L.Embedding(count, 6)(x) for count, x in zip((9, 2, 12), categories)]
    all_of_them = gated_residual(L.concatenate(columns), 6)
    weights = L.Dense(6, activation="softmax")(all_of_them)
    each = ops.stack([gated_residual(x, 6) for x in columns], axis=1)
    chosen = ops.squeeze(ops.matmul(ops.expand_dims(weights, 1), each), 1)
    income = L.Dense(1, activation="sigmoid", name="income")(chosen)
    return keras.Model([*numbers, *categories], income, name="variable_selection")


def contrastive(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    """Pairs that are alike come near, others at least to a distance of 1."""
    far = ops.maximum(1.0 - y_pred, 0.0)
    return ops.mean((1.0 - y_true) * ops.square(y_pred) + y_true * ops.square(far), axis=-1)


def program_siamese() -> keras.Model:
    """How far two images are from each other, by one network for both."""
    image = keras.Input((10, 10, 1))
    x = L.Conv2D(3, 3, activation="tanh")(L.BatchNormalization()(image))
    x = L.Conv2D(4, 3, activation="tanh")(L.AveragePooling2D(2)(x))
    x = L.BatchNormalization()(L.Flatten()(L.AveragePooling2D(2)(x)))
    tower = keras.Model(image, L.Dense(3, activation="tanh")(x), name="tower")

    left, right = keras.Input((10, 10, 1), name="left"), keras.Input((10, 10, 1), name="right")
    square = ops.sum(ops.square(tower(left) - tower(right)), axis=1, keepdims=True)
    distance = ops.sqrt(ops.maximum(square, keras.config.epsilon()))
    apart = L.Dense(1, activation="sigmoid")(L.BatchNormalization()(distance))
    return keras.Model([left, right], apart, name="siamese")


def program_lstm_fcn() -> keras.Model:
    """A series once as one step with many numbers, once as many steps with one."""

    def convolved(x: KerasTensor, filters: int, size: int) -> KerasTensor:
        x = L.Conv1D(filters, size, padding="same", kernel_initializer="he_uniform")(x)
        return L.Activation("relu")(L.BatchNormalization()(x))

    series = keras.Input((1, 12), name="series")
    x = L.Dropout(0.0)(L.LSTM(3)(series))
    y = L.Permute((2, 1))(series)
    for filters, size in ((6, 8), (8, 5), (6, 3)):
        y = convolved(y, filters, size)
    y = L.GlobalAveragePooling1D()(y)
    return keras.Model(series, L.Dense(4, activation="softmax")(L.concatenate([x, y])), name="lstm_fcn")


def program_text_and_metadata() -> keras.Model:
    """A text read in both directions, twice, beside what else is known of what it describes."""
    numbers, place = keras.Input((5,), name="numbers"), keras.Input((1,), dtype="int32", name="place")
    text = keras.Input((7,), dtype="int32", name="text")
    where = L.CategoryEncoding(6, output_mode="one_hot")(place)
    x = L.Bidirectional(L.LSTM(4, return_sequences=True))(L.Embedding(30, 5)(text))
    x = L.concatenate([numbers, where, L.Bidirectional(L.LSTM(4))(x)])
    for units in (8, 8):
        x = L.Dropout(0.0)(L.Dense(units, activation="relu")(x))
    x = L.Dense(6, activation="relu")(x)
    good = L.Dense(1, activation="sigmoid")(x)
    return keras.Model([numbers, place, text], good, name="text_and_metadata")


def program_question_pairs() -> keras.Model:
    """Whether two questions are one, by the largest of what is found in each of their words."""

    def question(words: KerasTensor) -> KerasTensor:
        x = L.Embedding(30, 6, trainable=False)(words)
        x = L.TimeDistributed(L.Dense(6, activation="relu"))(x)
        return L.GlobalMaxPooling1D()(x)

    one, other = (keras.Input((4,), dtype="int32", name=name) for name in ("one", "other"))
    x = L.concatenate([question(one), question(other)])
    for _ in range(4):
        x = L.Dropout(0.0)(L.Dense(10, activation="relu")(x))
        x = L.BatchNormalization()(x)
    return keras.Model([one, other], L.Dense(1, activation="sigmoid")(x), name="question_pairs")


def program_node2vec() -> keras.Model:
    """Whether two films are near in a graph, by one table for both."""
    target, context = ids_of("target", "context")
    embed = L.Embedding(
        20, 5, embeddings_initializer="he_normal", embeddings_regularizer=R.L2(1e-6), name="item_embeddings"
    )
    near = L.Dot(axes=1, name="dot_similarity")([embed(target), embed(context)])
    return keras.Model([target, context], near, name="node2vec")


def program_unet() -> keras.Model:
    """U-Net: what is halved on the way down is joined on the way up."""

    def convolved(x: KerasTensor, filters: int, size: int = 3) -> KerasTensor:
        return L.Conv2D(filters, size, activation="relu", padding="same", kernel_initializer="he_normal")(x)

    def twice(x: KerasTensor, filters: int) -> KerasTensor:
        return convolved(convolved(x, filters), filters)

    def up(x: KerasTensor, skip: KerasTensor, filters: int) -> KerasTensor:
        wide = convolved(L.UpSampling2D(2)(x), filters, 2)
        return twice(L.concatenate([skip, wide], axis=3), filters)

    image = keras.Input((8, 8, 1), name="image")
    c1 = twice(image, 3)
    c2 = twice(L.MaxPooling2D(2)(c1), 4)
    c3 = L.Dropout(0.0)(twice(L.MaxPooling2D(2)(c2), 5))
    c4 = L.Dropout(0.0)(twice(L.MaxPooling2D(2)(c3), 6))
    x = up(up(up(c4, c3, 5), c2, 4), c1, 3)
    x = convolved(x, 2)
    return keras.Model(image, L.Conv2D(1, 1, activation="sigmoid")(x), name="unet")
