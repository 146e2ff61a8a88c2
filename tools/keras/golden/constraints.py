"""`keras/constraints.safetensors`: `matrix` and `kernel` after a constraint, `NAME_matrix` and `NAME_kernel`."""

from collections.abc import Iterator

import numpy as np
from keras import constraints as C

from .fixture import Arrays, Fixture
from .stream import start

CASES: dict[str, C.Constraint] = {
    "max_norm": C.MaxNorm(0.8),
    "max_norm_axis_1": C.MaxNorm(0.8, axis=1),
    "max_norm_axes_0_1": C.MaxNorm(0.8, axis=[0, 1]),
    "min_max_norm": C.MinMaxNorm(0.6, 0.9, rate=0.7),
    "non_neg": C.NonNeg(),
    "unit_norm": C.UnitNorm(),
}


def fixtures() -> Iterator[Fixture]:
    stream = start(51)
    arrays: Arrays = {"matrix": stream.numbers(5, 4), "kernel": stream.numbers(3, 3, 2, 4)}
    # A norm of 0.
    arrays["matrix"][:, 2] = 0
    for name, constraint in CASES.items():
        of_both = {f"{name}_{array}": np.asarray(constraint(arrays[array])) for array in ("matrix", "kernel")}
        arrays |= of_both
    yield Fixture("constraints", "keras/constraints.safetensors", arrays)
