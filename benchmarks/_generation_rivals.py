"""What generated rows are held against: a mixture, a VAE, SMOTE, and three classifiers."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mi._inputs._table_space import TableSpace
from sklearn_mi.decomposition import MutualInfoAutoencoder

COMPONENTS = 1, 2, 4, 8, 16, 32
CLASSIFIERS = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "neighbours": make_pipeline(StandardScaler(), KNeighborsClassifier()),
    "boosting": HistGradientBoostingClassifier(random_state=0),
}


def drawn_by_mixture(rows, n_rows, seed):
    """Rows of the mixture of the best BIC; of indicators of levels the largest counts."""
    rng = np.random.RandomState(seed)
    space = TableSpace().fit(rows)
    coordinates, levels = space.to_points(rows, rng)
    sizes, n_numbers = space.n_levels, coordinates.shape[1]
    indicators = [np.eye(size)[own] for own, size in zip(levels.T, sizes, strict=True)]
    points = np.concatenate([coordinates, *indicators], axis=1)
    some = [k for k in COMPONENTS if k == 1 or k * points.shape[1] < len(points)]
    fits = [GaussianMixture(k, reg_covar=1e-4, random_state=seed).fit(points) for k in some]
    drawn = min(fits, key=lambda fit: fit.bic(points)).sample(n_rows)[0]
    each = np.split(drawn[:, n_numbers:], np.cumsum(sizes)[:-1], axis=1) if sizes else []
    chosen = np.reshape([own.argmax(1) for own in each], (len(each), n_rows)).T.astype(int)
    return space.from_points(drawn[:, :n_numbers], chosen, rng)


def drawn_by_vae(rows, n_rows, seed):
    """Rows of a plain variational autoencoder."""
    vae = MutualInfoAutoencoder(8, objective="vae", n_threads=1, random_state=seed)
    return vae.fit(rows).sample(n_rows)[0]


def numbers_only(X):
    """The columns of numbers without missing cells, as an array."""
    numbers = X.select_dtypes("number")
    return numbers.loc[:, numbers.notna().all()].to_numpy()


class Smote:
    """SMOTE with as many neighbours as the smallest class allows."""

    def fit_resample(self, X, y):
        from imblearn.over_sampling import SMOTE

        least = np.unique(y, return_counts=True)[1].min()
        return SMOTE(k_neighbors=min(5, least - 1), random_state=0).fit_resample(X, y)
