"""Where the classes stand in a map: at places that no label has had a say in."""

import numpy as np
from scipy.stats import norm

N_STEPS = 200  # of the repulsion, after which places hardly move


def class_places(n_classes, n_components, ordered=False, in_line=False):
    """Directions in which the code of each class is sent, of length 1 or, on a line, at most 1.

    They depend on two numbers alone. Networks of all folds have them in common, so that their codes
    make up one map, and no row is placed by anything that has seen its label.

    On a line classes are evenly spaced, in the plane they stand on a circle. Where there are as
    many components as classes but one, they are the corners of a simplex; in between they repel
    each other on a sphere. Quantile bins of a number are `ordered`: on a line they stand at normal
    scores, which is where the codes of a bottleneck of Gaussian variables have them, otherwise on
    half a circle, or `in_line` too, where a nuisance is to be forgotten: codes along an arc tell of
    it by their distance from it, which few rows show.

    Parameters
    ----------
    n_classes, n_components : int
    ordered, in_line : bool, default=False

    Returns
    -------
    places : ndarray of shape (n_classes, n_components)

    Examples
    --------
    >>> from sklearn_mi.decomposition._places import class_places
    >>> class_places(4, 2).round(3) + 0.0
    array([[ 1.,  0.],
           [ 0.,  1.],
           [-1.,  0.],
           [ 0., -1.]])
    """
    if ordered:
        return _ordered(n_classes, n_components, in_line)
    if n_components == 1:
        return np.linspace(-1, 1, n_classes)[:, None]
    if n_components >= n_classes - 1 and n_classes > 2:
        return _simplex(n_classes, n_components)
    if n_components == 2 or n_classes == 2:
        return _filled(_on_circle(2 * np.pi * np.arange(n_classes) / n_classes), n_components)
    return _apart(n_classes, n_components)


def _ordered(n_classes, n_components, in_line):
    scores = norm.ppf((np.arange(n_classes) + 0.5) / n_classes)
    scores /= scores[-1]
    if n_components == 1 or in_line:
        return _filled(scores[:, None], n_components)
    return _filled(_on_circle(np.pi / 2 * (1 - scores)), n_components)


def _on_circle(angle):
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _filled(places, n_components):
    return np.pad(places, [(0, 0), (0, n_components - places.shape[1])])


def _simplex(n_classes, n_components):
    corners = np.eye(n_classes) - 1 / n_classes
    axes = np.linalg.svd(corners)[2][: n_classes - 1]
    places = corners @ axes.T
    return _filled(places / np.linalg.norm(places, axis=1, keepdims=True), n_components)


def _apart(n_classes, n_components):
    """Points on a sphere that repel each other by the cube of their distance."""
    places = np.random.RandomState(0).normal(size=(n_classes, n_components))
    for step in np.linspace(0.5, 0, N_STEPS, endpoint=False):
        places /= np.linalg.norm(places, axis=1, keepdims=True)
        squared = np.maximum(2 - 2 * places @ places.T, 1e-3)
        near = 1 / squared**2
        np.fill_diagonal(near, 0)
        push = near.sum(1, keepdims=True) * places - near @ places
        push /= np.linalg.norm(push, axis=1, keepdims=True).max()
        places += step * push
    return places / np.linalg.norm(places, axis=1, keepdims=True)
