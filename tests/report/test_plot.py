"""The picture of a report: it says what the report says, and keeps its texts inside."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from sklearn_mi.losses import LOSSES
from sklearn_mi.report import make_report
from sklearn_mi.report._plot import COLORS, MARKERS, plot_report

Text = pytest.importorskip("matplotlib.text").Text


@pytest.fixture(scope="module")
def report(brief):
    X, y = load_iris(return_X_y=True, as_frame=True)
    species = y.map({0: "setosa", 1: "versicolor", 2: "virginica"}).rename("species")
    return make_report(X, species, losses=("ce", "pc_softmax"), random_state=0)


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(Text))


def test_picture_shows_what_the_report_says(report, tmp_path):
    figure = plot_report(report, tmp_path / "report.png")
    assert (tmp_path / "report.png").stat().st_size > 10_000
    shown = texts(figure)
    for name in ["species", "ce", "pc_softmax", "petal width (cm)", "virginica"]:
        assert name in shown
    assert f"{report.losses[0].mutual_info:.3f} nats" in shown
    assert f"{report.share(report.losses[1].mutual_info):.0%}" in shown


@pytest.mark.parametrize(("n_losses", "n_classes"), [(1, 2), (3, 20), (4, 40), (6, 10), (6, 40)])
def test_picture_keeps_its_texts_inside(report, n_losses, n_classes):
    losses = [
        replace(report.losses[0], loss=f"loss_{k}", recall=(0.5,) * n_classes)
        for k in range(n_losses)
    ]
    classes = tuple(f"a class with quite a long name {k}" for k in range(n_classes))
    long = "a column with a name that goes on and on "
    columns = pd.concat([report.columns.rename(index=lambda name: f"{long}{name}")] * 6)
    changed = replace(
        report, target=long, losses=losses, classes=classes, counts=(9,) * n_classes,
        columns=columns, n_rows=9 * n_classes,
    )  # fmt: skip
    figure = plot_report(changed)
    figure.canvas.draw()
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width and box.y1 <= height


def test_picture_of_a_table_that_tells_nothing(report):
    weak = replace(report.losses[0], mutual_info=-0.01, interval=(-0.03, 0.01))
    assert "No sign" in texts(plot_report(replace(report, losses=(weak,))))


def test_more_losses_than_colours_are_refused(report):
    with pytest.raises(ValueError, match="7 losses, but at most 6"):
        plot_report(replace(report, losses=report.losses[:1] * 7))


def test_every_loss_has_a_colour_and_a_shape():
    assert len(set(COLORS)) == len(set(MARKERS)) == len(COLORS) >= len(LOSSES)


@pytest.mark.parametrize("n_classes", [2, 10, 20])
def test_marks_of_a_class_do_not_hide_each_other_nor_reach_the_next(report, n_classes):
    same = replace(report.losses[0], recall=(0.5,) * n_classes)
    classes = {"classes": tuple(range(n_classes)), "counts": (9,) * n_classes}
    for n in range(2, len(LOSSES) + 1):
        figure = plot_report(replace(report, losses=(same,) * n, n_rows=9 * n_classes, **classes))
        axes = figure.axes[2]
        marks = [line for line in axes.lines if line.get_linestyle() == "None"]
        height = np.array([axes.transData.transform(line.get_xydata())[:, 1] for line in marks])
        size = marks[0].get_markersize() * figure.dpi / 72
        within, between = -np.diff(height, axis=0), height[-1, :-1] - height[0, 1:]
        assert within.min() > 0.85 * size
        assert between.min() > 1.3 * within.max()


def test_dollars_in_names_are_drawn_as_they_are(report, tmp_path):
    names = ["$10-$20", "$x_{$", "cost in $"]
    columns = report.columns.set_axis([*names, "other"])
    changed = replace(report, target="$y^$", classes=tuple(names), columns=columns)
    plot_report(changed, tmp_path / "report.svg")
    drawn = (tmp_path / "report.svg").read_text(encoding="utf-8")
    for name in names:
        assert drawn.count(f">{name}<") == 2
    assert "know about $y^$<" in drawn and ">H($y^$) = " in drawn


def test_images_have_a_picture_without_columns(report):
    figure = replace(report, columns=report.columns.iloc[:0]).plot()
    assert "each alone" not in texts(figure) and "Recall of each class" in texts(figure)
