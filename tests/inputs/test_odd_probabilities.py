"""Odd probabilities and names of their columns, odd classifiers, and odd arguments of functions."""

import numpy as np
import pytest
from odd_arguments import PROBA, N, X, Y, assert_refused, cases, changed, refusal
from sklearn.dummy import DummyClassifier
from sklearn.naive_bayes import GaussianNB

from sklearn_mi.datasets import make_label_noise
from sklearn_mi.inspection import adversarial_robustness, label_quality
from sklearn_mi.metrics import (
    box_iou,
    determinant_mutual_info_score,
    localization_accuracy_score,
    mutual_info_scorer,
    variational_mutual_info_score,
)
from sklearn_mi.model_selection import compare_mutual_info, cross_val_mutual_info

# --- probabilities ------------------------------------------------------------------------------


ODD_PROBABILITIES = {
    "text": (PROBA.astype(str), "y_p"),
    "list of texts": ([["a", "b"]] * N, "y_p"),
    "word": ("half", "y_p"),
    "None": (None, "y_p"),
    "number": (0.5, "y_p"),
    "ragged": ([[0.5], [0.5, 0.5]] * 20, "y_p"),
    "complex": (PROBA + 0j, "y_p", "omplex"),
    "three axes": (PROBA[None], "dim 3"),
    "length": (PROBA[1:], "39 rows", "40"),
    "no columns": (PROBA[:, :0], "y_p"),
    "NaN": (changed(PROBA, (4, 1), np.nan, float), "y_p", "row 4", "column 1"),
    "infinity": (changed(PROBA, (4, 1), np.inf, float), "y_p", "row 4"),
    "scores": (10 * PROBA, "probabilities lie in"),
    "logarithms": (np.log(PROBA), "probabilities lie in"),
    "sum": (PROBA / 2, "sum to 1"),
    "sum in float16": ((PROBA * 0.95).astype(np.float16), "sum to 1"),
    "dict": ({0: PROBA}, "dict"),
    "dates": (np.zeros((N, 2), dtype="M8[D]"), "y_p"),
    "masked": (np.ma.array(PROBA, mask=PROBA > 0.9), "masked"),
}


@pytest.mark.parametrize("proba, words", cases(ODD_PROBABILITIES))
@pytest.mark.parametrize("score", [variational_mutual_info_score, determinant_mutual_info_score])
def test_odd_probabilities(score, proba, words):
    assert_refused(lambda: score(Y, proba), words)


class Answering(DummyClassifier):
    """A classifier whose answer is `answer`, whatever it is asked."""

    answer = None

    def predict_proba(self, X):
        return self.answer[: len(X)] if isinstance(self.answer, (list, np.ndarray)) else self.answer


@pytest.mark.parametrize(
    "answer", [proba for name, (proba, *_) in ODD_PROBABILITIES.items() if name != "length"],
    ids=[name for name in ODD_PROBABILITIES if name != "length"],
)  # fmt: skip
def test_classifiers_that_answer_oddly(answer):
    odd = type("Odd", (Answering,), {"answer": answer})()
    refusal(lambda: cross_val_mutual_info(odd, X, Y, cv=2))
    refusal(lambda: mutual_info_scorer(odd.fit(X, Y), X, Y))


@pytest.mark.parametrize("labels", [[0], [0, 0], [0, None], [0, "1"], "ab", 3, [[0, 1]], [0.5, 1]])
def test_odd_names_of_columns(labels):
    refusal(lambda: variational_mutual_info_score(Y, PROBA, labels=labels))
    refusal(lambda: determinant_mutual_info_score(Y, PROBA, labels=labels))


# --- of functions -------------------------------------------------------------------------------


BOXES = np.tile([0.0, 0.0, 2.0, 2.0], (N, 1))
ODD_BOXES = [None, "box", 3, {}, [["a"] * 4] * N, [[1], [1, 2]], BOXES + 1j, BOXES * np.nan]
ODD_CALLS = [
    *[("eps", ({"eps": eps},)) for eps in (["a"], [[1]], [[1], [1, 2]], -1, np.nan, {}, [], None)],
    *[
        ("feature_scale", ({"eps": 0.1, "feature_scale": scale},))
        for scale in (["a", "b"], [1], [[1, 2]], [1, -1], [1, np.nan], {0: 1}, {0: 1, 1: "a"}, [])
    ],
    *[("frozen", ({"eps": 0.1, "frozen": frozen},)) for frozen in ([5], [None], [[0]], ["a"])],
    *[("attacks", ({"eps": 0.1, "attacks": names},)) for names in ([3], [[1]], [], "spin")],
]


@pytest.mark.parametrize("name, options", [(n, o) for n, (o,) in ODD_CALLS], ids=repr)
def test_odd_options_of_attacks(usual, name, options):
    assert name in refusal(lambda: adversarial_robustness(usual, X[:4], Y[:4], **options))


@pytest.mark.parametrize("boxes", ODD_BOXES, ids=lambda boxes: repr(boxes)[:15])
def test_odd_boxes(boxes):
    assert_refused(lambda: box_iou(BOXES, boxes), ["boxes_pred", "box"])
    assert_refused(lambda: localization_accuracy_score(BOXES, boxes), ["boxes_pred", "box"])


@pytest.mark.parametrize("threshold", ["a", None, [0.5], np.nan, 0, 2, 1j])
def test_odd_thresholds(threshold):
    refusal(lambda: localization_accuracy_score(BOXES, BOXES, iou_threshold=threshold))


@pytest.mark.parametrize("noise", ["a", None, 2, [0.1, 0.2], np.nan, 1j, [["a"]], [[1], [1, 2]]])
def test_odd_noise(noise):
    assert "noise" in refusal(lambda: make_label_noise(Y, noise))
    assert len(make_label_noise(Y, np.float16(0.1))) == N


ODD_MATRICES = ["a", 3, [["a", "b"]] * 2, [[1], [1, 2]], np.eye(2) * 2, -np.eye(2), np.eye(2) + 0j]


@pytest.mark.parametrize("matrix", [*ODD_MATRICES, np.eye(3), np.eye(2) * np.nan], ids=repr)
def test_odd_noise_matrices(usual, matrix):
    assert "noise_matrix" in refusal(lambda: label_quality(usual, X, Y, noise_matrix=matrix))


@pytest.mark.parametrize("n_jobs", [0, 1.5, "all"])
def test_odd_numbers_of_jobs(n_jobs):
    refusal(lambda: cross_val_mutual_info(GaussianNB(), X, Y, n_jobs=n_jobs))
    refusal(lambda: compare_mutual_info({"a": GaussianNB()}, X, Y, n_jobs=n_jobs))
    refusal(lambda: label_quality(GaussianNB(), X, Y, cv=2, n_jobs=n_jobs))


@pytest.mark.parametrize("estimators", [3, [3], {}, {"a": 3}, [("a",)], {"a": None}, "ab", None])
def test_odd_classifiers_to_compare(estimators):
    refusal(lambda: compare_mutual_info(estimators, X, Y))


@pytest.mark.parametrize("estimator", [None, 3, GaussianNB, "a"], ids=repr)
def test_odd_classifiers(estimator):
    for call in cross_val_mutual_info, label_quality, mutual_info_scorer:
        refusal(lambda call=call: call(estimator, X, Y))
