"""`python tools/keras/load.py DIRECTORY`: loads the files `NAME.weights.h5` of a directory into Keras's models of these names.

Those of the tests, as `FUSION_KERAS_FILES=DIRECTORY cargo test -p fusion-tests --test behaviour keras_names` writes them, are
of the models of `golden/names.py`, the first weight full of 1, the second of 2, and so on. Writes the hashes of those that Keras
has loaded so to `keras/written.json`; fails where it has not.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np

from golden.fixture import FIXTURES, fnv_1a
from golden.names import MODELS


def is_loaded(name: str, path: Path) -> bool:
    keras.utils.clear_session()
    model = MODELS[name]()
    try:
        model.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return False
    return all(np.all(weight == index + 1) for index, weight in enumerate(model.get_weights()))


files = {path.name.removesuffix(".weights.h5"): path for path in sorted(Path(sys.argv[1]).glob("*.weights.h5"))}
loaded = {name: fnv_1a(path.read_bytes()) for name, path in files.items() if is_loaded(name, path)}
(FIXTURES / "keras" / "written.json").write_text(json.dumps(loaded, indent=1) + "\n")
print(f"Keras {keras.__version__} has loaded {len(loaded)} of {len(files)} files")
for name in files.keys() - loaded.keys():
    print(f"it has not loaded {name}")
sys.exit(loaded.keys() != files.keys())
