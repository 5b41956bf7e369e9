"""Classifiers of other kinds that learn and score the same rows as the networks."""

import numpy as np
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import has_fit_parameter
from threadpoolctl import ThreadpoolController

NETWORKS = "networks"  # what the pool calls its first expert
SMOOTHING = 0.005  # share of the class frequencies in every answer; forests say zero lightly


class Companions:
    """Classifiers fitted once per member, on the rows that the member's network trains on.

    Parameters
    ----------
    estimators : list of (str, classifier)
    class_prior : ndarray of shape (K,)
        Class frequencies.
    weighted : bool, default=False
        Whether rows will have weights.

    Attributes
    ----------
    fitted : dict
        For each name the M fitted classifiers.
    """

    def __init__(self, estimators, class_prior, weighted=False):
        self.estimators = check_estimators(estimators, weighted)
        self.class_prior = class_prior
        self.fitted = {}

    @property
    def names(self):
        return [name for name, _ in self.estimators]

    def fit(self, encode, y, weight, members, n_threads, seed):
        """Fit to the training rows of each member.

        Parameters
        ----------
        encode : callable
            Takes the number of a member and rows to an array of these as the member sees them.
        y : int array of shape (n,)
        weight : array of shape (n,) or None
        members : Members
        n_threads, seed : int
        """
        self.n_threads = n_threads
        fitted = self._run(
            (_fit, _seeded_clone(estimator, seed), X, y[rows], _part(weight, rows))
            for member, rows in enumerate(members.train_rows)
            for X in [encode(member, rows)]
            for _, estimator in self.estimators
        )
        n_names = len(self.names)
        self.fitted = {name: fitted[k::n_names] for k, name in enumerate(self.names)}
        return self

    def held_out_log_proba(self, encode, members):
        """Log posterior of the held-out entries, each by those that did not see it; (E, N, K)."""
        scores = self._run(
            (self._log_proba, fitted[member], X)
            for member, rows in zip(members.part_member, members.part_rows, strict=True)
            for X in [encode(member, rows)]
            for fitted in self.fitted.values()
        )
        shape = (len(self.fitted), len(members.entry_row), len(self.class_prior))
        each = [np.concatenate(scores[k :: len(self.fitted)]) for k in range(len(self.fitted))]
        return np.reshape(each, shape)

    def log_proba(self, encode, n_rows, n_members):
        """Log posterior of every row by every fitted classifier, (E, M, n, K)."""
        scores = self._run(
            (self._log_proba, fitted[member], X)
            for member in range(n_members)
            for X in [encode(member, slice(None))]
            for fitted in self.fitted.values()
        )
        shape = (n_members, len(self.fitted), n_rows, len(self.class_prior))
        return np.reshape(scores, shape).swapaxes(0, 1)

    def _log_proba(self, classifier, X):
        proba = np.zeros((len(X), len(self.class_prior)))
        proba[:, classifier.classes_] = classifier.predict_proba(_as_rows(X, classifier))
        return np.log((1 - SMOOTHING) * proba + SMOOTHING * self.class_prior)

    def _run(self, calls):
        """Results of (function, *arguments), each call on one thread."""
        if not self.estimators:
            return []
        limits = ThreadpoolController()
        return Parallel(n_jobs=self.n_threads, require="sharedmem")(
            delayed(_on_one_thread)(limits, *call) for call in calls
        )


def _seeded_clone(estimator, seed):
    """A copy whose random states are drawn from `seed` where it leaves them open."""
    estimator, rng = clone(estimator), np.random.RandomState(seed)
    params = sorted(estimator.get_params().items(), key=lambda pair: pair[0])
    left = [name for name, value in params if name.endswith("random_state") and value is None]
    return estimator.set_params(**{name: rng.randint(np.iinfo(np.int32).max) for name in left})


def _as_rows(X, estimator):
    """Images as rows of pixels; of sparse rows what the estimator takes; others as they are."""
    choose = getattr(X, "for_estimator", None)
    return X.reshape(len(X), -1) if choose is None else choose(estimator)


def _on_one_thread(limits, function, *arguments):
    with limits.limit(limits=1, user_api="openmp"):
        return function(*arguments)


def check_estimators(estimators, weighted):
    """Check a list of (name, classifier), each to be fitted with weights if `weighted`."""
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in estimators):
        raise ValueError(
            f"estimators={estimators!r} must be a list of (name, classifier), such as "
            '[("forest", RandomForestClassifier())].'
        )
    names = [name for name, _ in estimators]
    if len({NETWORKS, *names}) <= len(names):
        raise ValueError(
            f"estimators has the names {names}: they must differ from each other and from "
            f"{NETWORKS!r}, which the networks have."
        )
    for name, estimator in estimators:
        if isinstance(estimator, type):
            raise ValueError(
                f"{name!r} of estimators is the class {estimator.__name__}, expected an instance: "
                f"pass {estimator.__name__}()."
            )
        if not (hasattr(estimator, "fit") and hasattr(estimator, "predict_proba")):
            raise ValueError(
                f"{name!r} of estimators, {estimator!r}, has no fit or no predict_proba. Pass a "
                "classifier that has, or wrap it in sklearn.calibration.CalibratedClassifierCV."
            )
        if weighted and not has_fit_parameter(estimator, "sample_weight"):
            raise ValueError(
                f"sample_weight was passed, but {name!r} of estimators, {estimator!r}, takes none "
                "in fit. Leave out the weights or this classifier."
            )
    return estimators


def _part(weight, rows):
    """Weights of some rows, one on average; None where they are equal.

    Without their last digits, which depend on the unit of the weights, and trees on them.
    """
    if weight is None or (weight[rows] == weight[rows[0]]).all():
        return None
    return (weight[rows] / weight[rows].mean()).astype(np.float32).astype(float)


def _fit(estimator, X, y, weight):
    """Fit one classifier; what has seen a single class can only repeat it."""
    if (y == y[0]).all():
        estimator = DummyClassifier(strategy="prior")
    options = {} if weight is None else {"sample_weight": weight}
    return estimator.fit(_as_rows(X, estimator), y, **options)
