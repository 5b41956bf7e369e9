"""The public names: they import, are documented, and follow scikit-learn's conventions."""

import ast
import importlib
import inspect
import re
import subprocess
import sys

import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.naive_bayes import GaussianNB
from sklearn.utils import estimator_html_repr

import sklearn_mi
from sklearn_mi import MutualInfoClassifier
from sklearn_mi.losses import CrossEntropyLoss

MODULES = [
    "sklearn_mi",
    "sklearn_mi.metrics",
    "sklearn_mi.model_selection",
    "sklearn_mi.inspection",
    "sklearn_mi.feature_selection",
    "sklearn_mi.decomposition",
    "sklearn_mi.generation",
    "sklearn_mi.datasets",
    "sklearn_mi.export",
    "sklearn_mi.losses",
    "sklearn_mi.modules",
    "sklearn_mi.report",
]

METHODS = [
    "fit",
    "predict",
    "predict_proba",
    "predict_log_proba",
    "decision_function",
    "pointwise_mutual_info",
    "mutual_info_interval",
    "score",
]

# A value other than the default for each parameter, in the order of the signature; all but the
# first are by keyword only.
OTHER = {
    "loss": CrossEntropyLoss(),
    "loss_params": {"ridge": 1e-4},
    "image_shape": (1, 28, 28),
    "augmentation": ["shift"],
    "adversarial_training": 0.1,
    "module": torch.nn.Linear,
    "module_params": {"bias": False},
    "hidden_layer_sizes": [7],
    "activation": "relu",
    "dropout": 0.2,
    "estimators": [("bayes", GaussianNB())],
    "optimizer": torch.optim.SGD,
    "optimizer_params": {"momentum": 0.9},
    "learning_rate_init": 0.1,
    "alpha": 0.5,
    "batch_size": 32,
    "max_iter": 7,
    "n_iter_no_change": 3,
    "tol": 0.1,
    "cv": 3,
    "validation_fraction": 0.3,
    "priors": [0.5, 0.5],
    "class_weight": {0: 2},
    "warm_start": True,
    "callbacks": [],
    "checkpoint": "folder",
    "device": "cpu",
    "n_threads": 2,
    "random_state": 3,
    "verbose": 1,
}
PARAMETERS = list(OTHER)


def _public(kind):
    """Public objects of one kind, for `parametrize`."""
    return [
        pytest.param(getattr(module, name), id=f"{module.__name__}.{name}")
        for module in map(importlib.import_module, MODULES)
        for name in module.__all__
        if kind(getattr(module, name))
    ]


def _section(text, title):
    """Lines of a numpydoc section."""
    match = re.search(rf"\n{title}\n-+\n(.*?)(?=\n\S[^\n]*\n-+\n|\Z)", text, re.DOTALL)
    assert match, f"no section {title}"
    return match[1]


def _entries(text, title):
    """Names that a numpydoc section documents, `a, b : type` giving two."""
    heads = re.findall(r"^(\w+(?:, \w+)*)(?: :|$)", _section(text, title), re.MULTILINE)
    return [name for head in heads for name in head.split(", ")]


def _arguments(function):
    parameters = inspect.signature(function).parameters.values()
    variadic = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    return [p.name for p in parameters if p.name != "self" and p.kind not in variadic]


@pytest.mark.parametrize("name", MODULES)
def test_module_is_documented_and_exports_each_name_once(name):
    module = importlib.import_module(name)
    assert module.__doc__
    assert len(set(module.__all__)) == len(module.__all__)
    assert all(hasattr(module, exported) for exported in module.__all__)


@pytest.mark.parametrize("cls", _public(inspect.isclass))
def test_class_documents_itself_and_the_parameters_of_its_constructor(cls):
    doc = inspect.cleandoc(cls.__doc__)
    assert doc.splitlines()[0].endswith((".", ":"))
    arguments = _arguments(cls.__init__) if cls.__init__ is not torch.nn.Module.__init__ else []
    assert not arguments or set(arguments) <= set(_entries(doc, "Parameters"))


@pytest.mark.parametrize("function", _public(inspect.isfunction))
def test_function_documents_parameters_and_return_values(function):
    doc = inspect.cleandoc(function.__doc__)
    assert set(_arguments(function)) <= set(_entries(doc, "Parameters"))
    assert _entries(doc, "Returns")


@pytest.mark.parametrize("name", METHODS)
def test_methods_document_parameters_and_return_values(name):
    method = getattr(MutualInfoClassifier, name)
    doc = inspect.cleandoc(method.__doc__)
    assert set(_arguments(method)) <= set(_entries(doc, "Parameters"))
    assert _entries(doc, "Returns")


def test_constructor_has_the_agreed_parameters_by_keyword_only():
    signature = inspect.signature(MutualInfoClassifier).parameters
    assert list(signature) == PARAMETERS
    keyword_only = [p.kind is inspect.Parameter.KEYWORD_ONLY for p in signature.values()]
    assert keyword_only == [False] + [True] * (len(PARAMETERS) - 1)


def test_parameters_are_documented_and_constrained_in_the_order_of_the_signature():
    doc = inspect.cleandoc(MutualInfoClassifier.__doc__)
    assert _entries(doc, "Parameters") == PARAMETERS
    assert list(MutualInfoClassifier._parameter_constraints) == PARAMETERS


def test_docstring_states_the_defaults_of_the_constructor():
    heads = _section(inspect.cleandoc(MutualInfoClassifier.__doc__), "Parameters")
    for name, default in MutualInfoClassifier().get_params().items():
        stated = re.search(rf"^{name} : .*default=(.+)$", heads, re.MULTILINE)[1]
        if inspect.isclass(default):
            assert stated.endswith(default.__name__)
        else:
            assert ast.literal_eval(stated) == default


def test_documented_attributes_are_exactly_the_public_fitted_ones():
    X = pd.DataFrame({"a": range(20), "b": [0.0, 1.0] * 10})
    clf = MutualInfoClassifier("dmi", max_iter=1, random_state=0)
    clf.partial_fit(X, [0, 1] * 10, classes=[0, 1])
    documented = _entries(inspect.cleandoc(MutualInfoClassifier.__doc__), "Attributes")
    public = [name for name in dir(clf) if name.endswith("_") and not name.startswith("_")]
    assert {name for name in public if hasattr(clf, name)} == set(documented)


def test_constructor_keeps_every_parameter_as_it_is():
    clf = MutualInfoClassifier(**OTHER)
    assert all(getattr(clf, name) is value for name, value in OTHER.items())


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_can_be_set_and_are_cloned(name):
    clf = MutualInfoClassifier()
    assert clf.get_params()[name] != OTHER[name]
    assert clf.set_params(**{name: OTHER[name]}) is clf
    assert clf.get_params()[name] is OTHER[name]
    assert repr(clone(clf)) == repr(clf)


def test_parameter_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match=r"Invalid parameter 'lr'.*learning_rate_init"):
        MutualInfoClassifier().set_params(lr=0.1)


def test_repr_shows_what_differs_from_the_defaults():
    assert repr(MutualInfoClassifier()) == "MutualInfoClassifier()"
    assert repr(MutualInfoClassifier("dmi", cv=3)) == "MutualInfoClassifier(cv=3, loss='dmi')"
    assert "MutualInfoClassifier" in estimator_html_repr(MutualInfoClassifier())


def test_html_links_to_the_page_if_there_is_an_address(monkeypatch):
    assert "<a " not in estimator_html_repr(MutualInfoClassifier())
    monkeypatch.setattr("sklearn_mi._version.DOCUMENTATION", "https://example.org/mi/")
    page = "https://example.org/mi/generated/sklearn_mi.MutualInfoClassifier.html"
    assert f'href="{page}' in estimator_html_repr(MutualInfoClassifier())


def test_what_needs_no_network_loads_no_torch():
    light = ["datasets", "feature_selection", "inspection", "metrics", "model_selection"]
    code = f"import sys, sklearn_mi; [getattr(sklearn_mi, name) for name in {light}]"
    code += "; print('torch' in sys.modules, sklearn_mi.MutualInfoClassifier.__name__)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "MutualInfoClassifier"]


def test_the_package_says_what_it_has_and_what_not():
    assert {"MutualInfoClassifier", "metrics", "report"} <= set(dir(sklearn_mi))
    with pytest.raises(AttributeError, match="has no attribute 'metric'"):
        _ = sklearn_mi.metric
