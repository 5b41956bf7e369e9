"""The classifiers that are compared, each with what its users would do to a table first.

A table comes as a frame of float64 columns, which may miss values, and category columns, which do
not. What may not be installed is imported where it is used: the peers may live in an environment
without this package.
"""

from importlib.util import find_spec

from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def ours(X, n_threads, loss="ce"):
    from sklearn_mi import MutualInfoClassifier

    return MutualInfoClassifier(loss, random_state=0)


def networks(X, n_threads, loss="ce"):
    """Ours without companions."""
    return ours(X, n_threads, loss).set_params(estimators=None)


def encoded(classifier):
    """The classifier behind imputed and scaled numbers and one-hot encoded categories."""
    numeric = make_column_selector(dtype_include="number")
    category = make_column_selector(dtype_exclude="number")
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False, min_frequency=2)
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    return make_pipeline(
        make_column_transformer((scaled, numeric), (one_hot, category)), classifier
    )


def logreg(X, n_threads):
    return encoded(LogisticRegression(max_iter=2000))


def rf(X, n_threads):
    return encoded(RandomForestClassifier(300, n_jobs=n_threads, random_state=0))


def hgb(X, n_threads):
    return HistGradientBoostingClassifier(early_stopping=True, random_state=0)


def mlp(X, n_threads):
    return encoded(MLPClassifier((128, 128), early_stopping=True, random_state=0))


def lgbm(X, n_threads):
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_jobs=n_threads, verbose=-1, random_state=0)


def catboost(X, n_threads):
    from catboost import CatBoostClassifier

    return CatBoostClassifier(
        cat_features=list(X.select_dtypes("category")),
        thread_count=n_threads,
        verbose=0,
        random_state=0,
        allow_writing_files=False,
    )


def realmlp_s(X, n_threads):
    return _pytabkit("RealMLP_TD_S_Classifier", n_threads)


def realmlp(X, n_threads):
    # Label smoothing helps accuracy and costs log loss.
    return _pytabkit("RealMLP_TD_Classifier", n_threads, use_ls=False)


def tabm(X, n_threads):
    return _pytabkit("TabM_D_Classifier", n_threads)


def _pytabkit(name, n_threads, **options):
    import pytabkit

    options |= {"n_threads": n_threads, "val_metric_name": "cross_entropy"}
    return MedianFilled(getattr(pytabkit, name)(device="cpu", random_state=0, **options))


class MedianFilled:
    """A classifier that refuses missing numbers, with the medians of the training rows for them."""

    def __init__(self, classifier):
        self.classifier = classifier

    def fit(self, X, y):
        self.medians = X.select_dtypes("number").median()
        self.classifier.fit(X.fillna(self.medians), y)
        return self

    def predict(self, X):
        return self.classifier.predict(X.fillna(self.medians))

    def predict_proba(self, X):
        return self.classifier.predict_proba(X.fillna(self.medians))


OURS = {"ours": ours, "networks": networks}
PEERS = {
    "logreg": logreg,
    "rf": rf,
    "hgb": hgb,
    "mlp": mlp,
    "lgbm": lgbm,
    "catboost": catboost,
    "realmlp_s": realmlp_s,
    "realmlp": realmlp,
    "tabm": tabm,
}
PACKAGES = {
    "ours": "sklearn_mi",
    "networks": "sklearn_mi",
    "lgbm": "lightgbm",
    "catboost": "catboost",
    "realmlp_s": "pytabkit",
    "realmlp": "pytabkit",
    "tabm": "pytabkit",
}


def is_ours(name):
    """Whether this is our classifier, with whatever loss: "ours" or "ours:pc_softmax"."""
    return name.partition(":")[0] in OURS


def make(name, X, n_threads):
    """The classifier of that name for a table like X, not yet fitted."""
    if is_ours(name):
        kind, *loss = name.split(":")
        return OURS[kind](X, n_threads, *loss)
    return PEERS[name](X, n_threads)


def available():
    """What can run here."""
    return [name for name in [*OURS, *PEERS] if _installed(name)]


def check_names(names):
    """Refuse names that mean nothing or need what is not installed, before hours are spent."""
    for name in names:
        if not is_ours(name) and name not in PEERS:
            known = ", ".join([*OURS, *PEERS])
            raise SystemExit(f"unknown model {name!r}; known are {known}, and ours:LOSS.")
        if not _installed(name):
            package = PACKAGES[name.partition(":")[0]]
            raise SystemExit(f"{name} needs the package {package}, which is not installed.")


def _installed(name):
    package = PACKAGES.get(name.partition(":")[0])
    return package is None or find_spec(package) is not None
