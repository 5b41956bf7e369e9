"""How far rows may move in training: numbers of a table by spreads, pixels by their range."""

import numpy as np
import pandas as pd
import pytest
import torch
from bounded_rows import bounds_of, limits_of, lively_mlp, seeded
from numpy.testing import assert_allclose, assert_array_equal
from rows_to_move import mixed_table, pixels, tiny
from small_fits import apart, make_loss

from sklearn_mi._engine._adversarial_training import Adversary
from sklearn_mi._engine._batches import MemberBatches, MemberData
from sklearn_mi._inputs._augmentation import Augmentation
from sklearn_mi.modules import ModuleStack

# --- tables ---------------------------------------------------------------------------------------


def test_numbers_of_a_table_move_by_standard_deviations():
    table = mixed_table()
    encoder, _, _ = bounds_of(table)
    limits = limits_of(table)
    for way, bound in zip((-1, 1), limits, strict=True):
        by_hand = table.assign(
            size=table["size"] + way * 0.4 * table["size"].std(ddof=0),
            age=table["age"] + way * 0.4 * table["age"].std(ddof=0),
        )
        assert_allclose(bound, encoder.transform(by_hand), rtol=1e-6)
    spread = (limits[1] - limits[0]).amax(0).numpy()
    numbers = encoder.columns_[encoder.scaled_]
    moving = table.columns[numbers].isin(["size", "age"])
    assert_array_equal(spread[: len(numbers)] > 0, moving)
    assert moving.sum() == 2 and (spread[len(numbers) :] == 0).all()


def test_what_does_not_move_stays_exactly():
    table = mixed_table()
    encoder, X, bounds = bounds_of(table)
    rows = torch.arange(40).view(1, 40)
    module, target = lively_mlp(1, n_features=X.shape[1]), rows % 3
    out = Adversary(module, make_loss("ce"), bounds)(X[rows], rows, target, seeded())[0]
    low, high = limits_of(table)
    assert ((low <= X) & (high >= X)).all()
    names = table.columns[encoder.columns_[encoder.scaled_]]
    assert {"size", "age"} < set(names) or {"size", "age"} == set(names)
    for j in range(X.shape[1]):
        moves = j < len(names) and names[j] in ("size", "age")
        present = table[names[j]].notna() if moves else np.zeros(40, bool)
        assert_array_equal(out[:, j] != X[:, j], present)


@pytest.mark.parametrize("form", ["frame", "float", "float32", "int", "objects"])
def test_all_forms_of_a_table_have_the_same_bounds(form):
    values = np.random.default_rng(0).integers(-9, 9, (30, 3))
    forms = {"frame": pd.DataFrame(values), "float": values.astype(float), "int": values}
    forms |= {"float32": values.astype(np.float32), "objects": values.astype(object)}
    for bound, expected in zip(limits_of(forms[form]), limits_of(forms["float"]), strict=True):
        torch.testing.assert_close(bound, expected)


def test_only_rows_that_a_network_trains_on_have_a_say():
    X = np.random.default_rng(0).normal(size=(30, 2))
    keep = np.arange(30) % 3 > 0
    outlier = X.copy()
    outlier[~keep] *= 1e6
    first, second = (limits_of(x, eps=0.1, keep=keep) for x in (X, outlier))
    assert all(torch.equal(a[keep], b[keep]) for a, b in zip(first, second, strict=True))


# --- images ---------------------------------------------------------------------------------------


FORMS = {
    "bytes": (pixels(), 0, 1),
    "parts": (pixels() / 255, 0, 1),
    "dim": (pixels() / 1000, 0, 1),
    "signed": (pixels() / 32.0 - 3, -3, 255 / 32 - 3),
}


@pytest.mark.parametrize("X, least, most", FORMS.values(), ids=FORMS)
def test_pixels_move_by_a_share_of_their_range_and_stay_in_it(X, least, most):
    encoder, encoded, bounds = bounds_of(X, eps=0.1)
    rows, target = torch.arange(12).view(2, 6), torch.arange(12).view(2, 6) % 3
    module = ModuleStack(tiny, 2, (2, 5, 5), 3)
    adversary = Adversary(module, make_loss("ce"), bounds)
    out = adversary(encoded[rows].float(), rows, target, seeded()).numpy()
    decoded = out * encoder.scale_ + encoder.mean_
    raw = (X / 255 if X.dtype == np.uint8 else X)[rows]
    change, reach = np.abs(decoded - raw), 0.1 * (most - least)
    tiny_error = 1e-5 * (most - least)
    assert change.max() <= reach + tiny_error and change.max() > 0.99 * reach
    assert decoded.min() >= least - tiny_error and decoded.max() <= most + tiny_error
    expected = np.clip(raw - reach, least, None), np.clip(raw + reach, None, most)
    for found, bound in zip(bounds(encoded[rows], rows), expected, strict=True):
        found = found.numpy() * encoder.scale_ + encoder.mean_
        assert_allclose(found, bound, atol=tiny_error)


def test_bytes_and_their_parts_have_the_same_bounds():
    first, second = (bounds_of(X)[2] for X in (pixels(), pixels() / np.float32(255)))
    assert all(torch.equal(value, vars(second)[name]) for name, value in vars(first).items())


def test_augmented_images_have_a_box_of_their_own():
    _, X, bounds = bounds_of(pixels(20), eps=0.05)
    data = MemberData(X, torch.arange(20) % 3, None, apart(2, n_train=7, n_held=3))
    augment, stack = Augmentation(["shift", "flip"]), ModuleStack(tiny, 2, (2, 5, 5), 3)
    adversary = Adversary(stack, make_loss("ce"), bounds)
    # One batch of an epoch, so that both draw the same changes.
    ((plain, _),) = MemberBatches(data, 7, seeded(), augment)
    ((moved, _),) = MemberBatches(data, 7, seeded(), augment, adversary)
    low, high = bounds(plain, None)
    assert ((low <= moved) & (moved <= high)).all()
    assert 0 < (moved - plain).abs().max() <= bounds.reach.max() + 1e-6
