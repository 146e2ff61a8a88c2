"""Makes models for `fusion import`, `cli/tests/keras`: `python imports.py FOLDER` writes those that are not there yet.

Each is a file of Keras with what it computes of some inputs, `NAME.io.safetensors`: `input0`, …, `output0`, …
"""

import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
from keras import Input, Model, constraints, initializers, layers, ops, regularizers
from safetensors.numpy import save_file


def operations():
    """Activations of `keras.ops` with parameters of their own, and changes of shape."""
    x = Input((4, 6), name="x")
    along = layers.Softmax(axis=1)(x)
    results = [
        ops.gelu(x),
        ops.gelu(x, approximate=False),
        ops.softmax(x, axis=1),
        ops.softmax(x),
        ops.log_softmax(x),
        ops.leaky_relu(x, 0.1),
        ops.elu(x, 0.5),
        ops.celu(x, 0.7),
        ops.threshold(x, 0.1, 0.2),
        ops.squareplus(x, 2),
        ops.hard_shrink(x, 0.2),
        ops.soft_shrink(x, 0.2),
        ops.relu6(x),
        along,
    ]
    half = ops.glu(x, axis=1)
    joined = ops.concatenate(results, axis=1)
    flat = ops.reshape(joined, (-1, 56 * 6))
    back = ops.transpose(ops.reshape(flat, (-1, 56, 6)), (0, 2, 1))
    return Model(x, [flat, back, half], name="operations")


def settings():
    """Options of layers that are not written one by one, and what is not trained."""
    l2, l1 = regularizers.L2(0.01), regularizers.L1(0.02)
    x = Input((5, 8), name="x")
    volume = Input((3, 3, 6, 2), name="volume")
    projected = layers.EinsumDense(
        "abc,cd->abd",
        output_shape=(5, 8),
        bias_axes="d",
        activation="relu",
        kernel_regularizer=l2,
        bias_constraint=constraints.NonNeg(),
        kernel_initializer=initializers.HeNormal(),
        activity_regularizer=l1,
    )(x)
    attended = layers.MultiHeadAttention(
        2, 3, kernel_regularizer=l2, bias_initializer="ones", kernel_constraint=constraints.MaxNorm(3.0)
    )(projected, projected)
    grouped = layers.GroupQueryAttention(4, 4, 2, kernel_regularizer=l1)(attended, x)
    bent = layers.PReLU(
        alpha_initializer="ones", alpha_regularizer=l1, alpha_constraint=constraints.NonNeg(), shared_axes=[1]
    )(grouped)
    plain = layers.LayerNormalization(center=False, scale=False)(bent)
    rms = layers.RMSNormalization(trainable=False)(plain)
    dropped = layers.Dropout(0.5, noise_shape=(None, 1, 8))(rms)
    normal = layers.GroupNormalization(groups=2)(dropped)
    deep = layers.Conv3D(3, (2, 2, 4), activation="tanh")(volume)
    deep = layers.Conv3D(2, (2, 1, 1))(deep)
    return Model([x, volume], [normal, deep], name="settings")


def frozen():
    """The same layers again and again, some of which are not trained."""
    x = Input((6,), name="features")
    h = layers.Dense(6, activation="relu", trainable=False)(x)
    h = layers.Dense(6, activation="relu", trainable=False)(h)
    h = layers.Dense(6, activation="relu", trainable=False)(h)
    h = layers.Dense(6, activation="relu")(h)
    h = layers.Dense(6, activation="relu")(h)
    h = layers.Dense(6, activation="relu")(h)
    for trainable in [False, False, True, True]:
        inner = layers.Dense(6, activation="tanh", trainable=trainable)(h)
        h = layers.Add()([h, inner])
    wrapped = layers.Bidirectional(layers.LSTM(2, trainable=False))(layers.Reshape((3, 2))(h))
    return Model(x, layers.Dense(2)(wrapped), name="frozen")


def masks():
    """Attention whose masks come from ids, and ids that are floats in Keras."""
    ids, others = Input((5,), name="ids"), Input((4,), name="others")
    embedding = layers.Embedding(9, 6, mask_zero=True)
    # Each value anew: the layers in an attention take the mask off what they are given.
    attended = layers.MultiHeadAttention(2, 3)(embedding(ids), embedding(others))
    again = layers.GroupQueryAttention(3, 2, 1)(attended, embedding(others))
    own = layers.Attention()([again, embedding(others)])
    pooled = layers.GlobalAveragePooling1D()(own)
    return Model([ids, others], layers.Dense(2)(pooled), name="masks")


def lengths():
    """A model within another one, whose length is that of the input."""
    within = Input((None, 3), name="steps")
    encoder = Model(within, layers.GRU(4, return_sequences=True)(within), name="encoder")
    x = Input((7, 3), name="x")
    return Model(x, layers.Dense(2)(layers.LSTM(3)(encoder(x))), name="lengths")


@keras.saving.register_keras_serializable("fixtures")
class LayerScale(layers.Layer):
    """A class of one's own, with weights."""

    def build(self, shape):
        self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones", name="gamma")
        self.inner = layers.Dense(shape[-1], name="inner")
        self.inner.build(shape)

    def call(self, x):
        return self.gamma * self.inner(x)


def gaps():
    """What has no counterpart: classes of one's own, an operation, a merge of one's own."""
    x = Input((4, 6), name="x")
    h = layers.Dense(6, activation="relu")(x)
    scaled = LayerScale(name="scale_1")(h)
    mean = ops.mean(scaled, axis=1)
    y = layers.Dense(3)(ops.logaddexp(mean, layers.Flatten()(layers.Dense(6)(layers.Flatten()(x)))))
    return Model(x, LayerScale(trainable=False)(y), name="gaps")


def texts():
    """Two texts of any length; it is no fixture of its own, as an import asks how long they are."""
    inputs = [keras.Input((None,), name=name, dtype="int32") for name in ("title", "body")]
    read = [keras.layers.LSTM(3)(keras.layers.Embedding(10, 2)(x)) for x in inputs]
    return keras.Model(inputs, keras.layers.Dense(1, name="urgent")(keras.layers.concatenate(read)), name="texts")


def io(model, ids):
    """What the model computes, in inputs with numbers drawn from a seed."""
    rng = np.random.default_rng(5)
    inputs = [
        rng.integers(0, 9, (3, *i.shape[1:])).astype("float32") if ids else rng.normal(size=(3, *i.shape[1:])).astype("float32")
        for i in model.inputs
    ]
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    return {f"input{i}": a for i, a in enumerate(inputs)} | {f"output{i}": np.ascontiguousarray(a) for i, a in enumerate(outputs)}


def pack(path):
    """Writes an archive again, smaller."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def main():
    folder = Path(sys.argv[1])
    if not (folder.parent / "texts.keras").exists():
        texts().save(folder.parent / "texts.keras")
        pack(folder.parent / "texts.keras")
    for make in [operations, settings, frozen, masks, lengths, gaps]:
        name = make.__name__
        if (folder / f"{name}.keras").exists():
            continue
        keras.utils.set_random_seed(11)
        model = make()
        rng = np.random.default_rng(7)
        model.set_weights([w + rng.normal(0, 0.1, w.shape).astype("float32") for w in model.get_weights()])
        model.save(folder / f"{name}.keras")
        pack(folder / f"{name}.keras")
        if name != "gaps":
            save_file(io(model, name == "masks"), folder / f"{name}.io.safetensors")


if __name__ == "__main__":
    main()
