"""`keras/adapted/NAME.safetensors`: what layers find in `data` by `adapt`, and their `output` of it."""

from collections.abc import Iterator

import numpy as np
from keras import layers as L

from .fixture import Fixture
from .stream import start


def fixtures() -> Iterator[Fixture]:
    stream = start(60)

    def fixture(name: str, **arrays: np.ndarray) -> Fixture:
        return Fixture(f"adapted/{name}", f"keras/adapted/{name}.safetensors", arrays)

    normalizations = [
        ("normalization", -1, (50, 4)),
        ("normalization_axis1", 1, (20, 3, 2)),
        ("normalization_scalar", None, (20, 3)),
    ]
    for name, axis, shape in normalizations:
        layer, data = L.Normalization(axis=axis), stream.numbers(*shape, low=-3.0, high=9.0)
        layer.adapt(data)
        mean, variance = (np.asarray(each).reshape(-1) for each in (layer.mean, layer.variance))
        yield fixture(name, data=data, mean=mean, variance=variance, output=np.asarray(layer(data)))
    discretizations = [("discretization", 200, 5), ("discretization_few", 4, 6), ("discretization_many", 1000, 7)]
    for name, count, bins in discretizations:
        layer, data = L.Discretization(num_bins=bins), stream.numbers(count, 1)
        layer.adapt(data)
        boundaries = np.asarray(layer.bin_boundaries, "float32")
        output = np.asarray(layer(data)).astype("int32")
        yield fixture(name, data=data, bin_boundaries=boundaries, output=output)
    layer, data = L.IntegerLookup(max_tokens=8), stream.ids(60, 2, below=12)
    data[:, 1] *= 100_003
    layer.adapt(data)
    vocabulary = np.asarray(layer.get_vocabulary(include_special_tokens=False), "int32")
    yield fixture("integer_lookup", data=data, vocabulary=vocabulary, output=np.asarray(layer(data)).astype("int32"))
    layer, data = L.IntegerLookup(max_tokens=6, output_mode="tf_idf", pad_to_max_tokens=True), stream.ids(40, 5, below=9)
    data = np.minimum(data, stream.ids(40, 5, below=9))
    layer.adapt(data)
    yield fixture("integer_lookup_tf_idf", data=data, output=np.asarray(layer(data)))
