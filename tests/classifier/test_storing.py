"""Stored and opened, a classifier says the same to the bit, whatever stores it."""

import gc
import inspect
import os
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.exceptions import InconsistentVersionWarning
from stored_fits import WAYS, assert_says_the_same, fit, make_images, make_table

from sklearn_mi import TRUSTED_TYPES, MutualInfoClassifier
from sklearn_mi._engine._batches import MemberData
from sklearn_mi.inspection import adversarial_robustness, info_cam, label_quality
from sklearn_mi.losses import LOSSES, DeterminantMutualInfoLoss, GaussianSimplexLoss

# A tree of scikit-learn's boosting, which skops trusts only where it is told to.
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
pytestmark = pytest.mark.filterwarnings("ignore:The labels cannot tell noise")


@pytest.fixture(scope="module", params=sorted(LOSSES))
def fitted(request):
    X, y = make_table()
    return fit(X, y, loss=request.param), X, y


@every_way
def test_tables(fitted, way):
    clf, X, y = fitted
    stored = way(clf)
    assert_says_the_same(stored, clf, X)
    asked = [label_quality(own, X, y).posterior for own in (stored, clf)]
    assert_array_equal(*asked)


@every_way
def test_robustness(way):
    X, y = np.random.RandomState(0).randn(40, 2), np.arange(40) % 2
    clf = fit(X, y, estimators=None)
    options = {"eps": 0.2, "max_iter": 2, "max_queries": 2, "random_state": 0}
    found = [adversarial_robustness(own, X, y, **options) for own in (way(clf), clf)]
    assert_array_equal(*(own.mutual_info for own in found))


@pytest.fixture(scope="module", params=["ce", "gccs"])
def of_images(request):
    X, y = make_images()
    params = {"loss": request.param, "module__stages": (3, 4), "augmentation": {"shift"}}
    return fit(X, y, **params), X, y


@every_way
def test_images(of_images, way):
    clf, X, y = of_images
    stored = way(clf)
    assert_says_the_same(stored, clf, X)
    if clf.loss == "ce":
        assert_array_equal(*(info_cam(own, X[:5], y[:5]).maps for own in (stored, clf)))


@pytest.fixture(scope="module")
def with_default_companions():
    X, y = make_table()
    return fit(X, y, estimators="auto"), X


@every_way
def test_companions_as_they_are_by_default(with_default_companions, way):
    clf, X = with_default_companions
    assert_says_the_same(way(clf), clf, X)


@pytest.fixture(
    scope="module",
    params=[
        {"loss": DeterminantMutualInfoLoss(ridge=0.01), "optimizer": torch.optim.SGD},
        {"loss": GaussianSimplexLoss(covariance="full"), "device": torch.device("cpu")},
        {"loss": "forward", "loss_params": {"noise_matrix": torch.eye(2) * 0.8 + 0.1}},
        {"class_weight": {"no": 2, "yes": 1}, "cv": None, "priors": (0.3, 0.7)},
        {"module": torch.nn.Linear, "module_params": {"bias": False}},
        {"adversarial_training": 0.1, "activation": "gelu", "module__n_waves": 4},
        {"warm_start": True, "hidden_layer_sizes": [], "batch_size": np.int64(32)},
    ],
    ids=lambda params: ",".join(params),
)
def with_parameters(request):
    X, y = make_table()
    return request.param, fit(X, y, **request.param), X


@every_way
def test_parameters(with_parameters, way):
    params, clf, X = with_parameters
    assert_says_the_same(way(clf), clf, X)
    fresh = MutualInfoClassifier(**params)
    assert repr(way(fresh)) == repr(fresh) and not hasattr(way(fresh), "classes_")


@every_way
def test_parameters_stay_those_of_the_constructor(way):
    params = way(MutualInfoClassifier()).get_params()
    usual = inspect.signature(MutualInfoClassifier).parameters
    assert params == {name: usual[name].default for name in usual}


OPEN = """
import sys, warnings, joblib
warnings.simplefilter("error")

def load(path):
    if not path.endswith(".skops"):
        return joblib.load(path)
    import skops.io
    from sklearn_mi import TRUSTED_TYPES
    return skops.io.load(path, trusted=TRUSTED_TYPES)

rows, answers, *paths = sys.argv[1:]
X = joblib.load(rows)
opened = map(load, paths)
joblib.dump([(clf.predict_proba(X), clf.pointwise_mutual_info(X)) for clf in opened], answers)
"""


def test_another_process_that_has_not_seen_the_data(tmp_path):
    (X, y), skops_io = make_table(), pytest.importorskip("skops.io")
    clf = fit(X, y)
    paths = [str(tmp_path / name) for name in ("rows", "answers", "clf.joblib", "clf.skops")]
    joblib.dump(X[::2], paths[0])
    joblib.dump(clf, paths[2])
    skops_io.dump(clf, paths[3])
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", OPEN, *paths], check=True, env=environment)
    answers = joblib.load(paths[1])
    assert len(answers) == 2
    for proba, pointwise in answers:
        assert_array_equal(proba, clf.predict_proba(X[::2]))
        assert_array_equal(pointwise, clf.pointwise_mutual_info(X[::2]))


@pytest.mark.parametrize("make", [make_table, make_images])
def test_skops_has_one_name_to_trust(make):
    skops_io = pytest.importorskip("skops.io")
    for clf in (MutualInfoClassifier(), fit(*make())):
        assert skops_io.get_untrusted_types(data=skops_io.dumps(clf)) == TRUSTED_TYPES


class NoTorch(pickle.Unpickler):
    """Opens a pickle in which nothing is of torch."""

    def find_class(self, module, name):
        assert module.split(".")[0] not in ("torch", "skorch"), f"{module}.{name}"
        return super().find_class(module, name)


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("make", [make_table, make_images])
def test_nothing_of_torch_is_stored_so_that_no_device_is(make, loss, tmp_path):
    X, y = make()
    clf = fit(X, y, loss=loss, max_iter=1)
    (tmp_path / "clf").write_bytes(pickle.dumps(clf))
    with open(tmp_path / "clf", "rb") as file:
        assert_array_equal(NoTorch(file).load().predict_proba(X), clf.predict_proba(X))


@every_way
@pytest.mark.parametrize("device", ["cuda:99", torch.device("cuda:99")])
def test_a_device_that_is_not_here_answers_on_the_cpu(device, way):
    X, y = make_table()
    clf = fit(X, y, device="cpu")
    stored = way(clf.set_params(device=device))
    assert stored.device == device
    assert not next(stored.net_.module_.parameters()).is_cuda
    assert_says_the_same(stored, clf, X)
    with pytest.raises(ValueError, match=r"99.* is not available"):
        stored.fit(X, y)


def test_a_fit_lets_go_of_what_trained_it():

    clf = fit(*make_table(), max_iter=1)
    gc.collect()
    kinds = torch.Generator, torch.optim.Optimizer, MemberData
    assert not [kind for own in gc.get_objects() if issubclass(kind := type(own), kinds)]
    net = vars(clf.net_)
    assert {"optimizer_", "criterion_", "iterator_train__generator"}.isdisjoint(net)


def test_another_version_of_scikit_learn_is_told_and_its_estimators_may_change(monkeypatch):
    X, y = make_table()
    clf = fit(X, y)
    with monkeypatch.context() as patch:
        patch.setattr("sklearn.__version__", "1.0")
        patch.setattr("sklearn.base.__version__", "1.0")
        data = pickle.dumps(clf)
    with pytest.warns(InconsistentVersionWarning, match=r"LogisticRegression from version 1\.0"):
        assert_says_the_same(pickle.loads(data), clf, X)


def test_a_warm_start_goes_on_from_what_was_stored():
    X, y = make_table()
    clf = fit(X, y, warm_start=True)
    stored = pickle.loads(pickle.dumps(clf))
    assert stored.fit(X, y).loss_curve_ == clf.fit(X, y).loss_curve_
    assert_array_equal(stored.predict_proba(X), clf.predict_proba(X))


def test_what_was_stored_without_its_folds_says_so():
    X, y = make_table()
    stored = pickle.loads(pickle.dumps(fit(X, y))).set_params(warm_start=True)
    with pytest.raises(ValueError, match="stored with warm_start=False, which leaves them out"):
        stored.fit(X, y)
    stored.set_params(warm_start=False).fit(X, y).set_params(warm_start=True).fit(X, y)
