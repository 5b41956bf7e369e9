"""Batches that several processes share, where there is one process, and what each would take."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from benchmark_modules import load
from sklearn.datasets import make_classification

from sklearn_mi import MutualInfoClassifier

data_parallel = load("data_parallel")


def test_shares_are_all_of_a_batch():
    X, y = torch.randn(2, 7, 3), torch.arange(14).view(2, 7)
    shares = [list(data_parallel.Share([(X, (y,))], slice(p, None, 2))) for p in range(2)]
    taken = torch.cat([target[0] for ((_, target),) in shares], dim=1)
    assert [len(rows[0]) for ((rows, _),) in shares] == [4, 3]
    assert torch.equal(taken.sort(dim=1).values, y)


@pytest.mark.parametrize("times", [1, 3])
def test_gradients_of_equal_processes_are_those_of_one(times):
    """As if so many processes had the same share, whose sums are then so many times as large."""
    accelerator = SimpleNamespace(
        process_index=0, num_processes=1, reduce=lambda sums: times * sums
    )
    X, y = make_classification(100, random_state=0)
    small = {"max_iter": 2, "cv": 2, "hidden_layer_sizes": 8, "estimators": None}
    alone = MutualInfoClassifier(**small, random_state=0).fit(X, y)
    callbacks = [data_parallel.Shared(accelerator)]
    shared = MutualInfoClassifier(**small, random_state=0, callbacks=callbacks).fit(X, y)
    assert shared.mutual_info_score_ == pytest.approx(alone.mutual_info_score_, abs=1e-6)
    np.testing.assert_allclose(shared.predict_proba(X), alone.predict_proba(X), atol=1e-6)
