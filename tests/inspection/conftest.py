"""Rows to attack and images to map, with a quick fit of each; and figures that are closed."""

import pytest
import quick_attacks
import striped_images


@pytest.fixture(scope="module")
def rows():
    return quick_attacks.make_table()


@pytest.fixture(scope="module")
def clf(rows):
    return quick_attacks.fit(*rows)


@pytest.fixture(scope="module")
def fresh():
    return quick_attacks.make_table(70, seed=1)


@pytest.fixture(scope="module")
def images():
    return striped_images.make_images()


@pytest.fixture(scope="module")
def fitted(images):
    return striped_images.fit(*images)


@pytest.fixture
def closed_figures():
    yield
    pytest.importorskip("matplotlib.pyplot").close("all")
