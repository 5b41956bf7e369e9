"""Maps that know nothing of the bottleneck, fitted to the training rows of each fold."""

from importlib.util import find_spec

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NeighborhoodComponentsAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.model_selection import cross_val_mutual_info


class PLS(TransformerMixin, BaseEstimator):
    """Partial least squares of labels as one column for each class."""

    def __init__(self, n_components):
        self.n_components = n_components

    def fit(self, X, y):
        each = y[:, None] == np.unique(y)
        self.fitted_ = PLSRegression(self.n_components, scale=False).fit(X, each.astype(float))
        return self

    def transform(self, X):
        return self.fitted_.transform(X)


RIVALS = {
    "PCA": lambda d, seed: PCA(d, random_state=seed),
    "PLS": lambda d, seed: PLS(d),
    "LDA": lambda d, seed: LinearDiscriminantAnalysis(n_components=d),
    "NCA": lambda d, seed: NeighborhoodComponentsAnalysis(d, random_state=seed),
}


if find_spec("umap"):
    from umap import UMAP

    # Of labels, to which it pulls the rows of the fit.
    RIVALS["UMAP"] = lambda d, seed: UMAP(n_components=d, random_state=seed, n_jobs=1)


class Mapped(TransformerMixin, BaseEstimator):
    """A map of the rows of a fold, fitted once for the neighbours and the judge."""

    known = {}

    def __init__(self, name, n_components, seed):
        self.name, self.n_components, self.seed = name, n_components, seed

    def fit(self, X, y):
        key = self.name, self.n_components, self.seed, X.tobytes()
        if key not in self.known:
            model = RIVALS[self.name](self.n_components, self.seed)
            self.known[key] = make_pipeline(StandardScaler(), model).fit(X, y)
        self.fitted_ = self.known[key]
        return self

    def transform(self, X):
        return self.fitted_.transform(X)


def score_rival(name, n_components, X, y, folds, seed):
    """Accuracy of 15 nearest neighbours and nats with their error, fold by fold."""
    place = Mapped(name, n_components, seed)
    near = make_pipeline(place, KNeighborsClassifier(15))
    right = cross_val_score(near, X, y, cv=folds).mean()
    judge = make_pipeline(place, MutualInfoClassifier(n_threads=1, random_state=seed))
    found = cross_val_mutual_info(judge, X, y, cv=folds)
    return right, (found.score, found.standard_error)
