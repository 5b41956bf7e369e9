"""What the parts of the benchmark of bottlenecks share: the model, the judge and the words."""

import time

import numpy as np

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.decomposition import InformationBottleneck


def bottleneck(n_components=2, **params):
    return InformationBottleneck(n_components, n_threads=1, **params)


def judged(X, labels, seed=0):
    """Information and its standard error, by a classifier that knows nothing but these rows."""
    clf = MutualInfoClassifier(n_threads=1, random_state=seed).fit(X, labels)
    return clf.mutual_info_score_, clf.mutual_info_stderr_


def in_bins(values, n_bins):
    """The quantile bin of each number."""
    return np.searchsorted(np.quantile(values, np.arange(1, n_bins) / n_bins), values, "right")


def of_y(model):
    return model.mutual_info_score_, model.mutual_info_stderr_


def of_nuisance(model):
    return model.nuisance_mutual_info_, model.nuisance_mutual_info_stderr_


def told(estimate):
    return "{:.3f} +- {:.3f}".format(*estimate)


def timed(function, *args, **kwargs):
    start = time.perf_counter()
    return function(*args, **kwargs), time.perf_counter() - start


def say(*words):
    print(*words, flush=True)
