"""How good is a purchase prediction? The seed's Table 5 for both classes, and the curves behind it.

In:  true labels (0/1), predicted probabilities, the threshold of the decision; or just a confusion matrix.
Out: a long frame (learner, part, metric, class_label, point, x, value) as published in mart_model_evaluation,
     so that one table holds scalars, matrix and curves of stacking and of every base learner.
"""

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, precision_recall_curve, roc_auc_score, roc_curve

COLUMNS = ["learner", "part", "metric", "class_label", "point", "x", "value"]
CURVE_POINTS = 100  # more cannot be seen in a chart, and a curve of a large shop would outgrow every other table
CALIBRATION_BINS = 10  # equally filled: a rare class leaves bins of equal width empty
CLASSES = ("1", "0")  # buy first, as the seed prints it


def confusion(label: np.ndarray, decision: np.ndarray) -> np.ndarray:
    """Counts, rows = actual, columns = predicted, buy (1) first: [[TP, FN], [FP, TN]]."""
    label, decision = np.asarray(label) == 1, np.asarray(decision) == 1
    return np.array([[np.sum((label == a) & (decision == p)) for p in (True, False)] for a in (True, False)])


def table5(matrix) -> dict[str, dict[str, float]]:
    """Accuracy, and per class precision, recall, F1 and support. What has no denominator is None, never 0."""
    matrix = np.asarray(matrix, dtype=float)
    table = {"all": {"accuracy": _ratio(np.trace(matrix), matrix.sum())}}
    for i, name in enumerate(CLASSES):
        hits, predicted, actual = matrix[i, i], matrix[:, i].sum(), matrix[i].sum()
        table[name] = {
            "precision": _ratio(hits, predicted),
            "recall": _ratio(hits, actual),
            "f1": _ratio(2 * hits, predicted + actual),
            "support": float(actual),
        }
    return table


def evaluate(label: np.ndarray, probability: np.ndarray, threshold: float, learner: str) -> pd.DataFrame:
    """Every figure about one learner on one test date, long."""
    label, probability = np.asarray(label, dtype=int), np.asarray(probability, dtype=float)
    matrix = confusion(label, probability >= threshold)
    table = table5(matrix)
    rows = [
        ("summary", "rows", None, None, None, float(len(label))),
        ("summary", "base_rate", None, None, None, float(label.mean())),
        ("summary", "threshold", None, None, None, float(threshold)),
        ("summary", "accuracy", None, None, None, table["all"]["accuracy"]),
        *(("summary", name, None, None, None, value) for name, value in ranking_scores(label, probability).items()),
        *(("class", m, c, None, None, v) for c in CLASSES for m, v in table[c].items()),
        *(
            ("confusion", f"predicted_{p}", a, None, None, float(matrix[i, j]))
            for i, a in enumerate(CLASSES)
            for j, p in enumerate(CLASSES)
        ),
    ]
    false_positive, true_positive, _ = roc_curve(label, probability)
    rows += _points("roc", "true_positive_rate", false_positive, true_positive)
    precision, recall, _ = precision_recall_curve(label, probability)
    rows += _points("pr", "precision", recall[::-1], precision[::-1])
    for point, (predicted, observed, count) in enumerate(_reliability(label, probability)):
        rows.append(("calibration", "observed_rate", None, point, predicted, observed))
        rows.append(("calibration", "rows", None, point, predicted, float(count)))
    frame = pd.DataFrame(rows, columns=COLUMNS[1:])
    frame.insert(0, "learner", learner)
    return frame.astype({"metric": "str", "class_label": "str", "point": "Int64", "x": "float64", "value": "float64"})


def ranking_scores(label: np.ndarray, probability: np.ndarray) -> dict[str, float]:
    """The three figures that need no threshold."""
    return {
        "auc": float(roc_auc_score(label, probability)),
        "average_precision": float(average_precision_score(label, probability)),
        "brier": float(brier_score_loss(label, probability)),
    }


def threshold_of_best_f1(label: np.ndarray, probability: np.ndarray) -> float:
    """The threshold with the largest F1 of class 1; of equals the highest, which contacts the fewest people.

    F1 and not .5: where one user in fifty buys, no probability ever reaches .5 and nobody would be chosen.
    """
    precision, recall, thresholds = precision_recall_curve(label, probability)
    total = precision[:-1] + recall[:-1]
    f1 = np.divide(2 * precision[:-1] * recall[:-1], total, out=np.zeros_like(total), where=total > 0)
    return float(thresholds[np.flatnonzero(f1 >= f1.max() - 1e-12)[-1]])


def _reliability(label: np.ndarray, probability: np.ndarray) -> list[tuple[float, float, int]]:
    order = np.lexsort((label, probability))
    bins = [part for part in np.array_split(order, min(CALIBRATION_BINS, len(order))) if len(part)]
    return [(float(probability[part].mean()), float(label[part].mean()), len(part)) for part in bins]


def _points(part: str, metric: str, x: np.ndarray, y: np.ndarray) -> list[tuple]:
    keep = np.unique(np.linspace(0, len(x) - 1, min(CURVE_POINTS, len(x))).round().astype(int))
    return [(part, metric, None, point, float(x[i]), float(y[i])) for point, i in enumerate(keep)]


def _ratio(numerator: float, denominator: float) -> float | None:
    return float(numerator / denominator) if denominator else None
