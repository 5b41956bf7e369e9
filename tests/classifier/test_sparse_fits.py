"""Fits of wide sparse matrices: who learns from them, what of, and that nothing leaks."""

import pickle

import numpy as np
import pytest
from drawn_texts import N_WORDS, draw_one_hot, draw_texts
from scipy.sparse import csr_array
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import adversarial_robustness, label_quality
from sklearn_mi.losses import LOSSES
from sklearn_mi.metrics import variational_mutual_info_score
from sklearn_mi.model_selection import cross_val_mutual_info

X, Y = draw_texts()
LINEAR = ["logistic", "naive_bayes", "naive_bayes_rare"]


def fit(X=X, y=Y, *, cv=2, **parameters):
    return MutualInfoClassifier(cv=cv, random_state=0, **parameters).fit(X, y)


def test_of_texts_linear_classifiers_learn_and_networks_sit_out():
    clf = fit()
    assert list(clf.pool_weights_) == ["networks", *LINEAR]
    assert clf.n_iter_ == 0 and clf.loss_curve_ == clf.validation_curve_ == []
    assert clf.pool_weights_["networks"] == 0 and max(clf.pool_weights_.values()) > 0
    assert np.isfinite(clf.oof_log_proba_).all() and clf.mutual_info_score_ > 0.1


@pytest.mark.parametrize(
    "parameters",
    [{"max_iter": 2}, {"estimators": None, "max_iter": 2}, {"module": nn.LazyLinear(2)}],
    ids=str,
)
def test_who_asks_for_networks_gets_them(parameters, few_trees):
    clf = fit(**parameters)
    assert clf.n_iter_ > 0
    assert clf.predict_proba(X[:3]).shape == (3, 2)


def test_of_one_hot_encoded_tables_networks_and_trees_learn_too(few_trees):
    X, y = draw_one_hot()
    clf = fit(X, y)
    assert {"extra_trees", "boosting", *LINEAR} < set(clf.pool_weights_) and clf.n_iter_ > 0


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_every_loss(loss):
    clf = fit(loss=loss, **({} if loss in ("ce", "pc_softmax") else {"max_iter": 2}))
    np.testing.assert_allclose(clf.predict_proba(X[:5]).sum(axis=1), 1)
    assert np.isfinite(clf.mutual_info_score_)


@pytest.mark.parametrize("components", [False, True])
def test_what_scores_a_row_has_learnt_nothing_from_those_held_out_with_it(components):
    held = np.arange(40)
    splits = [(np.setdiff1d(np.arange(120), own), own) for own in (held, held + 40, held + 80)]
    other = X.tolil()
    other[1:40] = draw_texts(seed=5)[0][1:40].tolil()
    parameters = {"estimators": [("gauss", GaussianNB())]} if components else {}
    parameters |= {"warm_start": True, "max_iter": 1} if components else {"warm_start": True}
    one = fit(cv=splits, **parameters)
    two = fit(csr_array(other), np.r_[Y[:1], Y[39:0:-1], Y[40:]], cv=splits, **parameters)
    for name in ("components_", "center_", "scale_"):
        np.testing.assert_array_equal(*(getattr(clf._encoder, name)[0] for clf in (one, two)))
    for clf in (one, two):
        assert clf._members.entry_row[0] == 0
    scores = [clf._ensemble.companions.held_out for clf in (one, two)]
    np.testing.assert_array_equal(scores[0][:, 0], scores[1][:, 0])
    assert not np.array_equal(scores[0][:, 40:], scores[1][:, 40:])


def test_the_pool_tells_no_less_than_logistic_regression():
    X, y = draw_texts(n=600, n_classes=3)
    fresh, labels = draw_texts(n=2000, n_classes=3, seed=1)
    clf, linear = fit(X, y, cv=5), LogisticRegression().fit(X, y)
    answers = (each.predict_proba(fresh) for each in (clf, linear))
    ours, theirs = (variational_mutual_info_score(labels, proba) for proba in answers)
    assert ours > theirs
    assert clf.score(fresh, labels) > linear.score(fresh, labels) - 0.01
    assert clf.mutual_info_score_ == pytest.approx(ours, abs=3 * clf.mutual_info_stderr_)


def test_independent_labels_tell_nothing():
    y = np.random.default_rng(7).permutation(Y)
    assert fit(y=y, cv=5).mutual_info_score_ < 0.02


def test_rows_without_weight_leave_no_trace():
    weight = (np.arange(120) % 4 > 0).astype(float)
    changed = X.tolil()
    changed[weight == 0] = 9
    fits = [
        MutualInfoClassifier(cv=2, random_state=0).fit(rows, Y, sample_weight=weight)
        for rows in (X, csr_array(changed))
    ]
    np.testing.assert_array_equal(*(clf.predict_proba(X) for clf in fits))


def test_groups_are_held_out_together():
    groups = np.arange(120) // 10
    clf = MutualInfoClassifier(cv=3, random_state=0).fit(X, Y, groups=groups)
    for rows in clf._members.part_rows:
        assert not set(groups[rows]) & set(np.delete(groups, rows))


def test_warm_start_knows_its_rows_in_another_format_and_no_others():
    clf = fit(warm_start=True, estimators=None, max_iter=2)
    before = clf.mutual_info_score_
    clf.fit(X.astype(np.float32).tocoo(), Y)
    assert clf.mutual_info_score_ != before
    with pytest.raises(ValueError, match="X or y changed"):
        clf.fit(X[::-1], Y)


def test_a_stored_model_is_small_and_answers_to_the_bit():
    clf = fit()
    stored = pickle.dumps(clf)
    np.testing.assert_array_equal(pickle.loads(stored).predict_proba(X), clf.predict_proba(X))
    assert len(stored) < 40_000 + 2 * len(LINEAR) * N_WORDS * 4


def test_scikit_learn_around_it():
    words = np.array([f"w{j}" for j in range(N_WORDS)])
    texts = np.array([" ".join(words[row.indices]) for row in X], dtype=object)
    clf = MutualInfoClassifier(cv=2, random_state=0)
    tfidf = TfidfVectorizer(vocabulary=words)
    pipe = make_pipeline(tfidf, clf)
    search = GridSearchCV(pipe, {"tfidfvectorizer__sublinear_tf": [False, True]}, cv=2)
    assert search.fit(texts, Y).best_score_ > 0.6
    assert cross_val_mutual_info(pipe, texts, Y, cv=2).score > 0.05
    columns = make_column_transformer((tfidf, 0), (OneHotEncoder(), [1]))
    table = np.column_stack([texts, np.arange(120) % 3])
    assert make_pipeline(columns, clf).fit(table, Y).predict(table).shape == (120,)


def test_label_quality_takes_the_rows_of_the_fit():
    clf = fit(estimators=None, loss="dmi", max_iter=2)
    assert len(label_quality(clf, X, Y).quality) == 120


def test_what_needs_slopes_is_refused():
    with pytest.raises(ValueError, match=r"adversarial_training=0\.1.*X is sparse"):
        fit(adversarial_training=0.1)
    with pytest.raises(TypeError, match=r"fitted on a sparse matrix.*toarray"):
        adversarial_robustness(fit(), X[:20].toarray(), Y[:20], eps=0.1)
