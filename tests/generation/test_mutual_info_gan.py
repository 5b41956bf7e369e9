"""The generator: what it draws, for whom, and what is kept of it."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from sklearn_mi.generation import MutualInfoGAN

QUICK = {"max_iter": 60, "n_codes": 8, "hidden_layer_sizes": 16, "batch_size": 64}


def gan(**params):
    return MutualInfoGAN(**{**QUICK, "random_state": 0, **params})


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    y = rng.choice(["frequent", "rare"], 300, p=[0.9, 0.1])
    x = np.where(y == "rare", 4.0, 0.0) + rng.standard_normal(300)
    frame = pd.DataFrame(
        {
            "x": np.where(rng.random(300) < 0.2, np.nan, x),
            "count": rng.poisson(20, 300),
            "kind": pd.Categorical(np.where(x > 2, "high", "low")),
            "word": rng.choice(["one", "two"], 300),
        }
    )
    return frame, pd.Series(y, name="label")


@pytest.fixture(scope="module")
def fitted(frame):
    return gan().fit(*frame)


def ring(n, seed):
    rng = np.random.default_rng(seed)
    angle = rng.integers(8, size=n) * np.pi / 4
    return 2 * np.c_[np.cos(angle), np.sin(angle)] + 0.05 * rng.standard_normal((n, 2))


def test_all_modes_of_a_ring_are_drawn():
    drawn = (
        MutualInfoGAN(max_iter=150, n_codes=16, random_state=0).fit(ring(2000, 0)).sample(1000)[0]
    )
    angle = np.arctan2(drawn[:, 1], drawn[:, 0]) / (np.pi / 4)
    near = np.hypot(*(drawn - 2 * np.c_[np.cos(a := angle.round() * np.pi / 4), np.sin(a)]).T) < 0.2
    assert near.mean() > 0.8
    assert np.bincount(angle[near].round().astype(int) % 8, minlength=8).min() > 60


def test_drawn_rows_are_of_the_types_of_the_fit(frame, fitted):
    X, labels = fitted.sample(200)
    assert (X.dtypes == frame[0].dtypes).all()
    assert X.columns.equals(frame[0].columns)
    assert set(labels) <= {"frequent", "rare"}
    assert X["x"].isna().any()
    assert set(X["kind"]) <= {"high", "low"}
    assert not X.drop(columns="x").isna().any(axis=None)


def test_rows_of_a_class_are_like_its_rows(fitted):
    rare, labels = fitted.sample(300, y="rare")
    assert set(labels) == {"rare"}
    assert rare["x"].mean() - fitted.sample(300, y="frequent")[0]["x"].mean() > 2.5
    assert (rare["kind"] == "high").mean() > 0.7


def test_a_label_for_each_row(fitted):
    wanted = ["rare", "frequent", "rare"]
    assert fitted.sample(3, y=wanted)[1].tolist() == wanted


def test_classes_come_by_their_frequencies(fitted, frame):
    share = (fitted.sample(4000)[1] == "rare").mean()
    assert share == pytest.approx((frame[1] == "rare").mean(), abs=0.02)


def test_without_labels_the_codes_are_told():
    model = gan().fit(ring(300, 0))
    codes = model.sample(500)[1]
    assert model.classes_ is None
    assert set(codes) <= set(range(model.n_codes_))


def test_the_bound_is_below_the_entropy_and_codes_are_recognised():
    model = gan(max_iter=200).fit(ring(1000, 0))
    assert 0.5 * model.code_entropy_ < model.mutual_info_score_ <= model.code_entropy_
    X, codes = model.sample(500)
    assert (model.transform(X).argmax(1) == codes).mean() > 0.6


def test_codes_are_probabilities(frame, fitted):
    Z = fitted.transform(frame[0])
    assert Z.shape == (300, fitted.n_codes_)
    np.testing.assert_allclose(Z.sum(1), 1)
    names = fitted.get_feature_names_out()
    assert list(names[:2]) == ["mutualinfogan0", "mutualinfogan1"]
    framed = pickle.loads(pickle.dumps(fitted)).set_output(transform="pandas").transform(frame[0])
    assert list(framed.columns) == list(names)


def test_without_the_term_there_is_one_code_for_each_class(frame):
    model = gan(information_weight=0).fit(*frame)
    assert model.n_codes_ == 2
    assert gan(information_weight=0).fit(frame[0]).n_codes_ == 1


def test_the_same_seed_gives_the_same_rows(frame, fitted):
    again = gan().fit(*frame)
    pd.testing.assert_frame_equal(again.sample(20)[0], fitted.sample(20)[0])
    other = gan(random_state=1).fit(*frame)
    assert not other.sample(20)[0].equals(fitted.sample(20)[0])


def test_rows_without_weight_leave_no_trace(frame):
    X, y = frame
    weight = np.r_[np.ones(200), np.zeros(100)]
    odd = X.copy()
    odd.loc[200:, ["count", "word"]] = [9999, "never"]
    first = gan().fit(odd, y, sample_weight=weight).sample(50)[0]
    second = gan().fit(X[:200], y[:200]).sample(50)[0]
    pd.testing.assert_frame_equal(first, second)


def test_weights_shift_what_is_drawn():
    X = np.r_[ring(200, 0) - 20, ring(200, 1) + 20]
    model = gan().fit(X, sample_weight=np.repeat([3.0, 1.0], 200))
    assert (model.sample(2000)[0][:, 0] < 0).mean() == pytest.approx(0.75, abs=0.03)


def test_pickles_are_small_and_draw_the_same(fitted):
    stored = pickle.dumps(fitted)
    assert len(stored) < 60_000
    pd.testing.assert_frame_equal(pickle.loads(stored).sample(20)[0], fitted.sample(20)[0])


def test_skops_stores_it_unaided(fitted):
    skops = pytest.importorskip("skops.io")
    stored = skops.dumps(fitted)
    assert skops.get_untrusted_types(data=stored) == [
        "sklearn_mi.generation._mutual_info_gan.MutualInfoGAN"
    ]
    opened = skops.loads(stored, trusted=skops.get_untrusted_types(data=stored))
    pd.testing.assert_frame_equal(opened.sample(20)[0], fitted.sample(20)[0])


@pytest.mark.parametrize("of_pixels", [False, True])
def test_images_come_back_as_images(of_pixels):
    X, y = load_digits(return_X_y=True)
    images = X.reshape(-1, 1, 8, 8).astype(np.uint8)
    known = KNeighborsClassifier(1).fit(X[900:], y[900:])
    given = images[:900].reshape(900, 64) if of_pixels else images[:900]
    model = gan(n_codes=30, image_shape=(1, 8, 8) if of_pixels else None).fit(given, y[:900])
    drawn, labels = model.sample(200)
    assert drawn.shape == (200, *given.shape[1:])
    assert drawn.dtype == np.uint8
    assert known.score(drawn.reshape(200, -1), labels) > 0.8


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.sample(0), "n_samples=0"),
        (lambda m: m.sample(3, y="never"), "'never'"),
        (lambda m: m.sample(3, y=["rare", "rare"]), r"expected \(3,\)"),
        (lambda m: gan().fit(ring(50, 0)).sample(3, y=1), "fit had no classes"),
        (lambda m: gan(n_codes=0).fit(ring(50, 0)), "n_codes"),
        (lambda m: gan().fit(ring(50, 0)[:, 0]), "1-dimensional|1D|2D"),
    ],
)
def test_errors_name_the_value(call, message, fitted):
    with pytest.raises(ValueError, match=message):
        call(fitted)


def test_a_fit_that_fails_leaves_nothing_of_the_last(frame):
    model = gan(max_iter=1).fit(*frame)
    with pytest.raises(ValueError, match="sample_weight"):
        model.fit(*frame, sample_weight=-1)
    with pytest.raises(ValueError, match="not fitted"):
        model.sample()


def test_one_column_constant_and_one_missing():
    X = pd.DataFrame({"a": np.arange(40.0), "b": 1.0, "c": np.nan, "d": ["x"] * 40})
    drawn = gan(max_iter=5).fit(X).sample(10)[0]
    assert (drawn["b"] == 1).all()
    assert drawn["c"].isna().all()
    assert set(drawn["d"]) == {"x"}
    assert drawn.dtypes.equals(X.dtypes)


def answers(step):
    """What a pipeline of imbalanced-learn asks of its steps."""
    return [hasattr(step, name) for name in ("transform", "fit_transform", "fit_resample")]


def test_with_a_strategy_it_is_a_sampler_and_no_transformer(frame):
    assert answers(gan()) == [True, True, True]
    sampler = clone(gan(sampling_strategy="auto"))
    assert answers(sampler) == [False, False, True]
    with pytest.raises(AttributeError) as refused:
        sampler.transform(frame[0])
    assert "sampling_strategy=None" in str(refused.value.__cause__)


@pytest.mark.parametrize("strategy", [None, "auto", {"rare": 100}])
def test_new_rows_follow_the_old(frame, strategy):
    X, y = frame
    more, labels = gan(sampling_strategy=strategy).fit_resample(X, y)
    pd.testing.assert_frame_equal(more[:300], X)
    pd.testing.assert_series_equal(labels[:300], y)
    assert set(labels[300:]) == {"rare"}
    expected = 100 if isinstance(strategy, dict) else (y == "frequent").sum()
    assert (labels == "rare").sum() == expected
    assert len(more) == len(labels)


def test_a_wide_table_has_one_covariance():
    X = np.random.default_rng(0).standard_normal((60, 150))
    model = gan(max_iter=3).fit(X)
    assert model.sample(4)[0].shape == (4, 150)
    assert len(pickle.dumps(model)) < 500_000


def test_losses_are_shown_and_kept(capsys):
    model = gan(max_iter=100, verbose=1).fit(ring(50, 0))
    assert capsys.readouterr().out.startswith("step 100: discriminator ")
    assert len(model.loss_curve_) == 50
    assert model.n_iter_ == 100


def test_arrays_are_resampled_to_arrays():
    X, y = ring(100, 0), np.repeat([0, 1], [80, 20])
    more, labels = gan().fit_resample(X, y)
    assert more.shape == (160, 2)
    assert np.bincount(labels).tolist() == [80, 80]
    assert labels.dtype == y.dtype
