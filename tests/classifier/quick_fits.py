"""Small networks, and whether two fits are the same."""

import numpy as np
from numpy.testing import assert_array_equal

from sklearn_mi import MutualInfoClassifier


def fit(X, y, *, sample_weight=None, **params):
    return classifier(**params).fit(X, y, sample_weight=sample_weight)


def classifier(**params):
    """Networks alone, unless a test asks for their companions."""
    usual = {
        "estimators": None,
        "hidden_layer_sizes": (16,),
        "max_iter": 3,
        "cv": 3,
        "random_state": 0,
    }
    return MutualInfoClassifier(**usual | params)


def state(clf):
    """Every fitted attribute, the net by its weights and the companions by what they predict."""
    public = [name for name in dir(clf) if name.endswith("_") and not name.startswith("_")]
    state = {name: getattr(clf, name) for name in public if hasattr(clf, name)}
    module = state.pop("net_").module_
    state |= {name: value.cpu().numpy() for name, value in module.state_dict().items()}
    for name, fitted in state.pop("estimators_").items():
        X = np.random.RandomState(0).standard_normal((50, fitted.n_features_in_))
        state[f"estimators_ {name}"] = fitted.predict_proba(X)
    return state


def assert_same(first, second):
    first, second = state(first), state(second)
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert_array_equal(value, second[name], err_msg=name)
