"""What the other columns tell beyond some that are given."""

from numbers import Integral

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import validate_params

from .._engine._kept_answers import kept_answers
from .._inputs._checks import check_weights
from ..metrics._estimate import class_frequencies, label_entropy
from ..model_selection._drawn_rows import check_classes, draw_splits, rows_in_memory
from ._columns import as_table, column_names, read_columns
from ._contrasts import without
from ._question import CHECKED, cloned
from ._row_means import RowMeans
from ._subset_information import identity_of_subsets, information_of_subsets

GIVEN = (str, Integral, list, tuple, np.ndarray)


@validate_params(
    {**CHECKED, "given": "no_validation"},  # whose message would have all rows of a frame
    prefer_skip_nested_validation=False,
)
def conditional_mutual_info(
    X,
    y,
    *,
    given,
    estimator=None,
    cv=5,
    groups=None,
    sample_weight=None,
    confidence_level=0.95,
    n_jobs=None,
    random_state=None,
    checkpoint=None,
):
    r"""Information of the label and all other columns, beyond what some columns tell already.

    .. math:: I(X_{rest}; Y | X_{given}) = I(X; Y) - I(X_{given}; Y)

    Both terms come from the same kind of estimator on the same splits.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)

    y : array-like of shape (n_samples,)
        Labels of at least two classes.

    given : column or list of columns
        By name or number; an empty list asks for I(X; Y).

    estimator, cv, groups, sample_weight, confidence_level, n_jobs, random_state
        As for :func:`feature_mutual_info`.

    checkpoint : str or path, default=None
        A folder, made if it is missing, for what all columns told, and those that are given. After
        a kill the same call, with the same rows and parameters, does what is missing. Its files are
        removed in the end.

    Returns
    -------
    result : :class:`~sklearn.utils.Bunch`
        score : float
            The estimate in nats. May be negative.
        standard_error : float
            Of the paired differences of the rows, see :func:`feature_mutual_info`.
        interval : (float, float)
            Two-sided Student t interval; the upper end is at most H(Y).
        total, known : float
            I(X; Y) and I(X_given; Y), of which the score is the difference.
        label_entropy : float
            H(Y) in nats.
        pointwise : ndarray of shape (n_samples,)
            The difference that the other columns make to each row, in nats; NaN in rows that no
            split holds out.

    Raises
    ------
    ValueError
        If X is no table, if a column is not known or none is left, or as
        :func:`~sklearn_mi.model_selection.cross_val_mutual_info` does.

    See Also
    --------
    feature_mutual_info : What each column tells beyond all others.

    Notes
    -----
    The score is the difference of two lower bounds and no bound itself.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_mi.inspection import conditional_mutual_info
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> sepals = ["sepal length (cm)", "sepal width (cm)"]
    >>> result = conditional_mutual_info(X, y, given=sepals, estimator=LogisticRegression())
    >>> print(f"{result.score:.1f} of {result.label_entropy:.1f}")
    0.3 of 1.1
    """
    X = rows_in_memory(X)
    X = as_table(X)
    classes, codes = check_classes(y, X)
    weight = check_weights(sample_weight, X, codes, classes)
    names = column_names(X)
    _check_given(given, names)
    everything, known = tuple(range(X.shape[1])), read_columns(given, names)
    if not without(known, everything):
        raise ValueError(
            f"given={given!r} holds all {X.shape[1]} columns of X, so that none is left to tell "
            "more; give fewer."
        )
    rows = draw_splits(X, y, cv, groups, keep=None if weight is None else weight > 0)
    subsets = [everything, known] if known else [everything]
    estimator = cloned(estimator, random_state)
    identity = identity_of_subsets(estimator, rows, sample_weight, random_state)
    with kept_answers(checkpoint, "conditional", identity) as kept:
        told = _ask(estimator, rows, subsets, sample_weight, n_jobs, kept)
    told = told if known else np.stack([told[0], 0 * told[0]])
    entropy = label_entropy(class_frequencies(codes, len(classes), weight))
    means = RowMeans(rows.members, weight, rows.groups, confidence_level, entropy)
    score, error, low, high = means.of(told[0] - told[1], difference=bool(known))
    return Bunch(
        score=score,
        standard_error=error,
        interval=(low, high),
        total=means.of(told[0])[0],
        known=means.of(told[1])[0],
        label_entropy=entropy,
        pointwise=told[0] - told[1],
    )


def _check_given(given, names):
    if not isinstance(given, GIVEN):
        shape = f" of shape {given.shape}" if hasattr(given, "shape") else ""
        raise ValueError(
            f"given is a {type(given).__name__}{shape}, expected a column or a list of columns: "
            f"pass the names of columns of X, such as given=[{names[0]!r}], or their numbers."
        )


def _ask(estimator, rows, subsets, weight, n_jobs, kept):
    """Pointwise information (S, n); a stack of networks for each, so that a kill costs only one."""
    in_stacks = hasattr(estimator, "_information_of_subsets")
    each = [[subset] for subset in subsets] if in_stacks else [subsets]
    options = weight, n_jobs, None
    told = [information_of_subsets(estimator, rows, own, *options, kept=kept) for own in each]
    return np.concatenate(told)
