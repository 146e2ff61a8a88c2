"""`keras/files.zip`: the models of `names.py` as Keras saves them, as `.keras`, as `.weights.h5` and as `.h5`.

Of each model the first weight is full of 1, the second of 2, and so on, in the order of `model.weights`.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import keras
import numpy as np

from .fixture import Fixture
from .names import MODELS

SUFFIXES = (".keras", ".weights.h5", ".h5")


@dataclass
class Files(Fixture):
    """Files by their names. Two are the same if their arrays are: what else is in them may be other in each run."""

    def write(self) -> None:
        with zipfile.ZipFile(self.file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, content in self.content.items():
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)

    def read(self) -> Any:
        with zipfile.ZipFile(self.file) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def error(self) -> float:
        from .fixture import error_of

        arrays_of = lambda files: {name: arrays(content) for name, content in files.items()}
        return error_of(arrays_of(self.content), arrays_of(self.read()), "")


def arrays(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of a file, by their paths in it."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read("model.weights.h5")
    found = {}

    def visit(path: str, entry: Any) -> None:
        if isinstance(entry, h5py.Dataset):
            found[path] = entry[()]

    with h5py.File(io.BytesIO(content)) as file:
        file.visititems(visit)
    return found


def number(model: keras.Model) -> keras.Model:
    """Fills each weight with its number."""
    model.set_weights([np.full(weight.shape, index + 1, "float32") for index, weight in enumerate(model.get_weights())])
    return model


def saved(model: keras.Model, directory: Path, suffix: str) -> bytes:
    path = directory / f"model{suffix}"
    model.save_weights(path) if suffix == ".weights.h5" else model.save(path)
    return path.read_bytes()


def fixtures() -> Iterator[Fixture]:
    files = {}
    for name, make in MODELS.items():
        keras.utils.clear_session()
        model = number(make())
        for suffix in SUFFIXES:
            with TemporaryDirectory() as directory:
                files[name + suffix] = saved(model, Path(directory), suffix)
    yield Files("files", "keras/files.zip", files)
