"""What subsets of the columns say of all classes, by one stack and by clones."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection._subset_information import information_of_subsets
from sklearn_mi.model_selection._drawn_rows import draw_splits

TOGETHER = MutualInfoClassifier(
    hidden_layer_sizes=(8,), max_iter=3, estimators=None, n_threads=1, random_state=0
)


@pytest.mark.parametrize("estimator", [TOGETHER, GaussianNB()], ids=["stack", "clones"])
def test_they_are_posteriors_and_that_of_the_label_is_the_pointwise_information(estimator, iris):
    X, y = iris
    rows, subsets = draw_splits(X, y, 3, None), [(0,), (1, 2)]
    pointwise = information_of_subsets(estimator, rows, subsets, None, None, 0)
    told = information_of_subsets(estimator, rows, subsets, None, None, 0, of_all_classes=True)
    assert told.shape == (2, len(y), 3)
    np.testing.assert_allclose((np.exp(told) / 3).sum(axis=2), 1)
    np.testing.assert_array_equal(told[:, np.arange(len(y)), y], pointwise)
