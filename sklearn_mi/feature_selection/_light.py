"""A classifier that puts subsets of the columns in order and takes little time."""

from importlib import import_module

from sklearn.ensemble import HistGradientBoostingClassifier

NETWORKS = {"hidden_layer_sizes": (64,), "max_iter": 15, "n_threads": 1}
BOOSTING = {
    "max_iter": 15,
    "learning_rate": 0.4,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 10,
    "max_features": 0.5,
    "l2_regularization": 1.0,
    "max_bins": 128,
    "early_stopping": False,
}


def make_light():
    """A classifier that ranks subsets as the default one does, in a third of the time."""
    classifier = import_module(__name__.split(".")[0]).MutualInfoClassifier  # loads torch
    boosting = HistGradientBoostingClassifier(**BOOSTING)
    return classifier(estimators=[("boosting", boosting)], **NETWORKS)
