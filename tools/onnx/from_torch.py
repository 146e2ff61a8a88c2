"""Models of PyTorch as ONNX files, with what they were given and what they gave.

    python tools/onnx/from_torch.py cli/tests/onnx

Each is written by both exporters: `torch_NAME.onnx` by the one that stands on `torch.export`, `script_NAME.onnx` by that of
TorchScript; some by that for older operators, `old_NAME.onnx`. PyTorch 2.15, onnxscript 0.7.2.
"""

import pathlib
import sys
import warnings

import numpy as np
import onnx
import torch
from safetensors.numpy import save_file
from torch import nn


class Mlp(nn.Module):
    """Two inputs, each with layers of its own."""

    def __init__(self):
        super().__init__()
        self.numbers = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 8), nn.LeakyReLU(0.1))
        self.flags = nn.Sequential(nn.Linear(5, 8), nn.GELU(), nn.BatchNorm1d(8))
        self.head = nn.Sequential(nn.Linear(16, 16, bias=False), nn.SiLU(), nn.Dropout(0.2), nn.Linear(16, 3))

    def forward(self, numbers, flags):
        h = torch.cat([self.numbers(numbers), self.flags(flags)], dim=1)
        return torch.softmax(self.head(h), dim=-1)


class Residual(nn.Module):
    def __init__(self, channels, out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Conv2d(channels, out, 1, stride=stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        h = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(h)) + self.shortcut(x))


class ToyResnet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.layer1 = nn.Sequential(Residual(8, 8), Residual(8, 8))
        self.layer2 = Residual(8, 12, stride=2)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(12, 10)

    def forward(self, image):
        h = self.layer2(self.layer1(self.stem(image)))
        return self.fc(torch.flatten(self.pool(h), 1))


class Tickets(nn.Module):
    """Two texts and a dense input, two outputs."""

    def __init__(self):
        super().__init__()
        self.title_embedding = nn.Embedding(50, 6)
        self.body_embedding = nn.Embedding(50, 6)
        self.title_lstm = nn.LSTM(6, 8, batch_first=True)
        self.body_lstm = nn.LSTM(6, 4, batch_first=True, bidirectional=True)
        self.priority = nn.Linear(8 + 8 + 6, 1)
        self.department = nn.Linear(8 + 8 + 6, 4)

    def forward(self, title, body, tags):
        _, (title_h, _) = self.title_lstm(self.title_embedding(title))
        body_states, _ = self.body_lstm(self.body_embedding(body))
        h = torch.cat([title_h[-1], body_states.mean(dim=1), tags], dim=1)
        return torch.sigmoid(self.priority(h)), self.department(h)


class Transformer(nn.Module):
    def __init__(self, layers=2):
        super().__init__()
        self.embedding = nn.Embedding(40, 12)
        self.position = nn.Parameter(torch.randn(1, 9, 12) * 0.1)
        layer = nn.TransformerEncoderLayer(12, 3, dim_feedforward=24, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Linear(12, 5)

    def forward(self, ids):
        h = self.encoder(self.embedding(ids) + self.position)
        return self.head(h.mean(dim=1))


class CausalBlock(nn.Module):
    """A block as it is written by hand: packed projections, `scaled_dot_product_attention`."""

    def __init__(self, features=12, heads=3):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(features), nn.LayerNorm(features)
        self.qkv = nn.Linear(features, 3 * features, bias=False)
        self.proj = nn.Linear(features, features)
        self.up, self.down = nn.Linear(features, 2 * features), nn.Linear(2 * features, features)

    def forward(self, x):
        b, t, e = x.shape
        q, k, v = self.qkv(self.norm1(x)).chunk(3, dim=-1)
        q, k, v = (a.view(b, t, self.heads, e // self.heads).transpose(1, 2) for a in (q, k, v))
        y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(y.transpose(1, 2).reshape(b, t, e))
        return x + self.down(nn.functional.gelu(self.up(self.norm2(x)), approximate="tanh"))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()

        def twice(channels, out):
            return nn.Sequential(
                nn.Conv2d(channels, out, 3, padding="same"), nn.ReLU(), nn.Conv2d(out, out, 3, padding=1), nn.ReLU()
            )

        self.down1, self.down2 = twice(1, 4), twice(4, 6)
        self.bottom = twice(6, 8)
        self.raise2 = nn.ConvTranspose2d(8, 6, 2, stride=2)
        self.up2 = twice(12, 6)
        self.raise1 = nn.Upsample(scale_factor=2, mode="nearest")
        self.up1 = twice(10, 4)
        self.mask = nn.Conv2d(4, 1, 1)

    def forward(self, image):
        a = self.down1(image)
        b = self.down2(nn.functional.max_pool2d(a, 2))
        c = self.bottom(nn.functional.max_pool2d(b, 2))
        b = self.up2(torch.cat([self.raise2(c), b], dim=1))
        a = self.up1(torch.cat([self.raise1(b), a], dim=1))
        return torch.sigmoid(self.mask(a))


class SqueezeExcite(nn.Module):
    def __init__(self):
        super().__init__()
        self.expand = nn.Conv2d(3, 8, 1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.squeeze, self.excite = nn.Linear(8, 4), nn.Linear(4, 8)
        self.classify = nn.Linear(8 * 4 * 4, 4)

    def forward(self, image):
        h = nn.functional.hardswish(self.bn(self.expand(image)))
        h = nn.functional.relu6(self.depthwise(h))
        gate = h.mean(dim=(2, 3))
        gate = torch.sigmoid(self.excite(torch.relu(self.squeeze(gate))))
        h = nn.functional.avg_pool2d(h * gate[:, :, None, None], 2)
        return self.classify(h.flatten(1))


class Sequences(nn.Module):
    """Recurrent layers one over the other, a convolution of sequences, a state that is an output."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(5, 6, 3, padding=2, dilation=2)
        self.gru = nn.GRU(6, 5, num_layers=2, batch_first=True)
        self.norm = nn.GroupNorm(2, 6)
        self.slope = nn.PReLU()

    def forward(self, series):
        h = self.slope(self.norm(self.conv(series.transpose(1, 2)))).transpose(1, 2)
        states, last = self.gru(h)
        return states, last[-1]


def ids(most, *shape):
    return lambda rng: rng.integers(0, most, shape)


def floats(*shape):
    return lambda rng: rng.normal(size=shape).astype("float32")


MODELS = {
    "mlp": (Mlp, {"numbers": floats(4, 12), "flags": floats(4, 5)}, ["class"]),
    "toy_resnet": (ToyResnet, {"image": floats(2, 3, 16, 16)}, ["scores"]),
    "tickets": (Tickets, {"title": ids(50, 3, 7), "body": ids(50, 3, 11), "tags": floats(3, 6)}, ["urgent", "route"]),
    "transformer": (Transformer, {"ids": ids(40, 3, 9)}, ["scores"]),
    "causal": (CausalBlock, {"x": floats(2, 6, 12)}, ["y"]),
    "unet": (UNet, {"image": floats(2, 1, 8, 8)}, ["mask_of"]),
    "squeeze_excite": (SqueezeExcite, {"image": floats(2, 3, 8, 8)}, ["scores"]),
    "sequences": (Sequences, {"series": floats(2, 8, 5)}, ["states", "last"]),
}


# What is one operator now was written out in these versions.
WRITTEN_OUT = {"mlp": 13, "transformer": 14, "squeeze_excite": 13}


def trained(model, rng):
    """Numbers as after training: none that are the same in two places, no statistics that change nothing."""
    for name, array in [*model.named_parameters(), *model.named_buffers()]:
        if array.dtype == torch.float32:
            low = 0.3 if name.endswith("running_var") else -0.1
            array.data += torch.from_numpy(rng.uniform(low, low + 0.2, tuple(array.shape)).astype("float32"))


def without_places(path):
    """Where in which file on which machine each operation was written is left out."""
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output]:
        del value.metadata_props[:]
    del model.metadata_props[:], model.graph.metadata_props[:]
    onnx.save(model, path)


def main(folder):
    warnings.filterwarnings("ignore")
    for number, (name, (make, inputs, outputs)) in enumerate(MODELS.items()):
        torch.manual_seed(number)
        rng = np.random.default_rng(number)
        model = make().eval()
        trained(model, rng)
        arrays = {key: of(rng) for key, of in inputs.items()}
        given = tuple(torch.from_numpy(array) for array in arrays.values())
        with torch.no_grad():
            y = model(*given)
        y = y if isinstance(y, tuple) else (y,)
        save_file(
            {f"input{i}": np.ascontiguousarray(a) for i, a in enumerate(arrays.values())}
            | {f"output{i}": np.ascontiguousarray(a.numpy()) for i, a in enumerate(y)},
            folder / f"{name}.io.safetensors",
        )
        names = {"input_names": list(inputs), "output_names": outputs}
        batch = torch.export.Dim("batch", min=1)
        new = {"dynamic_shapes": tuple({0: batch} for _ in inputs), "external_data": False}
        axes = {key: {0: "batch"} for key in [*inputs, *outputs]}
        old = {"dynamo": False, "dynamic_axes": axes}
        kinds = [("torch", new), ("script", old)]
        if name in WRITTEN_OUT:
            kinds.append(("old", old | {"opset_version": WRITTEN_OUT[name]}))
        for kind, options in kinds:
            try:
                path = folder / f"{kind}_{name}.onnx"
                torch.onnx.export(model, given, str(path), **names, **options)
                without_places(path)
            except Exception as error:
                print(f"{kind} {name}: {type(error).__name__}: {str(error)[:300]}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
