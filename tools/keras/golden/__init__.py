"""The golden numbers of the tests, made by real Keras: `python -m golden --help`.

Each kind of fixture is a module with a table of cases and `fixtures()`, which makes them.
"""

import logging
import os

# Read when TensorFlow is imported: no log, no kernels chosen by the processor, no other device.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
logging.getLogger("tensorflow").setLevel(logging.ERROR)
