"""scikit-learn's own checks of the generator."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_mi.generation import MutualInfoGAN

EXPECTED_FAILED_CHECKS = {
    "check_sample_weight_equivalence_on_dense_data": (
        "batches are drawn row by row, so that repeated rows meet other draws"
    ),
}
QUICK = {"max_iter": 3, "n_codes": 3, "hidden_layer_sizes": 8, "batch_size": 16}


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@parametrize_with_checks(
    [MutualInfoGAN(**QUICK)],
    expected_failed_checks=lambda _: EXPECTED_FAILED_CHECKS,
    xfail_strict=True,
)
def test_sklearn_check_of_generation(estimator, check):
    check(estimator)
