import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ml.prediction.classification_metrics import COLUMNS, confusion, evaluate, table5, threshold_of_best_f1


def test_table_5_of_the_seed():
    table = table5([[1572, 771], [745, 6456]])
    assert table["all"]["accuracy"] == pytest.approx(0.8412, abs=5e-5)
    assert table["1"] == pytest.approx({"precision": 0.6785, "recall": 0.6709, "f1": 0.6747, "support": 2343}, abs=5e-5)
    assert table["0"] == pytest.approx({"precision": 0.8933, "recall": 0.8965, "f1": 0.8949, "support": 7201}, abs=5e-5)


def test_a_class_that_is_never_predicted_has_no_precision():
    table = table5([[0, 5], [0, 10]])
    assert table["1"]["precision"] is None
    assert table["1"]["recall"] == 0


def test_confusion_rows_are_actual_and_buy_comes_first():
    matrix = confusion([1, 1, 1, 0, 0], [1, 0, 0, 1, 0])
    assert matrix.tolist() == [[1, 2], [1, 1]]


def test_evaluation_is_long_complete_and_thinned():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 5000)
    probability = np.clip(label * 0.2 + rng.random(5000) * 0.8, 0, 1)
    frame = evaluate(label, probability, 0.5, "stacking")
    assert list(frame.columns) == COLUMNS
    assert set(frame["part"]) == {"summary", "class", "confusion", "roc", "pr", "calibration"}
    assert frame[frame["metric"] != "rows"].groupby("part").size().max() <= 100
    roc = frame[frame["part"] == "roc"]
    assert (roc["x"].iloc[0], roc["value"].iloc[0], roc["x"].iloc[-1], roc["value"].iloc[-1]) == (0, 0, 1, 1)
    auc = frame.loc[(frame["part"] == "summary") & (frame["metric"] == "auc"), "value"].item()
    assert auc == roc_auc_score(label, probability)
    assert np.trapezoid(roc["value"], roc["x"]) == pytest.approx(auc, abs=0.005)
    assert frame.loc[(frame["part"] == "confusion"), "value"].sum() == 5000
    bins = frame[(frame["part"] == "calibration") & (frame["metric"] == "rows")]
    assert bins["value"].sum() == 5000


def test_threshold_of_best_f1_beats_every_other():
    rng = np.random.default_rng(1)
    label = (rng.random(400) < 0.1).astype(int)
    probability = np.round(np.clip(0.1 * label + rng.random(400) * 0.3, 0, 1), 3)
    best = threshold_of_best_f1(label, probability)

    def f1(threshold):
        return table5(confusion(label, probability >= threshold))["1"]["f1"]

    assert f1(best) == pytest.approx(max(f1(t) for t in np.unique(probability)))
