"""Callbacks of scikit-learn are told of every epoch, and change nothing unasked."""

import pickle
import warnings

import joblib
import numpy as np
import pytest
import skops.io
from quick_fits import assert_same, classifier
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mi.losses import LOSSES
from sklearn_mi.model_selection import StackedSearchCV

callback = pytest.importorskip("sklearn.callback", reason="came with scikit-learn 1.9")


class Listener:
    """Keeps what it is told; stops a task of which it has heard so often."""

    max_propagation_depth = None

    def __init__(self, stop_after=None):
        self.heard, self.stop_after = [], stop_after

    def setup(self, estimator, context):
        self.heard.append("setup")

    def teardown(self, estimator, context):
        self.heard.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.heard.append(("begin", context.task_name, context.max_subtasks))

    def on_fit_task_end(self, estimator, context):
        self.heard.append(("end", context.task_name, context.task_id))
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after

    def count(self, name):
        return sum(item[:2] == ("end", name) for item in self.heard)


def test_a_fit_is_a_tree_of_tasks(rows):
    listener = Listener()
    classifier(max_iter=2).set_callbacks(listener).fit(*rows)
    epochs = [task for k in range(2) for task in (("begin", "epoch", 0), ("end", "epoch", k))]
    assert listener.heard == [
        "setup",
        ("begin", "fit", 2),
        ("begin", "networks", 2),
        *epochs,
        ("end", "networks", 0),
        ("begin", "companions and pool", 0),
        ("end", "companions and pool", 1),
        ("end", "fit", 0),
        "teardown",
    ]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.filterwarnings("ignore:The labels cannot tell noise")
def test_who_looks_on_changes_nothing(rows, loss):
    monitor = callback.ScoringMonitor(scoring="neg_log_loss")
    watched = classifier(loss=loss, max_iter=3).set_callbacks(Listener(), monitor).fit(*rows)
    assert_same(watched, classifier(loss=loss, max_iter=3).fit(*rows))
    told = monitor.get_logs().data_as_pandas
    epochs = told[told["task_name"] == "epoch"]
    assert len(epochs) == watched.n_iter_
    assert np.isfinite(told["neg_log_loss"]).all()


def test_what_an_epoch_is_scored_by_is_what_a_fit_of_so_many_epochs_gives(rows):
    """By the best weights so far, of networks alone."""
    monitor = callback.ScoringMonitor(scoring="neg_log_loss")
    fitted = classifier(max_iter=4).set_callbacks(monitor).fit(*rows)
    told = monitor.get_logs().data_as_pandas.set_index("task_name")["neg_log_loss"]
    assert -told["fit"] == pytest.approx(log_loss(rows[1], fitted.predict_proba(rows[0])))
    assert told["epoch"].iloc[-1] == pytest.approx(told["fit"], rel=1e-9)
    assert told["epoch"].is_monotonic_increasing


def test_a_callback_ends_the_training(rows):
    listener = Listener(stop_after=2)
    fitted = classifier(max_iter=5).set_callbacks(listener).fit(*rows)
    assert fitted.n_iter_ == listener.count("epoch") == 2


def test_searches_and_pipelines_pass_them_on(rows):
    listener, clf = Listener(), classifier(max_iter=2)
    make_pipeline(StandardScaler(), clf).set_callbacks(listener).fit(*rows)
    assert listener.count("epoch") == 2
    listener = Listener()
    search = GridSearchCV(clf, {"alpha": [0.1, 0.2]}, cv=2).set_callbacks(listener)
    search.fit(*rows)
    assert listener.count("networks") == 5
    monitor = callback.ScoringMonitor(scoring="neg_log_loss")
    watched = clone(clf).set_callbacks(monitor)
    with joblib.parallel_config("threading"):
        GridSearchCV(watched, {"alpha": [0.1, 0.2]}, cv=2, n_jobs=2).fit(*rows)
    assert len(monitor.get_logs().data) == 5 * (2 + 2)


def test_a_stacked_search_tells_of_its_parts_and_passes_them_on_to_the_refit(rows):
    listener, grid = Listener(), {"alpha": [0.1, 0.2]}
    search = StackedSearchCV(classifier(max_iter=2), grid, cv=2).set_callbacks(listener)
    search.fit(*rows)
    assert listener.heard[:3] == ["setup", ("begin", "fit", 2), ("begin", "search", 2)]
    assert listener.count("candidates of a split") == 2
    assert listener.count("epoch") == 2 and listener.heard[-1] == "teardown"
    silent = StackedSearchCV(classifier(max_iter=2), grid, cv=2).fit(*rows)
    for name in ("mean_test_score", "split0_test_score"):
        assert np.array_equal(search.cv_results_[name], silent.cv_results_[name])
    watched = classifier(max_iter=2).set_callbacks(Listener())
    StackedSearchCV(watched, grid, cv=2, refit=False).fit(*rows)
    assert watched._skl_callbacks[0].count("networks") == 4


def test_a_bar_is_drawn(rows, capsys):
    pytest.importorskip("rich")
    classifier(max_iter=2).set_callbacks(callback.ProgressBar()).fit(*rows)
    assert "networks" in capsys.readouterr().out


def test_a_fit_that_fails_lets_go_of_its_callbacks(rows):
    listener = Listener()
    with pytest.raises(ValueError, match="cv=1000"):
        classifier(cv=1000).set_callbacks(listener).fit(*rows)
    assert listener.heard == ["setup", ("begin", "fit", 2), "teardown"]


def test_a_watched_classifier_is_stored(rows):
    fitted = (
        classifier(max_iter=1).set_callbacks(callback.ScoringMonitor(scoring="accuracy")).fit(*rows)
    )
    opened = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(opened.predict_proba(rows[0]), fitted.predict_proba(rows[0]))
    with pytest.raises(TypeError, match=r"skops cannot store callbacks.*set_callbacks\(\)"):
        skops.io.dumps(fitted)


def test_nobody_is_told_what_warnings_say_twice(rows):
    monitor = callback.ScoringMonitor(scoring="neg_log_loss")
    clf = classifier(loss="dmi", max_iter=2).set_callbacks(monitor)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        clf.fit(*rows)
    assert sum("cannot tell noise" in str(warning.message) for warning in said) <= 1
