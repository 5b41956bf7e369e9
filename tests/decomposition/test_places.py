"""Where classes stand: apart from each other, and the same whatever the labels are."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from sklearn_mi.decomposition._places import class_places


@pytest.mark.parametrize("n_classes, n_components", [(2, 2), (7, 2), (4, 3), (3, 8), (26, 8)])
def test_places_have_length_one_and_are_apart(n_classes, n_components):
    places = class_places(n_classes, n_components)
    assert places.shape == (n_classes, n_components)
    np.testing.assert_allclose(np.linalg.norm(places, axis=1), 1)
    assert pdist(places).min() > 0.8
    np.testing.assert_array_equal(places, class_places(n_classes, n_components))


@pytest.mark.parametrize("n_classes, n_components", [(3, 2), (5, 4), (5, 7)])
def test_where_there_is_room_all_are_equally_far_from_each_other(n_classes, n_components):
    distances = pdist(class_places(n_classes, n_components))
    np.testing.assert_allclose(distances, np.sqrt(2 * n_classes / (n_classes - 1)))


def test_points_that_repel_each_other_are_further_apart_than_points_at_random():
    def nearest(places):
        return pdist(places / np.linalg.norm(places, axis=1, keepdims=True)).min()

    found = nearest(class_places(40, 3))
    assert all(
        found > 1.5 * nearest(np.random.RandomState(s).normal(size=(40, 3))) for s in range(4)
    )


@pytest.mark.parametrize("in_line", [False, True])
@pytest.mark.parametrize("n_components", [1, 2, 5])
def test_bins_of_a_number_stand_in_their_order(n_components, in_line):
    places = class_places(9, n_components, ordered=True, in_line=in_line)
    assert places.shape == (9, n_components)
    assert not (in_line and places[:, 1:].any())
    assert (np.diff(places[:, 0]) > 0).all()
    np.testing.assert_allclose(places[:, 0], -places[::-1, 0], atol=1e-12)


def test_classes_on_a_line_are_evenly_spaced():
    np.testing.assert_allclose(class_places(5, 1)[:, 0], [-1, -0.5, 0, 0.5, 1])
