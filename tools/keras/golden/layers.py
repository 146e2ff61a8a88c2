"""`keras/layers/NAME.safetensors`: a layer's `output` on `input0`, … with `weight/…`, and the gradients of the sum of
`upstream` times the output, `input0_gradient`, … and `gradient/…`.

A layer that trains otherwise has the same as `training_…`, and in `training_after/…` its state after the step.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import keras
import numpy as np
import tensorflow as tf
from keras import layers as L
from keras import ops

from .cells import MinimalGatedCell
from .fixture import Arrays, Fixture
from .stream import Stream, start
from .weights import randomize

SAMPLES = 3


def packed(outputs: Iterable[tf.Tensor]) -> tf.Tensor:
    """Several outputs as one, those of each sample one after the other."""
    return tf.concat([tf.reshape(output, (SAMPLES, -1)) for output in outputs], 1)


@dataclass
class Case:
    layer: keras.Layer
    inputs: list[np.ndarray]
    trains_otherwise: bool = False
    arguments_apart: bool = False
    # It is linear in training, and TensorFlow's gradient is not that of what it computes.
    linear_in_training: bool = False
    arguments: dict[str, Any] = field(default_factory=dict)

    def call(self, inputs: list[tf.Tensor], training: bool) -> tf.Tensor:
        arguments = self.arguments | ({"training": training} if self.trains_otherwise else {})
        if self.arguments_apart:
            return self.layer(*inputs, **arguments)
        output = self.layer(inputs if len(inputs) > 1 else inputs[0], **arguments)
        return packed(output) if isinstance(output, list | tuple) else output


class Inputs:
    """Draws the inputs of a case: the dimensions of a sample of each."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def __call__(self, *shape: int) -> np.ndarray:
        return self.stream.numbers(SAMPLES, *shape)

    def ids(self, *shape: int, below: int) -> np.ndarray:
        return self.stream.ids(SAMPLES, *shape, below=below)


def of(shape: tuple[int, ...], expression: Callable[[keras.KerasTensor], keras.KerasTensor]) -> keras.Model:
    """What a model makes of Python's operators."""
    x = keras.Input(shape)
    return keras.Model(x, expression(x))


def of_two(shape: tuple[int, ...], expression: Callable[[Any, Any], keras.KerasTensor]) -> keras.Model:
    x, y = keras.Input(shape), keras.Input(shape)
    return keras.Model([x, y], expression(x, y))


def from_states(layer: keras.Layer, *states: tuple[int, ...]) -> keras.Model:
    """A recurrent layer of a sequence and of the states before it."""
    sequence, given = keras.Input((5, 3)), [keras.Input(state) for state in states]
    return keras.Model([sequence, *given], layer(sequence, initial_state=given))


def item(shape: tuple[int, ...], key: Any) -> keras.Model:
    return of(shape, lambda x: x[key])


class PositionEmbedding(keras.Layer):
    """That of `keras_hub`, which is not installed, added to its input."""

    def __init__(self, sequence_length: int) -> None:
        super().__init__()
        self.sequence_length = sequence_length

    def build(self, shape: tuple[int, ...]) -> None:
        self.embeddings = self.add_weight(name="embeddings", shape=(self.sequence_length, shape[-1]))

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x + self.embeddings[: x.shape[1]]


def of_heads(layer: keras.Layer, *inputs: np.ndarray, **arguments: Any) -> Case:
    """Query, value and key are arguments of their own."""
    return Case(layer, list(inputs), arguments_apart=True, arguments=arguments)


VOCABULARY = [12, 36, 1138, 42]


def of_tokens(x: "Inputs", *shape: int) -> np.ndarray:
    """Some of the vocabulary, and others."""
    return np.array([*VOCABULARY, 7, 1000, 1001, 1002], dtype="int32")[x.ids(*shape, below=8)]


def moved(layer: keras.Layer, images: np.ndarray) -> Case:
    return Case(layer, [images], trains_otherwise=True, linear_in_training=True)


ALL, CAUSAL = slice(None), {"use_causal_mask": True}

# Each has a stream of its own. A new layer is a line here.
CASES: dict[str, Callable[[Inputs], Case]] = {
    "add_constant": lambda x: Case(of((4,), lambda x: x + 1.5), [x(4)]),
    "multiply_constant": lambda x: Case(of((4,), lambda x: 2.5 * x), [x(4)]),
    "subtract_constant": lambda x: Case(of((4,), lambda x: x - 1.5), [x(4)]),
    "subtract_from_constant": lambda x: Case(of((4,), lambda x: 1.5 - x), [x(4)]),
    "attention": lambda x: Case(L.Attention(), [x(4, 6), x(5, 6)]),
    "attention_scaled": lambda x: Case(L.Attention(use_scale=True), [x(4, 6), x(5, 6)]),
    "attention_concat": lambda x: Case(L.Attention(score_mode="concat"), [x(4, 6), x(5, 6)]),
    "attention_concat_scaled": lambda x: Case(L.Attention(use_scale=True, score_mode="concat"), [x(4, 6), x(5, 6)]),
    "attention_three": lambda x: Case(L.Attention(), [x(4, 6), x(5, 3), x(5, 6)]),
    "attention_causal": lambda x: Case(L.Attention(), [x(5, 6), x(4, 6)], arguments=CAUSAL),
    "additive_attention": lambda x: Case(L.AdditiveAttention(), [x(4, 6), x(5, 6)]),
    "additive_attention_no_scale": lambda x: Case(L.AdditiveAttention(use_scale=False), [x(4, 6), x(5, 6)]),
    "additive_attention_three": lambda x: Case(L.AdditiveAttention(), [x(5, 6), x(5, 3), x(5, 6)], arguments=CAUSAL),
    "multi_head_attention_cross": lambda x: of_heads(L.MultiHeadAttention(2, 3, 4), x(4, 6), x(5, 8)),
    "multi_head_attention_three": lambda x: of_heads(
        L.MultiHeadAttention(2, 3, output_shape=7), x(4, 6), x(5, 8), x(5, 6)
    ),
    "multi_head_attention_causal": lambda x: of_heads(L.MultiHeadAttention(3, 2), x(5, 6), x(5, 6), **CAUSAL),
    "multi_head_attention_no_bias": lambda x: of_heads(L.MultiHeadAttention(2, 3, use_bias=False), x(4, 6), x(4, 6)),
    "group_query_attention": lambda x: of_heads(L.GroupQueryAttention(3, 4, 2), x(4, 6), x(5, 6)),
    "group_query_attention_causal": lambda x: of_heads(
        L.GroupQueryAttention(3, 4, 2, use_bias=False), x(5, 6), x(5, 8), **CAUSAL
    ),
    "category_encoding_one_hot": lambda x: Case(L.CategoryEncoding(6, output_mode="one_hot"), [x.ids(below=6)]),
    "category_encoding_one_hot_rank1": lambda x: Case(L.CategoryEncoding(6, output_mode="one_hot"), [x.ids(4, below=6)]),
    "category_encoding_multi_hot": lambda x: Case(L.CategoryEncoding(6), [x.ids(4, below=6)]),
    "category_encoding_count": lambda x: Case(L.CategoryEncoding(6, output_mode="count"), [x.ids(4, below=6)]),
    "einsum_dense": lambda x: Case(L.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d"), [x(4, 3)]),
    "einsum_dense_heads": lambda x: Case(
        L.EinsumDense("abc,cde->abde", (None, 2, 5), bias_axes="de", activation="gelu"), [x(4, 3)]
    ),
    "einsum_dense_heads_back": lambda x: Case(L.EinsumDense("abcd,cde->abe", (None, 6)), [x(4, 2, 3)]),
    "einsum_dense_dots": lambda x: Case(L.EinsumDense("...x,xy->...y", 5, bias_axes="y", activation="relu"), [x(2, 4, 3)]),
    "einsum_dense_dots_behind": lambda x: Case(L.EinsumDense("ab...,bc->ac...", 5, bias_axes="c"), [x(3, 4)]),
    "einsum_dense_turned": lambda x: Case(L.EinsumDense("abcd,dbe->aecb", (6, 3, 4), bias_axes="eb"), [x(4, 3, 2)]),
    "center_crop": lambda x: Case(L.CenterCrop(4, 3), [x(7, 6, 2)]),
    "center_crop_larger": lambda x: Case(L.CenterCrop(6, 5), [x(4, 5, 2)]),
    "discretization": lambda x: Case(L.Discretization([-0.5, 0.0, 0.25]), [x(5)]),
    "discretization_one_hot": lambda x: Case(L.Discretization([-0.5, 0.0, 0.25], output_mode="one_hot"), [x(1)]),
    "discretization_one_hot_rank1": lambda x: Case(L.Discretization([-0.5, 0.0, 0.25], output_mode="one_hot"), [x(4)]),
    "discretization_multi_hot": lambda x: Case(L.Discretization([-0.5, 0.0, 0.25], output_mode="multi_hot"), [x(4)]),
    "discretization_count": lambda x: Case(L.Discretization([-0.5, 0.0, 0.25], output_mode="count"), [x(4)]),
    "embedding_single": lambda x: Case(L.Embedding(11, 4), [x.ids(below=11)]),
    "get_item": lambda x: Case(item((4, 3), (ALL, 1)), [x(4, 3)]),
    "get_item_last": lambda x: Case(item((4, 3), (..., -1)), [x(4, 3)]),
    "get_item_ranges": lambda x: Case(item((5, 6, 3), (ALL, slice(-4, -1), slice(1, None, 2), 1)), [x(5, 6, 3)]),
    "hashing": lambda x: Case(L.Hashing(7), [x.ids(6, below=2**31 - 1)]),
    "hashing_salt": lambda x: Case(L.Hashing(7, salt=133), [x.ids(6, below=100)]),
    "hashing_two_salts": lambda x: Case(L.Hashing(7, mask_value=3, salt=[133, 137]), [x.ids(6, below=10)]),
    "hashing_mask": lambda x: Case(L.Hashing(4, mask_value=3), [x.ids(6, below=6)]),
    "hashing_one_hot": lambda x: Case(L.Hashing(4, output_mode="one_hot"), [x.ids(3, below=100)]),
    "hashing_count": lambda x: Case(L.Hashing(4, output_mode="count"), [x.ids(6, below=100)]),
    "hashed_crossing": lambda x: Case(L.HashedCrossing(50), [x.ids(1, below=100), x.ids(1, below=2**31 - 1)]),
    "hashed_crossing_one_hot": lambda x: Case(
        L.HashedCrossing(5, output_mode="one_hot"), [x.ids(1, below=100), x.ids(1, below=9), x.ids(1, below=9)]
    ),
    "integer_lookup": lambda x: Case(L.IntegerLookup(vocabulary=VOCABULARY), [of_tokens(x, 6)]),
    "integer_lookup_mask": lambda x: Case(
        L.IntegerLookup(vocabulary=VOCABULARY, mask_token=7, num_oov_indices=3), [of_tokens(x, 9)]
    ),
    "integer_lookup_one_hot": lambda x: Case(
        L.IntegerLookup(vocabulary=VOCABULARY, output_mode="one_hot", mask_token=7), [of_tokens(x, 6)]
    ),
    "integer_lookup_multi_hot": lambda x: Case(
        L.IntegerLookup(vocabulary=VOCABULARY, output_mode="multi_hot", num_oov_indices=2), [of_tokens(x, 4)]
    ),
    "integer_lookup_count": lambda x: Case(
        L.IntegerLookup(vocabulary=VOCABULARY, output_mode="count", mask_token=7), [of_tokens(x, 9)]
    ),
    "integer_lookup_invert": lambda x: Case(L.IntegerLookup(vocabulary=VOCABULARY, invert=True), [x.ids(9, below=7)]),
    "integer_lookup_invert_mask": lambda x: Case(
        L.IntegerLookup(vocabulary=VOCABULARY, invert=True, mask_token=7, oov_token=5, num_oov_indices=2),
        [x.ids(9, below=9)],
    ),
    "integer_lookup_tf_idf": lambda x: Case(
        L.IntegerLookup(vocabulary=VOCABULARY, output_mode="tf_idf", idf_weights=[0.5, 1.25, 0.75, 2.0], mask_token=7),
        [of_tokens(x, 9)],
    ),
    "lstm_state": lambda x: Case(L.LSTM(4, return_state=True), [x(5, 3)]),
    "lstm_sequences_state": lambda x: Case(L.LSTM(4, return_sequences=True, return_state=True), [x(5, 3)]),
    "lstm_backwards_state": lambda x: Case(L.LSTM(4, go_backwards=True, return_state=True), [x(5, 3)]),
    "lstm_backwards": lambda x: Case(L.LSTM(4, go_backwards=True), [x(5, 3)]),
    "lstm_no_bias": lambda x: Case(L.LSTM(4, use_bias=False), [x(5, 3)]),
    "lstm_relu_hard": lambda x: Case(
        L.LSTM(4, activation="relu", recurrent_activation="hard_sigmoid"), [x(5, 3)]
    ),
    "lstm_silu": lambda x: Case(
        L.LSTM(4, activation="silu", return_sequences=True, unit_forget_bias=False), [x(5, 3)]
    ),
    "lstm_from_states": lambda x: Case(from_states(L.LSTM(4), (4,), (4,)), [x(5, 3), x(4), x(4)]),
    "lstm_from_states_backwards": lambda x: Case(
        from_states(L.LSTM(4, return_sequences=True, return_state=True, go_backwards=True), (4,), (4,)),
        [x(5, 3), x(4), x(4)],
    ),
    "gru_from_state": lambda x: Case(from_states(L.GRU(4, return_sequences=True), (4,)), [x(5, 3), x(4)]),
    "gru_reset_before_from_state": lambda x: Case(from_states(L.GRU(4, reset_after=False), (4,)), [x(5, 3), x(4)]),
    "simple_rnn_from_state": lambda x: Case(from_states(L.SimpleRNN(4), (4,)), [x(5, 3), x(4)]),
    "gru_relu_hard": lambda x: Case(
        L.GRU(4, activation="relu", recurrent_activation="hard_sigmoid"), [x(5, 3)]
    ),
    "gru_reset_before_softsign": lambda x: Case(
        L.GRU(4, reset_after=False, activation="softsign", recurrent_activation="silu"), [x(5, 3)]
    ),
    "gru_sequences_state": lambda x: Case(L.GRU(4, return_sequences=True, return_state=True), [x(5, 3)]),
    "gru_backwards": lambda x: Case(L.GRU(4, return_sequences=True, go_backwards=True), [x(5, 3)]),
    "gru_no_bias": lambda x: Case(L.GRU(4, use_bias=False), [x(5, 3)]),
    "gru_reset_before_sequences": lambda x: Case(L.GRU(4, reset_after=False, return_sequences=True), [x(5, 3)]),
    "gru_reset_before_no_bias": lambda x: Case(L.GRU(4, reset_after=False, use_bias=False), [x(5, 3)]),
    "simple_rnn_sequences_relu": lambda x: Case(L.SimpleRNN(4, "relu", return_sequences=True), [x(5, 3)]),
    "simple_rnn_backwards_silu": lambda x: Case(
        L.SimpleRNN(4, "silu", use_bias=False, go_backwards=True, return_state=True), [x(5, 3)]
    ),
    "rnn": lambda x: Case(L.RNN(MinimalGatedCell(4)), [x(5, 3)]),
    "rnn_backwards": lambda x: Case(
        L.RNN(MinimalGatedCell(4), return_sequences=True, return_state=True, go_backwards=True), [x(5, 3)]
    ),
    "bidirectional_rnn": lambda x: Case(
        L.Bidirectional(L.RNN(MinimalGatedCell(3), return_sequences=True), merge_mode="sum"), [x(5, 3)]
    ),
    "conv_lstm1d": lambda x: Case(L.ConvLSTM1D(2, 3, padding="same"), [x(3, 5, 2)]),
    "conv_lstm1d_silu": lambda x: Case(
        L.ConvLSTM1D(3, 2, activation="silu", recurrent_activation="hard_sigmoid", use_bias=False, go_backwards=True),
        [x(4, 7, 2)],
    ),
    "conv_lstm2d": lambda x: Case(L.ConvLSTM2D(2, 2, return_sequences=True), [x(3, 3, 4, 2)]),
    "conv_lstm2d_strides": lambda x: Case(
        L.ConvLSTM2D(3, (3, 2), strides=2, padding="same", return_state=True, return_sequences=True, go_backwards=True),
        [x(3, 4, 5, 2)],
    ),
    "conv_lstm3d": lambda x: Case(L.ConvLSTM3D(2, 2, return_sequences=True), [x(3, 2, 3, 2, 2)]),
    "conv_lstm3d_strides": lambda x: Case(
        L.ConvLSTM3D(2, (2, 3, 1), strides=2, padding="same", return_state=True), [x(2, 3, 4, 2, 1)]
    ),
    "bidirectional_conv_lstm2d": lambda x: Case(
        L.Bidirectional(L.ConvLSTM2D(2, 2, return_sequences=True)), [x(3, 3, 4, 2)]
    ),
    "bidirectional_lstm_sequences": lambda x: Case(L.Bidirectional(L.LSTM(3, return_sequences=True)), [x(5, 3)]),
    "bidirectional_lstm_state": lambda x: Case(
        L.Bidirectional(L.LSTM(3, return_sequences=True, return_state=True)), [x(5, 3)]
    ),
    "bidirectional_gru_sum": lambda x: Case(L.Bidirectional(L.GRU(3), merge_mode="sum"), [x(5, 3)]),
    "bidirectional_gru_mul": lambda x: Case(
        L.Bidirectional(L.GRU(3, return_sequences=True), merge_mode="mul"), [x(5, 3)]
    ),
    "bidirectional_none": lambda x: Case(L.Bidirectional(L.LSTM(3), merge_mode=None), [x(5, 3)]),
    "bidirectional_none_state": lambda x: Case(
        L.Bidirectional(L.GRU(3, return_sequences=True, return_state=True), merge_mode=None), [x(5, 3)]
    ),
    "bidirectional_from_states": lambda x: Case(
        from_states(L.Bidirectional(L.LSTM(3)), (3,), (3,), (3,), (3,)), [x(5, 3), x(3), x(3), x(3), x(3)]
    ),
    "bidirectional_gru_from_states": lambda x: Case(
        from_states(L.Bidirectional(L.GRU(3, return_sequences=True, return_state=True), merge_mode="mul"), (3,), (3,)),
        [x(5, 3), x(3), x(3)],
    ),
    "bidirectional_rnn_ave": lambda x: Case(L.Bidirectional(L.SimpleRNN(3), merge_mode="ave"), [x(5, 3)]),
    "layer_normalization_epsilon": lambda x: Case(L.LayerNormalization(epsilon=0.1), [x(40)]),
    "layer_normalization_rank3": lambda x: Case(L.LayerNormalization(), [x(4, 6)]),
    "position_embedding": lambda x: Case(PositionEmbedding(4), [x(4, 6)]),
    "position_embedding_shorter": lambda x: Case(PositionEmbedding(5), [x(3, 6)]),
    "layer_normalization_plain": lambda x: Case(L.LayerNormalization(epsilon=1e-5, center=False, scale=False), [x(6)]),
    "layer_normalization_no_scale": lambda x: Case(L.LayerNormalization(scale=False), [x(6)]),
    "batch_normalization_no_center": lambda x: Case(L.BatchNormalization(center=False), [x(6)], trains_otherwise=True),
    "batch_normalization_no_scale": lambda x: Case(L.BatchNormalization(scale=False), [x(6)], trains_otherwise=True),
    "batch_normalization_axis1": lambda x: Case(L.BatchNormalization(axis=1), [x(4, 5)], trains_otherwise=True),
    "layer_normalization_axis1": lambda x: Case(L.LayerNormalization(axis=1), [x(4, 6)]),
    "layer_normalization_two_axes": lambda x: Case(L.LayerNormalization(axis=[1, 2]), [x(4, 6)]),
    "layer_normalization_outer_axes": lambda x: Case(L.LayerNormalization(axis=[1, 3]), [x(4, 2, 3)]),
    "spectral_normalization": lambda x: Case(L.SpectralNormalization(L.Dense(4)), [x(6)], trains_otherwise=True),
    "spectral_normalization_conv2d": lambda x: Case(
        L.SpectralNormalization(L.Conv2D(3, 2, activation="relu"), power_iterations=3), [x(4, 5, 2)], trains_otherwise=True
    ),
    "group_normalization_one": lambda x: Case(L.GroupNormalization(1), [x(4, 5, 4)]),
    "group_normalization_instance": lambda x: Case(L.GroupNormalization(-1), [x(4, 5, 4)]),
    "group_normalization_no_center": lambda x: Case(L.GroupNormalization(2, center=False), [x(4, 5, 4)]),
    "normalization_inverse": lambda x: Case(
        L.Normalization(mean=[0.1, 0.2, 0.3], variance=[0.5, 1.5, 2.0], invert=True), [x(3)]
    ),
    "normalization_scalar": lambda x: Case(L.Normalization(axis=None, mean=0.3, variance=2.0), [x(3)]),
    "normalization_axis1": lambda x: Case(
        L.Normalization(axis=1, mean=[0.1, 0.2, -0.3, 0.4], variance=[0.5, 1.5, 2.0, 0.0]), [x(4, 3)]
    ),
    # What is drawn from a range of one number is that.
    "random_translation": lambda x: moved(L.RandomTranslation((0.3, 0.3), (-0.27, -0.27)), x(6, 5, 2)),
    "random_translation_constant": lambda x: moved(
        L.RandomTranslation((-0.4, -0.4), (0.33, 0.33), fill_mode="constant", fill_value=0.5), x(6, 5, 2)
    ),
    "random_translation_wrap": lambda x: moved(
        L.RandomTranslation((-0.9, -0.9), (0.67, 0.67), fill_mode="wrap"), x(6, 5, 2)
    ),
    "random_rotation": lambda x: moved(L.RandomRotation((0.1, 0.1)), x(6, 5, 2)),
    "random_rotation_constant": lambda x: moved(
        L.RandomRotation((-0.3, -0.3), fill_mode="constant", interpolation="nearest", fill_value=-0.5), x(6, 5, 2)
    ),
    "random_rotation_nearest": lambda x: moved(L.RandomRotation((0.45, 0.45), fill_mode="nearest"), x(4, 7, 1)),
    "random_zoom": lambda x: moved(L.RandomZoom((0.9, 0.9)), x(6, 5, 2)),
    "random_zoom_apart": lambda x: moved(
        L.RandomZoom((-0.4, -0.4), (0.7, 0.7), fill_mode="wrap", interpolation="nearest"), x(6, 5, 2)
    ),
    "random_brightness": lambda x: Case(
        L.RandomBrightness((0.3, 0.3), value_range=(-1, 1)), [x(4, 3, 2)], trains_otherwise=True
    ),
    "random_contrast": lambda x: Case(
        L.RandomContrast((-0.5, 0.5), value_range=(-1, 1)), [x(4, 3, 2)], trains_otherwise=True
    ),
    "rms_normalization": lambda x: Case(L.RMSNormalization(), [x(4, 6)]),
    "unit_normalization_axis1": lambda x: Case(L.UnitNormalization(axis=1), [x(4, 6)]),
    "unit_normalization_axes": lambda x: Case(L.UnitNormalization(axis=[1, 3]), [x(4, 2, 3)]),
    "conv1d_same_stride2": lambda x: Case(L.Conv1D(4, 3, strides=2, padding="same", activation="relu"), [x(9, 2)]),
    "conv1d_groups": lambda x: Case(L.Conv1D(6, 3, groups=2), [x(9, 4)]),
    "conv1d_causal_stride2": lambda x: Case(L.Conv1D(4, 3, strides=2, padding="causal"), [x(9, 2)]),
    "conv3d_valid": lambda x: Case(L.Conv3D(4, 2), [x(4, 5, 3, 2)]),
    "conv3d_same_stride2": lambda x: Case(L.Conv3D(3, 3, strides=2, padding="same"), [x(4, 5, 3, 2)]),
    "conv3d_dilated": lambda x: Case(L.Conv3D(4, 2, dilation_rate=(2, 1, 3)), [x(5, 5, 4, 4)]),
    "conv1d_transpose": lambda x: Case(L.Conv1DTranspose(4, 3), [x(5, 2)]),
    "conv1d_transpose_stride2_same": lambda x: Case(L.Conv1DTranspose(4, 3, strides=2, padding="same"), [x(5, 2)]),
    "conv2d_transpose_output_padding": lambda x: Case(
        L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1), [x(4, 3, 2)]
    ),
    "conv2d_transpose_output_padding_valid": lambda x: Case(
        L.Conv2DTranspose(3, 2, strides=3, output_padding=(0, 2)), [x(4, 3, 2)]
    ),
    "conv3d_transpose": lambda x: Case(L.Conv3DTranspose(2, 2, strides=2), [x(2, 3, 2, 2)]),
    "conv3d_transpose_same": lambda x: Case(
        L.Conv3DTranspose(3, 3, strides=(1, 2, 3), padding="same"), [x(2, 3, 2, 2)]
    ),
    "depthwise_conv1d": lambda x: Case(L.DepthwiseConv1D(3, depth_multiplier=2), [x(9, 3)]),
    "depthwise_conv2d_stride2_same": lambda x: Case(L.DepthwiseConv2D(3, strides=2, padding="same"), [x(7, 8, 3)]),
    "depthwise_conv2d_dilated": lambda x: Case(L.DepthwiseConv2D(3, dilation_rate=2), [x(9, 8, 3)]),
    "separable_conv1d": lambda x: Case(L.SeparableConv1D(4, 3, depth_multiplier=2), [x(9, 3)]),
    "separable_conv1d_same": lambda x: Case(L.SeparableConv1D(4, 3, padding="same", activation="relu"), [x(9, 3)]),
    "separable_conv2d_stride2": lambda x: Case(L.SeparableConv2D(4, 3, strides=2, depth_multiplier=2), [x(7, 8, 3)]),
    "separable_conv2d_silu": lambda x: Case(
        L.SeparableConv2D(4, 3, dilation_rate=2, activation="silu", use_bias=False), [x(7, 8, 3)]
    ),
    "max_pooling1d_same": lambda x: Case(L.MaxPooling1D(3, strides=2, padding="same"), [x(9, 3)]),
    "max_pooling3d": lambda x: Case(L.MaxPooling3D(), [x(4, 5, 4, 2)]),
    "max_pooling3d_same": lambda x: Case(L.MaxPooling3D((1, 2, 3), strides=(2, 1, 2), padding="same"), [x(4, 5, 4, 2)]),
    "average_pooling1d": lambda x: Case(L.AveragePooling1D(2), [x(9, 3)]),
    "average_pooling1d_same": lambda x: Case(L.AveragePooling1D(3, strides=2, padding="same"), [x(9, 3)]),
    "average_pooling3d": lambda x: Case(L.AveragePooling3D(2), [x(4, 5, 4, 2)]),
    "average_pooling3d_same": lambda x: Case(
        L.AveragePooling3D((1, 2, 3), strides=(2, 1, 2), padding="same"), [x(4, 5, 4, 2)]
    ),
    "global_average_pooling2d_keepdims": lambda x: Case(L.GlobalAveragePooling2D(keepdims=True), [x(5, 6, 3)]),
    "global_average_pooling3d": lambda x: Case(L.GlobalAveragePooling3D(), [x(2, 3, 4, 2)]),
    "global_max_pooling1d": lambda x: Case(L.GlobalMaxPooling1D(), [x(6, 3)]),
    "global_max_pooling1d_keepdims": lambda x: Case(L.GlobalMaxPooling1D(keepdims=True), [x(6, 3)]),
    "global_max_pooling3d": lambda x: Case(L.GlobalMaxPooling3D(), [x(2, 2, 2, 8)]),
    "adaptive_average_pooling1d": lambda x: Case(L.AdaptiveAveragePooling1D(3), [x(7, 2)]),
    "adaptive_average_pooling1d_larger": lambda x: Case(L.AdaptiveAveragePooling1D(5), [x(3, 2)]),
    "adaptive_average_pooling2d": lambda x: Case(L.AdaptiveAveragePooling2D((3, 2)), [x(7, 5, 2)]),
    "adaptive_max_pooling1d": lambda x: Case(L.AdaptiveMaxPooling1D(3), [x(8, 2)]),
    "adaptive_max_pooling2d": lambda x: Case(L.AdaptiveMaxPooling2D((3, 2)), [x(7, 5, 2)]),
    "zero_padding1d": lambda x: Case(L.ZeroPadding1D((1, 2)), [x(5, 2)]),
    "zero_padding2d_hw": lambda x: Case(L.ZeroPadding2D((1, 2)), [x(3, 4, 2)]),
    "zero_padding3d": lambda x: Case(L.ZeroPadding3D(), [x(2, 3, 2, 2)]),
    "zero_padding3d_ends": lambda x: Case(L.ZeroPadding3D(((0, 1), (1, 0), (2, 1))), [x(2, 3, 2, 2)]),
    "cropping1d": lambda x: Case(L.Cropping1D((1, 2)), [x(6, 2)]),
    "cropping3d": lambda x: Case(L.Cropping3D(((0, 1), (1, 0), (1, 1))), [x(3, 3, 4, 2)]),
    "resizing_bilinear": lambda x: Case(L.Resizing(5, 7), [x(8, 6, 3)]),
    "resizing_nearest": lambda x: Case(L.Resizing(5, 7, interpolation="nearest"), [x(8, 6, 3)]),
    "resizing_up": lambda x: Case(L.Resizing(9, 8), [x(4, 5, 2)]),
    "resizing_crop": lambda x: Case(L.Resizing(4, 6, crop_to_aspect_ratio=True), [x(8, 6, 3)]),
    "resizing_crop_wide": lambda x: Case(
        L.Resizing(3, 2, crop_to_aspect_ratio=True, interpolation="nearest"), [x(5, 7, 2)]
    ),
    "resizing_pad": lambda x: Case(L.Resizing(4, 6, pad_to_aspect_ratio=True, fill_value=0.5), [x(8, 6, 3)]),
    "resizing_pad_wide": lambda x: Case(
        L.Resizing(6, 4, pad_to_aspect_ratio=True, interpolation="nearest"), [x(5, 7, 2)]
    ),
    "resizing_antialias": lambda x: Case(L.Resizing(3, 9, antialias=True), [x(8, 6, 2)]),
    "resizing_bicubic": lambda x: Case(L.Resizing(5, 7, interpolation="bicubic"), [x(8, 6, 2)]),
    "resizing_bicubic_up": lambda x: Case(L.Resizing(9, 8, interpolation="bicubic"), [x(4, 5, 2)]),
    "resizing_bicubic_antialias": lambda x: Case(
        L.Resizing(3, 7, interpolation="bicubic", antialias=True), [x(8, 6, 2)]
    ),
    "resizing_lanczos3": lambda x: Case(L.Resizing(5, 7, interpolation="lanczos3"), [x(8, 6, 2)]),
    "resizing_lanczos3_antialias": lambda x: Case(
        L.Resizing(2, 9, interpolation="lanczos3", antialias=True), [x(8, 6, 2)]
    ),
    "resizing_lanczos5": lambda x: Case(
        L.Resizing(5, 4, interpolation="lanczos5", antialias=True, crop_to_aspect_ratio=True), [x(9, 6, 2)]
    ),
    "resizing_lanczos5_pad": lambda x: Case(
        L.Resizing(7, 7, interpolation="lanczos5", pad_to_aspect_ratio=True, fill_value=-0.5), [x(4, 9, 2)]
    ),
    "up_sampling1d": lambda x: Case(L.UpSampling1D(3), [x(4, 2)]),
    "up_sampling2d_bicubic": lambda x: Case(L.UpSampling2D(interpolation="bicubic"), [x(3, 4, 2)]),
    "up_sampling2d_lanczos3": lambda x: Case(L.UpSampling2D(interpolation="lanczos3"), [x(3, 4, 2)]),
    "up_sampling2d_hw": lambda x: Case(L.UpSampling2D((2, 3)), [x(3, 4, 2)]),
    "up_sampling3d": lambda x: Case(L.UpSampling3D(), [x(2, 2, 3, 2)]),
    "up_sampling3d_dhw": lambda x: Case(L.UpSampling3D((1, 2, 3)), [x(2, 2, 3, 2)]),
    "permute_rank3": lambda x: Case(L.Permute((3, 1, 2)), [x(2, 3, 4)]),
    "permute_last_stays": lambda x: Case(L.Permute((2, 1, 3)), [x(2, 3, 4)]),
    "expand_dims": lambda x: Case(of((4, 3), lambda x: ops.expand_dims(x, 1)), [x(4, 3)]),
    "expand_dims_last": lambda x: Case(of((4, 3), lambda x: ops.expand_dims(x, -1)), [x(4, 3)]),
    "squeeze": lambda x: Case(of((4, 1, 3), lambda x: ops.squeeze(x, 2)), [x(4, 1, 3)]),
    "split": lambda x: Case(of((4, 3), lambda x: ops.split(x, 2, 1)), [x(4, 3)]),
    "split_at": lambda x: Case(of((4, 6), lambda x: ops.split(x, [1, 3], -1)), [x(4, 6)]),
    "unstack": lambda x: Case(of((2, 3, 4), lambda x: ops.unstack(x, axis=2)), [x(2, 3, 4)]),
    "stack": lambda x: Case(of_two((4, 3), lambda x, y: ops.stack([x, y], 1)), [x(4, 3), x(4, 3)]),
    "stack_last": lambda x: Case(of_two((4, 3), lambda x, y: ops.stack([x, y], -1)), [x(4, 3), x(4, 3)]),
    "add_broadcast": lambda x: Case(L.Add(), [x(4, 5, 3), x(1, 1, 3)]),
    "add_broadcast_rank": lambda x: Case(L.Add(), [x(3), x(4, 5, 3), x(5, 1)]),
    "multiply_broadcast": lambda x: Case(L.Multiply(), [x(4, 5, 3), x(1, 1, 3)]),
    "multiply_broadcast_each": lambda x: Case(L.Multiply(), [x(4, 1, 3), x(1, 5, 3), x(4, 5, 1)]),
    "subtract_broadcast": lambda x: Case(L.Subtract(), [x(1, 3), x(4, 3)]),
    "subtract_broadcast_rank": lambda x: Case(L.Subtract(), [x(4, 3), x(1, 3)]),
    "subtract_broadcast_vector": lambda x: Case(L.Subtract(), [x(3), x(4, 3)]),
    "multiply_broadcast_number": lambda x: Case(L.Multiply(), [x(4, 3), x()]),
    "maximum_broadcast_vector": lambda x: Case(L.Maximum(), [x(4, 3), x(3)]),
    "average_broadcast": lambda x: Case(L.Average(), [x(4, 3), x(1, 3)]),
    "maximum_broadcast": lambda x: Case(L.Maximum(), [x(4, 3), x(4, 1)]),
    "minimum_broadcast": lambda x: Case(L.Minimum(), [x(4, 3), x(1, 1)]),
    "dot_sequences": lambda x: Case(L.Dot(axes=(2, 2)), [x(4, 6), x(5, 6)]),
    "dot_matrix": lambda x: Case(L.Dot(axes=(2, 1)), [x(4, 6), x(6, 5)]),
    "dot_axis1": lambda x: Case(L.Dot(axes=1), [x(4, 6), x(4, 5)]),
    "dot_normalized_sequences": lambda x: Case(L.Dot(axes=2, normalize=True), [x(4, 6), x(5, 6)]),
    "dot_ranks": lambda x: Case(L.Dot(axes=(2, 1)), [x(4, 6), x(6)]),
    "dot_cubes": lambda x: Case(L.Dot(axes=(3, 1)), [x(2, 3, 4), x(4, 5)]),
    "relu": lambda x: Case(L.ReLU(), [x(6)]),
    "relu_sloping": lambda x: Case(L.ReLU(negative_slope=0.2, threshold=0.3), [x(6)]),
    "leaky_relu_slope": lambda x: Case(L.LeakyReLU(0.1), [x(6)]),
    "elu_alpha": lambda x: Case(L.ELU(0.5), [x(6)]),
    "glu": lambda x: Case(L.Activation("glu"), [x(4, 6)]),
    "glu_axis1": lambda x: Case(L.Activation(lambda x: keras.activations.glu(x, axis=1)), [x(4, 6)]),
    "activation_threshold": lambda x: Case(
        L.Activation(lambda x: keras.activations.threshold(x, 0.25, -1.0)), [x(6)]
    ),
    "dense_leaky_relu": lambda x: Case(
        L.Dense(4, activation=lambda x: keras.activations.leaky_relu(x, negative_slope=0.1)), [x(6)]
    ),
    "conv2d_gelu_approximate": lambda x: Case(
        L.Conv2D(4, 3, activation=lambda x: keras.activations.gelu(x, approximate=True)), [x(7, 8, 2)]
    ),
    "softmax_axis1": lambda x: Case(L.Softmax(axis=1), [x(4, 3)]),
    "softmax_axis2": lambda x: Case(L.Softmax(axis=2), [x(2, 4, 3)]),
    "prelu_image": lambda x: Case(L.PReLU(), [x(3, 4, 2)]),
    "prelu_shared": lambda x: Case(L.PReLU(shared_axes=[1, 2]), [x(3, 4, 2)]),
}


def first_cases(x: Inputs) -> dict[str, Case]:
    """The first that were made, all of one stream: a line more or less would change the numbers of the others."""
    ids = x.ids(5, below=11)
    return {
        "dense": Case(L.Dense(4), [x(6)]),
        "dense_relu": Case(L.Dense(4, activation="relu"), [x(6)]),
        "dense_no_bias": Case(L.Dense(4, use_bias=False), [x(6)]),
        "dense_rank3": Case(L.Dense(4), [x(5, 6)]),
        "dense_softmax": Case(L.Dense(4, activation="softmax"), [x(6)]),
        "conv1d": Case(L.Conv1D(4, 3), [x(9, 2)]),
        "conv1d_causal_dilated": Case(L.Conv1D(4, 3, padding="causal", dilation_rate=2), [x(9, 2)]),
        "conv2d_valid": Case(L.Conv2D(4, 3), [x(7, 8, 2)]),
        "conv2d_same": Case(L.Conv2D(4, 3, padding="same", activation="relu"), [x(7, 8, 2)]),
        "conv2d_stride2_same": Case(L.Conv2D(4, 3, strides=2, padding="same"), [x(7, 8, 2)]),
        "conv2d_stride2_valid": Case(L.Conv2D(4, (3, 2), strides=2), [x(7, 8, 2)]),
        "conv2d_dilated": Case(L.Conv2D(4, 3, dilation_rate=2), [x(9, 8, 2)]),
        "conv2d_groups": Case(L.Conv2D(4, 3, groups=2), [x(7, 8, 4)]),
        "conv2d_1x1": Case(L.Conv2D(5, 1), [x(4, 4, 3)]),
        "depthwise_conv2d": Case(L.DepthwiseConv2D(3, depth_multiplier=2), [x(7, 8, 3)]),
        "separable_conv2d": Case(L.SeparableConv2D(4, 3, padding="same"), [x(7, 8, 3)]),
        "conv2d_transpose": Case(L.Conv2DTranspose(4, 3), [x(5, 6, 2)]),
        "conv2d_transpose_stride2_same": Case(L.Conv2DTranspose(4, 3, strides=2, padding="same"), [x(5, 6, 2)]),
        "max_pooling1d": Case(L.MaxPooling1D(2), [x(9, 3)]),
        "max_pooling2d": Case(L.MaxPooling2D(2), [x(7, 8, 3)]),
        "max_pooling2d_3_stride2_same": Case(L.MaxPooling2D(3, strides=2, padding="same"), [x(7, 8, 3)]),
        "average_pooling2d": Case(L.AveragePooling2D(2), [x(7, 8, 3)]),
        "average_pooling2d_same": Case(L.AveragePooling2D(3, strides=2, padding="same"), [x(7, 8, 3)]),
        "global_average_pooling1d": Case(L.GlobalAveragePooling1D(), [x(6, 3)]),
        "global_average_pooling2d": Case(L.GlobalAveragePooling2D(), [x(5, 6, 3)]),
        "global_max_pooling2d": Case(L.GlobalMaxPooling2D(), [x(5, 6, 3)]),
        "up_sampling2d": Case(L.UpSampling2D(2), [x(3, 4, 2)]),
        "up_sampling2d_bilinear": Case(L.UpSampling2D(2, interpolation="bilinear"), [x(3, 4, 2)]),
        "zero_padding2d": Case(L.ZeroPadding2D(((1, 2), (0, 1))), [x(3, 4, 2)]),
        "cropping2d": Case(L.Cropping2D(((1, 1), (0, 2))), [x(5, 6, 2)]),
        "flatten": Case(L.Flatten(), [x(3, 4, 2)]),
        "reshape": Case(L.Reshape((6, 4)), [x(3, 8)]),
        "permute": Case(L.Permute((2, 1)), [x(3, 4)]),
        "repeat_vector": Case(L.RepeatVector(4), [x(5)]),
        "batch_normalization": Case(L.BatchNormalization(), [x(6)], trains_otherwise=True),
        "batch_normalization_2d": Case(L.BatchNormalization(), [x(4, 5, 3)], trains_otherwise=True),
        "layer_normalization": Case(L.LayerNormalization(), [x(6)]),
        "group_normalization": Case(L.GroupNormalization(2), [x(4, 5, 4)]),
        "unit_normalization": Case(L.UnitNormalization(), [x(6)]),
        "embedding": Case(L.Embedding(11, 4), [ids]),
        "simple_rnn": Case(L.SimpleRNN(4), [x(5, 3)]),
        "lstm": Case(L.LSTM(4), [x(5, 3)]),
        "lstm_sequences": Case(L.LSTM(4, return_sequences=True), [x(5, 3)]),
        "gru": Case(L.GRU(4), [x(5, 3)]),
        "gru_reset_before": Case(L.GRU(4, reset_after=False), [x(5, 3)]),
        "bidirectional_lstm": Case(L.Bidirectional(L.LSTM(3)), [x(5, 3)]),
        "time_distributed_dense": Case(L.TimeDistributed(L.Dense(4)), [x(5, 3)]),
        "add": Case(L.Add(), [x(5), x(5)]),
        "subtract": Case(L.Subtract(), [x(5), x(5)]),
        "multiply": Case(L.Multiply(), [x(5), x(5), x(5)]),
        "average": Case(L.Average(), [x(5), x(5), x(5)]),
        "maximum": Case(L.Maximum(), [x(5), x(5)]),
        "minimum": Case(L.Minimum(), [x(5), x(5)]),
        "concatenate": Case(L.Concatenate(), [x(5), x(3)]),
        "concatenate_rank3_axis1": Case(L.Concatenate(axis=1), [x(4, 3), x(2, 3)]),
        "concatenate_rank3_last": Case(L.Concatenate(), [x(4, 3), x(4, 2)]),
        "dot": Case(L.Dot(axes=1), [x(5), x(5)]),
        "dot_normalized": Case(L.Dot(axes=1, normalize=True), [x(5), x(5)]),
        "prelu": Case(L.PReLU(), [x(6)]),
        "leaky_relu": Case(L.LeakyReLU(), [x(6)]),
        "elu": Case(L.ELU(), [x(6)]),
        "softmax": Case(L.Softmax(), [x(6)]),
        "relu_capped": Case(L.ReLU(max_value=0.5, negative_slope=0.1, threshold=0.1), [x(6)]),
        "rescaling": Case(L.Rescaling(1 / 255.0, offset=-0.5), [x(6)]),
        "normalization": Case(L.Normalization(mean=[0.1] * 6, variance=[0.5] * 6), [x(6)]),
        "multi_head_attention": Case(L.MultiHeadAttention(2, 3), [x(4, 6), x(4, 6)], arguments_apart=True),
    }


def below_layer(variable: keras.Variable) -> str:
    """The variable's path without the layer's name."""
    return variable.path.split("/", 1)[-1]


def output_and_gradients(case: Case, stream: Stream, training: bool) -> Arrays:
    """Forward, then the gradients of the sum of an upstream drawn now times the output."""
    inputs = [tf.constant(x) for x in case.inputs]
    numbers = [x for x in inputs if x.dtype.is_floating]
    trainable = case.layer.trainable_weights
    with tf.GradientTape() as tape:
        tape.watch(numbers)
        # Some rows of zeros and ones are of integers.
        output = case.call(inputs, training)
        output = output if getattr(case.layer, "output_mode", None) == "int" else tf.cast(output, tf.float32)
    if getattr(case.layer, "output_mode", None) == "int":
        return {"output": output.numpy().astype("int32")}
    upstream = stream.numbers(*output.shape)
    sources = numbers + [variable.value for variable in trainable]
    zero = tf.UnconnectedGradients.ZERO
    found = tape.gradient(output, sources, tf.constant(upstream), unconnected_gradients=zero)
    gradients = [np.asarray(tf.convert_to_tensor(each)) for each in found]
    arrays = {"output": output.numpy(), "upstream": upstream}
    arrays |= {f"input{i}_gradient": gradients[i] for i in range(len(numbers))}
    of_weights = zip(trainable, gradients[len(numbers) :])
    return arrays | {f"gradient/{below_layer(variable)}": gradient for variable, gradient in of_weights}


def gradient_of_linear(case: Case, upstream: np.ndarray) -> np.ndarray:
    """Of a layer that makes the same of every sample: what each number of a sample does to the sum."""
    shape = case.inputs[0].shape[1:]
    alone = np.eye(np.prod(shape), dtype="float32").reshape(-1, *shape)
    none = case.call([np.zeros_like(alone[:1])], True).numpy()
    by_number = (case.call([alone], True).numpy() - none).reshape(len(alone), -1)
    return (upstream.reshape(len(upstream), -1) @ by_number.T).reshape(-1, *shape)


def arrays(case: Case, stream: Stream) -> Arrays:
    case.call(case.inputs, training=False)
    layer = case.layer
    randomize(layer, 5)
    arrays = {f"input{i}": x for i, x in enumerate(case.inputs)}
    arrays |= {f"weight/{below_layer(variable)}": variable.numpy() for variable in layer.weights}
    arrays |= output_and_gradients(case, stream, training=False)
    if case.trains_otherwise:
        before = [variable.numpy() for variable in layer.trainable_weights]
        trained = output_and_gradients(case, stream, training=True)
        if case.linear_in_training:
            trained["input0_gradient"] = gradient_of_linear(case, trained["upstream"])
        arrays |= {f"training_{name}": array for name, array in trained.items()}
        moved = [v for v, was in zip(layer.trainable_weights, before) if not np.array_equal(v.numpy(), was)]
        states = layer.non_trainable_weights + moved
        arrays |= {f"training_after/{below_layer(state)}": state.numpy() for state in states}
    return arrays


def fixture(name: str, case: Case, stream: Stream) -> Fixture:
    return Fixture(f"layers/{name}", f"keras/layers/{name}.safetensors", arrays(case, stream))


def fixtures() -> Iterator[Fixture]:
    stream = start(50)
    for name, case in first_cases(Inputs(stream)).items():
        yield fixture(name, case, stream)
    for name, make in CASES.items():
        stream = start(crc32(name.encode()))
        yield fixture(name, make(Inputs(stream)), stream)
