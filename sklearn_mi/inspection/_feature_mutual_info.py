"""Which columns hold the information: alone, beyond the others, and shared out."""

from numbers import Integral

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from .._engine._kept_answers import kept_answers
from .._inputs._checks import check_weights
from ..metrics._estimate import class_frequencies, label_entropy
from ..model_selection._drawn_rows import check_classes, draw_splits, rows_in_memory
from ._columns import as_table, column_names, constant_columns, read_groups
from ._contrasts import matrix_of
from ._feature_questions import check_kinds, check_pairs, put_questions
from ._question import CHECKED
from ._row_means import RowMeans
from ._subset_information import identity_of_subsets, information_of_subsets

FIGURES = ("", "_stderr", "_low", "_high")
SINGLE = ("total", "marginal")  # which are no differences


@validate_params(
    {
        **CHECKED,
        "kind": [str, list, tuple],
        "feature_groups": [dict, list, tuple, None],
        "pairs": [list, tuple, np.ndarray, None],
        "n_permutations": [Interval(Integral, 2, None, closed="left")],
    },
    prefer_skip_nested_validation=False,
)
def feature_mutual_info(
    X,
    y,
    *,
    estimator=None,
    kind=("marginal", "conditional"),
    feature_groups=None,
    pairs=None,
    n_permutations=10,
    cv=5,
    groups=None,
    sample_weight=None,
    confidence_level=0.95,
    n_jobs=None,
    random_state=None,
    checkpoint=None,
):
    r"""Which columns hold the information about the label, alone and beyond the others?

    With v(S) = I(X_S; Y), estimated from the columns S alone,

    .. math::
        \text{marginal} &= v(j) = I(X_j; Y) \\
        \text{conditional} &= v(\text{all}) - v(\text{all without } j)
        = I(X_j; Y \mid X_{rest}) \\
        \text{shapley} &= \text{the mean gain by } j \text{ over all orders of the columns} \\
        \text{interaction} &= v(ij) - v(i) - v(j).

    A column may tell nothing alone and much beyond the others, as in an exclusive or, or much alone
    and nothing beyond them, if another says the same. Shapley values share the total out [1]_; an
    interaction is positive for columns that need each other and negative for those that repeat each
    other. All are in nats.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)

    y : array-like of shape (n_samples,)
        Labels of at least two classes.

    estimator : classifier with `predict_proba`, default=None
        It is cloned, not fitted. None is :class:`~sklearn_mi.MutualInfoClassifier`, whose networks
        for many subsets and all folds are trained together, at half their width, and with
        boosting in 40 steps beside them unless `estimators` names others; its `cv` is not heeded.
        Of any other classifier clones are fitted to the columns of each subset and calibrated as in
        :func:`~sklearn_mi.model_selection.cross_val_mutual_info`; it has to work with any number of
        columns.

    kind : str or list of str, default=("marginal", "conditional")
        What to ask, of "marginal", "conditional", "shapley" and "interaction".

    feature_groups : dict of {str: columns} or list of columns, default=None
        Columns to be looked at together, by their names or numbers: what they tell together stays
        hidden where each repeats another. None is each column by itself. Columns in no group are
        among the rest; "shapley" wants each column in one group.

    pairs : list of (column, column), default=None
        For "interaction", by names as in the result or by numbers. None is all pairs.

    n_permutations : int, default=10
        For "shapley" of more than 5 columns or groups: random orders, of which each goes both
        ways, at two fits for each column. Up to 5, all subsets are asked.

    cv : int, cross-validation splitter or iterable of splits, default=5
        As for :func:`~sklearn_mi.model_selection.cross_val_mutual_info`; the same splits for all.

    groups : array-like of shape (n_samples,), default=None
        For splits that keep groups of rows together. Errors then take groups for independent.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows, in `fit` and in all means. Rows of weight 0 are left out.

    confidence_level : float, default=0.95
        Of each interval on its own: of 20 columns that are nothing, one may look like something.

    n_jobs : int, default=None
        Subsets, or stacks of them, in parallel, as in :class:`joblib.Parallel`. The result does not
        depend on it.

    random_state : int, RandomState instance or None, default=None
        Of the orders, and of the estimator unless it is None.

    checkpoint : str or path, default=None
        A folder, made if it is missing, for what subsets, or stacks of them, told. After a kill
        the same call, with the same rows and parameters, does what is missing. Its files are
        removed in the end.

    Returns
    -------
    result : :class:`~sklearn.utils.Bunch`
        For each `kind` four arrays of shape (n_features,), or as many as groups or pairs, such as
        `marginal`, `marginal_stderr`, `marginal_low` and `marginal_high`; and

        total, total_stderr, total_low, total_high : float
            The same for I(X; Y) of all columns.
        label_entropy : float
            H(Y), the most that there is to know.
        names : list of str
            Of the columns or groups.
        pairs : int ndarray of shape (n_pairs, 2)
            With "interaction", by the place in `names`.

    Raises
    ------
    ValueError
        If X is no table, as with images, if a column, group, pair or kind is not known, or as
        :func:`~sklearn_mi.model_selection.cross_val_mutual_info` does.

    See Also
    --------
    conditional_mutual_info : What all other columns tell beyond some.
    FeatureMutualInfoDisplay : A picture of the result.

    Notes
    -----
    Total and parts come from the same kind of estimator on the same splits. Each v is a lower bound
    in expectation; a difference of two is not, but its errors on each row are paired. Where
    a column adds nothing, the difference is chance in training, which rows have in common: its
    variance is multiplied by 1 + n / n_train, the correction of Nadeau and Bengio [2]_. In 200
    tables of 400 rows with columns of noise, some of them correlated with true ones, one-sided 5 %
    limits were then above 0 in at most 4 %, without it in 9 %.

    A column with one value in all rows, missing being one, tells exactly 0 and takes no fit.

    "shapley" sums to the total exactly, up to rounding. Its error has two sources, rows and orders.

    References
    ----------
    .. [1] I. Covert, S. Lundberg and S.-I. Lee, "Understanding global feature contributions with
       additive importance measures", NeurIPS 2020.
    .. [2] C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning,
       2003.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn_mi.datasets import make_xor
    >>> from sklearn_mi.inspection import feature_mutual_info
    >>> X, y = make_xor(500, 3, random_state=0)
    >>> forest = RandomForestClassifier(30, random_state=0)
    >>> result = feature_mutual_info(X, y, estimator=forest)
    >>> result.marginal.round(1) + 0.0
    array([0., 0., 0.])
    >>> result.conditional.round(1) + 0.0
    array([0.4, 0.4, 0. ])
    """
    X = rows_in_memory(X)
    X = as_table(X)
    classes, codes = check_classes(y, X)
    weight = check_weights(sample_weight, X, codes, classes)
    names, columns = read_groups(feature_groups, column_names(X))
    kinds, pairs = check_kinds(kind), check_pairs(pairs, names)
    rng = check_random_state(random_state)
    asked_of = columns, pairs, X.shape[1], n_permutations, rng
    questions, orders = put_questions(kinds, *asked_of, constant_columns(X))
    rows = draw_splits(X, y, cv, groups, keep=None if weight is None else weight > 0)
    subsets = sorted(set().union(*(each for asked in questions.values() for each in asked)))
    identity = identity_of_subsets(estimator, rows, sample_weight, random_state)
    options = sample_weight, n_jobs, random_state
    with kept_answers(checkpoint, "columns", identity) as kept:
        told = information_of_subsets(estimator, rows, subsets, *options, kept=kept)
    entropy = label_entropy(class_frequencies(codes, len(classes), weight))
    means = RowMeans(rows.members, weight, rows.groups, confidence_level, entropy)
    result = Bunch(names=names, label_entropy=entropy)
    for name, asked in questions.items():
        pointwise = matrix_of(asked, subsets) @ told
        errors = _errors_of_orders(orders, subsets, told) if name == "shapley" else 0.0
        errors = np.broadcast_to(errors, len(asked))
        found = [
            means.of(one, name not in SINGLE, error)
            for one, error in zip(pointwise, errors, strict=True)
        ]
        found = found[0] if name == "total" else np.transpose(found)
        result |= {name + end: figure for end, figure in zip(FIGURES, found, strict=True)}
    if "interaction" in kinds:
        result["pairs"] = pairs
    return Bunch(**result)


def _errors_of_orders(orders, subsets, told):
    """Standard errors of the Shapley values that come of the choice of orders."""
    if not orders:
        return 0.0
    means = np.nanmean(told, axis=1)
    gains = np.array([matrix_of(order, subsets) @ means for order in orders])
    return gains.std(axis=0, ddof=1) / np.sqrt(len(orders))
