"""Every example runs and ends with a figure."""

import ast
import contextlib
import runpy
from pathlib import Path

import brief_fits
import pytest

EXAMPLES = sorted(Path(__file__).parents[1].glob("examples/plot_*.py"))


def test_there_are_examples():
    assert EXAMPLES


@pytest.fixture
def brief_fits_only():
    """What an example finds is for the gallery, which fits in full; here all of its code runs."""
    brief = (
        brief_fits.few_epochs(2),
        brief_fits.two_folds(),
        brief_fits.few_steps(),
        brief_fits.few_trees(),
        brief_fits.small_forests(),
        brief_fits.brief_searches(),
        brief_fits.brief_attacks(),
    )
    with contextlib.ExitStack() as stack:
        for each in brief:
            stack.enter_context(each)
        yield


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_draws_a_figure(path, brief_fits_only):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg", force=True)
    from matplotlib import pyplot as plt

    plt.close("all")
    try:
        runpy.run_path(str(path), run_name="__main__")
        assert plt.get_fignums()
        assert all(axes.has_data() for axes in plt.gcf().axes)
    finally:
        plt.close("all")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_opens_with_its_question(path):
    title = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).splitlines()[0]
    assert title.endswith("?")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_uses_public_names_only(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("sklearn_mi"):
            assert "._" not in node.module
            assert not any(alias.name.startswith("_") for alias in node.names)
