"""Quick audits, a small fit with a nuisance, and figures that are closed."""

from functools import partial

import pytest
import small_bottlenecks

from sklearn_mi import _recipe as recipe
from sklearn_mi._pool import _boosting
from sklearn_mi._pool._boosting import GradualBoosting


@pytest.fixture(scope="module")
def few_trees():
    """Companions of audits as "auto" makes them, but small ones, since not they are tested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "N_TREES", ((10, 10), (10, 10)))
        patch.setattr(recipe, "GradualBoosting", partial(GradualBoosting, 8))
        patch.setattr(_boosting, "FEWEST_STEPS", 5)
        yield


@pytest.fixture(scope="module")
def bottleneck(few_trees):
    return small_bottlenecks.fit()


@pytest.fixture
def closed_figures():
    yield
    pytest.importorskip("matplotlib.pyplot").close("all")
