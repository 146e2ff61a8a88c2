"""`summaries/NAME.txt`: how Keras prints the models on a terminal of 80 columns; `NAME.wide.txt` with
`line_length=120`, and `NAME.narrow.txt` with `line_length=40` where words wrap."""

import os
from collections.abc import Iterator

import keras

from . import models
from .fixture import Fixture
from .stream import start

NARROW = ["autoencoder", "toy_resnet"]


def summary(model: keras.Model, line_length: int | None = None) -> str:
    """The summary on a terminal of 80 columns, or of the length of a line."""
    os.environ["COLUMNS"] = str(max(80, line_length or 0))
    lines: list[str] = []
    model.summary(line_length=line_length, print_fn=lambda text, **_: lines.append(text))
    return "\n".join(lines) + "\n"


def fixtures() -> Iterator[Fixture]:
    for case in models.CASES:
        start(case.seed)
        model = case.make()
        lengths = {"": None, ".wide": 120} | ({".narrow": 40} if case.name in NARROW else {})
        for suffix, length in lengths.items():
            path = f"summaries/{case.name}{suffix}.txt"
            yield Fixture(f"summaries/{case.name}", path, summary(model, length))
