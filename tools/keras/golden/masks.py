"""`keras/masks/NAME.safetensors`: small models in which a mask travels, and `keras/masked_outputs.json`: losses and
metrics of outputs with masks.

A model's file has `weight/…` by their paths, `output` on `input0`, …, and the gradients of the sum of `upstream` times
the output, `input0_gradient`, … of numbers and `gradient/…`; a model that trains otherwise has the same as `training_…`,
and `training_after/…`. The losses are as those of `outputs.json`.
"""

from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

from .cells import MinimalGatedCell
from .fixture import Arrays, Fixture, Json
from .stream import Stream, start
from .weights import randomize

SAMPLES = 9
Symbolic = keras.KerasTensor


def words(below: Callable[..., Symbolic], *shape: int, count: int = 1) -> keras.Model:
    """A model of ids of which 0 does not count."""
    inputs = [keras.Input(shape or (6,), dtype="int32") for _ in range(count)]
    embedded = [L.Embedding(9, 4, mask_zero=True)(x) for x in inputs]
    return keras.Model(inputs, below(*embedded))


def series(below: Callable[[Symbolic], Symbolic]) -> keras.Model:
    x = keras.Input((6, 3))
    return keras.Model(x, below(L.Masking(-1.0)(x)))


def beside(below: Callable[[Symbolic, Symbolic], Symbolic]) -> keras.Model:
    """Ids of which 0 does not count, and numbers without a mask."""
    ids, x = keras.Input((6,), dtype="int32"), keras.Input((6, 4))
    return keras.Model([ids, x], below(L.Embedding(9, 4, mask_zero=True)(ids), x))


def model_in_model() -> keras.Model:
    """A mask made within a model comes out of it with its output."""
    inner = keras.Input((6,), dtype="int32")
    encoder = keras.Model(inner, L.Dense(3, activation="tanh")(L.Embedding(9, 4, mask_zero=True)(inner)))
    ids = keras.Input((6,), dtype="int32")
    return keras.Model(ids, L.LSTM(3)(encoder(ids)))


def transformer(e: Symbolic) -> Symbolic:
    """A sum with what it is added to keeps the mask, and so the last layer skips steps."""
    return L.LSTM(3)(L.Add()([e, L.MultiHeadAttention(2, 3)(e, e)]))


def attend(layer: L.Layer, query: Symbolic, value: Symbolic) -> Symbolic:
    return layer(query, value) if isinstance(layer, L.MultiHeadAttention) else layer([query, value])


def query_beside(layer: L.Layer) -> keras.Model:
    """Queries without a mask, and values with one."""
    return beside(lambda e, x: attend(layer, x, e))


def values_beside(layer: L.Layer) -> keras.Model:
    """The other way round."""
    return beside(lambda e, x: attend(layer, e, x))


def all_steps(**options: Any) -> L.LSTM:
    return L.LSTM(3, return_sequences=True, **options)


def last_of(x: Symbolic) -> Symbolic:
    return L.LSTM(2)(x)


CASES: dict[str, Callable[[], keras.Model]] = {
    "lstm": lambda: words(L.LSTM(3)),
    "lstm_sequences": lambda: words(all_steps()),
    "lstm_backwards": lambda: words(all_steps(go_backwards=True)),
    "lstm_state": lambda: words(all_steps(return_state=True)),
    "lstm_zero_output": lambda: words(all_steps(zero_output_for_mask=True)),
    "gru": lambda: words(L.GRU(3)),
    "gru_backwards": lambda: words(L.GRU(3, use_bias=False, return_sequences=True, go_backwards=True)),
    "gru_reset_before": lambda: words(L.GRU(3, reset_after=False, return_sequences=True, zero_output_for_mask=True)),
    "simple_rnn": lambda: words(L.SimpleRNN(3, use_bias=False, return_state=True)),
    "simple_rnn_relu": lambda: words(L.SimpleRNN(3, "relu", return_sequences=True)),
    "rnn": lambda: words(L.RNN(MinimalGatedCell(3))),
    "rnn_sequences": lambda: words(L.RNN(MinimalGatedCell(3), return_sequences=True, go_backwards=True)),
    "rnn_zero_output": lambda: words(L.RNN(MinimalGatedCell(3), return_sequences=True, zero_output_for_mask=True)),
    "bidirectional": lambda: words(L.Bidirectional(L.LSTM(3))),
    "bidirectional_sequences": lambda: words(L.Bidirectional(L.GRU(3, return_sequences=True))),
    "bidirectional_then_lstm": lambda: words(
        lambda e: last_of(L.Bidirectional(all_steps(return_state=True), merge_mode="mul")(e)[0])
    ),
    "bidirectional_apart": lambda: words(lambda e: last_of(L.Bidirectional(all_steps(), merge_mode=None)(e)[1])),
    "two_lstms": lambda: words(lambda e: last_of(all_steps()(e))),
    "two_lstms_with_state": lambda: words(lambda e: last_of(all_steps(return_state=True)(e)[0])),
    "two_rnns": lambda: words(lambda e: L.GRU(2)(all_steps()(e))),
    "masking": lambda: series(L.LSTM(3)),
    "masking_gru_sequences": lambda: series(L.GRU(3, return_sequences=True)),
    "dense_between": lambda: words(lambda e: L.LSTM(3)(L.Dense(5, activation="tanh")(e))),
    "normalized_between": lambda: words(lambda e: L.LSTM(3)(L.LayerNormalization()(L.Dropout(0.5)(e)))),
    "flatten_drops_it": lambda: words(lambda e: L.Dense(2)(L.Flatten()(e))),
    "time_distributed": lambda: words(lambda e: L.LSTM(3)(L.TimeDistributed(L.Dense(2))(e))),
    "lstm_of_each_step": lambda: words(L.TimeDistributed(L.LSTM(3)), 3, 4),
    "add_then_lstm": lambda: words(lambda e: L.LSTM(3)(L.Add()([e, L.Dense(4)(e)]))),
    "add_then_rnn": lambda: words(lambda e: L.GRU(3)(L.Add()([e, L.Dense(4)(e)]))),
    "add_two_masks": lambda: words(lambda a, b: L.LSTM(3)(L.Add()([a, b])), count=2),
    "add_without_mask": lambda: beside(lambda e, x: L.LSTM(3)(L.Add()([e, x]))),
    "dot_drops_it": lambda: words(lambda e: L.Dot(axes=(1, 1))([e, L.Dense(2)(e)])),
    "concatenate_then_lstm": lambda: words(lambda e: L.LSTM(3)(L.Concatenate()([e, L.Dense(2)(e)]))),
    "concatenate_then_rnn": lambda: words(lambda e: L.GRU(3)(L.Concatenate()([e, L.Dense(2)(e)]))),
    "concatenate_two_masks": lambda: words(lambda a, b: L.LSTM(3)(L.Concatenate()([a, b])), count=2),
    "concatenate_without_mask": lambda: beside(lambda e, x: all_steps()(L.Concatenate()([x, e]))),
    "concatenate_steps": lambda: words(lambda a, b: L.LSTM(3)(L.Concatenate(axis=1)([a, b])), count=2),
    "concatenate_steps_without_mask": lambda: beside(lambda e, x: L.LSTM(3)(L.Concatenate(axis=1)([x, e]))),
    "attention": lambda: words(lambda e: L.Attention()([e, e])),
    "attention_query": lambda: values_beside(L.Attention(use_scale=True)),
    "attention_causal": lambda: words(lambda e: L.Attention()([e, e], use_causal_mask=True)),
    "attention_then_lstm": lambda: words(lambda a, b: L.LSTM(3)(L.Attention()([a, b])), count=2),
    "additive_attention": lambda: query_beside(L.AdditiveAttention()),
    "self_attention": lambda: words(lambda e: L.MultiHeadAttention(2, 3)(e, e)),
    "self_attention_causal": lambda: words(lambda e: L.MultiHeadAttention(2, 3)(e, e, use_causal_mask=True)),
    "self_attention_dropout": lambda: words(lambda e: L.MultiHeadAttention(2, 3, dropout=0.5)(e, e)),
    "cross_attention": lambda: query_beside(L.MultiHeadAttention(2, 3)),
    "attention_of_three": lambda: words(lambda a, b: L.MultiHeadAttention(2, 3)(a, a, key=b), count=2),
    "grouped_attention": lambda: words(lambda e: L.GroupQueryAttention(3, 2, 1)(e, e)),
    "transformer": lambda: words(transformer),
    "average_pooling": lambda: words(L.GlobalAveragePooling1D()),
    "max_pooling": lambda: words(L.GlobalMaxPooling1D()),
    "conv1d_drops_it": lambda: words(L.Conv1D(3, 2)),
    "model_in_model": model_in_model,
    "batch_normalization": lambda: series(lambda x: L.LSTM(3)(L.BatchNormalization()(x))),
}


def inputs_of(model: keras.Model, stream: Stream) -> list[np.ndarray]:
    """Some steps are left out in each place, and in one sample all of them, but for the mean, which has none then."""
    mean = isinstance(model.layers[-1], L.GlobalAveragePooling1D)
    inputs = []
    for x in model.inputs:
        shape = (SAMPLES, *x.shape[1:])
        counts = stream.numbers(*shape[:2], low=0) > 0.4
        counts[3] = False
        counts[:, 0] |= mean
        if x.dtype == "int32":
            ids = stream.ids(*shape, below=8) + 1
            inputs.append(np.where(counts.reshape(counts.shape + (1,) * (ids.ndim - 2)), ids, 0).astype("int32"))
        else:
            inputs.append(np.where(counts[..., None], stream.numbers(*shape), np.float32(-1)).astype("float32"))
    return inputs


def packed(output: Any) -> tf.Tensor:
    """Several outputs as one, those of each sample one after the other."""
    if not isinstance(output, list | tuple):
        return output
    return tf.concat([tf.reshape(each, (SAMPLES, -1)) for each in output], 1)


def output_and_gradients(model: keras.Model, inputs: list[np.ndarray], stream: Stream, training: bool) -> Arrays:
    given = [tf.constant(x) for x in inputs]
    numbers = {f"input{i}": x for i, x in enumerate(given) if x.dtype.is_floating}
    variables = {f"gradient/{variable.path}": variable.value for variable in model.trainable_weights}
    with tf.GradientTape() as tape:
        tape.watch(list(numbers.values()))
        output = packed(model(given if len(given) > 1 else given[0], training=training))
    upstream = stream.numbers(*output.shape)
    sources = {f"{name}_gradient": x for name, x in numbers.items()} | variables
    gradients = tape.gradient(output, sources, tf.constant(upstream), unconnected_gradients="zero")
    arrays = {"output": output.numpy(), "upstream": upstream}
    return arrays | {name: tf.convert_to_tensor(gradient).numpy() for name, gradient in gradients.items()}


def arrays(name: str) -> Arrays:
    stream = start(crc32(f"masks/{name}".encode()))
    model = CASES[name]()
    randomize(model, 5)
    inputs = inputs_of(model, stream)
    arrays = {f"input{i}": x for i, x in enumerate(inputs)}
    arrays |= {f"weight/{variable.path}": variable.numpy() for variable in model.weights}
    arrays |= output_and_gradients(model, inputs, stream, training=False)
    if any(isinstance(layer, L.BatchNormalization) for layer in model.layers):
        trained = output_and_gradients(model, inputs, stream, training=True)
        arrays |= {f"training_{name}": array for name, array in trained.items()}
        arrays |= {f"training_after/{state.path}": state.numpy() for state in model.non_trainable_weights}
    return arrays


STEPS = np.array(
    [
        [[1, 2], [0, 0], [-1, 0.5], [0.25, -2]],
        [[0, 0], [0, 0], [3, 1], [-0.5, -0.75]],
        [[0, 0], [0, 0], [0, 0], [0, 0]],
        [[1, -1], [0.5, 2], [-2, 1], [0, 0]],
        [[0.125, 1], [2, -0.5], [1, 1], [-1, -1]],
    ],
    "float32",
)
P_KERNEL = np.array([[0.5], [0.25]], "float32")
Q_KERNEL = np.array([[1, 0, -0.5], [0, 1, 0.25]], "float32")
R_KERNEL = np.linspace(-0.5, 0.5, 8, dtype="float32").reshape(8, 1)
P = np.linspace(-1, 1, 20, dtype="float32").reshape(5, 4, 1)
Q = (np.arange(20).reshape(5, 4) * 7 % 3).astype("int32")
R = np.array([[1], [0], [0.5], [-1], [2]], "float32")

# With a second dimension, as Keras multiplies them with masks.
ALIKE = np.array([[1], [0.5], [2], [0], [1.5]], "float32")
OF_P = np.array([[0.5], [1], [0], [2], [3]], "float32")
OF_Q = np.array([[1], [0.25], [4], [1], [0.5]], "float32")
OF_R = np.array([[2], [1], [1], [0.5], [0]], "float32")

SPARSE = "sparse_categorical_crossentropy"
LOSSES: dict[str, dict[str, Any]] = {
    "plain": {},
    "loss_weights": {"loss_weights": {"p": 0.5, "q": 2.0, "r": 0.25}},
    "weights_alike": {"sample_weight": ALIKE},
    "weights_of_each": {"sample_weight": {"p": OF_P, "q": OF_Q, "r": OF_R}},
}


def trained(loss_weights: dict[str, float] | None = None, sample_weight: Any = None) -> Json:
    """Two outputs with a mask and one without; in one of the batches no step counts."""
    start(0)
    x = keras.Input((4, 2))
    masked = L.Masking()(x)
    outputs = {
        "p": L.Dense(1, name="p")(masked),
        "q": L.Dense(3, activation="softmax", name="q")(masked),
        "r": L.Dense(1, name="r")(L.Flatten()(masked)),
    }
    model = keras.Model(x, outputs)
    for name, kernel in {"p": P_KERNEL, "q": Q_KERNEL, "r": R_KERNEL}.items():
        model.get_layer(name).kernel.assign(kernel)
    model.compile(
        keras.optimizers.SGD(0.1),
        {"p": "mse", "q": SPARSE, "r": "mse"},
        loss_weights=loss_weights,
        metrics={
            "p": ["mae", "root_mean_squared_error"],
            "q": ["sparse_categorical_accuracy"],
            "r": ["mae"],
        },
        weighted_metrics={"p": ["mse", "binary_accuracy"], "q": [SPARSE], "r": ["mse"]},
    )
    y = {"p": P, "q": Q, "r": R}
    history = model.fit(
        STEPS, y, epochs=3, batch_size=2, shuffle=False, verbose=0, sample_weight=sample_weight, validation_data=(STEPS, y)
    ).history
    scores = model.evaluate(STEPS, y, batch_size=2, verbose=0, return_dict=True)
    return {
        "history": dict(sorted(history.items())),
        "evaluate": dict(sorted(scores.items())),
        "weights": [variable.numpy().ravel().tolist() for variable in model.weights],
    }


def fixtures() -> Iterator[Fixture]:
    for name in CASES:
        yield Fixture(f"masks/{name}", f"keras/masks/{name}.safetensors", arrays(name))
    losses = {name: trained(**case) for name, case in LOSSES.items()}
    yield Fixture("masks/masked_outputs", "keras/masked_outputs.json", losses)
