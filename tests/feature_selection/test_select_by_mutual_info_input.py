"""Tables that go into `SelectByMutualInfo` and come out of it, pipelines, and what is refused."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.feature_selection import SelectByMutualInfo
from sklearn_mi.model_selection import cross_val_mutual_info

BY_ROW = ["check_sample_weight_equivalence_on_dense_data"]


@pytest.fixture(scope="module")
def mixed():
    """Text that tells, a number that tells, a level that is sometimes missing, and noise."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    frame = {
        "town": np.array(["Graz", "Linz", "Wien"], object)[np.where(rng.random(300) < 0.8, y, 2)],
        "size": np.where(rng.random(300) < 0.1, np.nan, y + 0.8 * rng.standard_normal(300)),
        "level": pd.Categorical.from_codes(rng.integers(-1, 3, 300), ["a", "b", "c"]),
        "count": rng.integers(0, 100, 300),
    }
    return pd.DataFrame(frame), np.array(["no", "yes"])[y]


@pytest.fixture(scope="module")
def selector(mixed):
    boosting = HistGradientBoostingClassifier(max_iter=10, random_state=0)
    encoded = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), _is_text),
        remainder="passthrough",
    )
    chosen = SelectByMutualInfo(make_pipeline(encoded, boosting), n_features_to_select=2, cv=3)
    return chosen.fit(*mixed)


def _is_text(frame):
    return [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]


@parametrize_with_checks(
    [SelectByMutualInfo(GaussianNB(), cv=2, n_candidates=2)],
    expected_failed_checks=lambda _: dict.fromkeys(BY_ROW, "folds are drawn row by row"),
    xfail_strict=True,
)
@pytest.mark.filterwarnings("ignore:.*held-out rows.*stand in the training rows")
def test_sklearn_check(estimator, check):
    check(estimator)


def test_columns_of_frames_come_out_as_they_went_in(mixed, selector):
    X, _ = mixed
    out = selector.transform(X.iloc[5:9])
    pd.testing.assert_frame_equal(out, X[["town", "size"]].iloc[5:9])
    assert selector.get_feature_names_out().tolist() == ["town", "size"]
    as_set = clone(selector).set_output(transform="pandas").fit(*mixed)
    pd.testing.assert_frame_equal(as_set.transform(X), X[["town", "size"]])


def test_the_default_takes_text_and_missing_values(mixed):
    X, y = mixed
    selector = SelectByMutualInfo(n_features_to_select=1, cv=2, n_candidates=1, random_state=0)
    assert selector.fit(X[["count", "town"]], y).get_feature_names_out().tolist() == ["town"]


def test_rows_of_cells_are_read_as_at_the_fit(mixed):
    X, y = mixed
    rows = X[["count", "size"]].fillna(0.0).to_numpy().tolist()
    selector = SelectByMutualInfo(GaussianNB(), n_features_to_select=1, cv=2).fit(rows, y)
    np.testing.assert_array_equal(selector.transform(rows)[:, 0], X["size"].fillna(0.0))
    back = selector.inverse_transform(selector.transform(rows))
    assert back.shape == (300, 2) and not back[:, 0].any()


def test_polars_frames_stay_such(mixed):
    polars = pytest.importorskip("polars")
    X, y = mixed
    frame = polars.DataFrame({"count": X["count"].to_numpy(), "b": X["size"].fillna(0).to_numpy()})
    selector = SelectByMutualInfo(GaussianNB(), n_features_to_select=1, cv=2).fit(frame, y)
    assert selector.transform(frame).columns == selector.get_feature_names_out().tolist() == ["b"]


def test_it_stands_before_any_model_and_an_outer_cross_validation_judges_it(mixed):
    X, y = mixed
    numbers = X[["count", "size"]].fillna(0.0)
    chosen = SelectByMutualInfo(LogisticRegression(), n_features_to_select=1, cv=2)
    pipeline = make_pipeline(chosen, LogisticRegression())
    assert cross_val_score(pipeline, numbers, y, cv=2).mean() > 0.6
    assert cross_val_mutual_info(pipeline, numbers, y, cv=2).score > 0.1
    assert pipeline.fit(numbers, y)[:-1].get_feature_names_out().tolist() == ["size"]


def test_groups_are_routed_through_a_pipeline(mixed):
    X, y = mixed
    chosen = SelectByMutualInfo(GaussianNB(), n_features_to_select=1, cv=GroupKFold(2))
    with sklearn.config_context(enable_metadata_routing=True):
        chosen.set_fit_request(groups=True)
        pipeline = make_pipeline(chosen, GaussianNB())
        pipeline.fit(X[["count", "size"]].fillna(0.0), y, groups=np.arange(300) // 3)
    assert pipeline[0].get_support(indices=True).tolist() == [1]


def test_what_was_fitted_is_stored_small(selector):
    again = pickle.loads(pickle.dumps(selector))
    assert np.array_equal(again.support_, selector.support_)
    assert len(pickle.dumps(selector)) < 20_000


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_features_to_select": 5}, "n_features_to_select=5 is more than the 2 column"),
        ({"n_features_to_select": 1.5}, "'n_features_to_select' parameter"),
        ({"direction": "sideways"}, "'direction' parameter"),
        ({"tol": -1.0}, "'tol' parameter"),
        ({"n_candidates": 0}, "'n_candidates' parameter"),
        ({"estimator": Perceptron()}, "'estimator' parameter"),
    ],
)
def test_parameters_that_are_refused(mixed, params, message):
    with pytest.raises(ValueError, match=message):
        SelectByMutualInfo(GaussianNB()).set_params(**params).fit(mixed[0][["count", "size"]], None)


def test_tables_that_are_refused(mixed):
    X, y = mixed
    selector = SelectByMutualInfo(GaussianNB())
    with pytest.raises(ValueError, match="Input X contains NaN"):
        selector.fit(X[["size"]].to_numpy(), y)
    with pytest.raises(TypeError, match="Sparse data was passed"):
        selector.fit(csr_array(np.eye(300)), y)
    with pytest.raises(ValueError, match="at least one column"):
        selector.fit(X[[]], y)
    with pytest.raises(ValueError, match="one class"):
        selector.fit(X[["count"]], np.zeros(300))
    with pytest.raises(NotFittedError):
        clone(selector).transform(X)


def test_other_columns_than_those_of_the_fit_are_refused(mixed, selector):
    with pytest.raises(ValueError, match="feature names"):
        selector.transform(mixed[0].rename(columns={"town": "city"}))


def test_a_pipeline_takes_care_of_missing_values_in_arrays(mixed):
    X, y = mixed
    numbers = X[["count", "size"]].to_numpy()
    imputed = make_pipeline(SimpleImputer(), GaussianNB())
    selector = SelectByMutualInfo(imputed, n_features_to_select=1, cv=2).fit(numbers, y)
    np.testing.assert_array_equal(selector.transform(numbers), numbers[:, 1:])


def test_missing_values_pass_as_far_as_the_estimator_takes_them():
    assert SelectByMutualInfo().__sklearn_tags__().input_tags.allow_nan
    assert SelectByMutualInfo(MutualInfoClassifier()).__sklearn_tags__().input_tags.string
    assert not SelectByMutualInfo(GaussianNB()).__sklearn_tags__().input_tags.allow_nan
