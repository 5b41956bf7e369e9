"""Trees as plain arrays, which take a sixth of the room and need no particular library."""

from functools import cached_property

import numpy as np

WALKS = 2**13  # rows times trees that go down together
CELLS, FEWEST_ROWS = 2**17, 512  # of rows that go down together, in a cache if they are wide
WAITS_FROM, WAITS_EVERY = 8, 4  # steps after which arrived ones step aside


class TreeArrays:
    """Mixin of estimators that keep their trees as arrays and walk along them.

    Attributes
    ----------
    root_ : int32 ndarray of shape (n_trees,)
        The first node of each tree.
    feature_ : integer ndarray of shape (n_nodes,)
        The column that a node looks at.
    threshold_ : float32 ndarray of shape (n_nodes,)
        A row goes right where it is larger. Infinite in leaves, which nothing leaves.
    child_ : int32 ndarray of shape (n_nodes,)
        The node on the left, before the one on the right; of a leaf, itself.
    value_ : float32 ndarray of shape (n_leaves, n_values)
        What each leaf says.
    """

    def _pack(self, trees, n_features):
        """Keep trees, each given by left, right, feature, threshold and value of its nodes.

        `left` is negative in leaves; `value` is (n_nodes, n_values).
        """
        vars(self).pop("_nodes", None)
        vars(self).pop("_leaf", None)
        self.root_ = np.cumsum([0, *(len(tree[0]) for tree in trees)])[:-1].astype(np.int32)
        packed = [_packed(*tree, first) for tree, first in zip(trees, self.root_, strict=True)]
        feature, threshold, child, value = map(np.concatenate, zip(*packed, strict=True))
        self.feature_ = feature.astype(np.min_scalar_type(n_features))
        self.threshold_, self.child_, self.value_ = threshold, child, value

    def _sums(self, X, n_columns):
        """Sums of values over the trees, (n, n_columns), of rows (n, d) in float32.

        Where a leaf has a single value, that of tree t counts for column t modulo `n_columns`.
        """
        sums = np.zeros((len(X), n_columns))
        n_rows = min(WALKS, max(FEWEST_ROWS, CELLS // max(1, X.shape[1])))
        for start in range(0, len(X), n_rows):
            self._add(sums[start : start + n_rows], X[start : start + n_rows])
        return sums

    def _add(self, sums, X):
        """Add the values of all trees of some rows, tree after tree, so that each row has its bits.

        As many trees at a time as make walks that a cache holds.
        """
        n_columns, size = sums.shape[1], max(1, WALKS // len(X))
        single = self.value_.shape[1] < n_columns
        for first in range(0, len(self.root_), size):
            roots = self.root_[first : first + size]
            ends = _walk(X, roots, *self._nodes).reshape(len(roots), len(X))
            for tree, leaves in enumerate(self._leaf[ends], first):
                column = slice(tree % n_columns, tree % n_columns + 1)
                sums[:, column if single else slice(None)] += self.value_.take(leaves, axis=0)

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


def _packed(left, right, feature, threshold, value, first):
    """Arrays of one tree, children side by side; its root is node `first` of all."""
    order = _by_level(left, right)
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(first, first + len(order))
    leaf = left[order] < 0
    bound = np.where(leaf, np.inf, _rounded_down(threshold[order])).astype(np.float32)
    child = np.where(leaf, place[order], place[left[order]]).astype(np.int32)
    return np.where(leaf, 0, feature[order]), bound, child, value[order[leaf]].astype(np.float32)


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
