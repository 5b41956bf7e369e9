"""Classifiers of other kinds that learn and score the same rows as the networks."""

import sys
from functools import lru_cache

import numpy as np
from joblib import parallel_config
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import has_fit_parameter
from threadpoolctl import ThreadpoolController

from ._boosting import StepChoice, cut
from ._learned_rows import ALL

FEW_ROWS = 256
NETWORKS = "networks"  # what the pool calls its first expert
SMOOTHING = 0.005  # share of the class frequencies in every answer; forests say zero lightly


class Companions:
    """Classifiers that learn and score the rows of each member, and then learn all rows.

    As in stacking: those that learnt the training rows of a member score the rows that it holds
    out, for the pool to be fitted on; one that learnt all rows that any member trains on answers
    new ones. What can be grown, such as `GradualBoosting`, is grown as far as the pool gains by it.

    Parameters
    ----------
    estimators : list of (str, classifier)
    class_prior : ndarray of shape (K,)
        Class frequencies.
    weighted : bool, default=False
        Whether rows will have weights.
    n_threads, seed : int

    Attributes
    ----------
    fitted : dict
        The classifiers that learnt all rows, by name; those that the pool has a use for.
    held_out : ndarray of shape (E, N, K) or None
        Log posterior of the held-out entries, each by those that did not see it; for a warm start.
    learnt : dict or None
        By name what learnt the rows of each member, if it is to be kept: then set to a dict.
    """

    learnt = None

    def __init__(self, estimators, class_prior, weighted=False, n_threads=1, seed=0):
        self.estimators = check_estimators(estimators, weighted)
        self.class_prior = class_prior
        self.n_threads, self.seed = n_threads, seed
        self.fitted, self.held_out = {}, None

    @property
    def names(self):
        return [name for name, _ in self.estimators]

    def fit(self, rows, networks, done=None):
        """Fit to the rows of each member, and score those that it holds out.

        Parameters
        ----------
        rows : LearnedRows
        networks : ndarray of shape (N, K)
            Log posterior of the held-out entries by the networks.
        done : dict, default=None
            What was fitted before to the same rows with the same estimators and seed, as by other
            candidates of a search, and need not be again. It is added to.
        """
        done = {} if done is None else done
        self.fitted = {}
        seeded, grown = self._seed()
        held_out = {**_once(done, "at once", self._score_at_once, rows)}
        for name in grown:
            others = np.stack([networks, *held_out.values()])
            held_out[name], n_steps = self._grow(name, rows, others, done)
            ends = {"max_iter": n_steps}
            seeded[name] = seeded[name].set_params(**ends) if n_steps else DummyClassifier()
        self.held_out = np.reshape([held_out[n] for n in seeded], (len(seeded), *networks.shape))
        return self

    def begin(self, rows, done):
        """Do of `fit` what needs no networks."""
        _, grown = self._seed()
        _once(done, "at once", self._score_at_once, rows)
        for name in grown:
            self._grow_on(name, self.seeded[name].growth_steps[0], rows, done)

    def _seed(self):
        """Seeded copies of the estimators, and the names of those that grow."""
        seeded = self.seeded = {n: _seeded_clone(each, self.seed) for n, each in self.estimators}
        return seeded, [name for name, each in seeded.items() if hasattr(each, "growth_steps")]

    def fit_all(self, rows, used, done=None):
        """Fit to all rows, unless this was done, those that the pool has a use for."""
        names = [name for name, use in zip(self.names, used, strict=True) if use]
        keys = {n: ("all rows", n, getattr(self.seeded[n], "max_iter", None)) for n in names}
        done = {} if done is None else done
        done |= {keys[n]: self.fitted[n] for n in names if n in self.fitted}
        new = [n for n in names if keys[n] not in done]
        answers = self._run((_fit, _final(self.seeded[n]), *rows.of_all()) for n in new)
        done |= {keys[n]: answer for n, answer in zip(new, answers, strict=True)}
        self.fitted = {n: done[keys[n]] for n in names}

    def log_proba(self, encode):
        """Log posterior (n, K) of every row by each classifier; None where it has no use."""
        if not self.fitted:
            return [None] * len(self.names)
        X = encode(ALL, slice(None))
        if len(X) > FEW_ROWS:
            answers = self._run((self._log_proba, each, X) for each in self.fitted.values())
        else:  # to set up threads would take longer
            answers = [self._log_proba(each, X) for each in self.fitted.values()]
        answers = dict(zip(self.fitted, answers, strict=True))
        return [answers.get(name) for name in self.names]

    def _score_at_once(self, rows):
        """Log posterior (N, K) of the held-out entries by each kind that does not grow."""
        members, seeded = range(rows.members.n_members), self.seeded
        names = [name for name, each in seeded.items() if not hasattr(each, "growth_steps")]
        calls = [(name, member) for name in names for member in members]
        answers = self._run((self._learn, clone(seeded[n]), rows, m) for n, m in calls)
        held_out = {name: rows.empty(len(self.class_prior)) for name in names}
        for (name, member), (fitted, scores) in zip(calls, answers, strict=True):
            held_out[name][rows.entries(member)] = scores
            if self.learnt is not None:
                self.learnt.setdefault(name, []).append(fitted)
        return held_out

    def _grow(self, name, rows, others, done):
        """The same by one that grows, and the steps that it is worth growing to."""
        choice = StepChoice(others, *rows.of_entries(self.class_prior))
        for n_steps in self.seeded[name].growth_steps:
            held_out = self._grow_on(name, n_steps, rows, done)
            if not choice.consider(n_steps, held_out):
                break
        if self.learnt is not None:
            each = zip(done[name], choice.part_steps_, strict=True)
            self.learnt[name] = [cut(*own) for own in each]
        return choice.log_proba_, choice.n_steps_

    def _grow_on(self, name, n_steps, rows, done):
        """Log posterior (N, K) of the held-out entries after so many steps, grown from the last."""
        members = range(rows.members.n_members)
        grown = _once(done, name, lambda: [clone(self.seeded[name]) for _ in members])
        return _once(done, (name, n_steps), self._grow_to, n_steps, grown, rows)

    def _grow_to(self, n_steps, grown, rows):
        """Log posterior (N, K) of the held-out entries by what is grown on to so many steps."""
        options = {"n_steps": n_steps}
        answers = self._run((self._learn, each, rows, m, options) for m, each in enumerate(grown))
        held_out = rows.empty(len(self.class_prior))
        for member, (_, scores) in enumerate(answers):
            held_out[rows.entries(member)] = scores
        return held_out

    def _learn(self, estimator, rows, member, options=None):
        """Fit to the training rows of a member; gives what is fitted and its held-out scores."""
        fitted = _fit(estimator, *rows.of_member(member), options)
        return fitted, self._log_proba(fitted, rows.held_out(member))

    def said_by_member(self, name, member, X):
        """Log posterior (n, K) of rows by what learnt the training rows of a member."""
        fitted = self.learnt[name][member]
        if fitted is None:
            return np.tile(np.log(self.class_prior), (len(X), 1))
        return self._log_proba(fitted, X)

    def _log_proba(self, classifier, X):
        proba = np.zeros((len(X), len(self.class_prior)))
        proba[:, classifier.classes_] = classifier.predict_proba(_as_rows(X, classifier))
        return np.log((1 - SMOOTHING) * proba + SMOOTHING * self.class_prior)

    def _run(self, calls):
        """Results of (function, *arguments), each call on one thread."""
        if not self.estimators:
            return []
        limits = _thread_pools(len(sys.modules))
        if self.n_threads == 1:
            with parallel_config("threading", n_jobs=1):  # else a cluster is sent single trees
                return [_on_one_thread(limits, *call) for call in calls]
        return Parallel(n_jobs=self.n_threads, require="sharedmem")(
            delayed(_on_one_thread)(limits, *call) for call in calls
        )


def _once(done, key, make, *arguments):
    """What `make` gives, or gave when it was done."""
    if key not in done:
        done[key] = make(*arguments)
    return done[key]


def _final(estimator):
    return estimator.final() if hasattr(estimator, "final") else estimator


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


@lru_cache(maxsize=1)
def _thread_pools(n_modules):
    """Those of this process, looked for again where more modules are loaded."""
    return ThreadpoolController()


def _on_one_thread(limits, function, *arguments):
    # Linear algebra may raise this flag on finite rows, for lanes that hold none.
    with limits.limit(limits=1, user_api="openmp"), np.errstate(invalid="ignore"):
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


def _fit(estimator, X, y, weight, options=None):
    """Fit one classifier; what has seen a single class can only repeat it."""
    options = options or {}
    if (y == y[0]).all():
        estimator, options = DummyClassifier(strategy="prior"), {}
    weights = {} if weight is None else {"sample_weight": weight}
    return estimator.fit(_as_rows(X, estimator), y, **weights, **options)
