"""What every peer written in Python does alike: it reads what the cases are made of, and answers `run.py`."""

import sys
import time
from pathlib import Path

import numpy as np

FOLDER = Path(sys.argv[1])
IDS = {"title", "body"}
INPUTS = {
    "m1": {"a": (32,), "b": (128,)},
    "m2": {"x": (10,)},
    "m3": {"x": (784,)},
    "resnet": {"img": (32, 32, 3)},
    "tickets": {"title": (10,), "body": (100,), "tags": (12,)},
    "mixed": {"attributes": (10,), "photo": (64, 64, 3)},
    "transformer": {"x": (64, 128)},
}
TARGETS = {"tickets": {"priority": (1,), "department": (4,)}, "m3": {"target": (10,)}, "resnet": {"target": (10,)},
           "transformer": {"target": (64, 128)}}


def rows(name, shape, samples, kind=np.float32):
    return np.fromfile(FOLDER / f"{name}.bin", kind).reshape(-1, *shape)[:samples].copy()


def inputs(network, samples):
    """The inputs by their names, pictures as Keras has them: channels last."""
    return {name: rows(f"{network}.{name}", shape, samples, np.uint32 if name in IDS else np.float32)
            for name, shape in INPUTS[network].items()}


def targets(network, samples):
    return [rows(f"{network}.target.{name}", shape, samples)
            for name, shape in TARGETS.get(network, {"target": (1,)}).items()]


def weights(network):
    """The arrays of each layer, as `weights["dense_1"]["kernel"]`."""
    layers = {}
    for line in (FOLDER / f"{network}.weights").read_text().splitlines():
        name, shape = line.split(" ", 1)
        layer, array = name.removeprefix(f"{network}.").split(".", 1)
        shape = [int(size) for size in shape.strip("[]").split(",")]
        layers.setdefault(layer, {})[array] = np.fromfile(FOLDER / f"{name}.bin", np.float32).reshape(shape)
    return layers


def parts(case):
    """A case's network, whether it is trained, and its samples."""
    what, samples = case.rsplit("-b", 1)
    return what.removesuffix("-train"), what.endswith("-train"), int(samples)


def measured(run, milliseconds):
    """Nanoseconds of a run, the mean of a slice of time. A fifth of it is spent before: another process was here."""
    slice_, runs, start = milliseconds / 1e3, 0, time.perf_counter()
    while not runs or time.perf_counter() - start < slice_ / 5:
        run()
        runs += 1
    one = (time.perf_counter() - start) / runs
    runs = range(max(1, int(slice_ / one)))
    start = time.perf_counter()
    for _ in runs:
        run()
    return (time.perf_counter() - start) / len(runs) * 1e9


def serve(make):
    """Answers each line of the standard input, as `common/src/lib.rs` says. `make` gives what a case computes, and a
    function that runs it; or nothing."""
    works = {}
    for line in sys.stdin:
        what, case, rest = line.split()
        if case not in works:
            works[case] = make(case)
        if works[case] is None:
            print("not one of its cases", flush=True)
            continue
        computes, run = works[case]
        if what == "check":
            np.concatenate([np.asarray(y, np.float32).ravel() for y in computes]).tofile(rest)
            print("ok", flush=True)
        else:
            print(measured(run, float(rest)), flush=True)
