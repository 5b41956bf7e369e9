"""Several classifiers on the same rows: in as few stacks as give each what it would have alone."""

import math
import time
from collections import defaultdict

import joblib
from sklearn import config_context

from ._candidates import CandidateStack, halve, most_together, rows_key, stack_key
from ._resources import repeatable, trainable


class Fit:
    """One classifier to be fitted, what has been made of its rows, and its error or time."""

    def __init__(self, clf):
        self.clf, self.error, self.seconds = clf, None, 0.0
        self.prepared = self.trained = None

    def attempt(self, function, *arguments):
        """Call a function and take the time; what it raises is kept."""
        start = time.perf_counter()
        try:
            return function(*arguments)
        except Exception as error:
            self.error = error
        finally:
            self.seconds += time.perf_counter() - start


def fit_together(classifiers, X, y, params, factor=None):
    """Fit classifiers to the same rows, each as its own `fit` would.

    Networks that differ in what a stack can tell apart, see `stack_key`, are trained as one, and
    companions that are the same for several are fitted once.

    Parameters
    ----------
    classifiers : list of MutualInfoClassifier
        Not yet fitted; they will be.
    X, y, params
        As `fit` takes them; `params` is a dict.
    factor : int, default=None
        By successive halving train only one in so many further. The others are as they were then.

    Returns
    -------
    errors : list of Exception or None
        Why each could not be fitted.
    seconds : list of float
        What each took, an equal share of what was done for several.
    """
    fits = [Fit(clf) for clf in classifiers]
    with config_context(skip_parameter_validation=True):  # of what they are made of, as in `fit`
        stacks, companions, ready = defaultdict(list), defaultdict(dict), {}
        for fit in fits:
            fit.attempt(_prepare, fit, ready, X, y, params)
            if fit.error is None:
                stacks[_key(fit)].append(fit)
        chunks = [some for together in stacks.values() for some in _in_chunks(together)]
        for some in [chunks] if factor else ([chunk] for chunk in chunks):
            _train(some, factor)
            for fit in (fit for chunk in some for fit in chunk):
                fit.attempt(_finish, fit, companions)
    return [fit.error for fit in fits], [fit.seconds for fit in fits]


def _prepare(fit, ready, X, y, params):
    """Make of the rows what a classifier needs, or take what another needs as well."""
    fit.clf._validate_params()
    key = fit.clf._preparation_key()
    if key in ready:
        like = ready[key]
        fit.prepared = fit.clf._prepare_as(like.clf, like.prepared)
        return
    fit.prepared = fit.clf._prepare(X, y, **params)
    if key is not None:
        ready[key] = fit


def _key(fit):
    """Of the stack; one that trains alone has its own."""
    return stack_key(fit.prepared.training, fit.prepared.description) or id(fit)


def _in_chunks(fits):
    """Those of a stack in stacks of bounded size, which have the same rows in memory once."""
    data = fits[0].prepared.training.data
    for fit in fits:
        fit.prepared.training.data = data
    size = most_together(fits[0].prepared.training)
    return [fits[i : i + size] for i in range(0, len(fits), size)]


def _train(chunks, factor):
    """Train each chunk as a stack; one alone, or a chunk in which one fails, is left for later."""
    start, fits = time.perf_counter(), [fit for chunk in chunks for fit in chunk]
    chunks = [chunk for chunk in chunks if len(chunk) > 1]
    if not chunks:
        return
    try:
        with trainable(), repeatable(fits[0].prepared.training.data.X.device):
            stacks = [CandidateStack([fit.prepared.training for fit in own]) for own in chunks]
            halve(stacks, factor or math.inf)
            for chunk, stack in zip(chunks, stacks, strict=True):
                for fit, candidate in zip(chunk, stack.candidates, strict=True):
                    fit.trained = candidate.trained()
    except Exception:  # each alone is to say what is wrong with it
        for fit in fits:
            fit.trained = None
    share = (time.perf_counter() - start) / len(fits)
    for fit in fits:
        fit.seconds += share


def _finish(fit, companions):
    prepared, fit.prepared = fit.prepared, None
    training = prepared.training
    with trainable(), repeatable(training.data.X.device):
        trained, fit.trained = fit.trained or training.run(), None
        key = prepared.companions.estimators, prepared.companions.seed, rows_key(training.data)
        fit.clf._finish(prepared, trained, companions[joblib.hash(key)])
