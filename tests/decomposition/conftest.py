"""A small fit with a nuisance for all files of this room, and figures that are closed."""

import pytest
import small_bottlenecks


@pytest.fixture(scope="session")
def bottleneck():
    return small_bottlenecks.fit()


@pytest.fixture
def closed_figures():
    yield
    pytest.importorskip("matplotlib.pyplot").close("all")
