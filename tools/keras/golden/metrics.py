"""`keras/metrics/NAME.safetensors`: three batches, `y_true0`, `y_pred0`, …; `keras/metrics/index.json`: each metric's
class and configuration, and its result after each batch."""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from keras import metrics as M

from .fixture import Fixture, Json
from .stream import Stream, start

BATCHES = [8, 8, 5]
CLASSES = 5

Batches = list[np.ndarray]
Case = tuple[keras.Metric, Batches, Batches]


def cases(stream: Stream) -> dict[str, Case]:
    logits = [stream.numbers(n, CLASSES, low=-2, high=2) for n in BATCHES]
    probabilities = [tf.nn.softmax(batch).numpy() for batch in logits]
    one_hot = [stream.one_hot(n, CLASSES) for n in BATCHES]
    ids = [batch.argmax(1).astype("int32") for batch in one_hot]
    likeliest = [batch.argmax(1).astype("int32") for batch in probabilities]
    chances = [stream.numbers(n, 1, low=0) for n in BATCHES]
    bits = [stream.bits(n, 1) for n in BATCHES]
    true = [stream.numbers(n, 2) for n in BATCHES]
    pred = [stream.numbers(n, 2) for n in BATCHES]
    return {
        "binary_accuracy": (M.BinaryAccuracy(), bits, chances),
        "categorical_accuracy": (M.CategoricalAccuracy(), one_hot, probabilities),
        "sparse_categorical_accuracy": (M.SparseCategoricalAccuracy(), ids, probabilities),
        "top_k_categorical_accuracy": (M.TopKCategoricalAccuracy(2), one_hot, probabilities),
        "sparse_top_k_categorical_accuracy": (M.SparseTopKCategoricalAccuracy(2), ids, probabilities),
        "auc_roc": (M.AUC(), bits, chances),
        "auc_pr": (M.AUC(curve="PR"), bits, chances),
        "precision": (M.Precision(), bits, chances),
        "recall": (M.Recall(), bits, chances),
        "f1": (M.F1Score(threshold=0.5), bits, chances),
        "f1_macro": (M.F1Score(average="macro"), one_hot, probabilities),
        "mean_squared_error": (M.MeanSquaredError(), true, pred),
        "root_mean_squared_error": (M.RootMeanSquaredError(), true, pred),
        "mean_absolute_error": (M.MeanAbsoluteError(), true, pred),
        "mean_absolute_percentage_error": (M.MeanAbsolutePercentageError(), true, pred),
        "r2_score": (M.R2Score(), true, pred),
        "cosine_similarity": (M.CosineSimilarity(), true, pred),
        "binary_crossentropy": (M.BinaryCrossentropy(), bits, chances),
        "sparse_categorical_crossentropy": (M.SparseCategoricalCrossentropy(), ids, probabilities),
        "true_positives": (M.TruePositives(), bits, chances),
        "mean_iou": (M.MeanIoU(CLASSES), ids, likeliest),
    }


def results(case: Case) -> Json:
    metric, y_true, y_pred = case
    after_each = []
    for batch in zip(y_true, y_pred):
        metric.update_state(*batch)
        after_each.append(np.asarray(metric.result()).tolist())
    config = {"class": type(metric).__name__, "config": metric.get_config()}
    return config | {"result_after_each_batch": after_each}


def fixtures() -> Iterator[Fixture]:
    table = cases(start(60))
    for name, (_, y_true, y_pred) in table.items():
        arrays = {f"y_true{i}": batch for i, batch in enumerate(y_true)}
        arrays |= {f"y_pred{i}": batch for i, batch in enumerate(y_pred)}
        yield Fixture(f"metrics/{name}", f"keras/metrics/{name}.safetensors", arrays)
    index = {name: results(case) for name, case in table.items()}
    yield Fixture("metrics/index", "keras/metrics/index.json", index)
