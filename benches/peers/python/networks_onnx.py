"""The networks as ONNX files, for ONNX Runtime: `networks_onnx.py FOLDER`."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from exchange import FOLDER, IDS, INPUTS, weights


class Graph:
    """A graph that is written from its inputs to its outputs."""

    def __init__(self, network, samples):
        self.network, self.samples = network, samples
        self.nodes, self.arrays, self.w = [], [], weights(network)
        self.inputs = []
        for name, shape in INPUTS[network].items():
            shape = (shape[2], *shape[:2]) if len(shape) == 3 else shape
            kind = TensorProto.INT64 if name in IDS else TensorProto.FLOAT
            self.inputs.append(helper.make_tensor_value_info(name, kind, (samples, *shape)))

    def array(self, x):
        name = f"array_{len(self.arrays)}"
        self.arrays.append(numpy_helper.from_array(np.ascontiguousarray(x), name))
        return name

    def add(self, kind, *operands, outputs=1, **attributes):
        names = [f"wire_{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(operands), names, **attributes))
        return names[0] if outputs == 1 else names

    def dense(self, x, layer, relu=True, kernel=None):
        w = self.w[layer]
        y = self.add("Gemm", x, self.array(w["kernel"] if kernel is None else kernel), self.array(w["bias"]))
        return self.add("Relu", y) if relu else y

    def conv(self, x, layer, padding):
        w = self.w[layer]
        kernel, bias = self.array(w["kernel"].transpose(3, 2, 0, 1)), self.array(w["bias"])
        return self.add("Relu", self.add("Conv", x, kernel, bias, kernel_shape=[3, 3], pads=[padding] * 4))

    def norm(self, x, layer):
        w = self.w[layer]
        arrays = [self.array(w[name]) for name in ("gamma", "beta", "moving_mean", "moving_variance")]
        return self.add("BatchNormalization", x, *arrays, epsilon=1e-3)

    def lstm(self, x, layer):
        # Keras's gates are i, f, c, o; ONNX's i, o, f, c.
        def turned(x, units):
            i, f, c, o = x.reshape(-1, 4, units).transpose(1, 2, 0)
            return np.concatenate((i, o, f, c))[None]

        w = {name.split(".")[-1]: x for name, x in self.w[layer].items()}
        units = w["recurrent_kernel"].shape[0]
        bias = turned(w["bias"].reshape(1, -1), units)[..., 0]
        bias = np.concatenate((bias, np.zeros_like(bias)), 1)
        arrays = [self.array(x) for x in (turned(w["kernel"], units), turned(w["recurrent_kernel"], units), bias)]
        x = self.add("Transpose", x, perm=[1, 0, 2])
        last = self.add("LSTM", x, *arrays, outputs=2, hidden_size=units)[1]
        return self.add("Squeeze", last, self.array(np.array([0])))

    def layer_norm(self, x, layer):
        w = self.w[layer]
        return self.add("LayerNormalization", x, self.array(w["gamma"]), self.array(w["beta"]), axis=-1, epsilon=1e-3)

    def per_step(self, x, kernel, bias):
        return self.add("Add", self.add("MatMul", x, self.array(kernel)), self.array(bias))

    def save(self, *outputs):
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph(self.nodes, self.network, self.inputs, outputs, self.arrays)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        model = onnx.shape_inference.infer_shapes(model)
        onnx.checker.check_model(model)
        onnx.save(model, FOLDER / f"{self.network}-b{self.samples}.onnx")


def m1(g):
    x = g.dense(g.dense("a", "dense"), "dense_1")
    y = g.dense(g.dense(g.dense("b", "dense_2"), "dense_3"), "dense_4")
    g.save(g.dense(g.dense(g.add("Concat", x, y, axis=1), "dense_5"), "dense_6", relu=False))


def chain(g):
    g.save(g.dense(g.dense(g.dense("x", "dense"), "dense_1"), "dense_2", relu=False))


def resnet(g):
    x = g.conv(g.conv("img", "conv2d", 0), "conv2d_1", 0)
    x = g.add("MaxPool", x, kernel_shape=[3, 3], strides=[3, 3])
    for first in (2, 4):
        x = g.add("Add", g.conv(g.conv(x, f"conv2d_{first}", 1), f"conv2d_{first + 1}", 1), x)
    x = g.add("Flatten", g.add("GlobalAveragePool", g.conv(x, "conv2d_6", 0)))
    g.save(g.dense(g.dense(x, "dense"), "dense_1", relu=False))


def tickets(g):
    text = lambda words, end: g.lstm(g.add("Gather", g.array(g.w["embedding" + end]["embeddings"]), words), "lstm" + end)
    x = g.add("Concat", text("title", ""), text("body", "_1"), "tags", axis=1)
    g.save(g.dense(x, "dense", relu=False), g.dense(x, "dense_1", relu=False))


def mixed(g):
    x, y = g.dense(g.dense("attributes", "dense"), "dense_1"), "photo"
    for end in ("", "_1", "_2"):
        y = g.norm(g.conv(y, "conv2d" + end, 1), "batch_normalization" + end)
        y = g.add("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2])
    # What is flattened has its channels last in Keras.
    kernel = g.w["dense_2"]["kernel"].reshape(8, 8, 64, 16).transpose(2, 0, 1, 3).reshape(-1, 16)
    y = g.norm(g.dense(g.add("Flatten", y), "dense_2", kernel=kernel), "batch_normalization_3")
    x = g.add("Concat", x, g.dense(y, "dense_3"), axis=1)
    g.save(g.dense(g.dense(x, "dense_4"), "dense_5", relu=False))


def transformer(g):
    w = g.w["multi_head_attention"]
    # Queries are scaled where they are made, as a converter would.
    scale = {"query": np.float32(1 / np.sqrt(32.0))}
    heads = {}
    for name in ("query", "key", "value"):
        by = scale.get(name, np.float32(1.0))
        x = g.per_step("x", w[f"{name}.kernel"].reshape(128, 128) * by, w[f"{name}.bias"].ravel() * by)
        x = g.add("Reshape", x, g.array(np.array([g.samples, 64, 4, 32])))
        heads[name] = g.add("Transpose", x, perm=[0, 2, 3, 1] if name == "key" else [0, 2, 1, 3])
    scores = g.add("Softmax", g.add("MatMul", heads["query"], heads["key"]), axis=-1)
    x = g.add("Transpose", g.add("MatMul", scores, heads["value"]), perm=[0, 2, 1, 3])
    x = g.add("Reshape", x, g.array(np.array([g.samples, 64, 128])))
    x = g.per_step(x, w["attention_output.kernel"].reshape(128, 128), w["attention_output.bias"])
    h = g.layer_norm(g.add("Add", "x", x), "layer_normalization")
    inner = lambda x, layer: g.per_step(x, g.w[layer]["kernel"], g.w[layer]["bias"])
    f = inner(g.add("Relu", inner(h, "dense")), "dense_1")
    g.save(g.layer_norm(g.add("Add", h, f), "layer_normalization_1"))


SIZES = {"m1": (m1, (1, 1024)), "m2": (chain, (1,)), "m3": (chain, (1, 32, 128, 1024)), "resnet": (resnet, (1, 32)),
         "tickets": (tickets, (1, 32)), "mixed": (mixed, (1, 32)), "transformer": (transformer, (1, 32))}

for network, (write, sizes) in SIZES.items():
    for samples in sizes:
        write(Graph(network, samples))
