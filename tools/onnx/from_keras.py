"""Models of Keras as `tf2onnx` writes them, which `model.export(format="onnx")` calls.

    python tools/onnx/from_keras.py FOLDER_OF_MODELS cli/tests/onnx

The models are `NAME.keras`, as in cli/tests/keras. Keras 3.15, tf2onnx 1.17.
"""

import pathlib
import sys

import keras
import numpy as np

NAMES = ["autoencoder", "ensemble", "mixed_data", "mnist_mlp", "seed_functional", "seed_fusion", "shared_embedding", "tickets", "toy_resnet"]


def main(models, folder):
    for name in NAMES:
        try:
            model = keras.saving.load_model(models / f"{name}.keras", compile=False)
            # What was never called is not exported.
            zeros = [np.zeros((1, *of.shape[1:]), of.dtype) for of in model.inputs]
            model(zeros if len(zeros) > 1 else zeros[0])
            model.export(folder / f"keras_{name}.onnx", format="onnx", verbose=False)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {str(error)[:300]}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
