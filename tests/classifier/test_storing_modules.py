"""Networks of the user's own: stored by name and arrays where that will do, and whole elsewhere."""

import copy
import pickle

import cloudpickle
import pytest
import torch
from numpy.testing import assert_array_equal
from stored_fits import fit, make_images, make_table
from torch import nn

from sklearn_mi import TRUSTED_TYPES
from sklearn_mi._engine._networks import can_be_made_again
from sklearn_mi.losses import CrossEntropyLoss


class Small(nn.Module):
    """Batch normalisation, dropout, a frozen layer and a function."""

    def __init__(self, n_channels, n_classes, width=6):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(n_channels, width, 3), nn.BatchNorm2d(width)
        self.conv.requires_grad_(False)
        self.drop, self.last = nn.Dropout(0.2), nn.Linear(width, n_classes)

    def forward(self, x):
        return self.last(self.drop(torch.relu(self.norm(self.conv(x))).amax((2, 3))))


def build(n_channels, n_classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(64 * n_channels, n_classes))


class Draws(nn.Module):
    """Holds what is neither parameter nor buffer, and another one each time."""

    def __init__(self, n_channels, n_classes):
        super().__init__()
        self.drawn, self.last = torch.randn(64 * n_channels, 8), nn.Linear(8, n_classes)

    def forward(self, x):
        return self.last(x.flatten(1) @ self.drawn)


class Counts(nn.Module):
    """Counts its training batches in a buffer."""

    def __init__(self, n_channels, n_classes):
        super().__init__()
        self.last = nn.Linear(64 * n_channels, n_classes)
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, x):
        if self.training:
            self.seen = self.seen + 1
        return self.last(x.flatten(1)) * (1 + 1 / (1 + self.seen))


class OwnLoss(CrossEntropyLoss):
    """A loss that the package does not bring."""


BY_NAME = {"class": Small, "function": build, "counts": Counts}
WHOLE = {"instance": Small(1, 3), "draws": Draws}
OWN = BY_NAME | WHOLE
PICKLES = [copy.deepcopy, lambda clf: pickle.loads(pickle.dumps(clf))]


@pytest.mark.parametrize("duplicate", PICKLES)
@pytest.mark.parametrize("module", OWN.values(), ids=OWN)
@pytest.mark.parametrize("cv", [2, None])
def test_pickle_stores_every_network(module, duplicate, cv):
    X, y = make_images()
    clf = fit(X, y, module=module, cv=cv)
    stored = duplicate(clf)
    again = duplicate(stored)  # before it was asked anything
    for own in (stored, again, duplicate(stored)):
        assert_array_equal(own.predict_proba(X), clf.predict_proba(X))
    torch.testing.assert_close(
        stored.net_.module_.state_dict(), clf.net_.module_.state_dict(), rtol=0, atol=0
    )


@pytest.mark.parametrize("module", BY_NAME.values(), ids=BY_NAME)
def test_skops_stores_classes_and_functions_by_name(module):
    skops_io = pytest.importorskip("skops.io")
    X, y = make_images()
    data = skops_io.dumps(clf := fit(X, y, module=module))
    name = f"{__name__}.{module.__name__}"
    assert set(skops_io.get_untrusted_types(data=data)) == {name, *TRUSTED_TYPES}
    stored = skops_io.loads(data, trusted=[name, *TRUSTED_TYPES])
    assert_array_equal(stored.predict_proba(X), clf.predict_proba(X))
    assert stored.module is module


@pytest.mark.parametrize("module", WHOLE.values(), ids=WHOLE)
def test_skops_is_told_what_it_cannot_store(module):
    skops_io = pytest.importorskip("skops.io")
    clf = fit(*make_images(), module=module)
    with pytest.raises(TypeError, match=r"cannot store a torch module.*pass module as a class"):
        skops_io.dumps(clf)


def test_a_function_without_a_name_is_stored_by_cloudpickle_alone():
    X, y = make_images()
    clf = fit(X, y, module=lambda n_channels, n_classes: build(n_channels, n_classes))
    stored = pickle.loads(cloudpickle.dumps(clf))
    assert_array_equal(stored.predict_proba(X), clf.predict_proba(X))
    skops_io = pytest.importorskip("skops.io")
    with pytest.raises(TypeError, match=r"skops cannot store .*<lambda>.*where it can be imported"):
        skops_io.dumps(clf)


def test_a_loss_of_ones_own():
    X, y = make_table()
    clf = fit(X, y, loss=OwnLoss())
    stored = pickle.loads(pickle.dumps(clf))
    assert_array_equal(stored.predict_proba(X), clf.predict_proba(X))
    assert type(stored.loss) is OwnLoss
    skops_io = pytest.importorskip("skops.io")
    with pytest.raises(TypeError, match="skops cannot store a loss of your own, OwnLoss"):
        skops_io.dumps(clf)


def test_a_class_that_changed_since_is_refused(monkeypatch):
    X, y = make_images()
    data = pickle.dumps(fit(X, y, module=Small))
    monkeypatch.setattr(Small.__init__, "__defaults__", (7,))
    stored = pickle.loads(data)
    with pytest.raises(ValueError, match=r"stored networks do not fit module=.*Small.*Open them"):
        stored.predict_proba(X)


def test_weights_are_stored_once_and_nothing_else_of_size():
    X, y = make_table(200)
    clf = fit(X, y, hidden_layer_sizes=(256, 256), estimators=None)
    weights = 4 * sum(own.numel() for own in clf.net_.module_.parameters())
    assert weights < len(pickle.dumps(clf)) < 1.1 * weights


@pytest.mark.parametrize("module, expected", [(build, True), (Draws, False), (Small, True)])
def test_whether_a_network_can_be_made_again_is_tried(module, expected):
    ensemble = fit(*make_images(), module=module, max_iter=1)._ensemble
    assert can_be_made_again(ensemble.module, ensemble.description) is expected
