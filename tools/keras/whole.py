"""`python tools/keras/whole.py DIRECTORY`: loads the models `NAME.keras` of a directory, which are ours, into Keras.

The tests write them, each with its inputs and outputs, `NAME.io.safetensors`, and its summary:

    FUSION_KERAS_FILES=DIRECTORY cargo test -p fusion-tests --test behaviour keras_files::whole
    FUSION_KERAS_FILES=DIRECTORY cargo test -p fusion-cli --test import round_trip

Of each model it checks that the outputs are those of the file to 2e-5, that the summary is ours (and that of the model which
was imported, `NAME.original.keras`), that a step of training runs and changes weights, and that what Keras writes of it is what
we wrote, but for what `normal` below leaves out. Writes the table of `docs/keras-files.md` and the hashes of the files to
`keras/whole.json`; fails where something is not so.
"""

import datetime
import json
import re
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
from safetensors.numpy import load_file

from golden.fixture import FIXTURES, fnv_1a

PAGE = Path(__file__).parents[2] / "docs" / "keras-files.md"
BEGIN, END = "<!-- whole: begin -->\n", "<!-- whole: end -->\n"
TOLERANCE = 2e-5

# What Keras adds to a configuration when it writes it again. Of a call: whether it trains, and the masks, which it finds
# itself. Of a layer: what it was built and compiled with, and options that later versions have, which are their defaults.
OF_CALLS = {"training", "mask"}
OF_LAYERS = {"build_config", "compile_config"}
DEFAULTS = {
    "activity_regularizer": None,
    "cells": None,
    "epsilon": 0.01,
    "fill_mode": "constant",
    "idf_weights": None,
    "max_tokens": None,
    "noise_shape": None,
    "num_bins": None,
    "oov_method": "floormod",
    "optional": False,
    "quantization_config": None,
    "ragged": False,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,
    "rms_scaling": False,
    "salt": None,
    "seed": None,
    "sliding_window": None,
    "sparse": False,
    "stateful": False,
    "synchronized": False,
    "unroll": False,
    "use_gate": False,
}
# Operations that compute masks.
OF_MASKS = ("Any", "Equal", "LogicalAnd", "LogicalOr", "NotEqual")
# Of an initializer.
FANS = {"seed": None, "input_axes": None, "output_axes": None, "axes": None}


def normal(value, key=None):
    """A configuration without what Keras adds; `dtype` by its name."""
    if isinstance(value, list):
        return [normal(item) for item in value]
    if not isinstance(value, dict):
        return float(np.float32(value)) if type(value) in (int, float) else value
    if value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    if value.get("module") == "keras.initializers":
        config = {name: normal(item) for name, item in value["config"].items() if name not in FANS}
        return {"class_name": value["class_name"], "config": config}
    if value.get("class_name") == "Bidirectional":
        # Keras fills in for masks what it found that its layers do.
        for layer in ("layer", "backward_layer"):
            value["config"][layer]["config"]["zero_output_for_mask"] = False
    kept = {}
    for name, item in value.items():
        if name in OF_LAYERS or (name in DEFAULTS and item == DEFAULTS[name] and "class_name" not in value):
            continue
        if key == "kwargs" and name in OF_CALLS:
            continue
        kept[name] = normal(item, name)
    if "inbound_nodes" in kept or "layers" in kept:
        kept.pop("trainable", None)
    if "layers" in kept:
        kept["layers"] = [layer for layer in kept["layers"] if not is_of_mask(layer)]
    return kept


def is_of_mask(layer) -> bool:
    """Whether an operation is one that Keras adds to a model to compute a mask."""
    if not str(layer.get("module", "")).startswith("keras.src.ops"):
        return False
    return layer["class_name"] in OF_MASKS


def difference(ours, theirs, path=""):
    """Where two configurations differ first, or nothing."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            if key not in ours or key not in theirs:
                if ours.get(key) is None and theirs.get(key) is None:
                    continue
                return f"{path}/{key}: {ours.get(key, 'absent')!r} and {theirs.get(key, 'absent')!r}"
            found = difference(ours[key], theirs[key], f"{path}/{key}")
            if found:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs))
        return next(filter(None, (difference(a, b, f"{path}[{i}]") for i, (a, b) in pairs)), None)
    return None if ours == theirs else f"{path}: {ours!r} and {theirs!r}"


def flat(value) -> list:
    if isinstance(value, dict):
        return [value[name] for name in sorted(value)]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def summary(model) -> str:
    lines = []
    model.summary(print_fn=lines.append)
    # Its first line has the model's name in Rust.
    return re.sub(r'Model: ".*"', "", "\n".join(lines)).strip()


def rows(model) -> list[tuple]:
    """What a summary says of each layer, but for names that Keras counts or gives inputs, which an import leaves out."""
    name = lambda layer: "" if isinstance(layer, keras.layers.InputLayer) else re.sub(r"_\d+$", "", layer.name)
    shape = lambda layer: str(keras.tree.map_structure(lambda wire: wire.shape, layer.output))
    return [(name(layer), type(layer).__name__, shape(layer), layer.count_params()) for layer in model.layers]


def trains(model, inputs) -> bool:
    """A step of training: the loss is a number, and a weight changes where one is trained."""
    outputs = flat(model(inputs))
    model.compile("sgd", ["mse"] * len(outputs) if len(outputs) > 1 else "mse")
    before = [np.asarray(weight) + 0 for weight in model.trainable_weights]
    targets = [np.random.default_rng(1).random(np.shape(output), "float32") for output in outputs]
    loss = model.train_on_batch(inputs, targets if len(targets) > 1 else targets[0])
    if not np.all(np.isfinite(flat(loss))):
        return False
    return not before or any(np.any(a != np.asarray(b)) for a, b in zip(before, model.trainable_weights))


def check(path: Path) -> tuple[float, list[str]]:
    """The worst error of the outputs, and what is wrong."""
    keras.utils.clear_session()
    name, wrong = path.name.removesuffix(".keras"), []
    beside = lambda ending: path.with_name(name + ending)
    model = keras.models.load_model(path, compile=False)
    arrays = load_file(beside(".io.safetensors"))
    inputs = [arrays[f"input{i}"] for i in range(len(model.inputs))]
    inputs = inputs if len(inputs) > 1 else inputs[0]
    error = 0.0
    outputs = flat(model.predict(inputs, verbose=0))
    expected = [arrays[f"output{i}"] for i in range(len(outputs))]
    for ours, theirs in zip(expected, outputs):
        if ours.size != np.size(theirs):
            wrong.append(f"an output is {np.shape(theirs)}, and not {ours.shape}")
            continue
        theirs = np.array(theirs, "float64").reshape(ours.shape)
        error = max(error, float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1.0), initial=0.0)))
    if error > TOLERANCE:
        wrong.append(f"the outputs differ by {error:.1e}")
    ours = beside(".summary.txt")
    # Ours has no rows for masks, which Keras computes by operations.
    masks = any(type(layer).__name__ in OF_MASKS for layer in model.layers)
    if not masks and re.sub(r'Model: ".*"', "", ours.read_text()).strip() != summary(model):
        wrong.append(f"the summary is another one than ours:\n{ours.read_text()}\n{summary(model)}")
    original = beside(".original.keras")
    imported = keras.models.load_model(original, compile=False) if original.exists() else None
    if imported and rows(imported) != rows(model):
        wrong.append(f"the summary is another one than that of the model which was imported:\n{rows(imported)}\n{rows(model)}")
    written = json.loads(zipfile.ZipFile(path).read("config.json"))
    found = difference(normal(written), normal(json.loads(model.to_json())))
    if found:
        wrong.append(f"Keras writes another configuration: {found}")
    # A model whose outputs are all 0 has no gradient, in whichever file it is.
    if not trains(model, inputs) and not (imported and not trains(imported, inputs)):
        wrong.append("a step of training changes nothing")
    return error, wrong


def main() -> int:
    files = [path for path in sorted(Path(sys.argv[1]).glob("*.keras")) if not path.name.endswith(".original.keras")]
    loaded, failed = {}, 0
    for path in files:
        name = path.name.removesuffix(".keras")
        try:
            error, wrong = check(path)
        except Exception as problem:  # Whatever Keras says, the others are looked at too.
            error, wrong = float("nan"), [f"{type(problem).__name__}: {problem}"]
        for problem in wrong:
            print(f"{name}: {problem}"[:3000], file=sys.stderr)
        failed += bool(wrong)
        if not wrong:
            loaded[name] = (error, fnv_1a(path.read_bytes()))
    print(f"Keras {keras.__version__} has loaded {len(loaded)} of {len(files)} files")
    if "--write" in sys.argv and not failed:
        hashes = {name: hash for name, (_, hash) in loaded.items()}
        (FIXTURES / "keras" / "whole.json").write_text(json.dumps(hashes, indent=1) + "\n")
        page = PAGE.read_text()
        table = f"Keras {keras.__version__} on {keras.backend.backend()}, {datetime.date.today()}:\n\n| model | worst error |\n|---|---|\n"
        table += "".join(f"| {name} | {'0' if error == 0 else f'{error:.1e}'} |\n" for name, (error, _) in loaded.items())
        head, rest = page.split(BEGIN)
        PAGE.write_text(head + BEGIN + table + END + rest.split(END)[1])
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
