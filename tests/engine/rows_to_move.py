"""A mixed table, images and a network for the tests of adversarial training."""

import numpy as np
import pandas as pd
import pytest
from torch import nn

from sklearn_mi.losses import LOSSES
from sklearn_mi.modules import ConvNet

every_loss = pytest.mark.parametrize("name", LOSSES)


def tiny(n_channels, n_classes):
    network = ConvNet(n_channels, n_classes, stages=(3, 4))
    nn.init.normal_(network.linear.weight)
    return network


def mixed_table(n=40):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"size": rng.normal(5, 3, n), "age": rng.integers(20, 60, n)})
    table.loc[::7, "size"] = np.nan
    table["word"] = np.where(rng.random(n) < 0.5, "short", "long")
    table["kind"] = pd.Categorical(rng.integers(0, 3, n))
    table["yes"] = rng.random(n) < 0.5
    table["day"] = pd.date_range("2020-01-01", periods=n)
    table["same"] = 7.5
    table.loc[::11, "word"] = None
    return table


def pixels(n=12):
    return np.random.default_rng(0).integers(0, 256, (n, 2, 5, 5), dtype=np.uint8)
