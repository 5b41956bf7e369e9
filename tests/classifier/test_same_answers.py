"""A row has the same answer, to the bit, alone and among others, and on however many threads."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from quick_fits import fit
from torch import nn

from sklearn_mi.datasets import make_gaussian_classes

KINDS = {
    "networks": {},
    "companions": {"estimators": "auto", "max_iter": 15},
    "own network": {"module": nn.Sequential(nn.Linear(7, 50), nn.ReLU(), nn.Linear(50, 3))},
}


@pytest.fixture(scope="module", params=KINDS)
def answers(request):
    """A classifier, 5,000 rows and their log posteriors."""
    X, y = make_gaussian_classes(5000, 7, centers=(0, 1, -1), random_state=0)
    X[:, 1] = X[:, 1] ** 2 * np.sign(X[:, 1]) + X[:, 0]
    clf = fit(X[:500], y[:500], **KINDS[request.param])
    assert clf.pool_weights_["networks"] > 0
    assert request.param != "companions" or clf.estimators_
    return clf, X, clf.predict_log_proba(X)


PLACES = {
    "alone": [4321],
    "three": [17, 4321, 2],
    "the same the other way round": [2, 4321, 17],
    "a few hundred": range(4100, 4400),
    "every third, backwards": range(4999, -1, -3),
}


def place_matters(layer):
    """Whether this processor rounds a row of a product by where it stands in the batch."""
    weight = layer.weight.detach().mT.expand(3, -1, -1)
    X = torch.rand(3, 1024, layer.in_features)
    moved = torch.bmm(X.roll(1, dims=1), weight).roll(-1, dims=1)
    return bool((torch.bmm(X, weight) != moved).any())


@pytest.mark.parametrize("rows", PLACES.values(), ids=PLACES)
def test_the_rows_beside_it_change_nothing(answers, rows):
    clf, X, together = answers
    layers = [m for m in KINDS["own network"]["module"].modules() if isinstance(m, nn.Linear)]
    rounding = 0.0
    if not isinstance(clf.module, str) and any(map(place_matters, layers)):
        rounding = 1e-6  # of products of odd sizes, as on some of AMD's
    answer = clf.predict_log_proba(X[list(rows)])
    assert_allclose(answer, together[list(rows)], rtol=rounding, atol=rounding)


def test_threads_change_nothing(answers):
    clf, X, together = answers
    for n_threads in (1, 2):
        clf.set_params(n_threads=n_threads)
        assert_array_equal(clf.predict_log_proba(X), together)
        assert_array_equal(clf.predict_log_proba(X[:1]), together[:1])
