"""The information plane: the points are the figures, under the ceiling, with the choice marked."""

import sys

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.utils import Bunch

from sklearn_mi.decomposition import InformationBottleneck, InformationCurveDisplay

plt = pytest.importorskip("matplotlib.pyplot")
pytestmark = pytest.mark.usefixtures("closed_figures")

CURVE = Bunch(
    beta=np.array([0.3, 0.1, 0.01]),
    rate=np.array([0.5, 1.5, 4.0]),
    relevance=np.array([0.4, 0.8, 0.9]),
    relevance_stderr=np.array([0.02, 0.03, 0.05]),
)


def test_the_points_are_the_curve_of_the_estimator(bottleneck):
    display, curve = (
        InformationCurveDisplay.from_estimator(bottleneck),
        bottleneck.information_curve_,
    )
    rate, relevance = display.errorbar_.lines[0].get_data()
    np.testing.assert_array_equal(rate, curve.rate)
    np.testing.assert_array_equal(relevance, curve.relevance)
    assert display.ceiling_.get_ydata()[0] == bottleneck.label_entropy_
    assert display.figure_ is display.ax_.figure
    chosen = list(curve.beta).index(bottleneck.beta_)
    assert display.chosen_.get_data() == ([curve.rate[chosen]], [curve.relevance[chosen]])


def test_the_bars_are_one_standard_error():
    display = InformationCurveDisplay(CURVE, np.log(3)).plot()
    (bars,) = display.errorbar_.lines[2]
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    np.testing.assert_allclose(ends[:, 0], CURVE.relevance - CURVE.relevance_stderr)
    np.testing.assert_allclose(ends[:, 1], CURVE.relevance + CURVE.relevance_stderr)


def test_each_point_has_its_beta():
    display = InformationCurveDisplay(CURVE, np.log(3), beta=0.1).plot()
    assert [text.get_text() for text in display.texts_] == ["0.3", "0.1", "0.01"]
    assert [text.xy for text in display.texts_] == list(
        zip(CURVE.rate, CURVE.relevance, strict=True)
    )
    assert "chosen, β = 0.1" in display.ax_.get_legend_handles_labels()[1]
    assert InformationCurveDisplay(CURVE, np.log(3)).plot().chosen_ is None


def test_the_shade_is_where_no_code_can_be():
    display = InformationCurveDisplay(CURVE, np.log(3)).plot()
    (shade,) = display.ax_.collections[:1]
    region = shade.get_paths()[0]
    for rate in (0.2, 0.9, 1.2, 3.0):
        bound = min(rate, np.log(3))
        assert region.contains_point((rate, bound + 0.02))
        assert not region.contains_point((rate, bound - 0.02))


def test_axes_hold_all_points_in_nats_even_below_nothing():
    curve = Bunch(**{**CURVE, "relevance": np.array([-0.2, -0.1, 0.1])})
    ax = InformationCurveDisplay(curve, np.log(3)).plot().ax_
    assert ax.get_ylim()[0] <= -0.2 and ax.get_ylim()[1] > np.log(3)
    assert ax.get_xlim()[0] == 0 and ax.get_xlim()[1] > 4
    assert ax.get_xlabel().endswith("nats") and ax.get_ylabel().endswith("nats")


def test_one_beta_without_any_rate_is_drawn():
    single = Bunch(beta=[9.0], rate=[0.0], relevance=[0.0], relevance_stderr=[0.0])
    display = InformationCurveDisplay(single, np.log(2), beta=9.0).plot()
    display.figure_.canvas.draw()
    assert display.ax_.get_xlim()[1] > 0


def test_axes_of_the_caller():
    figure, ax = plt.subplots()
    display = InformationCurveDisplay(CURVE, np.log(3)).plot(ax=ax)
    assert display.ax_ is ax and display.figure_ is figure


def test_what_is_no_curve_and_a_beta_that_is_not_on_it():
    with pytest.raises(ValueError, match="must be the information_curve_ of a fitted"):
        InformationCurveDisplay({"beta": [1]}, 1.0).plot()
    with pytest.raises(ValueError, match=r"beta=0\.2 must be one of the curve.*Pass the beta_"):
        InformationCurveDisplay(CURVE, 1.0, beta=0.2).plot()


def test_what_is_not_fitted_and_what_is_no_bottleneck():
    with pytest.raises(NotFittedError, match="Call 'fit'"):
        InformationCurveDisplay.from_estimator(InformationBottleneck())
    with pytest.raises(TypeError, match=r"bottleneck=PCA\(\) must be a fitted InformationBottlen"):
        InformationCurveDisplay.from_estimator(PCA())


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"InformationCurveDisplay needs matplotlib: pip install"):
        InformationCurveDisplay(CURVE, 1.0).plot()
