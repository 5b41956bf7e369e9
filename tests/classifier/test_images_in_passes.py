"""Images of a large memory map are read in passes, as tables are."""

import numpy as np
import pandas as pd
import pytest
from rows_in_files import write

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs import _open_rows, _reservoir

N_IMAGES = 600
PARAMS = {
    "module_params": {"stages": (4,)},
    "max_iter": 6,
    "batch_size": 64,
    "random_state": 0,
    "device": "cpu",
}


def bright_images(dtype=np.uint8):
    """Of two classes, one of which is brighter on the left."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, N_IMAGES)
    X = rng.integers(0, 120, size=(N_IMAGES, 1, 8, 8))
    X[:, :, :, :4] += 60 * y[:, None, None, None]
    return (X / 255 if dtype != np.uint8 else X).astype(dtype), y


@pytest.fixture(params=[np.uint8, np.float32], ids=["bytes", "floats"])
def mapped(request, tmp_path, monkeypatch):
    X, y = bright_images(request.param)
    held = np.memmap(tmp_path / "X", dtype=X.dtype, mode="w+", shape=X.shape)
    held[:] = X
    monkeypatch.setattr(_open_rows, "LARGE", X.nbytes)
    return held, y


def test_the_estimate_is_that_of_a_fit_in_memory(mapped):
    X, y = mapped
    clf = MutualInfoClassifier(**PARAMS).fit(X, y)
    in_memory = MutualInfoClassifier(**PARAMS).fit(np.array(X), y)
    assert clf.image_shape_ == (1, 8, 8)
    assert not hasattr(clf, "oof_log_proba_")
    assert clf.mutual_info_score_ == pytest.approx(in_memory.mutual_info_score_, abs=0.03)
    assert clf.score(X, y) > 0.9
    np.testing.assert_allclose(clf.predict_proba(X), clf.predict_proba(np.array(X)), rtol=1e-5)


@pytest.mark.parametrize("mapped", [np.uint8], ids=["bytes"], indirect=True)
@pytest.mark.parametrize(
    "params", [{"augmentation": ["shift", "flip"]}, {"adversarial_training": 0.02}]
)
def test_images_that_are_changed_in_training(mapped, params, monkeypatch):
    monkeypatch.setattr(_reservoir, "SAMPLE_ROWS", 300)
    X, y = mapped
    clf = MutualInfoClassifier(**PARAMS, **params).fit(X, y)
    plain = MutualInfoClassifier(**PARAMS).fit(X, y)
    assert np.isfinite(clf.mutual_info_score_)
    assert clf.mutual_info_score_ != plain.mutual_info_score_


@pytest.mark.parametrize("mapped", [np.float32], ids=["floats"], indirect=True)
def test_a_pixel_that_is_no_number(mapped):
    X, y = mapped
    X[577, 0, 3, 3] = np.nan
    with pytest.raises(ValueError, match="the first of them image 577"):
        MutualInfoClassifier(**PARAMS).fit(X, y)


def test_a_file_of_pixels(tmp_path):
    X, y = bright_images()
    frame = pd.DataFrame(X.reshape(N_IMAGES, -1)).rename(columns=str).assign(label=y)
    file = write(frame, tmp_path / "images.parquet")
    clf = MutualInfoClassifier(**PARAMS, image_shape=(8, 8)).fit(file, "label")
    assert clf.image_shape_ == (1, 8, 8)
    assert clf.mutual_info_score_ > 0.2
    assert clf.score(file, "label") > 0.9
