"""The golden numbers of the tests, made by real Keras. Run `python -m golden --help`.

Each kind of fixture has a module with a table of cases; `fixture` writes and compares files, `keras_tools` has what the
kinds share.
"""

import os

# Read when TensorFlow is first imported: no log, and no kernels chosen by the processor.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
