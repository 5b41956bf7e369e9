"""Bars of what columns tell, and a matrix of their interactions."""

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import Bunch

from sklearn_mi.datasets import make_xor
from sklearn_mi.inspection import FeatureMutualInfoDisplay

plt = pytest.importorskip("matplotlib.pyplot")
pytestmark = pytest.mark.usefixtures("closed_figures")

FIGURES = {"": 0.0, "_stderr": 0.01, "_low": -0.02, "_high": 0.02}


def make_result(n_columns=4, kinds=("marginal", "conditional"), pairs=()):
    value = np.linspace(0.1, 0.4, n_columns)
    result = {"names": [f"col ${j}" for j in range(n_columns)], "label_entropy": 0.6, "total": 0.5}
    for kind in kinds:
        result |= {kind + end: value + shift for end, shift in FIGURES.items()}
    if pairs:
        result["pairs"] = np.array(pairs)
        result["interaction"] = np.linspace(-0.2, 0.1, len(pairs))
    return Bunch(**result)


def test_bars_are_the_figures_with_the_largest_on_top():
    result = make_result()
    display = FeatureMutualInfoDisplay.from_results(result)
    np.testing.assert_array_equal(display.order_, [3, 2, 1, 0])
    for kind in ("marginal", "conditional"):
        widths = [bar.get_width() for bar in display.bars_[kind]]
        np.testing.assert_allclose(widths, result[kind][::-1])
        (caps,) = display.bars_[kind].errorbar.lines[2]
        ends = np.sort([segment[:, 0] for segment in caps.get_segments()], axis=0)
        np.testing.assert_allclose(ends[:, 0], result[f"{kind}_low"])
        np.testing.assert_allclose(ends[:, 1], result[f"{kind}_high"])
    labels = [text.get_text() for text in display.axes_[0].get_yticklabels()]
    assert labels == [r"col \$3", r"col \$2", r"col \$1", r"col \$0"]
    bottom, top = display.axes_[0].get_ylim()
    assert bottom > top


def test_the_axis_ends_at_the_entropy_and_the_total_is_marked():
    ax = FeatureMutualInfoDisplay.from_results(make_result()).axes_[0]
    assert ax.get_xlim()[1] == pytest.approx(0.6, rel=0.02)
    assert 0.5 in [line.get_xdata()[0] for line in ax.lines]
    (share,) = ax.child_axes
    assert share.get_xlim()[1] == pytest.approx(1, rel=0.02)


def test_the_matrix_is_symmetric_on_a_scale_that_is_even():
    result = make_result(pairs=[(0, 1), (3, 0)])
    display = FeatureMutualInfoDisplay.from_results(result)
    assert len(display.axes_) == 2
    matrix = display.image_.get_array().filled(np.nan)
    expected = np.full((3, 3), np.nan)
    expected[0, 1] = expected[1, 0] = -0.2
    expected[0, 2] = expected[2, 0] = 0.1
    np.testing.assert_allclose(matrix, expected)
    assert display.image_.get_clim() == (-0.2, 0.2)
    names = [text.get_text() for text in display.axes_[1].get_xticklabels()]
    assert names == [r"col \$0", r"col \$1", r"col \$3"]


def test_no_information_has_no_sign():
    result = make_result(2, kinds=(), pairs=[(0, 1)])
    result["interaction"] = np.array([-1e-9])
    display = FeatureMutualInfoDisplay.from_results(result)
    assert [text.get_text() for text in display.axes_[0].texts] == ["0.00", "0.00"]
    assert display.bars_ == {}


def test_as_many_columns_as_asked_for():
    result = make_result(30)
    assert len(FeatureMutualInfoDisplay.from_results(result).order_) == 20
    display = FeatureMutualInfoDisplay.from_results(result, max_features=3)
    np.testing.assert_array_equal(display.order_, [29, 28, 27])
    assert len(FeatureMutualInfoDisplay(result).plot(max_features=None).order_) == 30


def test_from_estimator_asks_and_draws():
    X, y = make_xor(200, 3, random_state=0)
    tree = DecisionTreeClassifier(random_state=0)
    kinds = ["conditional", "shapley", "interaction"]
    display = FeatureMutualInfoDisplay.from_estimator(tree, X, y, kind=kinds, cv=2)
    assert list(display.bars_) == ["conditional", "shapley"]
    assert set(display.order_[:2]) == {0, 1}
    assert display.image_ is not None


def test_axes_of_the_caller():
    _, axes = plt.subplots(1, 2)
    result = make_result(pairs=[(0, 1)])
    display = FeatureMutualInfoDisplay.from_results(result, ax=axes)
    assert list(display.axes_) == list(axes)
    with pytest.raises(ValueError, match="ax has 1 of them, expected 2"):
        display.plot(ax=axes[0])


def test_what_is_no_result():
    with pytest.raises(ValueError, match="must be what feature_mutual_info returns"):
        FeatureMutualInfoDisplay.from_results({"importances": [1]})
