"""The curves of what survives an adversary: they are the figures, in order, named and within."""

import sys

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.utils import Bunch

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import RobustnessDisplay, adversarial_robustness

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")
from matplotlib.colors import to_hex, to_rgba  # noqa: E402

pytestmark = pytest.mark.usefixtures("closed_figures")

X, Y = load_iris(return_X_y=True)
TRAIN, TEST = (X[::5], Y[::5]), (X[1::5], Y[1::5])
OPTIONS = {"eps": [0, 0.5], "max_queries": 10, "random_state": 0}
PANELS = ["accuracy", "mutual_info"]
EPS = np.array([0, 0.1, 0.4])


def figures(fall=1.0, eps=EPS):
    eps = np.asarray(eps)
    information = 1 - fall * eps
    return Bunch(
        eps=eps, accuracy=np.exp(-fall * eps), mutual_info=information,
        mutual_info_stderr=0.1 + eps,
    )  # fmt: skip


def result_of(fall=1.0, attacks=("margin", "square"), eps=EPS):
    each = {name: figures(fall / (2 + k), eps) for k, name in enumerate(attacks)}
    return Bunch(**figures(fall, eps), attacks=each, X_adversarial=[])


TWO = {"plain": result_of(6), "robust": result_of(2)}


def words(legend):
    return [text.get_text() for text in legend.get_texts()]


def labels(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


# --- from estimators and from results -------------------------------------------------------------


def test_of_one_estimator_it_shows_what_the_function_gives():
    clf = LogisticRegression(max_iter=500).fit(*TRAIN)
    display = RobustnessDisplay.from_estimator(clf, *TEST, **OPTIONS)
    expected = adversarial_robustness(clf, *TEST, **OPTIONS)
    for line, panel in zip(display.lines_[0], PANELS, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), expected.eps)
        np.testing.assert_array_equal(line.get_ydata(), expected[panel])
    assert words(display.legend_) == ["LogisticRegression"]
    assert list(display.results) == ["LogisticRegression"]


def test_of_several_estimators_each_has_its_line():
    models = {"a": LogisticRegression(max_iter=500).fit(*TRAIN), "b": GaussianNB().fit(*TRAIN)}
    display = RobustnessDisplay.from_estimator(models, *TEST, **OPTIONS)
    assert display.lines_.shape == (2, 2)
    assert words(display.legend_) == list(display.results) == ["a", "b"]
    for row, clf in zip(display.lines_, models.values(), strict=True):
        expected = adversarial_robustness(clf, *TEST, **OPTIONS)
        np.testing.assert_array_equal(row[1].get_ydata(), expected.mutual_info)


def test_options_reach_the_attacks_and_the_plot():
    clf = MutualInfoClassifier(max_iter=2, cv=None, estimators=None, random_state=0).fit(*TRAIN)
    axes = plt.subplots(1, 2)[1]
    display = RobustnessDisplay.from_estimator(
        clf, *TEST, eps=0.3, norm="2", attacks=["margin"], max_iter=2, name="mine", ax=axes,
        plot_attacks=True, colors=["red"],
    )  # fmt: skip
    assert words(display.legend_) == ["mine", "all attacks", "margin"]
    assert display.norm == "2" and "ell_2" in axes[0].get_xlabel()
    assert display.axes_.tolist() == axes.tolist()
    assert display.lines_[0, 0].get_color() == "red"


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError, match="n_steps"):
        RobustnessDisplay.from_estimator(GaussianNB().fit(*TRAIN), *TEST, eps=0.1, n_steps=3)


@pytest.mark.parametrize(
    ("results", "names", "expected"),
    [
        (TWO["plain"], None, None),
        (TWO["plain"], "mine", ["mine"]),
        (TWO["plain"], ["mine"], ["mine"]),
        (TWO, None, ["plain", "robust"]),
        (TWO, ["A", "B"], ["A", "B"]),
        (list(TWO.values()), None, ["1", "2"]),
        (tuple(TWO.values()), ["A", "B"], ["A", "B"]),
    ],
)
def test_results_may_come_alone_in_lists_and_by_name(results, names, expected):
    display = RobustnessDisplay.from_results(results, names=names)
    assert display.legend_ is None if expected is None else words(display.legend_) == expected
    assert display.results is results and display.names is names


# --- what is drawn --------------------------------------------------------------------------------


def test_lines_run_from_small_radii_to_large_ones():
    order = [2, 0, 1]
    shuffled = RobustnessDisplay.from_results(result_of(3, eps=EPS[order]), plot_attacks=True)
    sorted_ = RobustnessDisplay.from_results(result_of(3), plot_attacks=True)
    for one, other in zip(shuffled.axes_, sorted_.axes_, strict=True):
        for line, expected in zip(one.lines, other.lines, strict=True):
            np.testing.assert_array_equal(line.get_xydata(), expected.get_xydata())


def test_bands_are_one_standard_error_wide():
    display = RobustnessDisplay.from_results(TWO)
    for band, result in zip(display.bands_, TWO.values(), strict=True):
        corners = band.get_paths()[0].vertices
        for eps, mean, stderr in zip(
            result.eps, result.mutual_info, result.mutual_info_stderr, strict=True
        ):
            heights = corners[corners[:, 0] == eps, 1]
            np.testing.assert_allclose(
                [heights.min(), heights.max()], [mean - stderr, mean + stderr]
            )


def test_lines_of_attacks_have_the_colour_of_their_model_and_a_style_of_their_own():
    display = RobustnessDisplay.from_results(TWO, plot_attacks=True)
    assert words(display.legend_) == [*TWO, "all attacks", "margin", "square"]
    for row, model, result in zip(display.lines_, display.attack_lines_, TWO.values(), strict=True):
        for name, lines in model.items():
            for line, panel in zip(lines, PANELS, strict=True):
                np.testing.assert_array_equal(line.get_ydata(), result.attacks[name][panel])
                assert line.get_color() == row[0].get_color()
                assert line.get_linewidth() < row[0].get_linewidth()
    styles = [model["square"][0]._dash_pattern for model in display.attack_lines_]
    assert styles[0] == styles[1] != display.attack_lines_[0]["margin"][0]._dash_pattern


def test_models_may_be_under_different_attacks():
    results = {"a": result_of(attacks=["square"]), "b": result_of(attacks=["margin", "square"])}
    display = RobustnessDisplay.from_results(results, plot_attacks=True)
    assert [list(model) for model in display.attack_lines_] == [["square"], ["margin", "square"]]
    assert words(display.legend_)[2:] == ["all attacks", "square", "margin"]


def test_without_attacks_there_is_a_line_for_each_model_and_one_at_zero():
    display = RobustnessDisplay.from_results(TWO)
    assert [len(ax.lines) for ax in display.axes_] == [2, 3]
    assert display.attack_lines_ == [{}, {}]
    assert any(set(line.get_ydata()) == {0} for line in display.axes_[1].lines)


def test_models_differ_in_colour_and_in_shape():
    display = RobustnessDisplay.from_results([result_of(k) for k in range(7)])
    for column in display.lines_.T:
        assert len({to_hex(line.get_color()) for line in column}) == 7
        assert len({line.get_marker() for line in column}) == 7
    colors = ["red", (0, 0, 1)]
    display = RobustnessDisplay.from_results(TWO, colors=colors)
    drawn = [to_rgba(line.get_color()) for line in display.lines_[:, 0]]
    assert drawn == [to_rgba(color) for color in colors]


@pytest.mark.parametrize(
    ("norm", "label"),
    [
        (None, r"radius $\epsilon$"),
        ("inf", r"radius $\epsilon$, $\ell_\infty$ norm"),
        ("2", r"radius $\epsilon$, $\ell_2$ norm"),
    ],
)
def test_axes_say_the_norm_and_the_unit(norm, label):
    axes = RobustnessDisplay.from_results(TWO, norm=norm).axes_
    assert [ax.get_xlabel() for ax in axes] == [label, label]
    assert axes[0].get_ylabel() == "accuracy" and "nats" in axes[1].get_ylabel()


def test_ticks_are_the_radii_where_they_have_room():
    few = RobustnessDisplay.from_results(result_of(eps=[0, 2 / 255, 4 / 255])).axes_[1]
    assert labels(few.xaxis) == ["0", "0.00784", "0.0157"]
    single = RobustnessDisplay.from_results(result_of(eps=[0.3])).axes_[0]
    assert labels(single.xaxis) == ["0.3"]
    for eps in (np.linspace(0, 1, 40), [0, 0.001, 1]):
        ax = RobustnessDisplay.from_results(result_of(eps=eps)).axes_[0]
        assert len(ax.get_xticks()) != len(eps)


def test_accuracy_is_shown_from_nothing_to_all():
    low, high = RobustnessDisplay.from_results(result_of(0.01)).axes_[0].get_ylim()
    assert low < 0 and high > 1


@pytest.mark.parametrize("plot_attacks", [False, True])
@pytest.mark.parametrize("name", ["ce", "adversarial training, eps 0.1"])
def test_everything_is_inside_the_figure_and_the_legend_beside_the_data(name, plot_attacks):
    display = RobustnessDisplay.from_results({name: TWO["plain"]}, plot_attacks=plot_attacks)
    display.figure_.canvas.draw()
    box, (width, height) = display.figure_.get_tightbbox(), display.figure_.get_size_inches()
    assert min(box.x0, box.y0) >= 0 and box.x1 <= width and box.y1 <= height
    assert display.legend_.get_window_extent().x0 >= display.axes_[1].get_window_extent().x1


def test_it_can_be_plotted_again_and_into_any_two_axes():
    display = RobustnessDisplay(TWO)
    first = display.plot().figure_
    assert display.plot() is display and display.figure_ is not first
    figure, axes = plt.subplots(2, 1)
    assert display.plot(ax=axes).figure_ is figure


def test_dollars_in_names_of_models_are_drawn_as_they_are(tmp_path):
    names = ["$10-$20", "$x_{$"]
    display = RobustnessDisplay.from_results(TWO, names=names)
    with plt.rc_context({"svg.fonttype": "none"}):
        display.figure_.savefig(tmp_path / "curves.svg")
    drawn = (tmp_path / "curves.svg").read_text(encoding="utf-8")
    assert all(f">{name}<" in drawn for name in names)


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "options", "message"),
    [
        ([], {}, r"results=\[\] must be what adversarial_robustness returns"),
        (None, {}, "results=None must be"),
        ({"a": 3}, {}, "results={'a': 3} must be"),
        ([{"eps": [0]}], {}, "pass Bunches with eps, accuracy"),
        (TWO, {"names": ["a"]}, r"names=\['a'\] must be as many as the results, 2"),
        (TWO, {"names": "ab"}, "names='ab' must be as many"),
        (TWO, {"norm": "1"}, 'norm=\'1\' must be "inf" or "2"'),
        (TWO, {"colors": ["red"]}, "2 models, but 1 colours; pass `colors`"),
        ([TWO["plain"]] * 8, {}, "8 models, but 7 colours"),
        ([figures()], {"plot_attacks": True}, "No result has attacks.*pass plot_attacks=False"),
        (TWO, {"ax": [1, 2, 3]}, r"ax has 3 of them, expected 2.*plt.subplots\(1, 2\)"),
    ],
)
def test_what_does_not_fit_is_refused(results, options, message):
    with pytest.raises(ValueError, match=message):
        RobustnessDisplay.from_results(results, **options)
    assert not plt.get_fignums()


@pytest.mark.parametrize(("estimator", "name"), [({}, None), ({"a": GaussianNB()}, "b")])
def test_a_dict_of_classifiers_names_them_itself(estimator, name):
    with pytest.raises(ValueError, match=r"estimator is a dict of [01].*by the keys alone"):
        RobustnessDisplay.from_estimator(estimator, *TEST, eps=0.1, name=name)


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"needs matplotlib: pip install \"sklearn-mi\[plot\]\""):
        RobustnessDisplay(TWO).plot()
    with pytest.raises(ImportError, match="needs matplotlib"):
        RobustnessDisplay.from_estimator(None, None, None, eps=0)  # before anything is computed
