"""`keras/metrics/NAME.safetensors`: three batches, `y_true0`, `y_pred0`, …, and of most metrics `sample_weight0`, …;
`keras/metrics/index.json`: each metric's class and configuration, and its result after each batch, with and without
these weights."""

import json
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import metrics as M

from .fixture import Fixture, Json
from .stream import Stream, start

BATCHES = [8, 8, 5]
CLASSES = 5

# Of columns and not of samples, so that Keras finds no place for weights.
OF_COLUMNS = {"pearson_axis0"}

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


def weighted_cases(stream: Stream) -> dict[str, Case]:
    """Metrics that are computed with weights too, which each line draws in turn: new ones go to the end."""

    def numbers(columns: int, low: float = -1.0, high: float = 1.0) -> Batches:
        return [stream.numbers(n, columns, low=low, high=high) for n in BATCHES]

    one_hot = [stream.one_hot(n, CLASSES) for n in BATCHES]
    probabilities = [tf.nn.softmax(batch).numpy() for batch in numbers(CLASSES, -2, 2)]
    ids = [batch.argmax(1).astype("int32") for batch in one_hot]
    chances, bits = numbers(1, 0), [stream.bits(n, 1) for n in BATCHES]
    true, pred = numbers(2), numbers(2)
    several, several_chances = [stream.bits(n, CLASSES) for n in BATCHES], numbers(CLASSES, 0)
    signs = [np.where(batch > 0, 1, -1).astype("float32") for batch in bits]
    positive = numbers(2, 0.1, 3)
    likeliest = [batch.argmax(1).astype("int32") for batch in probabilities]
    label_weights = [0.5, 1.0, 2.0, 0.25, 0.0]
    table = {
        "accuracy": (M.Accuracy(), ids, likeliest),
        "auc_multi_label": (M.AUC(multi_label=True, num_labels=CLASSES), several, several_chances),
        "auc_50_thresholds": (M.AUC(num_thresholds=50), bits, chances),
        "auc_from_logits": (M.AUC(from_logits=True), bits, [batch * 8 - 4 for batch in chances]),
        "precision_top_k": (M.Precision(top_k=2), several, several_chances),
        "precision_class_id": (M.Precision(class_id=1), several, several_chances),
        "precision_thresholds": (M.Precision(thresholds=[0.3, 0.6]), bits, chances),
        "recall_threshold": (M.Recall(thresholds=0.7), bits, chances),
        "f1_none": (M.F1Score(), one_hot, probabilities),
        "f1_micro": (M.F1Score(average="micro"), one_hot, probabilities),
        "f1_weighted": (M.F1Score(average="weighted"), one_hot, probabilities),
        "fbeta": (M.FBetaScore(beta=2.0, threshold=0.5), several, several_chances),
        "false_positives": (M.FalsePositives(), bits, chances),
        "false_negatives": (M.FalseNegatives(), bits, chances),
        "true_negatives": (M.TrueNegatives(), bits, chances),
        "precision_at_recall": (M.PrecisionAtRecall(0.6), bits, chances),
        "recall_at_precision": (M.RecallAtPrecision(0.6), bits, chances),
        "sensitivity_at_specificity": (M.SensitivityAtSpecificity(0.6), bits, chances),
        "specificity_at_sensitivity": (M.SpecificityAtSensitivity(0.6), bits, chances),
        "binary_iou": (M.BinaryIoU(threshold=0.5), bits, chances),
        "one_hot_mean_iou": (M.OneHotMeanIoU(CLASSES), one_hot, probabilities),
        "mean_squared_logarithmic_error": (
            M.MeanSquaredLogarithmicError(), positive, [batch + 0.2 for batch in positive],
        ),
        "log_cosh_error": (M.LogCoshError(), true, pred),
        "hinge": (M.Hinge(), signs, chances),
        "squared_hinge": (M.SquaredHinge(), signs, chances),
        "categorical_hinge": (M.CategoricalHinge(), one_hot, probabilities),
        "kl_divergence": (M.KLDivergence(), probabilities, probabilities),
        "poisson": (M.Poisson(), positive, [batch + 0.1 for batch in positive]),
        "categorical_crossentropy": (M.CategoricalCrossentropy(label_smoothing=0.1), one_hot, probabilities),
        "pearson_correlation": (M.PearsonCorrelation(), true, pred),
        "concordance_correlation": (M.ConcordanceCorrelation(), true, pred),
        "r2_uniform_per_output": (M.R2Score(class_aggregation=None), true, pred),
        "r2_variance_weighted": (M.R2Score(class_aggregation="variance_weighted_average"), true, pred),
        "r2_adjusted": (M.R2Score(num_regressors=3), true, pred),
        "pearson_of_five": (M.PearsonCorrelation(), probabilities, several_chances),
        "pearson_axis0": (M.PearsonCorrelation(axis=0), several, several_chances),
        "concordance_of_five": (M.ConcordanceCorrelation(), several, several_chances),
        "auc_majoring": (M.AUC(summation_method="majoring"), bits, chances),
        "auc_pr_minoring": (M.AUC(curve="PR", summation_method="minoring"), bits, chances),
        "auc_prgain": (M.AUC(curve="PRGAIN"), bits, chances),
        "auc_thresholds": (M.AUC(thresholds=[0.8, 0.1, 0.45]), bits, chances),
        "auc_label_weights": (
            M.AUC(multi_label=True, num_labels=CLASSES, curve="PR", label_weights=label_weights),
            several,
            several_chances,
        ),
        "auc_flat_label_weights": (M.AUC(label_weights=label_weights), several, several_chances),
        "recall_top_k_threshold": (M.Recall(top_k=3, thresholds=0.4), several, several_chances),
        "fbeta_micro": (M.FBetaScore(beta=0.5, average="micro"), one_hot, probabilities),
        "fbeta_weighted": (M.FBetaScore(beta=0.5, average="weighted", threshold=0.3), several, several_chances),
        "true_positives_threshold": (M.TruePositives(thresholds=0.25), several, several_chances),
        "sensitivity_of_class": (
            M.SensitivityAtSpecificity(0.4, num_thresholds=20, class_id=2), several, several_chances,
        ),
        "precision_at_recall_one_threshold": (M.PrecisionAtRecall(0.1, num_thresholds=1), bits, chances),
        "mean_iou_ignore_class": (
            M.MeanIoU(CLASSES, ignore_class=1, sparse_y_pred=False, dtype="float32"), ids, probabilities,
        ),
        "iou": (M.IoU(CLASSES, [0, 3], sparse_y_pred=False, dtype="float32"), ids, probabilities),
        "one_hot_iou": (M.OneHotIoU(CLASSES, [0, 1], ignore_class=4, dtype="float32"), one_hot, probabilities),
        "binary_iou_of_yes": (M.BinaryIoU([1], threshold=0.3, dtype="float32"), bits, chances),
        "top_k_of_sorted_ids": (
            M.SparseTopKCategoricalAccuracy(2, from_sorted_ids=True),
            ids,
            [batch.argsort(1)[:, ::-1].astype("float32") for batch in probabilities],
        ),
    }  # fmt: skip
    return table


def results_of(case: Case, weights: Batches | None) -> list[Any]:
    metric, y_true, y_pred = case
    metric.reset_state()
    after_each = []
    for i, batch in enumerate(zip(y_true, y_pred)):
        metric.update_state(*batch, sample_weight=None if weights is None else weights[i])
        after_each.append(np.asarray(metric.result()).tolist())
    return after_each


def results(case: Case, weights: Batches | None) -> Json:
    metric, _, _ = case
    found = {"class": type(metric).__name__, "config": metric.get_config()}
    found["result_after_each_batch"] = results_of(case, None)
    if weights is not None:
        found["weighted_result_after_each_batch"] = results_of(case, weights)
    return json.loads(json.dumps(found, default=lambda array: np.asarray(array).tolist()))


def fixtures() -> Iterator[Fixture]:
    index = {}
    for seed, make, weighted in [(60, cases, False), (157, weighted_cases, True)]:
        stream = start(seed)
        for name, case in make(stream).items():
            _, y_true, y_pred = case
            weights = [stream.numbers(n, low=0.1, high=2) for n in BATCHES] if weighted else None
            arrays = {f"y_true{i}": batch for i, batch in enumerate(y_true)}
            arrays |= {f"y_pred{i}": batch for i, batch in enumerate(y_pred)}
            arrays |= {f"sample_weight{i}": batch for i, batch in enumerate(weights or [])}
            yield Fixture(f"metrics/{name}", f"keras/metrics/{name}.safetensors", arrays)
            index[name] = results(case, None if name in OF_COLUMNS else weights)
    yield Fixture("metrics/index", "keras/metrics/index.json", index)
