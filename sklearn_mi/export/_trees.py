"""Forests and boosted trees by the ONNX operator `TreeEnsemble`.

Both decide by thresholds in float32, so that no row passes one on one side here and on the other
there.
"""

import numpy as np

from ._graph import tensor

SUM, NO_TRANSFORM, LESS_OR_EQUAL = 1, 0, 0


def forest_proba(graph, forest, rows):
    """Add a `CompactForest`: mean class frequencies (n, K) of the leaves of rows (n, width).

    A leaf has one number in ONNX, so that trees tell which leaf a row ends in, each as a target of
    its own, and the frequencies are a table.
    """
    leaf, tree = _leaves_and_trees(forest)
    first = (np.cumsum(leaf) - leaf)[forest.root_]  # leaf of each tree
    number = np.cumsum(leaf) - 1 - first[tree]  # within the tree, which float32 can hold
    ends = _ensemble(graph, rows, forest, leaf, tree, number.astype(np.float32))
    ends = graph("Add", graph.cast(np.int64, ends), first)
    frequencies = graph("Gather", forest.value_, ends, axis=0)
    return graph.cast(np.float64, graph("ReduceMean", frequencies, np.array([1]), keepdims=0))


def boosting_proba(graph, boosting, rows):
    """Add a `GradualBoosting`: posterior (n, K) of rows (n, width)."""
    leaf, tree = _leaves_and_trees(boosting)
    n_targets = len(boosting.baseline_)
    value = np.zeros(len(leaf))
    value[leaf] = boosting.value_[:, 0]
    rows = graph.cast(np.float64, rows)  # so that what leaves add is summed up in double
    raw = _ensemble(graph, rows, boosting, leaf, tree % n_targets, value)
    raw = graph("Add", raw, boosting.baseline_[None])
    return softmax(graph, raw) if n_targets > 1 else both_classes(graph, raw)


def _leaves_and_trees(trees):
    """Which nodes are leaves, and the tree of each node."""
    leaf = np.isinf(trees.threshold_)
    return leaf, np.searchsorted(trees.root_, np.arange(len(leaf)), side="right") - 1


def softmax(graph, scores):
    """Probabilities (n, K) by scores."""
    return graph("Softmax", scores, axis=-1)


def both_classes(graph, log_odds):
    """Probabilities (n, 2) by the log odds (n, 1) of the second class."""
    return softmax(graph, graph("Concat", graph("Sub", log_odds, log_odds), log_odds, axis=1))


def _ensemble(graph, rows, trees, leaf, target, value):
    """Sums (n, number of targets) of the leaves that rows end in, in the type of `value`.

    Parameters
    ----------
    graph : Graph
    rows : str
        In the type of `value`.
    trees : TreeArrays
    leaf : bool ndarray of shape (n_nodes,)
    target, value : ndarrays of shape (n_nodes,)
        What a leaf adds to, and what it adds.
    """
    roots, child = trees.root_, trees.child_
    nodes = trees.feature_, trees.threshold_, child, child + ~leaf
    feature, threshold, left, right = map(np.array, nodes)
    bare = roots[leaf[roots]]  # A root must be a node that decides; here both ways end alike.
    place = np.where(leaf, np.cumsum(leaf), np.cumsum(~leaf)) - 1
    n_inner = (~leaf).sum()
    inner = np.concatenate([np.flatnonzero(~leaf), bare])
    feature[bare], threshold[bare], left[bare], right[bare] = 0, 0, bare, bare
    first = place[roots]
    first[leaf[roots]] = n_inner + np.arange(len(bare))
    return graph(
        "TreeEnsemble",
        rows,
        n_targets=int(target.max()) + 1,
        aggregate_function=SUM,
        post_transform=NO_TRANSFORM,
        tree_roots=first,
        nodes_modes=tensor(np.full(len(inner), LESS_OR_EQUAL, np.uint8)),
        nodes_featureids=feature[inner].astype(int),
        nodes_splits=tensor(threshold[inner].astype(value.dtype)),
        nodes_truenodeids=place[left[inner]],
        nodes_trueleafs=leaf[left[inner]].astype(int),
        nodes_falsenodeids=place[right[inner]],
        nodes_falseleafs=leaf[right[inner]].astype(int),
        leaf_targetids=target[leaf],
        leaf_weights=tensor(value[leaf]),
    )
