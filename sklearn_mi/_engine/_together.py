"""Several classifiers on the same rows: in as few stacks as give each what it would have alone."""

import time
from collections import defaultdict

import joblib
from sklearn import config_context

from ._candidates import MOST_MEMBERS, rows_key, stack_key, train_together
from ._resources import repeatable, trainable


class Fit:
    """One classifier to be fitted, what has been made of its rows, and its error or time."""

    def __init__(self, clf):
        self.clf, self.error, self.seconds, self.prepared = clf, None, 0.0, None

    def attempt(self, function, *arguments):
        """Call a function and take the time; what it raises is kept."""
        start = time.perf_counter()
        try:
            return function(*arguments)
        except Exception as error:
            self.error = error
        finally:
            self.seconds += time.perf_counter() - start


def fit_together(classifiers, X, y, params):
    """Fit classifiers to the same rows, each as its own `fit` would.

    Networks that differ in what a stack can tell apart, see `stack_key`, are trained as one, and
    companions that are the same for several are fitted once.

    Parameters
    ----------
    classifiers : list of MutualInfoClassifier
        Not yet fitted; they will be.
    X, y, params
        As `fit` takes them; `params` is a dict.

    Returns
    -------
    errors : list of Exception or None
        Why each could not be fitted.
    seconds : list of float
        What each took, an equal share of what was done for several.
    """
    fits = [Fit(clf) for clf in classifiers]
    with config_context(skip_parameter_validation=True):  # of what they are made of, as in `fit`
        stacks, companions = defaultdict(list), defaultdict(dict)
        for fit in fits:
            fit.attempt(_prepare, fit, X, y, params)
            if fit.error is None:
                stacks[_key(fit)].append(fit)
        for together in stacks.values():
            _share_rows(together)
            for some in _in_chunks(together):
                _train(some)
                for fit in some:
                    fit.attempt(_finish, fit, companions)
    return [fit.error for fit in fits], [fit.seconds for fit in fits]


def _prepare(fit, X, y, params):
    fit.clf._validate_params()
    fit.prepared = fit.clf._prepare(X, y, **params)


def _key(fit):
    """Of the stack; one that trains alone has its own."""
    return stack_key(fit.prepared.training, fit.prepared.description) or id(fit)


def _share_rows(fits):
    """Let those of a stack have the same rows in memory once."""
    for fit in fits:
        fit.prepared.training.data = fits[0].prepared.training.data


def _in_chunks(fits):
    n_members = len(fits[0].prepared.training.data.train_rows)
    size = max(1, MOST_MEMBERS // n_members)
    return [fits[i : i + size] for i in range(0, len(fits), size)]


def _train(fits):
    """Train as one stack or, where one of it fails, each alone, for each to say what is wrong."""
    start, trainings = time.perf_counter(), [fit.prepared.training for fit in fits]
    try:
        with trainable(), repeatable(trainings[0].data.X.device):
            trained = train_together(trainings) if len(fits) > 1 else [None]
    except Exception:
        trained = [None] * len(fits)
    share = (time.perf_counter() - start) / len(fits)
    for fit, own in zip(fits, trained, strict=True):
        fit.trained, fit.seconds = own, fit.seconds + share


def _finish(fit, companions):
    prepared, fit.prepared = fit.prepared, None
    training = prepared.training
    with trainable(), repeatable(training.data.X.device):
        trained = fit.trained or training.run()
        key = prepared.companions.estimators, prepared.companions.seed, rows_key(training.data)
        fit.clf._finish(prepared, trained, companions[joblib.hash(key)])
