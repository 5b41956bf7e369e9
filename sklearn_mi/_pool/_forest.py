"""Extremely randomised trees as plain arrays, which take a sixth of the room."""

from functools import cached_property

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.utils.validation import check_is_fitted, validate_data

WALKS = 2**13  # rows times trees that go down together
WAITS_FROM, WAITS_EVERY = 8, 4  # steps after which arrived ones step aside


class CompactForest(ClassifierMixin, BaseEstimator):
    """`ExtraTreesClassifier` that keeps of its trees what an answer needs.

    It decides in each node as scikit-learn's trees do, of rows in float32.

    Parameters
    ----------
    n_estimators, min_samples_leaf, random_state
        As in `ExtraTreesClassifier`.
    n_final : int, default=None
        Trees of the forest that learns all rows and answers new ones; None for as many.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
    root_ : int32 ndarray of shape (n_trees,)
        The first node of each tree.
    feature_ : integer ndarray of shape (n_nodes,)
        The column that a node looks at.
    threshold_ : float32 ndarray of shape (n_nodes,)
        A row goes right where it is larger. Infinite in leaves, which nothing leaves.
    child_ : int32 ndarray of shape (n_nodes,)
        The node on the left, before the one on the right; of a leaf, itself.
    value_ : float32 ndarray of shape (n_leaves, K)
        Class frequencies in the leaves.
    """

    def __init__(self, n_estimators=100, n_final=None, min_samples_leaf=1, random_state=None):
        self.n_estimators = n_estimators
        self.n_final = n_final
        self.min_samples_leaf = min_samples_leaf
        self.random_state = random_state

    def fit(self, X, y, sample_weight=None):
        """Grow the trees on rows (n, d)."""
        for name in ("_nodes", "_leaf"):
            vars(self).pop(name, None)
        params = self.get_params()
        del params["n_final"]
        return self.keep(ExtraTreesClassifier(**params).fit(X, y, sample_weight))

    def keep(self, forest):
        """Take over the trees of a fitted forest of scikit-learn."""
        self.classes_, self.n_features_in_ = forest.classes_, forest.n_features_in_
        trees = [tree.tree_ for tree in forest.estimators_]
        self.root_ = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1].astype(np.int32)
        packed = [_pack(tree, first) for tree, first in zip(trees, self.root_, strict=True)]
        feature, threshold, child, value = map(np.concatenate, zip(*packed, strict=True))
        self.feature_ = feature.astype(np.min_scalar_type(self.n_features_in_))
        self.threshold_, self.child_, self.value_ = threshold, child, value
        return self

    def predict_proba(self, X):
        """Mean class frequencies of the leaves that each row of (n, d) ends in, (n, K)."""
        check_is_fitted(self)
        X = np.ascontiguousarray(validate_data(self, X, dtype=np.float32, reset=False))
        proba, size = np.zeros((len(X), len(self.classes_))), max(1, WALKS // max(1, len(X)))
        for roots in np.split(self.root_, range(size, len(self.root_), size)):
            for start in range(0, len(X), WALKS):
                rows = X[start : start + WALKS]
                # Tree after tree, so that no sum depends on how many rows there are.
                for ends in _walk(rows, roots, *self._nodes).reshape(len(roots), len(rows)):
                    proba[start : start + WALKS] += self.value_.take(self._leaf[ends], axis=0)
        return proba / len(self.root_)

    def final(self):
        """The forest, not yet fitted, that is to learn all rows."""
        return self if self.n_final is None else clone(self).set_params(n_estimators=self.n_final)

    def predict(self, X):
        """The most frequent class."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    @cached_property
    def _nodes(self):
        """Arrays to walk along, of the type that indexing is fastest with."""
        return self.feature_.astype(np.intp), self.threshold_, self.child_.astype(np.intp)

    @cached_property
    def _leaf(self):
        """Row of `value_` for each node that is a leaf."""
        return np.cumsum(np.isinf(self.threshold_)) - 1

    def __getstate__(self):
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name not in ("_nodes", "_leaf")}


def _walk(X, roots, feature, threshold, child):
    """Leaf of every row (n, d) in each of some trees, (len(roots) * n,).

    All go down at once; those that have arrived wait, and step aside every few steps.
    """
    cells, start = X.ravel(), np.arange(len(X)) * X.shape[1]
    node, start = np.repeat(roots, len(X)).astype(np.intp), np.tile(start, len(roots))
    end, going, n_steps = node.copy(), np.arange(len(node)), 0
    while len(going):
        before, n_steps = node, n_steps + 1
        right = cells.take(feature.take(node) + start) > threshold.take(node)
        node = child.take(node) + right
        if n_steps >= WAITS_FROM and n_steps % WAITS_EVERY == 0:
            end[going] = node
            moved = np.flatnonzero(node != before)
            node, start, going = node[moved], start[moved], going[moved]
    return end


def _pack(tree, first):
    """Arrays of one tree of scikit-learn, children side by side; its root is node `first`."""
    order = _by_level(tree.children_left, tree.children_right)
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(first, first + len(order))
    left = tree.children_left[order]
    leaf = left < 0
    threshold = np.where(leaf, np.inf, _rounded_down(tree.threshold[order]))
    child = np.where(leaf, place[order], place[left])
    value = tree.value[order[leaf], 0].astype(np.float32)
    feature = np.where(leaf, 0, tree.feature[order])
    return feature, threshold.astype(np.float32), child.astype(np.int32), value


def _by_level(left, right):
    """Nodes of a tree level by level, those of one parent side by side."""
    levels = [np.zeros(1, int)]
    while len(levels[-1]):
        inner = levels[-1][left[levels[-1]] >= 0]
        levels.append(np.column_stack([left[inner], right[inner]]).ravel())
    return np.concatenate(levels)


def _rounded_down(threshold):
    """The largest float32 that is no larger: a float32 passes it where it passes the threshold."""
    near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)
