"""`keras/hostile.zip`: files that say of themselves what is not so, or lead in circles, in Keras's form."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator

import h5py
import numpy as np

from .files import Files
from .fixture import Fixture

CONFIG = {"class_name": "Sequential", "config": {"name": "net", "layers": []}}


def h5(fill: Callable[[h5py.File], None], layer: bool = True) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        if layer:
            dense(file.create_group("layers/dense"))
        fill(file)
    return content.getvalue()


def dense(group: h5py.Group) -> None:
    variables = group.create_group("vars")
    variables["0"], variables["1"] = np.ones((3, 2), "float32"), np.ones(2, "float32")


def keras(weights: bytes, config: str = json.dumps(CONFIG)) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", weights)
    return content.getvalue()


def circle(file: h5py.File) -> None:
    file["layers/dense/layers"] = file["layers"]


def soft_circle(file: h5py.File) -> None:
    file["layers/dense_1"] = h5py.SoftLink("/layers/dense_1")


def deep(file: h5py.File) -> None:
    file.create_group("layers/dense/" + "/".join(["layer"] * 300))


def fan(file: h5py.File) -> None:
    """Ten levels, in each of which ten names lead to the next."""
    below = file["layers/dense"]
    for level in range(10):
        group = file.create_group(f"levels/{level}/layers")
        for name in range(10):
            group[f"dense_{name}"] = below
        below = file[f"levels/{level}"]
    file["layers/functional"] = below


def same_values(file: h5py.File) -> None:
    """One array as a thousand layers."""
    file["values"] = np.ones(100_000, "float32")
    for number in range(1, 1000):
        file.create_group(f"layers/dense_{number}/vars")["0"] = file["values"]


def huge(file: h5py.File) -> None:
    file["layers/dense"].create_dataset("vars/2", (1 << 40, 1 << 20), "float32", chunks=(1 << 10, 1 << 10))


def unwritten(file: h5py.File) -> None:
    file["layers/dense"].create_dataset("vars/2", (1 << 30,), "float32")


def packed(file: h5py.File) -> None:
    zeros = np.zeros((1 << 12, 1 << 12), "float32")
    file["layers/dense"].create_dataset("vars/2", data=zeros, chunks=(1 << 12, 1 << 12), compression="gzip")


def other_numbers(file: h5py.File) -> None:
    file["layers/dense/vars/2"] = np.ones((3, 3), "int8")


def names_of_nothing(file: h5py.File) -> None:
    file.create_group("model_weights").attrs["layer_names"] = ["dense", "gone"]


def files() -> Iterator[tuple[str, bytes]]:
    for fill in (circle, soft_circle, deep, fan, same_values, huge, unwritten, packed, other_numbers):
        yield f"{fill.__name__}.weights.h5", h5(fill)
    yield "names_of_nothing.h5", h5(names_of_nothing, layer=False)
    yield "empty.h5", h5(lambda file: None, layer=False)
    yield "zeros.keras", keras(b"\0" * (64 << 20))
    yield "deep_config.keras", keras(h5(lambda file: None), "[" * 100_000)
    yield "long_config.keras", keras(h5(lambda file: None), "[" + "0," * (8 << 20) + "0]")
    yield "no_config.keras", keras(h5(lambda file: None), "{}")


def fixtures() -> Iterator[Fixture]:
    yield Hostile("hostile", "keras/hostile.zip", dict(files()))


class Hostile(Files):
    """They are as they are; HDF5 may write other bytes in another version."""

    def error(self) -> float:
        return 0.0 if self.content.keys() == self.read().keys() else float("inf")
