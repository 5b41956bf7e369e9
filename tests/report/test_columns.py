"""The information of single columns: what tells nothing, what tells all, what changes nothing."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import KFold

from sklearn_mi.datasets import make_gaussian_classes, make_xor
from sklearn_mi.metrics._estimate import class_frequencies, label_entropy
from sklearn_mi.report._columns import column_information, number_of_bins

N_ROWS = 300


@pytest.fixture(scope="module")
def y():
    return np.random.RandomState(0).choice(["a", "b", "c"], N_ROWS, p=[0.5, 0.3, 0.2])


@pytest.fixture(scope="module")
def codes(y):
    return np.unique(y, return_inverse=True)[1]


def entropy(codes):
    return label_entropy(class_frequencies(codes, codes.max() + 1))


def estimate(column, y, **options):
    return column_information(pd.DataFrame({"x": column}), y, **options).loc["x", "mutual_info"]


def test_irrelevant_columns_tell_about_nothing(y):
    noise = np.random.RandomState(1).standard_normal((N_ROWS, 200))
    found = column_information(noise, y)["mutual_info"]
    assert abs(found.mean()) < 0.003
    assert found.min() > -0.06


def test_irrelevant_columns_tell_nothing_about_many_classes():
    rng = np.random.RandomState(0)
    labels = rng.permutation(np.repeat(np.arange(20), 15))
    found = column_information(rng.standard_normal((300, 100)), labels)["mutual_info"]
    assert abs(found.mean()) < 0.003
    assert found.min() > -0.06


@pytest.mark.parametrize("kind", ["text", "number", "date", "duration", "category"])
def test_a_copy_of_the_label_tells_all(y, codes, kind):
    days = pd.to_timedelta(codes * 10, unit="D")
    columns = {
        "text": y,
        "number": codes * 1e6,
        "date": pd.Timestamp("2020-01-01") + days,
        "duration": days,
        "category": pd.Categorical(y),
    }
    assert 0.95 * entropy(codes) < estimate(columns[kind], y) <= entropy(codes)


@pytest.mark.parametrize(
    "column",
    [
        [f"row {i}" for i in range(N_ROWS)],
        np.random.RandomState(0).permutation(N_ROWS),
        [f"pair {i // 2}" for i in range(N_ROWS)],
        np.ones(N_ROWS),
        [None] * N_ROWS,
    ],
    ids=["names", "numbers", "pairs", "constant", "missing"],
)
def test_identifiers_and_constants_tell_nothing(y, column):
    assert abs(estimate(column, y)) < 0.05


def test_missing_values_are_a_bin_of_their_own(y, codes):
    whether = np.where(y == "a", np.nan, 1.0)
    a_or_not = entropy((codes == 0).astype(int))
    assert estimate(whether, y) == pytest.approx(a_or_not, abs=0.03)


def test_rows_of_both_gaussians_are_told_apart_up_to_the_truth():
    data = make_gaussian_classes(2000, 1, centers=(0, 2), return_X_y=False, random_state=0)
    row = column_information(data.X, data.y).iloc[0]
    assert row["mutual_info"] == pytest.approx(data.mutual_info, abs=3 * row["standard_error"])


def test_what_columns_tell_only_together_is_not_seen():
    X, y = make_xor(1000, random_state=0)
    assert column_information(X, y)["mutual_info"].abs().max() < 0.02


def test_the_order_of_columns_does_not_matter():
    X, y = load_iris(return_X_y=True, as_frame=True)
    order = [2, 0, 3, 1]
    forth, back = column_information(X, y), column_information(X.iloc[:, order], y)
    pd.testing.assert_frame_equal(forth.iloc[order], back)


def test_only_the_order_of_numbers_matters():
    X, y = load_iris(return_X_y=True, as_frame=True)
    pd.testing.assert_frame_equal(column_information(X, y), column_information(np.exp(X), y))


def test_names_of_labels_do_not_matter(y, codes):
    X = codes[:, None] + np.random.RandomState(0).standard_normal((N_ROWS, 2))
    pd.testing.assert_frame_equal(column_information(X, y), column_information(X, codes))


def test_rows_carry_the_names_of_the_columns(y):
    X = np.zeros((N_ROWS, 2))
    assert column_information(X, y).index.tolist() == ["x0", "x1"]
    frame = column_information(pd.DataFrame(X, columns=["age", 7]), y)
    assert frame.index.tolist() == ["age", 7]
    assert frame.columns.tolist() == ["mutual_info", "standard_error", "low", "high"]


def test_standard_error_is_that_of_independent_tables():
    samples = [make_gaussian_classes(300, 1, centers=(0, 2), random_state=s) for s in range(30)]
    rows = pd.concat([column_information(X, y) for X, y in samples])
    assert rows["mutual_info"].std() == pytest.approx(rows["standard_error"].mean(), rel=0.35)


def test_any_splitter_will_do(y, codes):
    assert estimate(codes, y, cv=KFold(3)) > 0.9 * entropy(codes)


def test_bins_grow_with_the_rows_within_limits():
    assert [number_of_bins(n, 2) for n in (10, 2000, 16_000, 10**9)] == [3, 20, 40, 64]
    assert number_of_bins(20, 20) == 2


def test_a_single_column_as_vector_is_refused_with_the_remedy(y, codes):
    with pytest.raises(ValueError, match=r"1 dimension.*reshape"):
        column_information(codes, y)
