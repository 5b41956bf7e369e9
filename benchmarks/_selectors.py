"""Ways to put the columns of a table in order, each a function of (X, y, most).

X is a frame of float64 and category columns; the order begins with what is chosen first.
"""

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import RFE, SequentialFeatureSelector, mutual_info_classif
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mi.feature_selection import SelectByMutualInfo

BINS = 8


def as_numbers(X):
    """Categories as whole numbers, missing numbers as the median: what scikit-learn's take."""
    columns = {}
    for name in X:
        if X[name].dtype == "category":
            columns[name] = X[name].cat.codes.astype(float)
        else:
            columns[name] = X[name].fillna(X[name].median()).fillna(0.0)
    return pd.DataFrame(columns)


def joint(X, y, most, **params):
    """Ours; a path of `most` columns."""
    selector = SelectByMutualInfo(n_features_to_select=most, random_state=0, **params).fit(X, y)
    return np.argsort(selector.ranking_, kind="stable")[:most]


def mrmr(X, y, most):
    """Most relevance, least redundancy: the difference, of columns in bins of equal frequency."""
    bins = [_bins(column) for _, column in as_numbers(X).items()]
    relevance = np.array([mutual_info_score(y, own) for own in bins])
    order, redundancy = [], np.zeros(len(bins))
    while len(order) < most:
        worth = relevance - redundancy / max(len(order), 1)
        worth[order] = -np.inf
        order.append(int(np.argmax(worth)))
        redundancy += [mutual_info_score(bins[order[-1]], own) for own in bins]
    return np.array(order)


def _bins(column):
    if column.nunique() <= BINS:
        return column.to_numpy()
    return pd.qcut(column, BINS, labels=False, duplicates="drop").to_numpy()


def k_best(X, y, most):
    """`SelectKBest(mutual_info_classif)`."""
    discrete = (X.dtypes == "category").to_numpy()
    scores = mutual_info_classif(as_numbers(X), y, discrete_features=discrete, random_state=0)
    return np.argsort(-scores, kind="stable")[:most]


def rfe(X, y, most):
    """Recursive elimination, column by column, by the importances of a forest."""
    forest = RandomForestClassifier(50, min_samples_leaf=3, random_state=0)
    ranking = RFE(forest, n_features_to_select=1).fit(as_numbers(X), y).ranking_
    return np.argsort(ranking, kind="stable")[:most]


def sequential(X, y, most):
    """Forward selection by the log loss of a logistic regression in five folds."""
    linear = make_pipeline(StandardScaler(), LogisticRegression())
    most = min(most, X.shape[1] - 1)  # which is all that it does
    selector = _Ordered(linear, n_features_to_select=most, scoring="neg_log_loss")
    selector.order = []
    selector.fit(as_numbers(X).to_numpy(), y)
    rest = np.setdiff1d(np.arange(X.shape[1]), selector.order)
    return np.r_[selector.order, rest].astype(int)[: most + len(rest)]


class _Ordered(SequentialFeatureSelector):
    """It does not say in which order columns enter."""

    def _get_best_new_feature_score(self, *arguments, **params):
        best = super()._get_best_new_feature_score(*arguments, **params)
        self.order.append(best[0])
        return best


SELECTORS = {
    "ours": joint,
    "mrmr": mrmr,
    "k_best": k_best,
    "rfe": rfe,
    "sequential": sequential,
}
