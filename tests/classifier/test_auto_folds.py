"""How many folds "auto" is: more of few rows, whose networks miss those that they hold out."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import KFold

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._members import usual_folds

QUICK = {"estimators": None, "max_iter": 2, "random_state": 0, "n_threads": 1}


def choice(n_rows, groups=None, image_shape=None, **params):
    clf = MutualInfoClassifier(**params)
    clf.image_shape_ = image_shape
    return clf._choose_cv(np.arange(n_rows) % 2, groups)


@pytest.mark.parametrize(("n_rows", "folds"), [(50, 12), (833, 12), (1000, 10), (2000, 5)])
def test_fewer_rows_have_more_folds(n_rows, folds):
    assert choice(n_rows) == folds
    assert choice(10 * n_rows) <= folds and choice(10**6) == 5


@pytest.mark.parametrize(("rarest", "folds"), [(2, 5), (5, 5), (7, 7), (40, 12)])
def test_there_are_no_more_folds_than_the_rarest_class_has_rows(rarest, folds):
    assert usual_folds(np.repeat([0, 2], [100, rarest])) == folds


def test_images_have_five():
    assert choice(100, image_shape=(1, 8, 8)) == 5


def test_there_are_no_more_folds_than_groups():
    assert choice(100, groups=np.arange(100) % 7) == 7
    assert choice(100, groups=np.zeros(100)) == 2  # which the check of folds refuses by name


@pytest.mark.parametrize("cv", [None, 3, KFold(4)])
def test_what_the_user_says_is_heeded(cv):
    assert choice(100, cv=cv) is cv


def test_rows_without_weight_do_not_count():
    X, y = make_classification(1100, 4, random_state=0)
    weight = (np.arange(1100) < 1000).astype(float)
    clf = MutualInfoClassifier(**QUICK).fit(X, y, sample_weight=weight)
    assert clf._members.n_members == 10


def test_auto_is_the_number_that_it_stands_for():
    X, y = make_classification(120, 4, random_state=0)
    auto = MutualInfoClassifier(**QUICK).fit(X, y)
    twelve = MutualInfoClassifier(cv=12, **QUICK).fit(X, y)
    np.testing.assert_array_equal(auto.oof_log_proba_, twelve.oof_log_proba_)


def test_no_other_word_is_taken():
    with pytest.raises(ValueError, match="'cv' parameter of MutualInfoClassifier must be"):
        MutualInfoClassifier(cv="twelve", **QUICK).fit(np.eye(6), [0, 1] * 3)
