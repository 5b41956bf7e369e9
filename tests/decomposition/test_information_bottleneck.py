"""InformationBottleneck: its map, its figures and what is told of them, on small tables."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from sklearn_mi.decomposition import InformationBottleneck

QUICK = {
    "beta": 0.03,
    "cv": 2,
    "max_iter": 25,
    "learning_rate_init": 0.03,
    "hidden_layer_sizes": 16,
    "random_state": 0,
}

pytestmark = pytest.mark.usefixtures("few_trees")


@pytest.fixture(scope="module")
def fitted(iris, few_trees):
    return InformationBottleneck(beta=[0.01, 0.1, 0.5], **without(QUICK, "beta")).fit(*iris)


def without(params, name):
    return {key: value for key, value in params.items() if key != name}


def test_all_rows_make_up_one_map(iris, fitted):
    """Neighbours of a row are mostly placed by another network than the row itself."""
    knn = KNeighborsClassifier(9).fit(fitted.embedding_[::2], iris[1][::2])
    assert knn.score(fitted.embedding_[1::2], iris[1][1::2]) > 0.85


def test_new_rows_come_into_the_same_map(iris, fitted):
    knn = KNeighborsClassifier(9).fit(fitted.embedding_, iris[1])
    assert knn.score(fitted.transform(iris[0]), iris[1]) > 0.85
    assert fitted.transform(iris[0]).dtype == np.float64


def test_figures_are_in_nats_and_within_their_limits(fitted):
    low, high = fitted.mutual_info_interval()
    assert 0.5 < low < fitted.mutual_info_score_ < high <= fitted.label_entropy_ + 1e-12
    np.testing.assert_allclose(fitted.label_entropy_, np.log(3))
    assert fitted.rate_ > 0.5
    assert not hasattr(fitted, "nuisance_mutual_info_")


def test_a_lower_price_buys_a_higher_rate(fitted):
    curve = fitted.information_curve_
    np.testing.assert_array_equal(curve.beta, [0.5, 0.1, 0.01])
    assert (np.diff(curve.rate) > 0).all()
    assert fitted.beta_ in curve.beta and set(curve) >= {"relevance", "relevance_stderr"}


def test_the_choice_is_the_least_rate_that_is_no_worse(fitted):
    curve = fitted.information_curve_
    chosen = np.flatnonzero(curve.beta == fitted.beta_)[0]
    best = curve.relevance.argmax()
    assert curve.rate[chosen] <= curve.rate[best]
    assert curve.relevance[chosen] >= curve.relevance[best] - 2 * curve.relevance_stderr[best]


def test_labels_that_say_nothing_place_nothing():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(200, 5)), rng.randint(2, size=200)
    bottleneck = InformationBottleneck(**QUICK | {"max_iter": 60, "hidden_layer_sizes": 64})
    Z = bottleneck.fit_transform(X, y)
    assert bottleneck.mutual_info_interval()[0] <= 0
    knn = KNeighborsClassifier(9).fit(Z[::2], y[::2])
    assert 0.3 < knn.score(Z[1::2], y[1::2]) < 0.7


def flipped(seed, n=400):
    """Columns that tell of y, each of which the nuisance may turn over."""
    rng = np.random.RandomState(seed)
    y, s = rng.randint(2, size=(2, n))
    X = (2 * y - 1)[:, None] + 0.5 * rng.normal(size=(n, 4))
    X[:, :2] *= (2 * s - 1)[:, None]
    return np.c_[X, rng.normal(size=n) + 1.5 * s], y, s


def test_a_nuisance_is_forgotten_and_the_label_is_not():
    X, y, s = flipped(0)
    of_all, of_label = np.c_[y, s] @ [2, 1], InformationBottleneck(**QUICK | {"max_iter": 40})
    keeps = clone(of_label).fit(X, of_all)  # what a map of both would have
    forgets = clone(of_label).fit(X, y, nuisance=s)
    assert keeps.mutual_info_score_ > 0.9
    assert forgets.mutual_info_score_ > 0.55
    assert forgets.nuisance_mutual_info_ < 0.03
    slack = 2 * forgets.nuisance_mutual_info_stderr_
    assert forgets.nuisance_mutual_info_ - slack <= forgets.nuisance_rate_ < 0.25
    low, high = forgets.nuisance_mutual_info_interval()
    assert low <= forgets.nuisance_mutual_info_ <= high <= np.log(2) + 1e-12


def test_the_weight_of_a_nuisance_is_no_larger_than_it_has_to_be():
    """A nuisance that no column knows is left alone, one that is the label has to go."""
    X, y, _ = flipped(1, 240)
    noise = np.random.RandomState(0).randint(2, size=len(y))
    patient = QUICK | {"max_iter": 80}
    assert InformationBottleneck(**patient).fit(X, y, nuisance=noise).nuisance_weight_ == 1
    strict = InformationBottleneck(**patient).fit(X, y, nuisance=y)
    assert strict.nuisance_weight_ == 100 and strict.mutual_info_score_ < 0.05


def test_several_nuisances_of_several_kinds(iris):
    X, y = iris
    nuisance = pd.DataFrame({"site": np.resize(list("abc"), 150), "age": X[:, 0] + 0.01})
    bottleneck = InformationBottleneck(**QUICK).fit(X, y, nuisance=nuisance)
    assert bottleneck.nuisance_rate_ >= 0 and np.isfinite(bottleneck.nuisance_mutual_info_)
    assert not hasattr(bottleneck.fit(X, y), "nuisance_rate_")  # of a fit before


@pytest.mark.parametrize("n_components", [1, 3])
def test_a_number_is_told_by_its_bins(n_components):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(500, 3))
    y = X[:, 0] + 0.3 * rng.normal(size=500)
    bottleneck = InformationBottleneck(n_components, n_bins=8, **QUICK | {"max_iter": 30}).fit(X, y)
    assert bottleneck.classes_ is None
    assert 0.5 < bottleneck.mutual_info_score_ < np.log(8)
    first = bottleneck.transform(X)[:, 0]
    assert np.corrcoef(first, X[:, 0])[0, 1] > 0.9


def test_of_a_number_beside_a_nuisance_the_first_component_tells_and_the_others_are_0():
    """y and S correlate by .71, and so does the column of y with S; y without S by .71 with y."""
    rng = np.random.RandomState(0)
    s, own, *noise = rng.normal(size=(4, 800))
    y, X = s + own, np.c_[s + own + 0.3 * noise[0], s + 0.3 * noise[1]]
    bottleneck = InformationBottleneck(2, n_bins=8, nuisance_weight=10, **QUICK)
    for place in (bottleneck.fit_transform(X, y, nuisance=s), bottleneck.transform(X)):
        assert (place[:, 1] == 0).all()
    assert abs(np.corrcoef(place[:, 0], s)[0, 1]) < 0.2
    assert np.corrcoef(place[:, 0], y)[0, 1] > 0.5


def test_rows_without_weight_leave_no_trace_and_have_a_place(iris):
    X, y = iris
    weight = np.r_[np.ones(140), np.zeros(10)]
    other = np.r_[X[:140], 1e3 * X[140:]]
    maps = [
        InformationBottleneck(**QUICK).fit(rows, y, sample_weight=weight) for rows in (X, other)
    ]
    np.testing.assert_array_equal(maps[0].embedding_[:140], maps[1].embedding_[:140])
    assert maps[0].mutual_info_score_ == maps[1].mutual_info_score_
    np.testing.assert_array_equal(maps[0].embedding_[140:], maps[0].transform(X[140:]))


def test_the_seed_fixes_everything(iris, fitted, torch_left_alone):
    with torch_left_alone():
        again = clone(fitted).fit(*iris)
    np.testing.assert_array_equal(again.embedding_, fitted.embedding_)
    np.testing.assert_array_equal(again.transform(iris[0]), fitted.transform(iris[0]))
    assert again.mutual_info_score_ == fitted.mutual_info_score_


def test_a_stored_map_answers_the_same_and_is_small(iris, fitted):
    stored = pickle.dumps(fitted)
    again = pickle.loads(stored)
    np.testing.assert_array_equal(again.transform(iris[0]), fitted.transform(iris[0]))
    assert again.mutual_info_interval() == fitted.mutual_info_interval()
    assert len(stored) < 200_000


def test_frames_with_text_and_missing_cells_and_names_of_the_components():
    rng = np.random.RandomState(0)
    frame = pd.DataFrame({"sex": rng.choice(["f", "m", None], 200), "age": rng.rand(200)})
    frame.loc[::7, "age"] = np.nan
    y = np.where(frame["sex"] == "f", "yes", "no")
    pipeline = make_pipeline(InformationBottleneck(**QUICK)).set_output(transform="pandas")
    Z = pipeline.fit_transform(frame, y)
    assert [*Z.columns] == ["informationbottleneck0", "informationbottleneck1"]
    assert Z.index.equals(frame.index)
    assert pipeline[-1].mutual_info_score_ > 0.4


def test_images_are_coded_too():
    digits = load_digits(n_class=3)
    X = digits.images[:120, None] / 16
    bottleneck = InformationBottleneck(**QUICK | {"max_iter": 10, "learning_rate_init": 0.003}).fit(
        X, digits.target[:120]
    )
    assert bottleneck.transform(X).shape == (120, 2)
    assert bottleneck.mutual_info_score_ > 0.3


@pytest.mark.parametrize(
    "params, match",
    [
        ({"cv": None}, "cv=None"),
        ({"cv": [(np.arange(100), np.arange(100, 150))]}, "50 of 150"),
        ({"beta": [-1.0]}, "beta"),
        ({"beta": []}, "beta"),
        ({"n_components": 0}, "n_components"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(iris, params, match):
    with pytest.raises(ValueError, match=match):
        InformationBottleneck(**QUICK | params).fit(*iris)


def test_a_nuisance_goes_where_metadata_routing_sends_it(iris):
    import sklearn

    X, y = iris
    with sklearn.config_context(enable_metadata_routing=True):
        bottleneck = InformationBottleneck(**QUICK).set_fit_request(nuisance=True)
        pipeline = make_pipeline(bottleneck).fit(X, y, nuisance=np.resize([0, 1], 150))
    assert hasattr(pipeline[-1], "nuisance_rate_")
