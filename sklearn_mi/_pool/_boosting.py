"""Gradient boosting with as many steps as the pool gains by, told by held-out rows."""

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils.validation import check_is_fitted, validate_data

from ._log_linear import LogLinearPool
from ._tree_arrays import TreeArrays

FEWEST_STEPS = 40  # half as many say too little to be worth a weight
GROWTH = 2  # from one number of steps to the next that is tried
WORTHWHILE = 0.002  # share of the label entropy that more steps have to bring, and a nat in all
MOST_ENTRIES = 10_000  # to choose by
MOST_BINS = 2**15  # of all columns
BINS_PER_COLUMN = 32, 255
BRIEF = {  # half of the steps that most tables want, each twice as large
    "max_iter": 40,
    "learning_rate": 0.2,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 10,
    "max_features": 0.5,
    "l2_regularization": 1.0,
    "max_bins": 128,
    "early_stopping": False,
}


def brief_boosting(seed):
    """One that does not grow, for one answer among many."""
    return HistGradientBoostingClassifier(**BRIEF, random_state=seed)


class GradualBoosting(ClassifierMixin, TreeArrays, BaseEstimator):
    """`HistGradientBoostingClassifier` that can be grown further, and is then kept as arrays.

    Parameters
    ----------
    max_iter : int, default=320
        The most steps.
    random_state : int, default=None

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
    n_steps_ : int
    booster_ : HistGradientBoostingClassifier
        While it grows; what is fitted without `n_steps` has arrays instead.
    baseline_ : ndarray of shape (1,) or (K,)
        Log odds, or logits, before the first tree.
    root_, feature_, threshold_, child_, value_
        The trees, see `TreeArrays`; step by step and class by class in each.
    """

    def __init__(self, max_iter=320, random_state=None):
        self.max_iter = max_iter
        self.random_state = random_state

    @property
    def growth_steps(self):
        """Numbers of steps to try, in turn."""
        ratio = max(1.0, self.max_iter / FEWEST_STEPS)
        exponents = np.arange(int(np.log(ratio) / np.log(GROWTH)) + 1)
        return sorted({*np.rint(FEWEST_STEPS * GROWTH**exponents).astype(int).tolist()})

    def fit(self, X, y, sample_weight=None, n_steps=None):
        """Grow `max_iter` steps, or on to `n_steps` from where a fit to the same rows has ended."""
        if n_steps is None or not hasattr(self, "booster_"):
            self.booster_ = HistGradientBoostingClassifier(
                max_bins=_n_bins(X),
                max_leaf_nodes=15,
                min_samples_leaf=5,
                max_features=0.5,
                l2_regularization=0.1,
                early_stopping=False,
                warm_start=True,
                random_state=self.random_state,
            )
        self.n_steps_ = self.max_iter if n_steps is None else n_steps
        self.booster_.set_params(max_iter=self.n_steps_).fit(X, y, sample_weight)
        self.classes_, self.n_features_in_ = self.booster_.classes_, X.shape[1]
        return self.keep(vars(self).pop("booster_")) if n_steps is None else self

    def keep(self, booster, n_steps=None):
        """Take over the trees, or the first steps, of a `HistGradientBoostingClassifier`."""
        self.classes_, self.n_features_in_ = booster.classes_, booster.n_features_in_
        self.baseline_ = booster._baseline_prediction.ravel().astype(float)
        trees = [tree.nodes for step in booster._predictors[:n_steps] for tree in step]
        self._pack([_nodes_of(nodes) for nodes in trees], self.n_features_in_)
        return self

    def predict_proba(self, X):
        """Posterior of each class, (n, K), of rows without missing cells."""
        check_is_fitted(self)
        if hasattr(self, "booster_"):
            return self.booster_.predict_proba(X)
        X = np.ascontiguousarray(validate_data(self, X, dtype=np.float32, reset=False))
        raw = self.baseline_ + self._sums(X, len(self.baseline_))
        return softmax(np.c_[np.zeros(len(X)), raw] if raw.shape[1] == 1 else raw, axis=1)

    def predict(self, X):
        """The most probable class."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def cut(grown, n_steps):
    """One that grew as it was after fewer steps; None after none, itself if it did not grow."""
    if n_steps == 0:
        return None
    if not hasattr(grown, "booster_"):
        return grown
    return clone(grown).keep(grown.booster_, n_steps)


def _n_bins(X):
    """What the column of most values needs, as far as that is affordable.

    A node fills as many for each column, of a category too, which needs two.
    """
    distinct = max(len(np.unique(column)) for column in X.T)
    return min(max(distinct, 2), int(np.clip(MOST_BINS // X.shape[1], *BINS_PER_COLUMN)))


def _nodes_of(nodes):
    """Left, right, feature, threshold and value of the nodes of one tree."""
    left = np.where(nodes["is_leaf"], -1, nodes["left"].astype(np.int64))
    threshold, value = nodes["num_threshold"], nodes["value"][:, None]
    return left, nodes["right"].astype(np.int64), nodes["feature_idx"], threshold, value


class StepChoice:
    """How many steps are worth it to a pool of experts, told by rows outside of each part.

    For each part of the held-out entries, and once for all of them, the number of steps is kept
    at which the pool explains the labels of the entries *outside* it best, so that its own rows
    have no say. More steps are not tried once they bring too little in all of these, which is
    `WORTHWHILE`: they double the time of a fit.

    Parameters
    ----------
    experts : ndarray of shape (E, N, K)
        Log posteriors of the others in the pool.
    y : ndarray of shape (N,)
    class_prior : ndarray of shape (K,)
    weight : ndarray of shape (N,) or None
    parts : list of (int ndarray, int ndarray)
        The entries of each part, and those that are of none of its rows.

    Attributes
    ----------
    log_proba_ : ndarray of shape (N, K)
        Of each entry at the steps chosen for its part; the class frequencies where that is none.
    n_steps_ : int
        The choice by all entries, 0 where growing brings nothing.
    part_steps_ : int ndarray of shape (P,)
        The choice for each part.
    """

    def __init__(self, experts, y, class_prior, weight, parts):
        self.experts, self.y, self.weight = experts, y, weight
        self.class_prior, self.parts = class_prior, parts
        everything = np.arange(len(y))
        self.sets_ = [_thinned(outside) for _, outside in parts] + [_thinned(everything)]
        entropy = -(class_prior @ np.log(class_prior))
        self.worth_ = [1 + WORTHWHILE * entropy * len(entries) for entries in self.sets_]
        self.best_ = np.array([self._value(None, entries) for entries in self.sets_])
        self.open_ = np.ones(len(self.sets_), bool)
        self.log_proba_ = np.tile(np.log(class_prior), (len(y), 1))
        self.n_steps_, self.part_steps_ = 0, np.zeros(len(parts), int)

    def consider(self, n_steps, log_proba):
        """Compare log posteriors (N, K) after so many steps; whether to go on."""
        for number in np.flatnonzero(self.open_):
            value = self._value(log_proba, self.sets_[number])
            self.open_[number] = value > self.best_[number] + self.worth_[number]
            if not self.open_[number]:
                continue
            self.best_[number] = value
            if number < len(self.parts):
                inside = self.parts[number][0]
                self.log_proba_[inside] = log_proba[inside]
                self.part_steps_[number] = n_steps
            else:
                self.n_steps_ = n_steps
        return self.open_.any()

    def _value(self, log_proba, entries):
        """Log likelihood of the labels of some entries, in all."""
        experts = self.experts[:, entries]
        if log_proba is not None:
            experts = np.concatenate([experts, log_proba[None, entries]])
        weight = None if self.weight is None else self.weight[entries]
        pool = LogLinearPool().fit(experts, self.y[entries], self.class_prior, weight)
        return pool.log_likelihood_


def _thinned(entries):
    return entries[:: -(-len(entries) // MOST_ENTRIES)]
