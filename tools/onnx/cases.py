"""The models that are checked: a name, a Keras model, and inputs of it.

Most are those of `tools/keras/golden`, which has a case of every layer, mask and network; what ONNX files ask for
besides stands here.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import keras
import numpy as np
from keras import layers as L
from keras import ops
from safetensors.numpy import load_file

sys.path.insert(0, str(Path(__file__).parent.parent / "keras"))

from golden import activations, layers, masks, networks, programs, public_networks, training_networks  # noqa: E402
from golden.stream import Stream, start  # noqa: E402
from golden.weights import randomize  # noqa: E402

# That of Keras 3.15 is not the paper's; what is compared with is the one that the golden numbers are of.
keras.src.backend.nn.sparsemax = lambda x, axis=-1: activations.sparsemax(x)

Checked = tuple[str, keras.Model, list[np.ndarray]]
SAMPLES = 3


def wrapped(case: layers.Case) -> keras.Model:
    """A model of one layer."""
    if isinstance(case.layer, keras.Model):
        return case.layer
    inputs = [keras.Input(x.shape[1:], dtype=x.dtype.name) for x in case.inputs]
    if case.arguments_apart:
        output = case.layer(*inputs, **case.arguments)
    else:
        output = case.layer(inputs if len(inputs) > 1 else inputs[0], **case.arguments)
    return keras.Model(inputs, output)


# Keras computes these, but cannot say which shape comes out.
NO_MODEL = ["group_query_attention_causal", "hashed_crossing_one_hot"]


def of_layers() -> Iterator[Checked]:
    stream = start(50)
    for name, case in layers.first_cases(layers.Inputs(stream)).items():
        yield f"layers/{name}", wrapped(case), case.inputs
    for name, make in layers.CASES.items():
        if name not in NO_MODEL:
            case = make(layers.Inputs(start(crc32(name.encode()))))
            yield f"layers/{name}", wrapped(case), case.inputs


def of_masks() -> Iterator[Checked]:
    for name, make in masks.CASES.items():
        stream = start(crc32(f"masks/{name}".encode()))
        model = make()
        yield f"masks/{name}", model, masks.inputs_of(model, stream)


def of_activations() -> Iterator[Checked]:
    names = [*activations.NAMED, "sparse_sigmoid"]
    for name in names:
        yield of("activations/" + name, (9,), L.Activation(name))
    for name in [*activations.OF_ROWS, "sparsemax", "glu"]:
        yield of("activations/" + name, (4, 6), L.Activation(name))
    for name in ["relu", "softmax", "sparsemax", "log_softmax", "glu"]:
        yield of(f"activations/conv2d_{name}", (5, 6, 2), L.Conv2D(4, 2, activation=name))


def drawn(model: keras.Model, stream: Stream) -> list[np.ndarray]:
    """Inputs of a network: ids below 5, as the smallest table has."""
    return [
        stream.ids(SAMPLES, *x.shape[1:], below=5) if "int" in x.dtype else stream.numbers(SAMPLES, *x.shape[1:])
        for x in model.inputs
    ]


def of_networks() -> Iterator[Checked]:
    for module in (networks, programs, public_networks, training_networks):
        for name, make in vars(module).items():
            is_network = callable(make) and getattr(make, "__module__", "") == module.__name__ and not isinstance(make, type)
            if not is_network or make.__code__.co_argcount or make.__annotations__.get("return") is not keras.Model:
                continue
            stream = start(crc32(name.encode()))
            model = make()
            fixed = [tuple(7 if side is None else side for side in x.shape[1:]) for x in model.inputs]
            inputs = [
                stream.ids(SAMPLES, *shape, below=2) if "int" in x.dtype else stream.numbers(SAMPLES, *shape)
                for x, shape in zip(model.inputs, fixed)
            ]
            yield f"networks/{name.removeprefix('program_')}", model, inputs


def of(name: str, shape: tuple[int, ...], *chain: Callable) -> Checked:
    """A chain of layers."""
    stream = start(crc32(name.encode()))
    x = y = keras.Input(shape)
    for layer in chain:
        y = layer(y)
    model = keras.Model(x, y)
    return name, model, drawn(model, stream)


def of_more() -> Iterator[Checked]:
    image = (8, 7, 3)
    yield of("more/convolutions", image, L.Conv2D(4, 3, activation="relu"), L.BatchNormalization(), L.MaxPooling2D(),
             L.Conv2D(5, 2, padding="same", use_bias=False), L.Activation("gelu"), L.Flatten(), L.Dense(3, "softmax"))
    yield of("more/dropouts", (6,), L.GaussianNoise(0.5), L.Dropout(0.5), L.AlphaDropout(0.5), L.GaussianDropout(0.5),
             L.ActivityRegularization(0.1), L.Dense(3), L.Identity())
    yield of("more/spatial_dropouts", (4, 3), L.SpatialDropout1D(0.5), L.Conv1D(2, 2))
    yield of("more/spatial_dropouts_2d", image, L.SpatialDropout2D(0.5), L.RandomFlip(), L.Conv2D(2, 2), L.Softmax(axis=1))
    yield of("more/spatial_dropouts_3d", (4, 3, 3, 2), L.SpatialDropout3D(0.5), L.Conv3D(2, 2), L.PReLU(shared_axes=[1, 2]))
    yield of("more/softmax_axes", (4, 5, 3), L.Conv2D(2, 1), L.Softmax(axis=[1, 2]))
    yield of("more/prelu_behind_conv", image, L.Conv2D(4, 3), L.PReLU())
    yield of("more/group_normalization_behind_conv", image, L.Conv2D(4, 3), L.GroupNormalization(2), L.LayerNormalization())
    yield of("more/concatenated", image, lambda x: L.Concatenate()([L.Conv2D(4, 3, padding="same")(x), x]), L.UpSampling2D(3))
    yield of("more/residual", image, L.Conv2D(3, 1), lambda x: L.Add()([L.Conv2D(3, 3, padding="same")(x), x]), L.Cropping2D(1),
             L.ZeroPadding2D(2), L.GlobalAveragePooling2D())
    yield of("more/scaled", (4, 4, 3), L.Rescaling([0.5, 2.0, 3.0], [1.0, 0.0, -1.0]))
    yield of("more/time_distributed_conv", (4, 6, 5, 2), L.TimeDistributed(L.Conv2D(3, 2)), L.TimeDistributed(L.Flatten()),
             L.LSTM(4))
    yield of("more/time_distributed_model", (4, 6), L.TimeDistributed(keras.Sequential([keras.Input((6,)), L.Dense(5, "tanh"), L.Dense(2)])))
    yield of("more/lstm_elu", (5, 3), L.LSTM(4, activation="elu", return_sequences=True, return_state=False), L.GRU(3, activation="softsign"))
    yield of("more/cells", (5, 3), L.RNN(L.LSTMCell(4), return_sequences=True), L.RNN(L.GRUCell(3), return_sequences=True, go_backwards=True),
             L.RNN(L.SimpleRNNCell(2)))
    yield of("more/bidirectional_backwards", (5, 3), L.Bidirectional(L.LSTM(2, return_sequences=True, go_backwards=True),
             backward_layer=L.LSTM(2, return_sequences=True, name="own")))
    yield of("more/adaptive_divisor", (6, 4, 2), L.AdaptiveAveragePooling2D((3, 2)), L.Permute((3, 1, 2)))
    yield of("more/adaptive_3d", (5, 4, 3, 2), L.AdaptiveMaxPooling3D((3, 2, 2)), L.AdaptiveAveragePooling3D((2, 2, 1)))
    shared = L.Dense(4, "relu", name="shared")
    yield of("more/shared", (4,), shared, shared, lambda x: L.Add()([x, shared(x)]))
    yield of("more/input_as_output", (4,), L.Identity())
    scores = L.MultiHeadAttention(2, 3, value_dim=5)
    yield of("more/attention_scores", (4, 6), lambda x: scores(x, x, return_attention_scores=True))
    yield of("more/multi_attention_mask", (4, 6), lambda x: L.MultiHeadAttention(2, 3)(x, x, attention_mask=ops.cast(x[:, :, :4], "bool")))


def of_operations() -> Iterator[Checked]:
    operations: dict[str, Callable] = {
        "divide": lambda x: x / 3.0, "divided": lambda x: 3.0 / (x + 5.0), "power": lambda x: x**2.0,
        "wires": lambda x: (x + x * x - x) / (x * x + 1.0), "maximum": lambda x: ops.maximum(x, 0.25),
        "minimum": lambda x: ops.minimum(x, x * 2), "exp": ops.exp, "log": lambda x: ops.log(x + 2.0),
        "sqrt": lambda x: ops.sqrt(x + 2.0), "rsqrt": lambda x: ops.rsqrt(x + 2.0), "square": ops.square, "abs": ops.abs,
        "negative": lambda x: -x, "sin": ops.sin, "cos": ops.cos, "sign": ops.sign, "floor": ops.floor, "ceil": ops.ceil,
        "round": ops.round, "erf": ops.erf, "reciprocal": lambda x: ops.reciprocal(x + 2.0),
        "clip": lambda x: ops.clip(x, -0.25, 0.5), "mean": lambda x: ops.mean(x, axis=1), "sum": lambda x: ops.sum(x, axis=[1, 2], keepdims=True),
        "max": lambda x: ops.max(x, axis=-1), "min": lambda x: ops.min(x, axis=2), "prod": lambda x: ops.prod(x, axis=1),
        "transpose": lambda x: ops.transpose(x, (0, 2, 1)), "swapaxes": lambda x: ops.swapaxes(x, 1, 2),
        "reshape": lambda x: ops.reshape(x, (-1, 3, 8)), "flip": lambda x: ops.flip(x, axis=1),
        "matmul": lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))), "einsum": lambda x: ops.einsum("bij,bkj->bik", x, x),
        "concatenate": lambda x: ops.concatenate([x, x * 2], axis=1), "stack": lambda x: ops.stack([x, x * 2], axis=2),
        "expand_dims": lambda x: ops.expand_dims(x, -1), "squeeze": lambda x: ops.squeeze(x[:, :1], 1),
        "split": lambda x: ops.split(x, [1, 3], axis=1)[1], "unstack": lambda x: ops.unstack(x, axis=1)[1],
        "slices": lambda x: x[:, 3:0:-1, ::2], "new_axis": lambda x: x[:, None, ..., -1], "relu": ops.relu, "gelu": ops.gelu,
        "gelu_exact": lambda x: ops.gelu(x, approximate=False), "softmax": lambda x: ops.softmax(x, axis=1), "leaky_relu": ops.leaky_relu,
        "elu": lambda x: ops.elu(x, alpha=0.5), "silu": ops.silu, "sigmoid": ops.sigmoid, "tanh": ops.tanh, "softplus": ops.softplus,
        "cast": lambda x: ops.cast(ops.cast(x * 5, "int32"), "float32"), "log_softmax": ops.log_softmax,
        "threshold": lambda x: ops.threshold(x, 0.25, -1.0), "hard_shrink": ops.hard_shrink, "soft_shrink": ops.soft_shrink,
        "celu": ops.celu, "selu": ops.selu, "glu": ops.glu, "hard_silu": ops.hard_silu, "hard_sigmoid": ops.hard_sigmoid,
        "squareplus": ops.squareplus, "sparsemax": ops.sparsemax, "sparse_plus": ops.sparse_plus, "relu6": ops.relu6,
        "log_sigmoid": ops.log_sigmoid, "softsign": ops.softsign, "tanh_shrink": ops.tanh_shrink, "hard_tanh": ops.hard_tanh,
        "sparse_sigmoid": ops.sparse_sigmoid
    }  # fmt: skip
    for name, operation in operations.items():
        yield of(f"operations/{name}", (4, 6), operation)


def of_files() -> Iterator[Checked]:
    """The files that `fusion import` is tested with."""
    for file in sorted((Path(__file__).parent.parent.parent / "cli/tests/keras").glob("*.keras")):
        golden = file.with_suffix(".io.safetensors")
        if not golden.exists():
            continue  # It has layers that are still to be written.
        arrays = load_file(golden)
        inputs = [arrays[f"input{index}"] for index in range(len(arrays)) if f"input{index}" in arrays]
        yield f"files/{file.stem}", keras.saving.load_model(file, compile=False), inputs


KINDS = [of_files, of_layers, of_masks, of_activations, of_more, of_operations, of_networks]


def all_cases(wanted: str) -> Iterator[Checked]:
    for kind in KINDS:
        for name, model, inputs in kind():
            if wanted in name:
                if kind is not of_files:
                    for layer in model.layers:
                        randomize(layer, 5)
                yield name, model, inputs
