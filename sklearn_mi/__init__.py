"""Neural classifiers that estimate the mutual information between inputs and labels."""

from importlib import import_module

from ._version import __version__

__all__ = ["TRUSTED_TYPES", "MutualInfoClassifier", "__version__"]

# What skops and MLflow are to trust when they open a fitted classifier.
TRUSTED_TYPES = ["sklearn_mi._classifier.MutualInfoClassifier"]

PACKAGES = (
    "datasets",
    "decomposition",
    "exceptions",
    "export",
    "feature_selection",
    "generation",
    "inspection",
    "losses",
    "metrics",
    "model_selection",
    "modules",
    "report",
)


def __getattr__(name):
    """Load what is asked for: a metric, a version or a help text wants no torch."""
    if name == "MutualInfoClassifier":
        return import_module("._classifier", __name__).MutualInfoClassifier
    if name in PACKAGES:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return [*globals(), "MutualInfoClassifier", *PACKAGES]
