"""The networks whose outputs, summaries and trainings are kept."""

import keras
from keras import constraints as C
from keras import layers as L
from keras import regularizers as R


def seed_sequential() -> keras.Model:
    model = keras.Sequential()
    model.add(keras.Input((10,)))
    model.add(L.Dense(64, activation="relu"))
    model.add(L.Dense(32, activation="relu"))
    model.add(L.Dense(1, activation="linear"))
    return model


def seed_functional() -> keras.Model:
    inputs = keras.Input((10,))
    x = L.Dense(64, activation="relu")(inputs)
    x = L.Dense(32, activation="relu")(x)
    return keras.Model(inputs, L.Dense(1, activation="linear")(x))


def seed_fusion() -> keras.Model:
    """Two models, joined at their outputs."""
    a, b = keras.Input((32,)), keras.Input((128,))
    x = L.Dense(8, activation="relu")(a)
    x = L.Dense(4, activation="relu")(x)
    x = keras.Model(a, x)
    y = L.Dense(64, activation="relu")(b)
    y = L.Dense(32, activation="relu")(y)
    y = L.Dense(4, activation="relu")(y)
    y = keras.Model(b, y)
    z = L.concatenate([x.output, y.output])
    z = L.Dense(2, activation="relu")(z)
    z = L.Dense(1, activation="linear")(z)
    return keras.Model([x.input, y.input], z)


def mnist_mlp() -> keras.Model:
    inputs = keras.Input((64,))
    x = L.Dense(24, activation="relu")(inputs)
    x = L.Dense(24, activation="relu")(x)
    return keras.Model(inputs, L.Dense(10)(x), name="mnist_model")


def autoencoder() -> keras.Model:
    image = keras.Input((12, 12, 1), name="img")
    x = L.Conv2D(4, 3, activation="relu")(image)
    x = L.Conv2D(6, 3, activation="relu")(x)
    x = L.MaxPooling2D(2)(x)
    x = L.Conv2D(6, 3, activation="relu", padding="same")(x)
    x = L.Conv2D(4, 3, activation="relu")(x)
    code = L.GlobalMaxPooling2D()(x)
    x = L.Reshape((2, 2, 1))(code)
    x = L.Conv2DTranspose(4, 3, activation="relu")(x)
    x = L.UpSampling2D(3)(x)
    x = L.Conv2DTranspose(1, 3, activation="relu", padding="same")(x)
    return keras.Model(image, x, name="autoencoder")


def ensemble() -> keras.Model:
    def member(name: str) -> keras.Model:
        # Python makes the outer layer first: it is `dense`.
        inputs = keras.Input((16,))
        return keras.Model(inputs, L.Dense(1)(L.Dense(8, activation="relu")(inputs)), name=name)

    inputs = keras.Input((16,))
    outputs = [member(name)(inputs) for name in ("m1", "m2", "m3")]
    return keras.Model(inputs, L.average(outputs), name="ensemble")


def tickets() -> keras.Model:
    """Three inputs, two outputs."""
    title, body = keras.Input((7,), name="title"), keras.Input((11,), name="body")
    tags = keras.Input((6,), name="tags")
    title_features = L.LSTM(8)(L.Embedding(50, 6)(title))
    body_features = L.LSTM(4)(L.Embedding(50, 6)(body))
    x = L.concatenate([title_features, body_features, tags])
    outputs = [L.Dense(1, name="priority")(x), L.Dense(4, name="department")(x)]
    return keras.Model([title, body, tags], outputs, name="tickets")


def toy_resnet() -> keras.Model:
    def same(x: keras.KerasTensor) -> keras.KerasTensor:
        return L.Conv2D(12, 3, activation="relu", padding="same")(x)

    image = keras.Input((16, 16, 3), name="img")
    x = L.Conv2D(8, 3, activation="relu")(image)
    x = L.Conv2D(12, 3, activation="relu")(x)
    block_1 = L.MaxPooling2D(3)(x)
    block_2 = L.add([same(same(block_1)), block_1])
    block_3 = L.add([same(same(block_2)), block_2])
    x = L.Conv2D(12, 3, activation="relu")(block_3)
    x = L.GlobalAveragePooling2D()(x)
    x = L.Dense(16, activation="relu")(x)
    x = L.Dropout(0.5)(x)
    return keras.Model(image, L.Dense(10)(x), name="toy_resnet")


def shared_embedding() -> keras.Model:
    embedding = L.Embedding(40, 5)
    a, b = keras.Input((6,)), keras.Input((6,))
    x = L.concatenate([L.Flatten()(embedding(a)), L.Flatten()(embedding(b))])
    return keras.Model([a, b], L.Dense(2)(x), name="shared_embedding")


def recommender() -> keras.Model:
    """Two towers of single ids and numbers."""
    user, item = keras.Input((), dtype="int32", name="user"), keras.Input((), dtype="int32", name="item")
    day, price = keras.Input((), dtype="int32", name="day"), keras.Input((), name="price")
    weekday = L.CategoryEncoding(7, output_mode="one_hot")(day)
    x = L.Dense(5, activation="relu")(L.concatenate([L.Embedding(12, 6)(user), weekday]))
    y = L.Dense(5, activation="relu")(L.concatenate([L.Embedding(15, 6)(item), L.Reshape((1,))(price)]))
    return keras.Model([user, item, day, price], L.Dot(axes=1)([x, y]), name="recommender")


def mixed_data() -> keras.Model:
    """Numbers and an image."""
    attributes, photo = keras.Input((10,), name="attributes"), keras.Input((16, 16, 3), name="photo")
    x = L.Dense(8, activation="relu")(attributes)
    x = L.Dense(4, activation="relu")(x)
    y = photo
    for filters in (4, 8):
        y = L.Conv2D(filters, 3, padding="same")(y)
        y = L.Activation("relu")(y)
        y = L.BatchNormalization()(y)
        y = L.MaxPooling2D(2)(y)
    y = L.Flatten()(y)
    y = L.Dense(16)(y)
    y = L.Activation("relu")(y)
    y = L.BatchNormalization()(y)
    y = L.Dense(4, activation="relu")(y)
    z = L.Dense(4, activation="relu")(L.concatenate([x, y]))
    return keras.Model([attributes, photo], L.Dense(1)(z), name="mixed_data")


def tagging() -> keras.Model:
    """A tag for each word; the id 0 is none."""
    words = keras.Input((6,), dtype="int32", name="words")
    x = L.LSTM(5, return_sequences=True)(L.Embedding(9, 4, mask_zero=True)(words))
    return keras.Model(words, L.Dense(3, activation="softmax")(x), name="tagging")


def regularized() -> keras.Model:
    """Penalties and constraints on weights of each kind."""
    numbers, flags = keras.Input((6,), name="numbers"), keras.Input((4,), name="flags")
    words = keras.Input((3,), dtype="int32", name="words")
    x = L.BatchNormalization(gamma_regularizer=R.L1L2(0.01, 0.02), beta_constraint=C.NonNeg())(numbers)
    x = L.Dense(8, activation="relu", kernel_regularizer=R.L2(0.01), bias_regularizer=R.L1(0.001))(x)
    x = L.Dense(5, activation="tanh", kernel_constraint=C.MaxNorm(1.0))(x)
    y = L.Dense(5, activation="elu", kernel_constraint=C.NonNeg(), bias_constraint=C.MinMaxNorm(0.3, 0.5, 0.4))(flags)
    # Its penalty does not count, nor its constraint.
    frozen = L.Dense(5, kernel_regularizer=R.L2(0.7), kernel_constraint=C.UnitNorm(), trainable=False)
    z = L.Embedding(7, 4, embeddings_regularizer=R.L2(0.01), embeddings_constraint=C.UnitNorm(axis=1))(words)
    z = L.LSTM(
        5,
        kernel_regularizer=R.OrthogonalRegularizer(0.02, "columns"),
        recurrent_regularizer=R.L1(0.003),
        recurrent_constraint=C.MaxNorm(0.9),
        bias_regularizer=R.L2(0.01),
    )(z)
    x = L.average([x, y, frozen(flags), z])
    x = L.Dense(1, kernel_regularizer=R.L1L2(0.001, 0.002))(x)
    return keras.Model([numbers, flags, words], x, name="regularized")


def activity() -> keras.Model:
    """Penalties of what layers give."""
    numbers, flags = keras.Input((6,), name="numbers"), keras.Input((4,), name="flags")
    words = keras.Input((3,), dtype="int32", name="words")
    x = L.Dense(8, activation="relu", activity_regularizer=R.L2(0.01))(numbers)
    x = L.Dense(5, activation="tanh", activity_regularizer=R.L1(0.002), kernel_constraint=C.MaxNorm(1.0))(x)
    y = L.ActivityRegularization(0.003, 0.004)(L.Dense(5, activation="elu")(flags))
    z = L.Conv2D(2, 2, activation="relu", activity_regularizer=R.L1L2(0.001, 0.002))(L.Reshape((3, 2, 1))(numbers))
    z = L.Dense(5)(L.Flatten()(L.Conv2DTranspose(1, 2, activity_regularizer=R.L2(0.003))(z)))
    w = L.LSTM(5, activity_regularizer=R.L1(0.003))(L.Embedding(7, 4, activity_regularizer=R.L2(0.01))(words))
    return keras.Model([numbers, flags, words], L.Dense(1)(L.average([x, y, z, w])), name="activity")
