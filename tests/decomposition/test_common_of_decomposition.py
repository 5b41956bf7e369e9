"""scikit-learn's own checks of the transformers."""

from functools import partial

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.decomposition import InformationBottleneck, _audit

CROSS_FITTED = (
    "fit_transform places each row by networks that have not seen its label, and transform by all, "
    "as with TargetEncoder"
)
DRAWN_BY_ROW = "folds and batches are drawn row by row, so that repeated rows meet other draws"
EXPECTED_FAILED_CHECKS = {
    "check_transformer_general": CROSS_FITTED,
    "check_transformer_data_not_an_array": CROSS_FITTED,
    "check_sample_weight_equivalence_on_dense_data": DRAWN_BY_ROW,
}
QUICK = {"max_iter": 4, "learning_rate_init": 0.1, "hidden_layer_sizes": 8, "beta": 0.03, "cv": 2}


@pytest.fixture
def brief_audits(monkeypatch):
    """Audits by small networks alone, since what they find is not checked here."""
    small = {"estimators": None, "hidden_layer_sizes": 4, "max_iter": 2}
    monkeypatch.setattr(_audit, "MutualInfoClassifier", partial(MutualInfoClassifier, **small))


@pytest.mark.usefixtures("brief_audits")
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@parametrize_with_checks(
    [InformationBottleneck(**QUICK)],
    expected_failed_checks=lambda _: EXPECTED_FAILED_CHECKS,
    xfail_strict=True,
)
def test_sklearn_check_of_decomposition(estimator, check):
    check(estimator)
