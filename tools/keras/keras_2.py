"""`python tools/keras/keras_2.py`, with `tf_keras`: makes `keras/files_of_keras_2.zip`, whole models as Keras 2 saves them.

They are those of `golden/names.py` that Keras 2 has layers for, numbered as in `golden/files.py`.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import tf_keras

tf_keras.Layer = tf_keras.layers.Layer
# What is written for Keras 3 is Keras 2's here.
for module in ("", ".layers", ".src", ".src.activations", ".src.losses", ".src.metrics", ".src.optimizers"):
    sys.modules[f"keras{module}"] = __import__(f"tf_keras{module}", fromlist=["_"])

from golden.files import Files, number, saved
from golden.names import MODELS

files = {}
for name, make in MODELS.items():
    tf_keras.backend.clear_session()
    try:
        model = number(make())
    except (AttributeError, TypeError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        continue
    with TemporaryDirectory() as directory:
        files[f"{name}.h5"] = saved(model, Path(directory), ".h5")
Files("files_of_keras_2", "keras/files_of_keras_2.zip", files).write()
print(len(files), "files of Keras", tf_keras.__version__)
