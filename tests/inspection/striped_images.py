"""Striped images and short fits of them for the tests of maps of information."""

import numpy as np
import pytest
import torch
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.losses import LOSSES

KINDS = ["cam", "info_cam", "info_cam_plus"]
# Posteriors that are a softmax of the scores and a constant; "gccs" is none, and refused.
ADDITIVE = [name for name, loss in LOSSES.items() if not loss.fits_class_model]
every_loss = pytest.mark.parametrize("loss", ADDITIVE)


def pixelwise(n_channels, n_classes):
    """Maps of the size of the images, so that nothing is interpolated."""
    layers = [nn.Conv2d(n_channels, 6, 3, padding=1), nn.SiLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, n_classes))


def fit(X, y, **params):
    usual = {"module": pixelwise, "max_iter": 3, "cv": 3, "learning_rate_init": 0.03}
    return MutualInfoClassifier(**usual | {"random_state": 0} | params).fit(X, y)


def make_images(n=90, size=(8, 8), n_classes=3, n_channels=1, seed=0):
    """Noise, and a bright stripe for each class."""
    rng = np.random.default_rng(seed)
    X, y = rng.random((n, n_channels, *size), dtype=np.float32), np.arange(n) % n_classes
    X[np.arange(n), :, 1 + 2 * y] += 0.5
    return X, y


def standardised(clf, X, member=0):
    """What one network of a fit sees, by the mean and spread of the images it trained on."""
    own = X[clf._members.train_rows[member]]
    axes = {"axis": (0, 2, 3), "keepdims": True}
    return torch.as_tensor((X - own.mean(**axes)) / own.std(**axes), dtype=torch.float32)
