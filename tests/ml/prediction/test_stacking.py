from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ml.prediction import stacking
from ml.prediction.stacking import BASE_LEARNERS, StackingParameters, fit_stacking, meta_weights, predict

SMALL = StackingParameters(trees=30, boosting_rounds=60, leaf_rows=10, folds=3)


def two_kinds_of_signal(rows=3000, seed=0):
    """A straight line that trees see badly, and an interaction that lines do not see."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, 10))
    odds = values[:, :6].sum(axis=1) * 0.6 + 1.6 * np.sign(values[:, 6] * values[:, 7]) * (values[:, 6] > -0.3)
    return values, (odds + rng.logistic(size=rows) > 0).astype(int), rng.integers(0, 3, rows)


def test_stack_is_no_worse_than_its_best_base_learner():
    values, label, fold = two_kinds_of_signal()
    model, _ = fit_stacking(values, label, fold, SMALL)
    fresh, truth, _ = two_kinds_of_signal(6000, seed=1)
    auc = {name: roc_auc_score(truth, p) for name, p in predict(model, fresh).items()}
    assert auc["stacking"] >= max(auc[name] for name in BASE_LEARNERS) - 0.002
    assert auc["stacking"] > 0.8


def test_one_thread_gives_the_bytes_of_two():
    values, label, fold = two_kinds_of_signal(600)
    one, _ = fit_stacking(values, label, fold, SMALL)
    two, _ = fit_stacking(values, label, fold, replace(SMALL, threads=2))
    for name, probability in predict(one, values).items():
        assert probability.tobytes() == predict(two, values)[name].tobytes(), name


def test_held_out_rows_reach_no_fit(monkeypatch):
    """Whatever the held-out rows hold (here: absurd values), the fold's own medians, ranks and learners stay."""
    values, label, fold = two_kinds_of_signal(900)
    seen = []
    real = stacking.fit_base

    def spy(rows, of_label, params):
        base = real(rows, of_label, params)
        seen.append((rows.copy(), base["scaling"][0].statistics_.copy(), base["scaling"][1].quantiles_.copy()))
        return base

    monkeypatch.setattr(stacking, "fit_base", spy)
    fit_stacking(values, label, fold, SMALL)
    clean, seen = seen, []
    spoiled = values.copy()
    spoiled[fold == 0] = 1e6 * (1 + label[fold == 0])[:, None]  # the label itself, where fold 0 is held out
    fit_stacking(spoiled, label, fold, SMALL)
    assert len(clean) == len(seen) == 4  # three folds and the final fit
    for before, after in zip(clean[0], seen[0]):
        assert np.array_equal(before, after)
    assert not np.array_equal(clean[1][2], seen[1][2])  # the spy does see a spoiled fit
    for k in range(3):
        assert np.array_equal(clean[k][0], values[fold != k])


def test_meta_weights_are_never_negative_and_ignore_noise():
    rng = np.random.default_rng(2)
    truth = rng.normal(size=4000)
    label = (truth + rng.logistic(size=4000) > 0).astype(int)
    scores = np.column_stack([truth, -truth, rng.normal(size=4000)])
    weights = meta_weights(scores, label)
    assert (weights[:-1] >= 0).all()
    assert weights[0] == pytest.approx(1, abs=0.1)
    assert weights[1:3] == pytest.approx([0, 0], abs=0.05)
