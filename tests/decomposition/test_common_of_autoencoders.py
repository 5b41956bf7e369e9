"""scikit-learn's own checks of the autoencoder."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_mi.decomposition import MutualInfoAutoencoder

DRAWN_BY_ROW = "folds and batches are drawn row by row, so that repeated rows meet other draws"
EXPECTED_FAILED_CHECKS = {"check_sample_weight_equivalence_on_dense_data": DRAWN_BY_ROW}
QUICK = {"max_iter": 3, "hidden_layer_sizes": 8, "cv": 2, "n_bins": 4}


@parametrize_with_checks(
    [MutualInfoAutoencoder(**QUICK)],
    expected_failed_checks=lambda _: EXPECTED_FAILED_CHECKS,
    xfail_strict=True,
)
def test_sklearn_check_of_autoencoders(estimator, check):
    check(estimator)
