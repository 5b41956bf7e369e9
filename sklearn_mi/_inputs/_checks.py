"""Checks of what a user passes to `MutualInfoClassifier`: tables, labels, weights, priors."""

import reprlib
from numbers import Real

import numpy as np
import pandas as pd
import scipy.sparse
from sklearn.utils import _safe_indexing, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import validate_data

from ._arrays import (
    epsilon_of,
    read_array,
    read_labels,
    read_numbers,
    read_weights,
    relative_weights,
)
from ._frames import as_pandas, is_records, with_columns
from ._images import check_images, is_images
from ._sparse_rows import check_sparse

MIN_ROWS = 10
# Training is in float32, which holds numbers down to 1e-38.
LEAST_WEIGHT = 1e-30


def check_table(estimator, X, *, reset):
    """Check the table and its feature names; gives a DataFrame, or an array of what has no names.

    Missing values pass, since the encoder makes them visible. Images come out with four axes, a
    sparse matrix of many columns as `SparseRows`.
    """
    sparse = scipy.sparse.issparse(X) or (not reset and estimator._fitted_on_sparse)
    X = (check_sparse if sparse else _check_dense)(estimator, X, reset=reset)
    if reset and len(X) < MIN_ROWS:
        raise ValueError(
            f"Found a table with {len(X)} sample(s) while a minimum of {MIN_ROWS} is required: "
            "an estimate from fewer held-out rows would mean nothing. Collect more rows."
        )
    if len(X) == 0:
        raise ValueError(f"Found a table with 0 sample(s) (shape={X.shape}), expected at least 1.")
    return X


def _check_dense(estimator, X, *, reset):
    """A DataFrame, an array, or images with four axes."""
    records, X = is_records(X), as_pandas(X)
    if records and not reset and hasattr(estimator, "feature_names_in_"):
        X = with_columns(X, estimator.feature_names_in_)
    image_shape = estimator.image_shape if reset else estimator._image_shape_given
    images = is_images(X, image_shape)
    if not reset:
        _check_same_kind(estimator, X, images)
    if images:
        X = check_images(estimator, X, image_shape, reset=reset)
    elif isinstance(X, pd.DataFrame):
        _check_column_names(X)
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        if X.shape[1] == 0:
            raise ValueError(
                f"Found a table with 0 feature(s) (shape={X.shape}) while a minimum of 1 is "
                "required: pass the columns that should tell about y."
            )
    else:
        X = validate_data(estimator, X, reset=reset, dtype=None, ensure_all_finite=False)
    return X


def _check_same_kind(estimator, X, images):
    """Refuse a table where the fit had images, and images where it had a table."""
    if images == (estimator.image_shape_ is not None):
        return
    had = f"images of shape {estimator.image_shape_}"
    if images:
        had = f"tables of {estimator.n_features_in_} columns"
    raise ValueError(
        f"X has shape {np.shape(X)}, but this {type(estimator).__name__} was fitted on {had}. Pass "
        "X of the same kind; rows of pixels are taken for images where image_shape is given."
    )


def _check_column_names(X):
    if X.columns.nlevels > 1:
        raise ValueError(
            f"The names of the columns have {X.columns.nlevels} levels, such as {X.columns[0]!r}, "
            "where one text for each was expected. Join them: "
            "X.columns = ['_'.join(map(str, name)) for name in X.columns]."
        )
    repeated = X.columns[X.columns.duplicated()]
    if len(repeated):
        raise ValueError(
            f"The table has more than one column named {repeated[0]!r}, so that columns cannot be "
            "told apart by name. Rename or drop one."
        )


def check_labels(y, n_rows, classes=None):
    """Check the labels; gives the sorted classes, if these are not given, and encoded labels."""
    if y is None:
        raise ValueError("This estimator requires y to be passed, but the target y is None.")
    y = column_or_1d(read_labels(y, "y"), warn=True)
    if len(y) != n_rows:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: X has {n_rows}, y has "
            f"{len(y)}. Pass one label for each row."
        )
    missing = np.flatnonzero(pd.isna(y))
    if len(missing):
        raise ValueError(
            f"Input y contains NaN: {len(missing)} label(s) are missing, the first in row "
            f"{missing[0]}. Drop the rows, or give them a class of their own."
        )
    try:
        _check_kind_of_labels(y)
        found, encoded = np.unique(y, return_inverse=True)
    except TypeError as error:
        types = sorted({type(label).__name__ for label in y})
        raise TypeError(
            f"The labels of y are of the types {', '.join(types)}, which cannot be sorted into one "
            "order. Convert them to one type, for example to str."
        ) from error
    if classes is not None:
        return classes, _places(found, classes)[encoded]
    if len(found) < 2:
        raise ValueError(
            f"y has one class, {_shown(found[0])}, while at least 2 classes are required: a "
            "label that never varies holds no information. Add rows of other classes."
        )
    return found, encoded


def _places(found, classes):
    """Place of each label that was found among the classes."""
    names = classes.tolist()
    unknown = [label for label in found.tolist() if label not in names]
    if unknown:
        raise ValueError(
            f"y has the class {unknown[0]!r}, which is none of the classes that were passed on the "
            f"first call to partial_fit, {reprlib.repr(names)}. Pass all that may come there."
        )
    return np.array([names.index(label) for label in found.tolist()])


def check_classes(classes):
    """Check the classes of a stream; gives them sorted."""
    classes = column_or_1d(read_labels(classes, "classes"))
    if pd.isna(classes).any():
        raise ValueError(f"classes={list(classes)!r} has a missing value. Pass labels alone.")
    classes = np.unique(classes)
    if len(classes) < 2:
        raise ValueError(
            f"classes={classes.tolist()!r} has {len(classes)} class, while at least 2 are "
            "required: a label that never varies holds no information. Pass all that may come."
        )
    return classes


def _check_kind_of_labels(y):
    if type_of_target(y, input_name="y") == "unknown":
        types = ", ".join(sorted({type(label).__name__ for label in y}))
        raise ValueError(
            f"Unknown label type: y has dtype {y.dtype} and holds {types}, where numbers, booleans "
            "or strings of a dtype of their own are expected. Pass y.astype(str), or "
            "pandas.Series(y).infer_objects()."
        )
    check_classification_targets(y)


def check_groups(groups, n_rows):
    """Check the groups of the rows; None, or an array (n,)."""
    if groups is None:
        return None
    groups = column_or_1d(read_array(groups, "groups", "the group of each row"), warn=True)
    if len(groups) != n_rows:
        raise ValueError(
            f"groups has {len(groups)} entries, but X has {n_rows} rows. Pass the group of each "
            "row of X, in the same order."
        )
    missing = np.flatnonzero(pd.isna(groups))
    if len(missing):
        raise ValueError(
            f"groups contains NaN: {len(missing)} row(s) have none, the first of them row "
            f"{missing[0]}. Give each a group of its own, or drop the rows."
        )
    return groups if _can_be_sorted(groups) else pd.factorize(groups)[0]


def _can_be_sorted(values):
    try:
        return bool(len(np.unique(values)))
    except TypeError:
        return False


def check_weights(sample_weight, X, encoded_y, classes):
    """Check row weights; None, or float64 (n,) under which every class with rows has weight."""
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Real):
        sample_weight = np.full(len(X), sample_weight)
    weight = read_weights(sample_weight, len(X))
    check_range_of_weights(weight[weight > 0].min(), "sample_weight")
    totals = np.bincount(encoded_y, weights=weight, minlength=len(classes))
    lost = (totals == 0) & (np.bincount(encoded_y, minlength=len(classes)) > 0)
    if lost.any():
        lost = _shown(classes[np.argmax(lost)])
        raise ValueError(
            f"sample_weight leaves class {lost} without weight, so there is no class frequency to "
            "compare with. Drop the class from X and y instead."
        )
    n_used = np.count_nonzero(weight)
    if n_used < MIN_ROWS:
        raise ValueError(
            f"sample_weight leaves {n_used} of {len(weight)} rows with weight, while a minimum of "
            f"{MIN_ROWS} is required. Give more rows weight, or collect more."
        )
    return weight * (len(weight) / weight.sum())


def check_range_of_weights(least, name):
    """Refuse a least positive weight, the largest being 1, that float32 could not tell from 0."""
    if least < LEAST_WEIGHT:
        raise ValueError(
            f"{name} has a positive weight that is {least:.3g} of the largest, while at least "
            f"{LEAST_WEIGHT:g} of it is required: less is nothing in single precision. Use 0 to "
            "leave rows out, or clip the weights."
        )


def with_weight(table, weight):
    """The rows of positive weight: the others are to leave no trace."""
    return table if weight is None else _safe_indexing(table, np.flatnonzero(weight > 0))


def _shown(label):
    """A label as one would write it, not as NumPy does."""
    return repr(label.item() if isinstance(label, np.generic) else label)


def check_class_weight(class_weight, classes, class_prior):
    """Weights of the classes in the order of `classes`, (K,)."""
    if isinstance(class_weight, str):  # "balanced"
        return 1 / (len(classes) * class_prior)
    if class_weight is None:
        return np.ones(len(classes))
    names = classes.tolist()
    unknown = [name for name in class_weight if name not in names]
    if unknown and not all(name in class_weight for name in names):  # as scikit-learn has it
        raise ValueError(
            f"class_weight={class_weight!r} names {_shown(unknown[0])}, which is no class of y; "
            f"these are {reprlib.repr(names)}. Use the labels as y has them."
        )
    given = [class_weight.get(name, 1) for name in names]
    if not all(map(_is_positive, given)):
        raise ValueError(
            f"class_weight={class_weight!r} gives the weights {given}; all must be positive and "
            "finite."
        )
    weight = relative_weights(np.array(given, dtype=np.float64), "class_weight")
    check_range_of_weights(weight.min(), "class_weight")
    return weight


def _is_positive(number):
    try:
        return isinstance(number, Real) and 0 < float(number) < np.inf
    except OverflowError:  # of a whole number
        return False


def check_priors(priors, class_prior, default):
    """Log of the class distribution to decide under, less the log of the frequencies (K,)."""
    priors = default if priors is None else priors
    if isinstance(priors, str):
        # Parameter validation has left two strings.
        return -np.log(class_prior) if priors == "uniform" else np.zeros_like(class_prior)
    if isinstance(priors, dict):
        raise ValueError(
            f"priors={priors!r} is a dict, but has to be a list of one probability per class, in "
            "the order of classes_."
        )
    target = read_numbers(priors, "priors", "one probability per class")
    rounding = max(1e-6, 8 * epsilon_of(priors, target))
    target = target.astype(np.float64)
    if target.shape != class_prior.shape:
        raise ValueError(
            f"priors has shape {target.shape}, expected {class_prior.shape}: one probability per "
            "class, in the order of classes_."
        )
    if (target <= 0).any() or abs(target.sum() - 1) > rounding:
        raise ValueError(
            f"priors={priors!r} must be positive and sum to one, got the sum {target.sum():g}. "
            'Divide by the sum, or use "uniform" or "empirical".'
        )
    return np.log(target) - np.log(class_prior)
