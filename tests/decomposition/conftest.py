"""Quick audits, a small fit with a nuisance, and figures that are closed."""

import brief_fits
import pytest
import small_bottlenecks


@pytest.fixture(scope="module")
def few_trees():
    """Companions of audits as "auto" makes them, but small ones, since not they are tested."""
    with brief_fits.few_trees():
        yield


@pytest.fixture(scope="module")
def bottleneck(few_trees):
    return small_bottlenecks.fit()


@pytest.fixture
def closed_figures():
    yield
    pytest.importorskip("matplotlib.pyplot").close("all")
