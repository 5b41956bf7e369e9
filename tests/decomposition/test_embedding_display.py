"""The map: points stand where rows do, told apart by colour and marker, with what the map tells."""

import re
import sys

import numpy as np
import pandas as pd
import pytest
import small_bottlenecks
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError

from sklearn_mi.decomposition import EmbeddingDisplay, InformationBottleneck

plt = pytest.importorskip("matplotlib.pyplot")
pytestmark = pytest.mark.usefixtures("closed_figures")

Y, SITE = small_bottlenecks.Y, small_bottlenecks.SITE
RNG = np.random.default_rng(0)


def ring(n_classes, n_rows=400):
    """Classes on a circle, far apart, and their numbers."""
    labels = np.arange(n_rows) % n_classes
    angle = 2 * np.pi * labels / n_classes
    return 4 * np.c_[np.cos(angle), np.sin(angle)] + 0.1 * RNG.standard_normal((n_rows, 2)), labels


def looks(points):
    """Colour and marker of each point, as text."""
    shapes = [path.vertices.tobytes() for path in points.get_paths()]
    return [
        (color.tobytes(), shape)
        for color, shape in zip(points.get_facecolors(), shapes, strict=True)
    ]


def numbers_in(title):
    return [float(number) for number in re.findall(r"-?\d+\.\d+", title)]


def test_points_stand_where_the_estimator_has_placed_them_out_of_fold(bottleneck):
    display = EmbeddingDisplay.from_estimator(bottleneck, Y)
    places = display.points_[0].get_offsets()
    np.testing.assert_allclose(places, bottleneck.embedding_[display.order_])
    assert sorted(display.order_) == list(range(60))
    assert display.ax_.get_xlabel() == "component 1" and display.ax_.get_aspect() == 1
    assert display.axes_.tolist() == [display.ax_] and display.figure_ is display.ax_.figure


def test_titles_say_the_estimates_and_their_intervals(bottleneck):
    display = EmbeddingDisplay.from_estimator(bottleneck, Y, nuisance=SITE)
    first, second = (ax.get_title() for ax in display.axes_)
    assert first.startswith("I(Z; Y)") and second.startswith("I(Z; S)")
    told = bottleneck.mutual_info_score_, *bottleneck.mutual_info_interval()
    np.testing.assert_allclose(numbers_in(first), told, atol=6e-4)
    left = bottleneck.nuisance_mutual_info_, *bottleneck.nuisance_mutual_info_interval()
    np.testing.assert_allclose(numbers_in(second), left, atol=6e-4)


def test_the_panel_of_the_nuisance_has_the_same_points_by_its_values(bottleneck):
    display = EmbeddingDisplay.from_estimator(bottleneck, Y, nuisance=pd.Series(SITE, name="site"))
    first, second = display.points_
    np.testing.assert_array_equal(first.get_offsets(), second.get_offsets())
    own = looks(second)
    assert len(set(own)) == 2
    assert len(set(zip(own, SITE[display.order_], strict=True))) == 2
    assert [text.get_text() for text in display.legends_[1].get_texts()] == ["0", "1"]
    assert display.legends_[1].get_title().get_text() == "site"


@pytest.mark.parametrize("n_classes", [2, 10, 26, 60])
def test_no_two_classes_look_alike_and_neighbours_differ_in_colour_and_marker(n_classes):
    Z, labels = ring(n_classes)
    display = EmbeddingDisplay(Z, labels).plot()
    own, labels = looks(display.points_[0]), labels[display.order_]
    look = {label: own[k] for k, label in enumerate(labels)}
    assert len(set(own)) == n_classes
    assert all(look[label] == own[k] for k, label in enumerate(labels))
    for label in range(1, n_classes):
        assert all(a != b for a, b in zip(look[label - 1], look[label], strict=True))


def test_names_stand_at_the_medians_of_classes_that_are_apart():
    Z, labels = ring(26)
    names = np.array([f"${k}" for k in range(26)])
    display = EmbeddingDisplay(Z, names[labels]).plot()
    assert display.legends_ == [None]
    for text in display.texts_:
        own = names[labels] == text.get_text().replace("\\", "")
        np.testing.assert_allclose(text.get_position(), np.median(Z[own], axis=0))
    assert len(display.texts_) == 26


@pytest.mark.parametrize(("n_classes", "n_entries"), [(3, 3), (40, 40), (100, 41)])
def test_names_stand_in_a_legend_where_classes_are_not_apart(n_classes, n_entries):
    Z, labels = ring(n_classes)
    display = EmbeddingDisplay(Z[RNG.permutation(len(Z))] * [1, 0.01], labels).plot()
    assert display.texts_ == []
    texts = [text.get_text() for text in display.legends_[0].get_texts()]
    assert len(texts) == n_entries and texts[:2] == ["0", "1"]
    assert (texts[-1] == "and 60 more") == (n_classes == 100)


def test_no_class_hides_the_others():
    """Rows are drawn in an order that has nothing to do with classes, which may be sorted."""
    Z, labels = ring(2)
    order = np.argsort(labels, kind="stable")
    display = EmbeddingDisplay(Z[order], labels[order]).plot()
    drawn = labels[order][display.order_]
    assert 0.4 < drawn[:100].mean() < 0.6 and 0.4 < drawn[-100:].mean() < 0.6


def test_one_component_is_a_strip_for_each_class():
    Z, labels = ring(4)
    display = EmbeddingDisplay(Z[:, :1], labels, nuisance=SITE[labels]).plot()
    x, height = display.points_[0].get_offsets().T
    np.testing.assert_array_equal(x, Z[display.order_, 0])
    np.testing.assert_array_equal(height.round(), labels[display.order_])
    assert [text.get_text() for text in display.ax_.get_yticklabels()] == list("0123")
    assert display.legends_[0] is None and display.legends_[1] is not None


def test_more_components_are_seen_from_where_they_vary_most():
    Z = RNG.standard_normal((300, 5)) * [0.1, 3, 0.1, 2, 0.1]
    display = EmbeddingDisplay(Z, np.arange(300) % 3).plot()
    places = np.abs(display.points_[0].get_offsets())
    expected = np.abs(Z - Z.mean(0))[display.order_][:, [1, 3]]
    assert np.abs(places - expected).mean() < 0.2
    share = Z[:, 1].var() / Z.var(0).sum()
    assert display.ax_.get_xlabel().startswith("principal axis 1 of 5 components")
    assert f"{share:.0%}" in display.ax_.get_xlabel()


def test_numbers_have_a_scale_of_colours_and_missing_ones_are_grey():
    Z, labels = ring(20)
    y, dose = labels + 0.5, pd.Series(labels, name="dose").where(labels > 0)
    display = EmbeddingDisplay(Z, y, nuisance=dose).plot()
    np.testing.assert_array_equal(display.points_[0].get_array(), y[display.order_])
    assert [bar.ax.get_ylabel() for bar in display.legends_] == ["y", "dose"]
    display.figure_.canvas.draw()
    colors = display.points_[1].get_facecolors()[:, :3]
    grey = np.isclose(colors, 0.75).all(axis=1)
    np.testing.assert_array_equal(grey, labels[display.order_] == 0)


def test_numbers_of_one_component_stand_at_their_height():
    y = RNG.standard_normal(50)
    display = EmbeddingDisplay(2 * y[:, None], y).plot()
    np.testing.assert_allclose(
        display.points_[0].get_offsets() / [2, 1], np.c_[y, y][display.order_]
    )


def test_each_column_of_a_nuisance_has_its_panel():
    Z, labels = ring(3, n_rows=90)
    batch = pd.DataFrame({"site": np.array(["u", "v", None])[labels], "day": np.arange(90)})
    display = EmbeddingDisplay(Z, labels, nuisance=batch, nuisance_mutual_info=(0.1, 0, 0.2)).plot()
    titles = [ax.get_title() for ax in display.axes_]
    assert titles[0] == "" and [title.split("\n")[0] for title in titles[1:]] == ["site", "day"]
    assert all("I(Z; nuisances)" in title for title in titles[1:])
    assert [text.get_text() for text in display.legends_[1].get_texts()] == ["u", "v", "missing"]


def test_axes_of_the_caller():
    _, axes = plt.subplots(1, 2)
    Z, labels = ring(3)
    display = EmbeddingDisplay(Z, labels, nuisance=labels)
    assert display.plot(ax=axes).axes_.tolist() == axes.tolist()
    with pytest.raises(ValueError, match=r"ax has 1 of them, expected 2.*subplots\(1, 2\)"):
        display.plot(ax=axes[0])


def test_y_and_nuisance_of_other_rows_are_refused(bottleneck):
    with pytest.raises(ValueError, match=r"X has 60, y has 59\. Pass one label for each row"):
        EmbeddingDisplay.from_estimator(bottleneck, Y[:-1])
    with pytest.raises(ValueError, match=r"nuisance has 7 rows, but the map has 60\. Pass one"):
        EmbeddingDisplay.from_estimator(bottleneck, Y, nuisance=SITE[:7])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.where(Y == "b", "z", Y), "y has the label 'z', which the bottleneck was not fitted to"),
        (np.arange(60) + 0.5, "y has numbers, but the bottleneck was fitted to labels"),
    ],
)
def test_y_of_another_fit_is_refused(bottleneck, y, message):
    with pytest.raises(ValueError, match=f"{message}. Pass the y of its fit, row for row"):
        EmbeddingDisplay.from_estimator(bottleneck, y)


def test_an_estimate_is_three_numbers():
    with pytest.raises(ValueError, match=r"mutual_info=1\.0 must be three numbers.*Pass \(score"):
        EmbeddingDisplay(*ring(3), mutual_info=1.0).plot()


def test_what_is_not_fitted_and_what_is_no_bottleneck():
    with pytest.raises(NotFittedError, match="Call 'fit'"):
        EmbeddingDisplay.from_estimator(InformationBottleneck(), Y)
    with pytest.raises(TypeError, match=r"bottleneck=PCA\(\) must be a fitted InformationBottlen"):
        EmbeddingDisplay.from_estimator(PCA(), Y)


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"EmbeddingDisplay needs matplotlib: pip install"):
        EmbeddingDisplay(*ring(3)).plot()
