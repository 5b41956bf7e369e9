"""A fitted classifier as one ONNX graph: encoder, networks, companions, pool and priors."""

import json
from os import fspath
from pathlib import Path

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._classifier import MutualInfoClassifier
from .._inputs._image_encoder import ImageEncoder
from .._inputs._table_encoder import TableEncoder
from .._version import __version__
from ..modules import StackedMLP
from ._companions import companion_log_proba
from ._graph import Graph, onnx
from ._images import encoded_images
from ._losses import network_log_proba
from ._modules import stack_scores
from ._networks import mlp_scores
from ._pool import decided, leave_unknown_open, mean_of_members, pooled
from ._tables import MATRIX, ROWS, encoded_table

NO_ONNX = 'to_onnx needs onnx: pip install "sklearn-mi[onnx]".'
NO_CLASSIFIER = (
    "clf={clf!r} was passed, where a fitted MutualInfoClassifier was expected. Of a pipeline or a "
    "search pass the classifier within, such as pipe[-1] or search.best_estimator_; what comes "
    "before it has to be exported on its own."
)
NO_TABLE = (
    "clf was fitted on rows that are neither a table nor images, as those of a sparse matrix are, "
    "which to_onnx cannot encode. Fit on dense rows, such as X.toarray() or components of them."
)
TYPES = {"b": bool, "i": np.int64, "u": np.int64, "f": np.float64}  # of labels; others are text


def to_onnx(clf, path):
    """Write a fitted classifier as an ONNX graph, which needs neither torch nor scikit-learn.

    Parameters
    ----------
    clf : MutualInfoClassifier
        Fitted.
    path : str or path-like
        Where to write the file; it is overwritten.

    Returns
    -------
    model : onnx.ModelProto
        What was written.

    Raises
    ------
    ImportError
        If onnx is not installed.
    TypeError
        If `clf` is no MutualInfoClassifier.
    ValueError
        If a part of it cannot be written as a graph: a module that torch's exporter refuses, a
        loss or a companion of a class that is not known here, sparse rows.

    Notes
    -----
    The graph has an input for each column of the fit, named like it, of shape (rows, 1):

    - a number: double, missing as NaN;
    - a date: double, days since 1970 in UTC; a duration: double, days; missing as NaN;
    - a category, which text and booleans are too: the text of its level, missing as empty text.
      Blanks at its ends are to be left out; of numbers and booleans it is what ``str`` makes of
      them.

    Rows of an array, which has no names, are a single input "X" of shape (rows, n_features) if all
    of its columns are numbers. Images are "X" too, as they were passed to `fit`: uint8 or float32
    pixels in the units of the fit.

    The outputs are "label", of shape (rows,), decided under `priors`, and "probabilities", of shape
    (rows, n_classes), in float32 and in the order of `classes_`; they are what `predict` and
    `predict_proba` give. If a column has one of these names, an underscore is appended to that of
    the output. The properties of the model hold the version of sklearn_mi, the classes and what
    each column was read as, the last two as JSON.

    What the graph is given is not checked: infinite numbers count as very large, and images in
    other units than those of the fit are not refused.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_mi import MutualInfoClassifier
    >>> from sklearn_mi.export import to_onnx
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> clf = MutualInfoClassifier(estimators=None, max_iter=5, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model = to_onnx(clf, pathlib.Path(folder) / "iris.onnx")
    >>> [column.name for column in model.graph.input]
    ['sepal length (cm)', 'sepal width (cm)', 'petal length (cm)', 'petal width (cm)']
    """
    if onnx is None:
        raise ImportError(NO_ONNX)
    if not isinstance(clf, MutualInfoClassifier):
        raise TypeError(NO_CLASSIFIER.format(clf=clf))
    check_is_fitted(clf)
    if not isinstance(clf._encoder, TableEncoder | ImageEncoder):
        raise ValueError(NO_TABLE)
    model = _model(clf)
    Path(fspath(path)).write_bytes(model.SerializeToString())
    return model


def _model(clf):
    graph = Graph([MATRIX] if _is_matrix(clf) else clf._encoder.names_)
    proba, classes = _probabilities(graph, clf), _as_labels(clf.classes_)
    label = decided(graph, proba, classes, clf._log_tilt())
    graph.output(label, "label", classes.dtype, [ROWS])
    proba = graph.cast(np.float32, proba)
    graph.output(proba, "probabilities", np.float32, [ROWS, len(classes)])
    return graph.model(__version__, _metadata(clf))


def _probabilities(graph, clf):
    """Probabilities (n, K), as `predict_proba` gives them."""
    ensemble, module = clf._ensemble, clf.net_.module_
    encoded = _encoded(graph, clf)
    of_members = graph("Slice", encoded, *np.array([[0], [ensemble.n_members], [0]]))
    if isinstance(module, StackedMLP):
        scores = mlp_scores(graph, module, of_members)
    else:
        shape = clf.image_shape_ or (clf._encoder.encoding.width,)
        scores = stack_scores(graph, module, of_members, shape)
    open_to = ensemble.unknown, ensemble.class_prior
    networks = ensemble.loss, scores, ensemble.order, ensemble.class_weight
    networks = leave_unknown_open(graph, network_log_proba(graph, *networks), *open_to)
    others = _companions(graph, ensemble, encoded)
    posterior = pooled(graph, ensemble.calibration, [networks, *others])
    return mean_of_members(graph, leave_unknown_open(graph, posterior, *open_to))


def _encoded(graph, clf):
    """Rows as each member sees them and, last, as companions do; float32."""
    if clf.image_shape_ is not None:
        return encoded_images(graph, clf._encoder, flat=clf._image_shape_given is not None)
    return encoded_table(graph, clf._encoder, _is_matrix(clf))


def _companions(graph, ensemble, encoded):
    """Log posterior (n, K) by each companion, None by one that is not asked."""
    prior, fitted = ensemble.class_prior, ensemble.companions.fitted
    if not fitted:
        return [None] * len(ensemble.companions.names)
    rows = graph("Gather", encoded, np.int64(ensemble.n_members), axis=0)
    rows = graph("Flatten", rows, axis=1)
    found = {n: companion_log_proba(graph, n, each, rows, prior) for n, each in fitted.items()}
    return [found.get(name) for name in ensemble.companions.names]


def _is_matrix(clf):
    """Whether all columns are one input: pixels, or numbers without names."""
    if clf.image_shape_ is not None:
        return True
    return not hasattr(clf, "feature_names_in_") and (clf._encoder.kinds_ == "number").all()


def _as_labels(classes):
    """Classes in a type that ONNX has; text as objects."""
    classes = np.array(classes.tolist()) if classes.dtype == object else classes
    dtype = TYPES.get(classes.dtype.kind)
    return classes.astype(str).astype(object) if dtype is None else classes.astype(dtype)


def _metadata(clf):
    """What a reader of the file may want to know, all of it text."""
    facts = {"sklearn_mi": __version__, "classes": json.dumps(clf.classes_.tolist(), default=str)}
    if clf.image_shape_ is None:
        kinds = dict(zip(clf._encoder.names_, clf._encoder.kinds_.tolist(), strict=True))
        facts["columns"] = json.dumps(kinds)
    return facts
