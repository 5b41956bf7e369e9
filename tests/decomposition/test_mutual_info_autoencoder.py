"""Autoencoders: figures against known truths, and rows that come back as they were."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score
from sklearn.mixture import GaussianMixture
from sklearn.utils import shuffle

from sklearn_mi.decomposition import MutualInfoAutoencoder

SMALL = {"cv": 2, "hidden_layer_sizes": 16, "n_threads": 1, "random_state": 0}
X, LABELS = shuffle(*load_iris(return_X_y=True), random_state=0)
Y = np.array(["setosa", "versicolor", "virginica"])[LABELS]
TABLE = pd.DataFrame(X, columns=["a", "b", "c", "d"]).assign(
    kind=np.where(X[:, 2] > 2.5, "long", None), n=np.round(X[:, 0]).astype(int)
)
TABLE.loc[::10, "b"] = np.nan


@pytest.fixture(scope="module")
def fitted():
    return MutualInfoAutoencoder(2, max_iter=150, **SMALL).fit(TABLE, Y)


def entropy(shares):
    return -(shares * np.log(shares)).sum()


def test_rate_and_distortion_are_at_least_the_entropy_of_rows():
    """Two equal columns of four levels: H(X) = log 4, of which the code may hold all or nothing."""
    rng = np.random.RandomState(0)
    level = rng.permutation(np.repeat(list("abcd"), 50))
    table = pd.DataFrame({"x": level, "again": level})
    found = MutualInfoAutoencoder(2, objective="vae", max_iter=80, **SMALL).fit(table)
    assert np.log(4) < found.rate_ + found.distortion_ < 2 * np.log(4) - 0.3
    noise = pd.DataFrame({"x": level, "other": rng.permutation(level)})
    found = MutualInfoAutoencoder(2, objective="vae", max_iter=60, **SMALL).fit(noise)
    assert found.rate_ + found.distortion_ > 2 * np.log(4) - 0.02


def test_many_rare_levels_are_as_uncertain_as_they_are():
    """300 levels of five rows each, of which 100 have places of their own."""
    rng = np.random.RandomState(0)
    level = rng.permutation(np.repeat([f"l{k}" for k in range(300)], 5))
    table = pd.DataFrame({"x": pd.Categorical(level)})
    found = MutualInfoAutoencoder(1, max_iter=20, **SMALL).fit(table)
    assert found.rate_ + found.distortion_ > np.log(300) - 0.02
    each = pd.DataFrame({"x": table["x"].cat.categories.astype("category")})
    assert 0.9 < np.exp(found.score_samples(each)).sum() < 1.02


def test_a_column_of_numbers_has_a_density():
    rng = np.random.RandomState(0)
    values = np.concatenate([rng.normal(-2, 0.3, 300), rng.normal(1, 1, 300)])[:, None]
    found = MutualInfoAutoencoder(1, max_iter=40, **SMALL).fit(values)
    grid = np.linspace(-15, 15, 6001)[:, None]
    density = np.exp(found.score_samples(grid))
    assert 0.93 < density.sum() * (grid[1] - grid[0]) < 1.01
    exact = GaussianMixture(2, random_state=0).fit(values).score(values)
    assert found.score(values) == pytest.approx(exact, abs=0.15)


def test_codes_restore_rows(fitted):
    restored = fitted.inverse_transform(fitted.transform(TABLE))
    assert restored.dtypes.equals(TABLE.dtypes)
    assert r2_score(TABLE["c"], restored["c"]) > 0.8
    known = TABLE["kind"].notna() == restored["kind"].notna()
    assert known.mean() > 0.9


def test_output_can_be_set():
    model = MutualInfoAutoencoder(2, max_iter=1, **SMALL).set_output(transform="pandas")
    first = model.fit_transform(TABLE)
    pd.testing.assert_frame_equal(model.transform(TABLE), first)


def test_rows_are_sampled_by_their_weights():
    rng = np.random.RandomState(0)
    X = np.r_[rng.normal(-4, 0.1, 200), rng.normal(4, 0.1, 200)][:, None]
    weight = np.repeat([9.0, 1.0], 200)
    found = MutualInfoAutoencoder(1, max_iter=80, **SMALL).fit(X, sample_weight=weight)
    assert (found.sample(2000)[0] < 0).mean() == pytest.approx(0.9, abs=0.06)


def test_values_of_rows_without_weight_do_not_come_back():
    X = np.column_stack([np.full(40, 5), np.arange(40) % 7])
    X[3, 0] = 9
    weight = np.where(np.arange(40) == 3, 0, 1)
    found = MutualInfoAutoencoder(1, max_iter=1, **SMALL).fit(X, sample_weight=weight)
    assert (found.sample(20)[0][:, 0] == 5).all()


def test_a_label_that_is_a_number_may_have_few_rows_and_rows_without_weight():
    rng = np.random.RandomState(0)
    y = rng.normal(size=24)
    weight = np.where(y < np.sort(y)[4], 0, 1)
    found = MutualInfoAutoencoder(1, max_iter=1, **SMALL).fit(X[:24], y, sample_weight=weight)
    assert found.classes_ is None


def test_components_come_in_the_order_of_their_rates(fitted):
    rates = fitted.component_rates_
    assert (np.diff(rates) <= 0).all()
    assert fitted.transform(TABLE)[:, 0].var() > fitted.transform(TABLE)[:, 1].var()
    assert fitted.active_units_ == (fitted.transform(TABLE).var(0) > 0.01).sum()


def test_samples_have_the_labels_that_are_asked_for(fitted):
    asked = np.repeat(["virginica", "setosa"], 40)
    rows, labels = fitted.sample(80, y=asked)
    np.testing.assert_array_equal(labels, asked)
    assert rows["c"][:40].mean() > 4.5 > 2.5 > rows["c"][40:].mean()
    assert set(fitted.sample(3, y="setosa")[1]) == {"setosa"}
    rows, labels = fitted.sample(200)
    assert set(labels) == set(Y)
    assert set(rows["n"]) <= set(TABLE["n"])
    assert 0 < rows["b"].isna().mean() < 0.4
    own = rows["c"].groupby(labels).mean()
    assert own["setosa"] < own["versicolor"] < own["virginica"]


def test_labels_that_are_numbers_are_sampled_too():
    found = MutualInfoAutoencoder(1, max_iter=150, **SMALL).fit(X[:, :3], X[:, 3] + 0.001)
    rows, label = found.sample(300)
    assert found.classes_ is None
    assert np.corrcoef(rows[:, 2], label)[0, 1] > 0.5


@pytest.mark.parametrize("decoder", ["factorized", "autoregressive"])
@pytest.mark.parametrize("objective", ["vae", "info_max", "reconstruction"])
def test_each_objective_with_each_decoder(objective, decoder):
    params = {"objective": objective, "decoder": decoder, "max_iter": 3, **SMALL}
    found = MutualInfoAutoencoder(3, **params).fit(TABLE, Y)
    Z = found.transform(TABLE)
    assert Z.shape == (150, 3)
    assert np.isfinite(Z).all()
    assert found.inverse_transform(Z).shape == TABLE.shape
    assert (found.rate_ == np.inf) == (objective == "reconstruction")
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.transform(TABLE), Z)
    pd.testing.assert_frame_equal(again.sample(9)[0], found.sample(9)[0])
    if objective != "reconstruction":
        assert np.isfinite(found.score_samples(TABLE)).all()


def test_a_decoder_that_sees_cells_before_knows_their_dependence_without_a_code():
    """One component that says nothing: two equal columns are then equal in samples alone."""
    rng = np.random.RandomState(0)
    level = rng.choice(list("abcd"), 400)
    table = pd.DataFrame({"x": level, "again": level})
    params = {"objective": "vae", "decoder": "autoregressive", "max_iter": 60}
    found = MutualInfoAutoencoder(1, **params, **SMALL).fit(table)
    rows, _ = found.sample(300)
    assert found.rate_ < 0.3
    assert (rows["x"] == rows["again"]).mean() > 0.9


def test_rows_of_no_weight_are_as_good_as_absent():
    weight = np.r_[np.ones(150), np.zeros(20)]
    more = pd.concat([TABLE, TABLE[:20].assign(a=1e6, kind="other")], ignore_index=True)
    one = MutualInfoAutoencoder(2, max_iter=3, **SMALL).fit(TABLE)
    other = MutualInfoAutoencoder(2, max_iter=3, **SMALL).fit(more, sample_weight=weight)
    np.testing.assert_allclose(other.transform(TABLE), one.transform(TABLE), atol=1e-5)
    assert other.distortion_ == pytest.approx(one.distortion_, abs=1e-4)


def test_a_background_is_not_in_the_code():
    """Columns tell of a site by half of their variance, and of something else by the rest."""
    rng = np.random.RandomState(0)
    site, other = rng.choice(2, 400), rng.normal(size=(400, 1))
    rows = np.hstack([other, 2 * site[:, None] + 0.3 * rng.normal(size=(400, 2))])
    rows = np.hstack([rows, other + 0.3 * rng.normal(size=(400, 2))])
    params = {"objective": "vae", "max_iter": 60, **SMALL}
    with_site = MutualInfoAutoencoder(2, **params).fit(rows)
    without = MutualInfoAutoencoder(2, **params).fit(rows, background=site)
    linear = [LogisticRegression().fit(m.transform(rows), site) for m in (with_site, without)]
    told = [
        clf.score(m.transform(rows), site)
        for clf, m in zip(linear, [with_site, without], strict=True)
    ]
    assert told[0] > 0.85 > 0.65 > told[1]
    assert without.background_mutual_info_ < 0.05
    assert without.background_mutual_info_ - 2 * without.background_mutual_info_stderr_ < (
        without.background_rate_
    )
    assert abs(np.corrcoef(without.transform(rows)[:, 0], other[:, 0])[0, 1]) > 0.7
    assert not hasattr(with_site, "background_rate_")


def test_images_are_a_background_by_their_clusters():
    rng = np.random.RandomState(0)
    pictures = (np.arange(60)[:, None, None] % 2) * 9.0 + rng.rand(60, 3, 3)
    found = MutualInfoAutoencoder(1, max_iter=2, **SMALL).fit(X[:60], background=pictures)
    assert np.isfinite(found.background_rate_)


def test_rows_of_a_group_are_one_for_a_background():
    """A background that is random for each group is told by its rows, and by no other group's."""
    rng = np.random.RandomState(0)
    group = np.repeat(np.arange(40), 10)
    rows = rng.normal(size=(40, 2))[group] + 0.01 * rng.normal(size=(400, 2))
    random = rng.choice(2, 40)[group]
    params = {"max_iter": 3, "objective": "vae", **SMALL}
    found = MutualInfoAutoencoder(2, **params).fit(rows, background=random, groups=group)
    error = found.background_mutual_info_stderr_
    assert found.background_mutual_info_ < max(0.1, 2 * error)


def test_codes_without_noise_may_tell_all_of_a_background():
    rng = np.random.RandomState(0)
    site = rng.choice(2, 100)
    rows = np.column_stack([6 * site + rng.normal(size=100), rng.normal(size=100)])
    params = {"objective": "reconstruction", "max_iter": 2, **SMALL}
    found = MutualInfoAutoencoder(2, **params).fit(rows, background=site)
    assert found.background_rate_ == pytest.approx(np.log(2), abs=0.02)


def test_a_background_that_cannot_be_used_is_refused():
    autoencoder = MutualInfoAutoencoder(1, max_iter=1, **SMALL)
    with pytest.raises(ValueError, match="background has 3 rows, but X has 150"):
        autoencoder.fit(X, background=[1, 2, 3])
    with pytest.raises(ValueError, match="background has 7 rows, but X has 150"):
        autoencoder.fit(X, background=np.ones((7, 3, 3)))
    with pytest.raises(ValueError, match="the same value in all rows"):
        autoencoder.fit(X, background=np.ones(150))
    with pytest.raises(ValueError, match=r"hold out up to 4 rows, too few.*expected 10 rows"):
        clone(autoencoder).set_params(cv=5).fit(X[:20], background=np.arange(20) % 2)
    with pytest.raises(ValueError, match="5 columns, and not all are numbers"):
        autoencoder.fit(X, background=np.full((150, 5), "a"))


@pytest.mark.parametrize("decoder", ["factorized", "autoregressive"])
def test_images_come_back_as_images(decoder):
    rng = np.random.RandomState(0)
    images = np.arange(60)[:, None, None, None] % 3 * 100 + rng.randint(40, size=(60, 1, 4, 5))
    images = images.astype(np.uint8)
    params = {"decoder": decoder, "max_iter": 5, **SMALL}
    found = MutualInfoAutoencoder(2, **params).fit(images, np.arange(60) % 3)
    restored = found.inverse_transform(found.transform(images))
    assert restored.shape == images.shape
    assert restored.dtype == np.uint8
    rows, labels = found.sample(4)
    assert rows.shape == (4, 1, 4, 5)
    assert np.isin(labels, [0, 1, 2]).all()
    assert np.isfinite(found.score_samples(images)).all()


def test_rows_of_pixels_come_back_as_rows():
    rng = np.random.RandomState(0)
    rows = rng.rand(40, 12).astype(np.float32)
    found = MutualInfoAutoencoder(1, image_shape=(3, 4), max_iter=1, **SMALL).fit(rows)
    assert found.sample(5)[0].shape == (5, 12)


def test_what_cannot_be_answered_says_why(fitted):
    with pytest.raises(ValueError, match="Z has 3 columns, but the codes have 2"):
        fitted.inverse_transform(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"'rose' is no class of the fit.*setosa"):
        fitted.sample(2, y="rose")
    with pytest.raises(ValueError, match=r"y has shape \(2,\), expected \(3,\)"):
        fitted.sample(3, y=["setosa", "setosa"])
    plain = MutualInfoAutoencoder(1, objective="reconstruction", max_iter=1, **SMALL).fit(X)
    with pytest.raises(AttributeError, match="score_samples") as raised:
        plain.score_samples(X)
    assert "codes without noise" in str(raised.value.__cause__)
    found = MutualInfoAutoencoder(1, max_iter=1, **SMALL).fit(X)
    with pytest.raises(ValueError, match="the fit had no classes"):
        found.sample(2, y=1)


def test_skops_stores_it():
    skops = pytest.importorskip("skops.io")
    found = MutualInfoAutoencoder(1, max_iter=1, **SMALL).fit(TABLE, Y)
    stored = skops.dumps(found)
    names = skops.get_untrusted_types(data=stored)
    assert [name.split(".")[-1] for name in names] == ["MutualInfoAutoencoder"]
    again = skops.loads(stored, trusted=names)
    np.testing.assert_array_equal(again.transform(TABLE), found.transform(TABLE))
