"""What cannot be exported says so, and what would help."""

import numpy as np
import pytest
import torch
from exported import fit
from scipy.sparse import random_array
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.export import _to_onnx, to_onnx
from sklearn_mi.losses import CrossEntropyLoss


class OwnLoss(CrossEntropyLoss):
    pass


class Eigen(nn.Module):
    """Scores by an operation that ONNX has not."""

    def __init__(self, n_columns, n_classes):
        super().__init__()
        self.last = nn.Linear(n_columns, n_classes)

    def forward(self, x):
        return self.last(torch.linalg.eigvalsh(torch.diag_embed(x)))


def test_a_companion_that_no_way_is_known_for(iris, tmp_path):
    clf = fit(*iris, estimators=[("bayes", GaussianNB())])
    with pytest.raises(ValueError, match=r"'bayes' of estimators, GaussianNB\(\).*estimators=None"):
        to_onnx(clf, tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


def test_boosting_by_categories(iris, tmp_path):
    boosted = HistGradientBoostingClassifier(categorical_features=[0], max_iter=2)
    X = np.c_[np.repeat([0, 1, 2], 50), iris[0]]
    clf = fit(iris[0], iris[1], estimators=[("boosted", boosted)])
    clf._ensemble.companions.fitted = {"boosted": boosted.fit(X, iris[1])}
    with pytest.raises(ValueError, match="categorical_features"):
        to_onnx(clf, tmp_path / "m.onnx")


def test_a_loss_of_the_users(iris, tmp_path):
    clf = fit(*iris, loss=OwnLoss(), estimators=None)
    with pytest.raises(ValueError, match=r"loss=OwnLoss\(\).*sklearn_mi\.losses"):
        to_onnx(clf, tmp_path / "m.onnx")


def test_a_module_that_torch_refuses(iris, tmp_path):
    clf = fit(*iris, module=Eigen)
    with pytest.raises(ValueError, match=r"module Eigen to ONNX: .*module=\"auto\""):
        to_onnx(clf, tmp_path / "m.onnx")


def test_rows_of_a_wide_sparse_matrix(tmp_path):
    X, y = random_array((40, 400), density=0.05, format="csr", random_state=0), np.arange(40) % 2
    clf = fit(X, y, estimators="auto")
    with pytest.raises(ValueError, match=r"neither a table nor images.*X\.toarray\(\)"):
        to_onnx(clf, tmp_path / "m.onnx")


def test_what_is_no_classifier_of_this_package(tmp_path):
    pipe = make_pipeline(MutualInfoClassifier())
    with pytest.raises(TypeError, match=r"clf=Pipeline.*pipe\[-1\]"):
        to_onnx(pipe, tmp_path / "m.onnx")


def test_a_classifier_that_is_not_fitted(tmp_path):
    with pytest.raises(NotFittedError):
        to_onnx(MutualInfoClassifier(), tmp_path / "m.onnx")


def test_no_onnx(monkeypatch, tmp_path):
    monkeypatch.setattr(_to_onnx, "onnx", None)
    with pytest.raises(ImportError, match=r"sklearn-mi\[onnx\]"):
        to_onnx(MutualInfoClassifier(), tmp_path / "m.onnx")
