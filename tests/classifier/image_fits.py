"""Small networks, images and fits of them for the tests of the classifier on images."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.losses import LOSSES
from sklearn_mi.modules import ConvNet

every_loss = pytest.mark.parametrize("loss", sorted(LOSSES))


def small(n_channels, n_classes):
    return ConvNet(n_channels, n_classes, stages=(8, 8))


def tiny(n_channels, n_classes):
    network = ConvNet(n_channels, n_classes, stages=(3, 4))
    nn.init.normal_(network.linear.weight, std=0.3)
    return network


def by_place(n_channels, n_classes):
    """Convolutions and a layer that tells places apart."""
    layers = [nn.Conv2d(n_channels, 4, 4, stride=4), nn.SiLU(), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(16, n_classes))


class Own(nn.Module):
    """Batch normalisation, dropout and a function."""

    def __init__(self, n_channels, n_classes):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(n_channels, 6, 3), nn.BatchNorm2d(6)
        self.drop, self.last = nn.Dropout(0.2), nn.Linear(6, n_classes)

    def forward(self, x):
        return self.last(self.drop(torch.relu(self.norm(self.conv(x))).amax((2, 3))))


def fit(X, y, *, sample_weight=None, groups=None, **params):
    usual = {"module": small, "max_iter": 3, "cv": 3, "random_state": 0}
    usual |= {"learning_rate_init": 0.02, "batch_size": 20}
    clf = MutualInfoClassifier(**usual | params)
    return clf.fit(X, y, sample_weight=sample_weight, groups=groups)


def same(first, second, X=None, second_X=None, rtol=0.0):
    """Two fits are one and the same."""
    assert_allclose(first.loss_curve_, second.loss_curve_, rtol=rtol)
    assert_allclose(first.mutual_info_score_, second.mutual_info_score_, rtol=rtol)
    assert_allclose(first.oof_log_proba_, second.oof_log_proba_, rtol=rtol)
    if X is not None:
        other = X if second_X is None else second_X
        assert_allclose(first.predict_proba(X), second.predict_proba(other), rtol=rtol)


def make_quadrants(n=320, visible=1.0, n_classes=4, seed=0):
    """Noise, with one quadrant brighter in a share of the images: which one is the label."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, 1, 8, 8)).astype(np.float32), np.arange(n) % n_classes
    for image, label, shown in zip(X[:, 0], y, rng.random(n) < visible, strict=True):
        top, left = 4 * (label // 2), 4 * (label % 2)
        image[top : top + 4, left : left + 4] += 3 * shown
    return X, y
