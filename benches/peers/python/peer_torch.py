"""PyTorch, eager, with Adam fused into one kernel."""

import numpy as np
import torch
from torch import nn

from exchange import inputs, parts, serve, targets, weights

torch.set_num_threads(1)


def array(x):
    return torch.from_numpy(np.ascontiguousarray(x))


def filled(module, **arrays):
    with torch.no_grad():
        for name, x in arrays.items():
            getattr(module, name).copy_(array(x))
    return module


def dense(w):
    return filled(nn.Linear(*w["kernel"].shape), weight=w["kernel"].T, bias=w["bias"])


def denses(w, *names):
    layers = [step for name in names for step in (dense(w[name]), nn.ReLU())]
    return nn.Sequential(*layers)


def conv(w, padding):
    kernel = w["kernel"].transpose(3, 2, 0, 1)
    return filled(nn.Conv2d(kernel.shape[1], kernel.shape[0], 3, padding=padding), weight=kernel, bias=w["bias"])


def norm(w, kind):
    return filled(kind(len(w["gamma"]), eps=1e-3, momentum=0.01), weight=w["gamma"], bias=w["beta"],
                  running_mean=w["moving_mean"], running_var=w["moving_variance"])


class M1(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.x, self.y = denses(w, "dense", "dense_1"), denses(w, "dense_2", "dense_3", "dense_4")
        self.z = denses(w, "dense_5", "dense_6")[:-1]

    def forward(self, a, b):
        return self.z(torch.cat((self.x(a), self.y(b)), 1))


def chain(w):
    return denses(w, "dense", "dense_1", "dense_2")[:-1]


class Resnet(nn.Module):
    def __init__(self, w):
        super().__init__()
        names = ["conv2d"] + [f"conv2d_{index}" for index in range(1, 7)]
        self.convs = nn.ModuleList(conv(w[name], 1 if 2 <= index < 6 else 0) for index, name in enumerate(names))
        self.hidden, self.out = dense(w["dense"]), dense(w["dense_1"])

    def forward(self, x):
        c = lambda index, x: torch.relu(self.convs[index](x))
        x = nn.functional.max_pool2d(c(1, c(0, x)), 3)
        x = c(3, c(2, x)) + x
        x = c(5, c(4, x)) + x
        x = c(6, x).mean((2, 3))
        return self.out(nn.functional.dropout(torch.relu(self.hidden(x)), 0.5, self.training))


def lstm(w):
    arrays = {}
    for name, x in w.items():
        last = name.split(".")[-1]
        arrays[last] = x.reshape(*x.shape[:1], -1) if last != "bias" else x.ravel()
    inner = nn.LSTM(arrays["kernel"].shape[0], arrays["recurrent_kernel"].shape[0], batch_first=True)
    # A second bias, which Keras's LSTM does not have: it stays 0.
    inner.bias_hh_l0.requires_grad_(False)
    return filled(inner, weight_ih_l0=arrays["kernel"].T, weight_hh_l0=arrays["recurrent_kernel"].T,
                  bias_ih_l0=arrays["bias"], bias_hh_l0=np.zeros_like(arrays["bias"]))


class Tickets(nn.Module):
    def __init__(self, w):
        super().__init__()
        embedding = lambda w: filled(nn.Embedding(*w["embeddings"].shape), weight=w["embeddings"])
        self.titles, self.bodies = embedding(w["embedding"]), embedding(w["embedding_1"])
        self.title, self.body = lstm(w["lstm"]), lstm(w["lstm_1"])
        self.priority, self.department = dense(w["dense"]), dense(w["dense_1"])

    def forward(self, title, body, tags):
        title = self.title(self.titles(title))[0][:, -1]
        body = self.body(self.bodies(body))[0][:, -1]
        x = torch.cat((title, body, tags), 1)
        return self.priority(x), self.department(x)


class Mixed(nn.Module):
    def __init__(self, w):
        super().__init__()
        ending = ("", "_1", "_2")
        self.x = denses(w, "dense", "dense_1")
        self.seen = nn.Sequential(*(
            step for end in ending for step in
            (conv(w["conv2d" + end], 1), nn.ReLU(), norm(w["batch_normalization" + end], nn.BatchNorm2d),
             nn.MaxPool2d(2))))
        # What is flattened has its channels last in Keras.
        first = dict(w["dense_2"])
        first["kernel"] = first["kernel"].reshape(8, 8, 64, 16).transpose(2, 0, 1, 3).reshape(-1, 16)
        self.y = nn.Sequential(dense(first), nn.ReLU(), norm(w["batch_normalization_3"], nn.BatchNorm1d),
                               dense(w["dense_3"]), nn.ReLU())
        self.z = denses(w, "dense_4", "dense_5")[:-1]

    def forward(self, attributes, photo):
        return self.z(torch.cat((self.x(attributes), self.y(self.seen(photo).flatten(1))), 1))


class Transformer(nn.Module):
    def __init__(self, w):
        super().__init__()
        attention = w["multi_head_attention"]
        both = lambda array: [attention[f"{name}.{array}"] for name in ("query", "key", "value")]
        kernel = np.concatenate([x.reshape(128, 128).T for x in both("kernel")])
        self.attention = nn.MultiheadAttention(128, 4, batch_first=True)
        filled(self.attention, in_proj_weight=kernel, in_proj_bias=np.concatenate([x.ravel() for x in both("bias")]))
        filled(self.attention.out_proj, weight=attention["attention_output.kernel"].reshape(128, 128).T,
               bias=attention["attention_output.bias"])
        norm = lambda w: filled(nn.LayerNorm(128, eps=1e-3), weight=w["gamma"], bias=w["beta"])
        self.norms = nn.ModuleList((norm(w["layer_normalization"]), norm(w["layer_normalization_1"])))
        self.inner = denses(w, "dense", "dense_1")[:-1]

    def forward(self, x):
        h = self.norms[0](x + self.attention(x, x, x, need_weights=False)[0])
        return self.norms[1](h + self.inner(h))


NETWORKS = {"m1": M1, "m2": chain, "m3": chain, "resnet": Resnet, "tickets": Tickets, "mixed": Mixed,
            "transformer": Transformer}


def tensors(network, samples):
    """Pictures with their channels first, ids as PyTorch's embeddings take them."""
    for x in inputs(network, samples).values():
        yield array(x.transpose(0, 3, 1, 2) if x.ndim == 4 else x.astype(np.int64) if x.dtype == np.uint32 else x)


def outputs(y):
    return y if isinstance(y, tuple) else (y,)


def trained(network, samples, rate):
    model = NETWORKS[network](weights(network)).train()
    optimizer = torch.optim.Adam((w for w in model.parameters() if w.requires_grad), rate, eps=1e-7, fused=True)
    x, t = list(tensors(network, samples)), [array(t) for t in targets(network, samples)]

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = sum(nn.functional.mse_loss(y, t) for y, t in zip(outputs(model(*x)), t))
        loss.backward()
        optimizer.step()
        return loss

    return step


def make(case):
    network, trains, samples = parts(case)
    if trains:
        first = trained(network, samples, 1e-3)
        return [first().item() for _ in range(10)], trained(network, samples, 1e-6)
    model, x = NETWORKS[network](weights(network)).eval(), list(tensors(network, samples))

    def run():
        with torch.inference_mode():
            return model(*x)

    return [y.numpy() for y in outputs(run())], run


serve(make)
