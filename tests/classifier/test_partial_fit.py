"""Streams: every chunk is scored before it is learnt, and no call costs more for those before."""

import pickle
import warnings

import numpy as np
import pytest
import small_streams
from numpy.testing import assert_allclose, assert_array_equal
from quick_fits import classifier, fit
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from small_streams import CLASSES, chunks_of, stream, with_types

from sklearn_mi.datasets import make_gaussian_classes
from sklearn_mi.exceptions import LeakageWarning
from sklearn_mi.losses import LOSSES

# --- what the score is ---------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_the_first_chunk_is_learnt_and_scored_as_by_fit(rows, weighted):
    X, y = rows
    weight = np.random.default_rng(0).integers(1, 4, len(y)) if weighted else None
    of_fit = fit(X, y, sample_weight=weight)
    of_stream = classifier().partial_fit(X, y, classes=CLASSES, sample_weight=weight)
    assert_allclose(of_stream.predict_proba(X), of_fit.predict_proba(X), rtol=1e-6)
    assert of_stream.mutual_info_score_ == pytest.approx(of_fit.mutual_info_score_, abs=1e-7)
    assert of_stream.mutual_info_stderr_ == pytest.approx(of_fit.mutual_info_stderr_, abs=1e-7)
    assert of_stream.mutual_info_interval() == pytest.approx(of_fit.mutual_info_interval())


def test_later_chunks_are_scored_by_what_was_known_before(rows):
    first, second, third = chunks_of(*rows)
    clf = stream([first])
    for X, y in (second, third):
        told = clf.predict_log_proba(X)[np.arange(len(y)), y]
        share = np.bincount(y) / len(y)
        clf.partial_fit(X, y)
        history = clf.mutual_info_history_
        assert history["mutual_info"][-1] == pytest.approx((told - np.log(share[y])).mean())
    learnt = clf.oof_log_proba_[np.arange(len(rows[1])), rows[1]][-len(y) :]
    expected = clf.oof_pointwise_mutual_info_.mean() - (learnt - told).mean()
    assert clf.mutual_info_score_ == pytest.approx(expected)
    assert clf.n_samples_seen_ == len(rows[1])


def test_rows_that_are_like_those_of_their_time_do_not_raise_the_score():
    """Where all rows of a place share a label, held-out rows know it from others, new ones not."""
    rng = np.random.default_rng(0)
    clf = classifier(max_iter=60, hidden_layer_sizes=(64,))
    for _ in range(8):
        time, y = rng.normal(scale=10, size=(3, 2)), rng.integers(0, 2, 3)
        which = np.repeat(np.arange(3), 20)
        X = time[which] + rng.normal(scale=0.1, size=(60, 2))
        clf.partial_fit(X, y[which], classes=[0, 1])
    assert clf.oof_pointwise_mutual_info_.mean() > 0.3
    assert clf.mutual_info_score_ < 2 * clf.mutual_info_stderr_


def test_random_labels_tell_nothing():
    rng = np.random.default_rng(0)
    clf = stream([(rng.standard_normal((60, 4)), rng.integers(0, 3, 60)) for _ in range(5)])
    assert clf.mutual_info_score_ < 2 * clf.mutual_info_stderr_


def test_a_drift_shows_in_the_history():
    X, y = make_gaussian_classes(400, 4, centers=(0, 3), random_state=0)
    chunks = chunks_of(X, y, 100)
    chunks[3] = chunks[3][0], 1 - chunks[3][1]
    told = stream(chunks, classes=[0, 1], max_iter=30).mutual_info_history_["mutual_info"]
    assert told[3] < 0 < told[1:3].min()


@pytest.mark.parametrize("ids", [False, True])
def test_rows_that_come_again_are_named(rows, ids):
    (X, y), (X2, y2), _ = chunks_of(*rows)
    if ids:
        X, again, X2 = (np.c_[own, np.arange(80) + 80 * k] for k, own in enumerate((X, X, X2)))
    else:
        again = X
    clf = stream([(X, y)])
    told = "what gives each row a number or name of its own" if ids else "equal in every column,"
    with pytest.warns(LeakageWarning, match=f"80 of the 80 rows came before.*{told}"):
        clf.partial_fit(again, y)
    clf = stream([(X, y)])
    with warnings.catch_warnings():
        warnings.simplefilter("error", LeakageWarning)
        clf.partial_fit(X2, y2)


# --- what may come -------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.filterwarnings("ignore:The labels cannot tell noise")
def test_classes_may_come_one_after_the_other_or_not_at_all(rows, loss):
    X, y = rows
    order = np.argsort(y, kind="stable")
    clf = stream(chunks_of(X[order], y[order]), [0, 1, 2, 9], loss=loss)
    proba = clf.predict_proba(X)
    assert_allclose(proba.sum(axis=1), 1)
    assert_array_equal(clf.classes_, [0, 1, 2, 9])
    assert_allclose(proba[:, 3], clf.class_prior_[3])
    assert clf.class_prior_[3] == pytest.approx(0.5 / (len(y) + 2))
    assert clf.score(X, y) > 0.5
    assert np.isfinite(clf.mutual_info_history_["mutual_info"]).all()


def test_a_class_that_comes_first_is_learnt_at_once(rows):
    X, y = rows
    known = y != 2
    clf = stream([(X[known], y[known])], max_iter=30)
    assert np.ptp(clf.predict_proba(X)[:, 2]) < 1e-12
    clf.partial_fit(X[~known][:20], y[~known][:20])
    proba = clf.predict_proba(X)[:, 2]
    assert proba[~known].mean() > 1.1 * proba[known].mean()


def test_rows_of_one_class_tell_nothing_but_not_for_certain(rows):
    X = rows[0]
    certain = []
    for n in (40, 160):
        clf = stream([(X[:n], np.zeros(n, int))], [0, 1])
        low, high = clf.mutual_info_interval()
        p = 0.5 / (n + 1)  # of the class that did not come
        error = np.sqrt(p * (1 - p) / n) * np.log((1 - p) / p)
        assert clf.mutual_info_stderr_ == pytest.approx(error)
        assert clf.mutual_info_history_["stderr"] == pytest.approx([error])
        assert low < -error < clf.mutual_info_score_ <= 0 < high == clf.label_entropy_
        certain.append(high - low)
    assert certain[1] < certain[0] / 2
    clf.partial_fit(X[160:], rows[1][160:] > 0)
    assert clf.mutual_info_score_ < -error  # what a class costs that nobody expected


def test_tables_with_text_dates_and_new_categories(rows):
    X, y = rows
    chunks = chunks_of(with_types(X), y)
    chunks[2] = chunks[2][0].assign(level="sideways"), chunks[2][1]
    clf = stream(chunks)
    assert_array_equal(clf.feature_names_in_, chunks[0][0].columns)
    assert np.isfinite(clf.predict_proba(chunks[2][0])).all()


def test_what_is_said_of_a_column_is_said_once(rows):
    X, y = rows
    frame = with_types(X).assign(id=[f"P{i}" for i in range(len(X))])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        clf = stream(chunks_of(frame, y, 40), max_iter=1)
    assert [str(one.message)[:11] for one in said] == ["Column 'id'"]
    assert said[0].filename == small_streams.__file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clf.partial_fit(frame[:40].assign(id=[f"Q{i}" for i in range(40)], x0=0.5), y[:40])


def test_rows_of_other_kinds(rows):
    X, y = rows
    dense = stream(chunks_of(X, y)).predict_proba(X)
    assert_array_equal(stream(chunks_of(csr_array(X), y)).predict_proba(X), dense)
    wide = csr_array(np.tile(X, 100) * (np.random.default_rng(0).random((len(X), 400)) < 0.1))
    assert stream(chunks_of(wide, y), max_iter=1).n_samples_seen_ == len(y)
    pixels = np.random.default_rng(0).integers(0, 255, (60, 1, 8, 8), dtype=np.uint8)
    clf = stream(chunks_of(pixels, y[:60], 20), max_iter=1)
    assert clf.predict_proba(pixels).shape == (60, 3)
    flat = pixels.reshape(60, -1)
    given = stream(chunks_of(flat, y[:60], 20), max_iter=1, image_shape=(8, 8))
    assert_allclose(given.predict_proba(flat), clf.predict_proba(pixels), rtol=1e-5)


def test_a_single_row_and_rows_without_weight(rows):
    X, y = rows
    clf = stream([(X[:80], y[:80])]).partial_fit(X[80:81], y[80:81])
    weight = np.r_[np.zeros(10), np.ones(10)]
    clf.partial_fit(X[100:120], y[100:120], sample_weight=weight)
    assert clf.mutual_info_history_["n_samples"].tolist() == [80, 1, 10]
    assert np.isfinite(clf.mutual_info_stderr_)


def test_weights_have_one_scale_over_all_chunks(rows):
    X, y = rows
    weight = np.where(np.arange(len(y)) < 120, 1.0, 3.0)
    one = classifier().partial_fit(X, y, CLASSES, weight)
    two = classifier().partial_fit(X[:120], y[:120], CLASSES, weight[:120])
    two.partial_fit(X[120:], y[120:], sample_weight=weight[120:])
    assert_allclose(two.predict_proba(X), one.predict_proba(X), rtol=1e-6)


# --- what may not --------------------------------------------------------------------------------


def test_classes_are_passed_first_and_stay(rows):
    X, y = rows
    with pytest.raises(ValueError, match="classes must be passed on the first call to partial_fit"):
        classifier().partial_fit(X, y)
    with pytest.raises(ValueError, match="has 1 class"):
        classifier().partial_fit(X, y, classes=[0])
    with pytest.raises(ValueError, match="y has the class 2, which is none of the classes"):
        classifier().partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="not the same as on last call to partial_fit"):
        stream([(X, y)]).partial_fit(X, y, classes=[0, 1, 2, 3])


@pytest.mark.filterwarnings("ignore:This classifier was fitted by fit")
def test_after_fit_rows_are_scored_and_learnt_when_they_are_as_many(rows):
    X, y = rows
    clf = fit(X[:80], y[:80])
    told = clf.predict_log_proba(X[80:140])[np.arange(60), y[80:140]]
    before = clf.predict_proba(X)
    clf.partial_fit(X[80:140], y[80:140])
    share = np.bincount(y[80:140]) / 60
    assert clf.mutual_info_score_ == pytest.approx((told - np.log(share[y[80:140]])).mean())
    assert_array_equal(clf.predict_proba(X), before)
    clf.partial_fit(X[140:160], y[140:160])
    assert_array_equal(clf.predict_proba(X), fit(X[80:160], y[80:160]).predict_proba(X))


def test_splits_of_given_rows_are_refused(rows):
    splits = [(np.arange(40), np.arange(40, 80)), (np.arange(40, 80), np.arange(40))]
    with pytest.raises(ValueError, match="has splits of given rows"):
        stream(chunks_of(*rows), cv=splits)


def test_what_a_stream_does_not_know_or_tell_is_said(rows):
    X, y = rows
    with pytest.warns(UserWarning, match="was fitted by fit, whose rows it does not remember"):
        fit(X[:80], y[:80]).partial_fit(X[80:], y[80:])
    callback = pytest.importorskip("sklearn.callback")
    watched = classifier().set_callbacks(callback.ScoringMonitor(scoring="accuracy"))
    with pytest.warns(UserWarning, match="Callbacks of scikit-learn are not told"):
        watched.partial_fit(X, y, classes=CLASSES)


def test_fit_forgets_a_stream(rows):
    clf = stream(chunks_of(*rows)).fit(*rows)
    assert not hasattr(clf, "mutual_info_history_")
    assert clf.mutual_info_score_ == fit(*rows).mutual_info_score_


def test_a_chunk_that_is_refused_leaves_all_as_it_was(rows):
    X, y = rows
    frame = with_types(X)
    clf = stream([(frame[:80], y[:80])])
    before = pickle.dumps(clf)
    refused = [
        (frame[80:][frame.columns[::-1]], y[80:], "same order"),
        (frame[80:].drop(columns="day"), y[80:], "missing"),
        (frame[80:], y[:5], "inconsistent numbers of samples"),
        (frame[80:], np.where(y[80:] == 1, np.nan, y[80:]), "label.s. are missing"),
        (frame[80:], y[80:] + 1, "y has the class 3"),
    ]
    for X_bad, y_bad, text in refused:
        with pytest.raises(ValueError, match=text):
            clf.partial_fit(X_bad, y_bad)
    assert pickle.dumps(clf) == before


def test_nothing_is_half_done_where_a_first_chunk_cannot_be_learnt(rows):
    X, y = rows
    clf = classifier(cv=200)
    with pytest.raises(ValueError, match="cv=200"):
        clf.partial_fit(X[:80], y[:80], classes=CLASSES)
    with pytest.raises(NotFittedError):
        clf.predict(X)
    clf.set_params(cv=3).partial_fit(X[:80], y[:80], classes=CLASSES)
    assert clf.n_samples_seen_ == 80


def test_incremental_of_dask_ml_feeds_a_stream(rows):
    wrappers = pytest.importorskip("dask_ml.wrappers")
    import dask
    import dask.array as da

    X, y = rows
    arrays = da.from_array(X, chunks=(80, 4)), da.from_array(y, chunks=80)
    with dask.config.set(scheduler="synchronous"):
        incremental = wrappers.Incremental(classifier(), shuffle_blocks=False)
        incremental.fit(*arrays, classes=CLASSES)
    expected = stream(chunks_of(X, y)).predict_proba(X)
    assert_array_equal(incremental.estimator_.predict_proba(X), expected)
