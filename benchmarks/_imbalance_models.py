"""Classifiers for unequal classes, all asked for probabilities under the frequencies of the data.

One fit may be read twice: as the most probable class under the frequencies of the data, or under
equal frequencies. Every reading has a name of its own in READINGS.
"""

from importlib.util import find_spec

import numpy as np
from sklearn.base import BaseEstimator

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi.losses import Loss

NEIGHBOURS = 5  # of SMOTE, fewer where the smallest class has no more


class FocalLoss(Loss):
    """Cross-entropy with less weight on rows that are right already (Lin et al., ICCV 2017)."""

    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, scores, target, weight=None):
        log_q = self.log_proba(scores).gather(-1, target.unsqueeze(-1)).squeeze(-1)
        weight = 1.0 if weight is None else weight / weight.mean(-1, keepdim=True)
        return -(weight * (1 - log_q.exp()) ** self.gamma * log_q).mean(-1)

    def log_proba(self, scores):
        return scores.log_softmax(-1)


class Resampled(BaseEstimator):
    """Our classifier behind a sampler that makes the classes equal, corrected by Bayes' rule.

    `make_sampler` is called with a table without missing numbers, its labels and a seed.
    """

    def __init__(self, make_sampler, classifier):
        self.make_sampler = make_sampler
        self.classifier = classifier

    def fit(self, X, y):
        self.medians_ = X.select_dtypes("number").median()
        self.flagged_ = [name for name in self.medians_.index if X[name].isna().any()]
        self.prior_ = np.bincount(y) / len(y)
        table = self._filled(X)
        sampler = self.make_sampler(table, y, self.classifier.random_state)
        self.classifier.fit(*sampler.fit_resample(table, y))
        return self

    def predict_proba(self, X):
        proba = self.classifier.predict_proba(self._filled(X))
        return corrected(proba, self.classifier.class_prior_, self.prior_)

    def _filled(self, X):
        """Medians for missing numbers, with a category that says so."""
        flags = {f"{name}_missing": X[name].isna().astype("category") for name in self.flagged_}
        return X.fillna(self.medians_).assign(**flags)


class BalancedForest(BaseEstimator):
    """imbalanced-learn's forest on the encoded table, each tree of equally many rows a class."""

    def __init__(self, random_state):
        self.random_state = random_state

    def fit(self, X, y):
        from imblearn.ensemble import BalancedRandomForestClassifier

        forest = BalancedRandomForestClassifier(random_state=self.random_state)
        self.encoder_ = TableEncoder().fit(X)
        self.forest_ = forest.fit(self.encoder_.transform(X), y)
        self.prior_ = np.bincount(y) / len(y)
        return self

    def predict_proba(self, X):
        uniform = np.full_like(self.prior_, 1 / len(self.prior_))
        proba = self.forest_.predict_proba(self.encoder_.transform(X))
        return corrected(proba, uniform, self.prior_)


def corrected(proba, believed, prior):
    """Probabilities under `prior` of a classifier that was led to believe in other frequencies."""
    proba = proba * (prior / believed)
    return proba / proba.sum(axis=1, keepdims=True)


def oversampler(X, y, seed):
    """SMOTE, or its variant for tables with some or only categories."""
    from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC

    categories = list(X.select_dtypes("category"))
    options = {"k_neighbors": min(NEIGHBOURS, np.bincount(y).min() - 1), "random_state": seed}
    if len(categories) == X.shape[1]:
        return SMOTEN(**options)
    return SMOTENC(categories, **options) if categories else SMOTE(**options)


def undersampler(X, y, seed):
    from imblearn.under_sampling import RandomUnderSampler

    return RandomUnderSampler(random_state=seed)


def ours(loss="ce", **options):
    """A function that makes our classifier from a seed and further options."""
    return lambda seed, **more: MutualInfoClassifier(loss, random_state=seed, **options, **more)


def resampled(make_sampler):
    """Likewise, behind a sampler."""
    return lambda seed, **more: Resampled(make_sampler, ours()(seed, **more))


def forest(seed, **more):
    """imbalanced-learn's, which has none of our options."""
    return BalancedForest(seed)


BALANCED = {"class_weight": "balanced"}
ALONE = {"estimators": None}
MAKERS = {
    "ce": ours(),
    "balanced": ours(**BALANCED),
    "focal": ours(FocalLoss()),
    "smote": resampled(oversampler),
    "undersampled": resampled(undersampler),
    "forest": forest,
    "pc_softmax": ours("pc_softmax"),
    "nets_ce": ours(**ALONE),
    "nets_balanced": ours(**BALANCED, **ALONE),
    "nets_pc_softmax": ours("pc_softmax", **ALONE),
}
# What decides under equal frequencies; the others under those of the data.
READINGS = {name: {name: True} for name in MAKERS} | {
    "ce": {"ce": False, "ce_uniform": True},
    "focal": {"focal": False, "focal_uniform": True},
    "nets_ce": {"nets_ce": False, "nets_ce_uniform": True},
}
NEED_IMBLEARN = {"smote", "undersampled", "forest"}


def check_names(names):
    """Refuse fits that are unknown or need what is not installed."""
    if unknown := set(names) - set(MAKERS):
        raise SystemExit(f"unknown models {sorted(unknown)}; known are {', '.join(MAKERS)}.")
    if (needing := NEED_IMBLEARN.intersection(names)) and find_spec("imblearn") is None:
        raise SystemExit(f"{', '.join(sorted(needing))} need the package imbalanced-learn.")


def decide(proba, prior, uniform):
    """The most probable class of each row, the first of those that a forest finds equal."""
    if uniform:
        proba = corrected(proba, prior, np.full_like(prior, 1 / len(prior)))
    return np.round(proba, 9).argmax(axis=1)
