"""Compares what `fusion convert model.keras model.onnx` writes, in ONNX Runtime, with Keras: see README.md."""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402

from cases import all_cases  # noqa: E402

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs/onnx.md"
MOST = 1e-5


@dataclass
class Row:
    cases: int = 0
    worst: float = 0.0
    refused: list[str] = field(default_factory=list)


def arrays_of(output: Any) -> list[np.ndarray]:
    if isinstance(output, dict):
        return [np.asarray(output[name]) for name in sorted(output)]
    if isinstance(output, list | tuple):
        return [array for each in output for array in arrays_of(each)]
    return [np.asarray(output)]


def classes_in(config: Any) -> set[str]:
    """The classes of all layers and operations of a configuration, wherever they stand."""
    found: set[str] = set()
    if isinstance(config, dict):
        if "class_name" in config and ("module" in config or "name" in config):
            found.add(config["class_name"])
            activation = (config.get("config") or {}) if isinstance(config.get("config"), dict) else {}
            for option in ("activation", "recurrent_activation"):
                if isinstance(activation.get(option), str):
                    found.add("activation:" + activation[option])
            module = str(config.get("module"))
            if module.startswith("keras.src.ops"):
                found.add("operation:" + config["class_name"])
        for value in config.values():
            found |= classes_in(value)
    elif isinstance(config, list):
        for value in config:
            found |= classes_in(value)
    return found


def difference(found: np.ndarray, wanted: np.ndarray) -> float:
    """The largest distance, of numbers above 1 in parts of the number."""
    if found.shape != wanted.shape:
        raise ValueError(f"the shape is {found.shape}, not {wanted.shape}")
    if not wanted.size:
        return 0.0
    distance = np.abs(found.astype("float64") - wanted.astype("float64")) / np.maximum(1, np.abs(wanted))
    return float("inf") if np.isnan(distance).any() else float(distance.max())


def run(file: Path, inputs: list[np.ndarray]) -> list[np.ndarray]:
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    kinds = {"tensor(float)": "float32", "tensor(int32)": "int32", "tensor(int64)": "int64", "tensor(bool)": "bool"}
    given = {x.name: array.astype(kinds[x.type]) for x, array in zip(session.get_inputs(), inputs, strict=True)}
    return session.run(None, given)


def lengths(model: keras.Model, inputs: list[np.ndarray]) -> list[str]:
    """How long what varies is here."""
    arguments = []
    for x, array in zip(model.inputs, inputs):
        vary = [str(side) for side, known in zip(array.shape[1:], x.shape[1:]) if known is None]
        if vary:
            arguments += ["--length", f"{x.name}={','.join(vary)}"]
    return arguments


def check(fusion: Path, name: str, model: keras.Model, inputs: list[np.ndarray], folder: Path) -> tuple[float | None, str]:
    """The worst error, or what was refused."""
    keras_file, onnx_file = folder / "model.keras", folder / "model.onnx"
    onnx_file.unlink(missing_ok=True)
    model.save(keras_file)
    done = subprocess.run([fusion, "convert", keras_file, onnx_file, *lengths(model, inputs)], capture_output=True, text=True)
    if done.returncode:
        return None, done.stderr.strip().split("model.keras`: ", 1)[-1]
    wanted = arrays_of(model(inputs if len(inputs) > 1 else inputs[0], training=False))
    found = run(onnx_file, inputs)
    if len(wanted) != len(found):
        raise ValueError(f"{len(found)} outputs, not {len(wanted)}")
    return max(difference(a, b) for a, b in zip(found, wanted)), ""


def table(rows: dict[str, Row], kind: str) -> str:
    lines = [f"| {kind} | models | worst error | refused |", "|---|---|---|---|"]
    for name in sorted(rows, key=str.lower):
        row = rows[name]
        worst = f"{row.worst:.0e}" if row.cases else ""
        refused = "; ".join(dict.fromkeys(row.refused)).replace("|", "\\|")
        lines.append(f"| `{name}` | {row.cases or ''} | {worst} | {refused} |")
    return "\n".join(lines) + "\n"


def replace(page: str, name: str, text: str) -> str:
    before, rest = page.split(f"<!-- {name} -->\n", 1)
    return before + f"<!-- {name} -->\n" + text + f"<!-- end of {name} -->\n" + rest.split(f"<!-- end of {name} -->\n", 1)[1]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fusion", type=Path, default=ROOT / "target/debug/fusion", help="the program")
    parser.add_argument("--write", action="store_true", help="write the tables of docs/onnx.md")
    parser.add_argument("wanted", nargs="?", default="", help="only cases whose names hold this")
    arguments = parser.parse_args()
    tables: dict[str, dict[str, Row]] = {"layers": {}, "activations": {}, "operations": {}}
    failed = unsaved = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, model, inputs in all_cases(arguments.wanted):
            classes = classes_in(json.loads(model.to_json())) if savable(model) else set()
            if not classes:
                unsaved += 1
                continue
            try:
                worst, refusal = check(arguments.fusion, name, model, inputs, Path(folder))
            except Exception as error:
                print(f"FAILED {name}: {type(error).__name__}: {str(error)[:600]}")
                failed += 1
                continue
            if worst is None:
                print(f"refused {name}: {refusal}")
                note_refusal(tables, refusal)
                continue
            if worst > MOST:
                print(f"FAR {name}: {worst:.1e}")
                failed += 1
            for found in classes:
                kind, _, plain = found.rpartition(":")
                row = tables[kind + "s" if kind else "layers"].setdefault(plain, Row())
                row.cases, row.worst = row.cases + 1, max(row.worst, worst)
    print(f"{sum(row.cases for row in tables['layers'].values())} uses of layers; {failed} wrong, {unsaved} that Keras cannot save")
    if arguments.write and not failed:
        write(tables)
    sys.exit(bool(failed))


def savable(model: keras.Model) -> bool:
    """Functions of Python's are none that Keras writes down."""
    try:
        keras.models.model_from_json(model.to_json())
    except Exception:
        return "python" not in model.to_json() and "<lambda>" not in model.to_json() and "PositionEmbedding" in model.to_json()
    return True


def note_refusal(tables: dict[str, dict[str, Row]], refusal: str) -> None:
    """`ONNX cannot say the layer `hashing` (`Hashing`): it …; instead: …`"""
    before, _, what = refusal.partition("): it ")
    class_name = before.rpartition("(`")[2].rstrip("`")
    if what:
        tables["layers"].setdefault(class_name, Row()).refused.append(what)


def write(tables: dict[str, dict[str, Row]]) -> None:
    page = PAGE.read_text()
    layers = {name: row for name, row in tables["layers"].items() if name not in tables["operations"] or hasattr(keras.layers, name)}
    hidden = {"InputLayer", "Functional", "Sequential"}
    layers = {name: row for name, row in layers.items() if name not in hidden and (hasattr(keras.layers, name) or row.refused)}
    page = replace(page, "layers", table(layers, "layer"))
    page = replace(page, "activations", table(tables["activations"], "activation"))
    page = replace(page, "operations", table(tables["operations"], "operation"))
    versions = f"Keras {keras.__version__}, ONNX {onnx.__version__}, ONNX Runtime {onnxruntime.__version__}"
    page = replace(page, "versions", f"Made on {datetime.date.today().isoformat()} with {versions}.\n")
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
