"""The Gaussian class-conditional simplex: its divergence, its moments and its posterior."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy.stats import kurtosis
from sklearn.datasets import load_digits
from torch import nn
from torch.distributions import MultivariateNormal, kl_divergence
from torch.nn.functional import one_hot

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._recipe import make_settings
from sklearn_mi.datasets import make_gaussian_classes
from sklearn_mi.losses import CrossEntropyLoss, GaussianSimplexLoss
from sklearn_mi.losses._gaussian_classes import POOLED_ROWS

PRIOR = [0.5, 0.3, 0.2]
both_kinds = pytest.mark.parametrize("covariance", ["diagonal", "full"])


def make_batch(n_rows=60, n_classes=3, seed=0):
    """Latent points (n, K) of classes with a covariance each, labels (n,), weights (n,)."""
    generator = torch.Generator().manual_seed(seed)
    target = torch.arange(n_rows) % n_classes
    mixing = torch.randn(n_classes, n_classes, n_classes, generator=generator, dtype=torch.double)
    noise = torch.randn(n_rows, 1, n_classes, generator=generator, dtype=torch.double)
    scores = (noise @ mixing[target]).squeeze(1) + 3 * one_hot(target, n_classes)
    return scores, target, 0.1 + torch.rand(n_rows, generator=generator, dtype=torch.double)


def make_loss(**params):
    """A loss in double precision that scores a batch by itself."""
    return GaussianSimplexLoss(**params).set_class_prior(PRIOR).double().eval()


def class_moments(scores, target, weight, covariance):
    """Mean and covariance of each class, by numpy."""
    for label in target.unique():
        own = (target == label).numpy()
        rows, weights = scores.numpy()[own], weight.numpy()[own]
        matrix = np.cov(rows.T, ddof=0, aweights=weights)
        matrix = np.diag(np.diag(matrix)) if covariance == "diagonal" else matrix
        yield torch.tensor(np.average(rows, axis=0, weights=weights)), torch.tensor(matrix)


# The divergence


@both_kinds
@pytest.mark.parametrize("spread", [1.0, 2.5])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_the_loss_is_the_divergence_from_the_simplex(covariance, spread, ridge):
    batch, eye = make_batch(), torch.eye(3, dtype=torch.double)
    found = [
        kl_divergence(
            MultivariateNormal(mean, matrix + ridge * spread**2 * eye),
            MultivariateNormal(7.0 * eye[label], spread**2 * eye),
        )
        for label, (mean, matrix) in enumerate(class_moments(*batch, covariance))
    ]
    loss = make_loss(mean_distance=7.0, spread=spread, covariance=covariance, ridge=ridge)
    scores = batch[0] / 7.0  # times the distance of the means they are the latent points
    assert_allclose(loss(scores, *batch[1:]), torch.stack(found).mean(), rtol=1e-9)


@both_kinds
@pytest.mark.parametrize("weight_of_it", [0.2, 3.0])
def test_kurtosis_is_that_of_scipy(covariance, weight_of_it):
    scores, target, _ = make_batch()
    params = {"covariance": covariance, "ridge": 0.0}
    plain, with_it = make_loss(**params), make_loss(kurtosis=weight_of_it, **params)
    excess = [kurtosis(scores[target == label].numpy()) for label in range(3)]
    difference = with_it(scores, target) - plain(scores, target)
    assert_allclose(difference, weight_of_it * np.mean(np.square(excess)), rtol=1e-9)


@both_kinds
def test_gradient_is_that_of_the_value_with_kurtosis(covariance):
    scores, target, weight = make_batch(24)
    loss = make_loss(kurtosis=0.2, covariance=covariance)
    assert torch.autograd.gradcheck(lambda f: loss(f, target, weight), scores.requires_grad_())


@both_kinds
def test_no_divergence_is_below_zero(covariance):
    generator = torch.Generator().manual_seed(1)
    loss, target = make_loss(covariance=covariance), torch.arange(30) % 3
    for size in [0.01, 1, 100]:
        scores = size * torch.randn(30, 3, generator=generator, dtype=torch.double)
        assert loss(scores, target) >= 0


def test_a_class_that_is_not_there_has_no_say():
    scores, target, weight = make_batch()
    there = target < 2
    found = make_loss()(scores[there], target[there], weight[there])
    values = [
        make_loss()(scores[target == k], target[target == k], weight[target == k]) for k in [0, 1]
    ]
    assert_allclose(found, np.mean(values))


# Running moments


@both_kinds
def test_batches_of_enough_rows_speak_for_themselves(covariance):
    batch = make_batch()
    loss = make_loss(covariance=covariance, rows_per_class=20)
    alone = loss(*batch[:2])
    loss.train()
    loss(torch.zeros_like(batch[0]), batch[1])
    assert_allclose(loss(*batch[:2]), alone)


@both_kinds
def test_small_batches_add_up(covariance):
    """Rows one by one, in many rounds, give about the moments of all of them."""
    scores, target, _ = make_batch(90)
    loss = make_loss(covariance=covariance, rows_per_class=300)
    alone = loss(scores, target)
    loss.train()
    for _ in range(60):
        values = [loss(scores[[i]], target[[i]]).item() for i in range(90)]
    assert_allclose(np.mean(values), alone, rtol=0.05)


@pytest.mark.parametrize("kurtosis_weight", [0.0, 0.2])
@both_kinds
def test_a_hundred_classes_in_batches_of_32(covariance, kurtosis_weight):
    generator = torch.Generator().manual_seed(0)
    loss = GaussianSimplexLoss(covariance=covariance, kurtosis=kurtosis_weight)
    loss.set_class_prior(np.full(100, 0.01)).train()
    for _ in range(3):
        scores = torch.zeros(2, 32, 100, requires_grad=True)
        target = torch.randint(100, (2, 32), generator=generator)
        loss(scores, target).sum().backward()
        assert torch.isfinite(scores.grad).all()
        assert (scores.grad != 0).any(-1).all(), "every row is told where to go"


# The posterior


@pytest.mark.parametrize("seed", range(3))
def test_the_nearest_mean_has_the_largest_score(seed):
    scores, *_ = make_batch(seed=seed)
    loss = GaussianSimplexLoss().set_class_prior([1 / 3] * 3).double()
    means = loss.mean_distance * torch.eye(3, dtype=torch.double)
    nearest = torch.cdist(loss.mean_distance * scores, means).argmin(-1)
    assert (nearest == scores.argmax(-1)).all()
    assert (loss.log_proba(scores).argmax(-1) == nearest).all()


@both_kinds
@pytest.mark.parametrize("ridge", [0.05, 1.0])
def test_the_posterior_is_that_of_gaussians_with_the_moments_of_the_rows(covariance, ridge):
    batch = make_batch(60)
    loss = make_loss(mean_distance=1.0, covariance=covariance, ridge=ridge, spread=2.0)
    loss.fit_class_model([batch])
    count = torch.stack([batch[2][batch[1] == k].sum() / batch[2].mean() for k in range(3)])
    found = list(class_moments(*batch, covariance))
    pooled = sum(n * matrix for n, (_, matrix) in zip(count, found, strict=True)) / count.sum()
    densities = []
    for n, (mean, matrix) in zip(count, found, strict=True):
        matrix = (n * matrix + POOLED_ROWS * pooled) / (n + POOLED_ROWS)
        matrix = matrix + 4 * ridge * torch.eye(3)
        densities.append(MultivariateNormal(mean, matrix).log_prob(batch[0]))
    expected = (torch.stack(densities, -1) + torch.tensor(PRIOR).log()).log_softmax(-1)
    assert_allclose(loss.of_member(0).log_proba(batch[0]), expected, atol=1e-4)
    assert_allclose(loss.log_proba(batch[0][None])[0], expected, atol=1e-4)


@both_kinds
def test_each_member_has_classes_of_its_own(covariance):
    """Those that it would have had alone, of other rows and of another number of them."""
    batches = [make_batch(60), make_batch(45, seed=1)]
    together = make_loss(covariance=covariance)
    together.fit_class_model(batches)
    scores = torch.stack([make_batch(12, seed=seed)[0] for seed in (2, 3)])
    log_proba = together.log_proba(scores)
    for member, batch in enumerate(batches):
        alone = make_loss(covariance=covariance)
        alone.fit_class_model([batch])
        expected = alone.of_member(0).log_proba(scores[member])
        assert_allclose(log_proba[member], expected)
        assert_allclose(together.of_member(member).log_proba(scores[member]), expected)


def test_labels_of_rows_that_a_member_scores_are_not_in_its_classes():
    X, y = make_gaussian_classes(200, random_state=0)
    clf = MutualInfoClassifier("gccs", cv=3, max_iter=2, estimators=None, random_state=0).fit(X, y)
    module, loss = clf.net_.module_.eval(), clf._ensemble.loss
    encoded = torch.stack([torch.as_tensor(clf._encoder.transform(X, m)) for m in range(3)])
    latent = loss.mean_distance * module(encoded).detach()
    for member, rows in enumerate(clf._members.train_rows):
        means = [latent[member][rows[y[rows] == k]].mean(0) for k in range(5)]
        assert_allclose(loss.classes.mean[member], torch.stack(means), atol=1e-4)


@both_kinds
def test_weights_repeat_rows_in_the_class_model(covariance):
    scores, target, _ = make_batch()
    times = torch.arange(60) % 4
    weighted, repeated = make_loss(covariance=covariance), make_loss(covariance=covariance)
    repeated.fit_class_model([[rows.repeat_interleave(times, 0) for rows in (scores, target)]])
    weighted.fit_class_model([(scores, target, times.double())])
    assert_allclose(weighted.classes.mean, repeated.classes.mean, atol=1e-6)


@both_kinds
@pytest.mark.parametrize("rare", [1, 2])
def test_a_class_of_one_row_or_of_none_has_a_density(covariance, rare):
    scores, _, _ = make_batch(20)
    loss = make_loss(covariance=covariance)
    loss.fit_class_model([(scores, torch.tensor([0] * 10 + [1] * 9 + [rare]))])
    assert torch.isfinite(loss.of_member(0).log_proba(scores)).all()
    if rare == 1:
        assert_allclose(loss.classes.mean[0, 2], [0, 0, loss.mean_distance])


# Fits


@both_kinds
def test_the_information_of_gaussians_is_found(covariance):
    data = make_gaussian_classes(2000, return_X_y=False, random_state=0)
    X, y, truth = data.X, data.y, data.mutual_info
    alone = {"estimators": None, "max_iter": 15, "cv": 2, "random_state": 0}
    clf = MutualInfoClassifier("gccs", loss_params={"covariance": covariance}, **alone)
    clf.fit(X, y)
    low, high = clf.mutual_info_interval(0.99)
    assert low - 0.03 < truth < high + 0.03
    assert clf.score(X, y) > 0.8


@pytest.mark.parametrize("estimators", [None, "auto"])
def test_a_hundred_classes_and_a_rare_one(estimators, few_trees):
    rng = np.random.RandomState(0)
    y = np.r_[np.repeat(np.arange(99), 20), np.full(8, 99)]
    X = rng.normal(size=(100, 5))[y] * 2 + rng.normal(size=(len(y), 5))
    clf = MutualInfoClassifier(
        "gccs", batch_size=32, max_iter=5, cv=2, estimators=estimators, random_state=0
    )
    clf.fit(X, y)
    assert np.isfinite(clf.predict_proba(X)).all()
    assert clf.mutual_info_score_ > 0.5
    assert (y == 99).sum() == 8


def test_no_overshoot_in_wide_networks_without_normalisation():
    def network(n_channels, n_classes):
        first = [nn.Flatten(), nn.Linear(64, 2048), nn.ReLU(), nn.Linear(2048, 128), nn.ReLU()]
        return nn.Sequential(*first, nn.Linear(128, n_classes))

    X, y = load_digits(return_X_y=True)
    options = {"cv": None, "estimators": None, "max_iter": 1, "random_state": 0}
    clf = MutualInfoClassifier("gccs", module=network, image_shape=(1, 8, 8), **options)
    clf.fit(X[:800], y[:800])
    at_first = GaussianSimplexLoss().mean_distance ** 2 / 2  # all scores at 0
    assert clf.net_.history[0, "train_loss"] < at_first


@pytest.mark.parametrize("max_iter, expected", [("auto", (300, 100)), (7, (7, 7))])
def test_tables_get_more_epochs_unless_they_are_counted(max_iter, expected):
    clf = MutualInfoClassifier(max_iter=max_iter)
    clf.image_shape_ = None
    losses = GaussianSimplexLoss(), CrossEntropyLoss()
    assert tuple(make_settings(clf, loss, 100, 2).max_iter for loss in losses) == expected


def test_it_stays_a_classifier_after_a_warm_start():
    X, y = make_gaussian_classes(400, random_state=0)
    clf = MutualInfoClassifier("gccs", max_iter=8, warm_start=True, estimators=None, random_state=0)
    first = clf.fit(X, y).mutual_info_score_
    assert clf.fit(X, y).mutual_info_score_ > first - 0.1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"mean_distance": 0}, "mean_distance=0 must be positive"),
        ({"spread": -1.0}, "spread=-1.0 must be positive"),
        ({"rows_per_class": float("inf")}, "rows_per_class=inf must be positive and finite"),
        ({"kurtosis": -0.1}, "kurtosis=-0.1 must be finite and at least 0"),
        ({"ridge": float("nan")}, "ridge=nan must be finite"),
        ({"covariance": "tied"}, "covariance='tied' must be one of"),
    ],
)
def test_parameters_out_of_range(params, message):
    with pytest.raises(ValueError, match=message):
        GaussianSimplexLoss(**params)
    with pytest.raises(ValueError, match=message):
        MutualInfoClassifier("gccs", loss_params=params).fit([[0.0], [1.0]] * 10, [0, 1] * 10)
