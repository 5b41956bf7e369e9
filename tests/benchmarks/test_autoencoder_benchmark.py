"""What is exact in the benchmark of autoencoders."""

import numpy as np
import pandas as pd
from benchmark_modules import load

main = load("autoencoder")


def test_numbers_are_moved_to_the_nearest_that_was_seen():
    seen = np.array([[0.0, 5.0], [1.0, 5.0], [4.0, 5.0]])
    made = np.array([[-3.0, 1.0], [0.4, 9.0], [2.4, 5.0], [2.6, 5.0], [9.0, 5.0]])
    np.testing.assert_array_equal(main.snapped(made, seen)[:, 0], [0, 0, 1, 4, 4])
    assert (main.snapped(made, seen)[:, 1] == 5).all()


def test_halves_share_no_row():
    X = pd.DataFrame({"x": np.arange(101)})
    one, other, labels, others = main.halves(lambda: (X, X["x"]), 0, 80)
    assert len(one) == len(other) == 40
    assert not set(one["x"]) & set(other["x"])
    assert (labels == one["x"]).all()
    assert (others == other["x"]).all()


def test_differences_are_0_for_rows_that_come_back_and_1_for_means():
    X = pd.DataFrame({"x": np.random.RandomState(0).normal(size=500), "word": ["a", "b"] * 250})
    other = X.sample(frac=1, random_state=0)
    restored = other.reset_index(drop=True)
    assert main.differences(X, other, restored) == "error 0.000, levels 1.000"
    means = X.assign(x=X["x"].mean(), word="a")
    assert main.differences(X, X, means) == "error 0.998, levels 0.500"


def test_pca_codes_words_and_numbers():
    X = pd.DataFrame({"x": np.arange(30.0), "y": np.arange(30.0), "word": ["a", "b"] * 15})
    code, words, _ = main.coded("pca", 2, X, X, 0)
    assert code.shape == (30, 2)
    assert words == "error 0.000"
