"""Devices: by name or object, CUDA as the CPU, and models that move."""

import os
import subprocess
import sys

import joblib
import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from quick_fits import assert_same, fit

from sklearn_mi.losses import LOSSES

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_device_may_be_a_name_or_an_object(rows):
    assert_same(fit(*rows, device="cpu"), fit(*rows, device=torch.device("cpu")))


@needs_cuda
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_cuda_agrees_with_the_cpu(rows, loss):
    before = torch.cuda.get_rng_state()
    on_cuda = fit(*rows, loss=loss, device="cuda", max_iter=30)
    on_cpu = fit(*rows, loss=loss, device="cpu", max_iter=30)
    assert torch.equal(torch.cuda.get_rng_state(), before)
    assert next(on_cuda.net_.module_.parameters()).is_cuda
    difference = abs(on_cuda.mutual_info_score_ - on_cpu.mutual_info_score_)
    assert difference < 2 * on_cpu.mutual_info_stderr_ + 0.01
    for proba in (on_cuda.predict_proba(rows[0]), on_cuda.oof_log_proba_):
        assert isinstance(proba, np.ndarray) and proba.shape == (240, 3)


@needs_cuda
def test_auto_takes_cuda_where_there_is_one(rows):
    assert next(fit(*rows).net_.module_.parameters()).is_cuda


@needs_cuda
@pytest.mark.parametrize("augmentation", [None, ["shift", "flip"]])
def test_a_seed_determines_a_fit_of_images_on_cuda(digits, augmentation):
    params = {"augmentation": augmentation, "module__stages": (8, 8), "device": "cuda"}
    assert_same(*(fit(*digits, **params) for _ in range(2)))


LOAD = """
import sys, warnings, joblib
warnings.simplefilter("ignore")
clf, X = joblib.load(sys.argv[1])
joblib.dump(clf.predict_proba(X), sys.argv[2])
"""


@needs_cuda
def test_fitted_on_cuda_predicts_where_there_is_none(rows, tmp_path):
    stored, answer = str(tmp_path / "clf.joblib"), str(tmp_path / "proba.joblib")
    clf = fit(*rows, device="cuda")
    joblib.dump((clf, rows[0]), stored)
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run([sys.executable, "-c", LOAD, stored, answer], env=environment, check=True)
    assert_allclose(joblib.load(answer), clf.predict_proba(rows[0]), rtol=1e-6)
