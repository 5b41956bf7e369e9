"""A transformer that keeps the columns which together tell most of the label."""

from numbers import Integral, Real
from types import NoneType

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, MetaEstimatorMixin, _fit_context
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, RealNotInt, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from .._engine._kept_answers import CHECKPOINT, kept_answers
from .._inputs._checks import check_weights
from .._inputs._frames import as_pandas
from .._version import LinksToDocumentation
from ..inspection._columns import as_table
from ..inspection._row_means import RowMeans
from ..metrics._estimate import class_frequencies, label_entropy
from ..model_selection._drawn_rows import check_classes, draw_splits
from ..model_selection._held_out import N_JOBS
from ._asking import Asking
from ._choice import Choice
from ._path import backward, forward
from ._screen import Screen

CONFIDENCE = 0.95


class SelectByMutualInfo(LinksToDocumentation, SelectorMixin, MetaEstimatorMixin, BaseEstimator):
    r"""Keep the columns that together tell most of the label.

    Columns enter, or leave, one after the other. Each step is judged by the information
    I(X_S; Y) that the columns S hold *jointly*, as classifiers on held-out rows can tell, the same
    splits throughout. So columns that need each other are found, such as those of an exclusive or,
    and of two that say the same only one is kept.

    Parameters
    ----------
    estimator : classifier with `predict_proba`, default=None
        It is cloned, not fitted. Networks of a :class:`~sklearn_mi.MutualInfoClassifier` for the
        candidates of a step and all folds are trained together; of any other classifier clones are
        fitted and calibrated, as in :func:`~sklearn_mi.inspection.feature_mutual_info`. None is a
        `MutualInfoClassifier` that is light: 15 epochs of one hidden layer of 64, and boosting in
        15 steps. It puts subsets in the same order as the default one in a third of the time.
    n_features_to_select : "auto", int or float, default="auto"
        A number of columns, or a share of them up to 1. "auto" is the fewest columns of the path
        that tell as much as the best ones of the path, but for `tol`.
    direction : {"forward", "backward"}, default="forward"
        Whether to begin with no column or with all. Backward costs many more fits.
    tol : "one_se" or float, default="one_se"
        For "auto": by how many nats the fewest columns may fall short of the best of the path.
        "one_se" is one standard error of the difference, of which rows are paired.
    n_candidates : int, default=4
        How many columns a step looks at, at most: the most promising by a screen, see Notes; pairs
        are extra. None looks at all, at a price that grows with the square of their number.
    cv : int, cross-validation splitter or iterable of splits, default=5
        As for :func:`~sklearn_mi.model_selection.cross_val_mutual_info`.
    n_jobs : int, default=None
        Candidates in parallel, as in :class:`joblib.Parallel`. The result does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Of the estimator, unless it is None.
    checkpoint : str or path, default=None
        A folder, made if it is missing, for what subsets told. After a kill the same call, with the
        same rows and parameters, does what is missing. Its files are removed in the end.

    Attributes
    ----------
    support_ : bool ndarray of shape (n_features,)
        Which columns are kept.
    ranking_ : int ndarray of shape (n_features,)
        Of the kept columns the numbers up to `n_features_to_select_`. Forward, 1 is the column that
        entered first, and all that have not entered share the last number: the best k columns of
        the path are ``ranking_ <= k``. Backward, the last column that was dropped has the lowest
        number but for those that were not, which share 1.
    n_features_to_select_ : int
        How many columns are kept.
    mutual_info_path_ : ndarray of shape (n_steps,)
        Information of the columns after each step, in nats. Forward of 1, 2, ... columns; backward
        of all columns, of all but one, ...
    mutual_info_path_stderr_ : ndarray of shape (n_steps,)
        The standard error of each, over rows or, where there are any, groups.
    label_entropy_ : float
        H(Y) in nats, the most that there is to know.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Where all names are strings.

    See Also
    --------
    sklearn_mi.inspection.feature_mutual_info : What each column tells, alone and beyond the others.
    sklearn.feature_selection.SequentialFeatureSelector : The same by any score, column by column.

    Notes
    -----
    *The path is optimistic*: columns were chosen on the same held-out rows by which it says what
    they tell. :func:`~sklearn_mi.model_selection.cross_val_mutual_info` of a pipeline that begins
    with the selection gives a figure that is not.

    Forward, a screen forecasts what each column would add to the posterior of those that are
    chosen: tables of the bins of one column, or of it and a chosen one, correct the log odds on the
    rows of all folds but one and are scored on that one. Only what promises more than chance would
    is looked at; if nothing does, the column that tells most by itself is next. Tables of two
    columns that have not been chosen find pairs: the two with the most to say beyond both alone, if
    that is more than chance, join the candidates. A pair wins a step if it gains more than twice as
    much as the best single column, and both enter, first the one that tells more without the other;
    the path has both. Of more than 500 columns pairs are sought among the 500 that promise most
    alone. Three columns that tell nothing in pairs, such as a parity of three, are not found.

    "auto" ends where the last four columns have had no say in the choice. Backward, after the first
    step only the columns that last cost least to drop are looked at again, and two that have not
    been looked at for longest.

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> from sklearn_mi.datasets import make_xor
    >>> from sklearn_mi.feature_selection import SelectByMutualInfo
    >>> X, y = make_xor(500, 6, random_state=0)
    >>> boosting = HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=8, random_state=0)
    >>> selector = SelectByMutualInfo(boosting).fit(X, y)
    >>> selector.get_support(indices=True)
    array([0, 1])
    >>> (selector.mutual_info_path_[:2] > 0.2).tolist()
    [False, True]
    >>> selector.transform(X).shape
    (500, 2)
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
        "n_features_to_select": [
            StrOptions({"auto"}),
            Interval(RealNotInt, 0, 1, closed="right"),
            Interval(Integral, 0, None, closed="neither"),
        ],
        "direction": [StrOptions({"forward", "backward"})],
        "tol": [StrOptions({"one_se"}), Interval(Real, 0, None, closed="left")],
        "n_candidates": [Interval(Integral, 1, None, closed="left"), None],
        "cv": ["cv_object"],
        "n_jobs": N_JOBS,
        "random_state": ["random_state"],
        "checkpoint": CHECKPOINT,
    }

    def __init__(
        self,
        estimator=None,
        *,
        n_features_to_select="auto",
        direction="forward",
        tol="one_se",
        n_candidates=4,
        cv=5,
        n_jobs=None,
        random_state=None,
        checkpoint=None,
    ):
        self.estimator = estimator
        self.n_features_to_select = n_features_to_select
        self.direction = direction
        self.tol = tol
        self.n_candidates = n_candidates
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.checkpoint = checkpoint

    @_fit_context(prefer_skip_nested_validation=False)  # the estimator is not validated yet
    def fit(self, X, y, *, groups=None, sample_weight=None):
        """Choose columns.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            A table of numbers, strings, categories and missing values, as far as the estimator
            takes them.
        y : array-like of shape (n_samples,)
            Labels of at least two classes.
        groups : array-like of shape (n_samples,), default=None
            For splits that keep groups of rows together. Errors then take groups for independent.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, in the fits and in all means. Rows of weight 0 are left out.

        Returns
        -------
        self : SelectByMutualInfo
        """
        X = self._check(X, reset=True)
        wanted = self._number_wanted(X.shape[1])
        classes, codes = check_classes(y, X)
        weight = check_weights(sample_weight, X, codes, classes)
        rows = draw_splits(X, y, self.cv, groups, keep=None if weight is None else weight > 0)
        prior = class_frequencies(rows.codes, len(rows.classes), weight)
        self.label_entropy_ = label_entropy(prior)
        means = RowMeans(rows.members, weight, rows.groups, CONFIDENCE, self.label_entropy_)
        choice = Choice(means, self.tol, self.direction)
        enough = choice.is_made if wanted is None else lambda path: False
        ask = Asking(self, rows, sample_weight, prior)
        with kept_answers(self.checkpoint, "selection", ask.identity) as ask.kept:
            if self.direction == "forward":
                screen = Screen(X, rows.codes, rows.members, weight, prior)
                how = screen, wanted or X.shape[1], self.n_candidates, enough
                path = forward(ask, choice.mean, *how)
            else:
                how = X.shape[1], wanted or 1, self.n_candidates, enough
                path = backward(ask, choice.mean, *how)
        self._conclude(path, means, choice.of(path) if wanted is None else len(path.pointwise) - 1)
        return self

    def transform(self, X):
        """Keep the chosen columns.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)

        Returns
        -------
        X_chosen : DataFrame or ndarray of shape (n_samples, `n_features_to_select_`)
            Of a DataFrame a DataFrame of its columns, as they are.
        """
        check_is_fitted(self)
        if not is_frame(X):
            return super().transform(X if hasattr(X, "shape") else as_pandas(X))
        self._check(X, reset=False)
        return _safe_indexing(X, self.get_support(indices=True), axis=1)

    def _check(self, X, reset):
        """Check the table; gives a DataFrame, or an array of what has no names."""
        if is_frame(X):
            X = as_pandas(X)
            validate_data(self, X, reset=reset, skip_check_array=True)
            return as_table(X)
        X = X if issparse(X) else as_pandas(X)  # sparse rows are refused by the next line
        tags = self.__sklearn_tags__().input_tags
        options = {"dtype": None if tags.string else "numeric"}
        return validate_data(self, X, reset=reset, ensure_all_finite=not tags.allow_nan, **options)

    def _number_wanted(self, n_columns):
        """How many columns to select; None if they are to say it."""
        wanted = self.n_features_to_select
        if wanted == "auto":
            return None
        if not isinstance(wanted, Integral):
            return max(1, int(n_columns * wanted))
        if wanted > n_columns:
            raise ValueError(
                f"n_features_to_select={wanted} is more than the {n_columns} column(s) of X. Ask "
                'for fewer, for a share such as 0.5, or pass "auto".'
            )
        return wanted

    def _conclude(self, path, means, last):
        """Set the attributes; `last` is the number of the step that is enough."""
        figures = np.array([means.of(pointwise)[:2] for pointwise in path.pointwise])
        self.mutual_info_path_, self.mutual_info_path_stderr_ = figures.T
        n_columns = self.n_features_in_
        if self.direction == "forward":
            self.n_features_to_select_ = last + 1
            self.ranking_ = np.full(n_columns, len(path.order) + 1)
            self.ranking_[path.order] = np.arange(len(path.order)) + 1
        else:
            self.n_features_to_select_ = n_columns - last
            self.ranking_ = np.ones(n_columns, int)
            self.ranking_[path.order] = n_columns - np.arange(len(path.order))
        self.support_ = self.ranking_ <= self.n_features_to_select_

    def _get_support_mask(self):
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = True
        if not isinstance(self.estimator, (Pipeline, NoneType)):  # a pipeline does not say it
            own = get_tags(self.estimator).input_tags
            tags.input_tags.allow_nan, tags.input_tags.string = own.allow_nan, own.string
        tags.target_tags.required = True
        return tags


def is_frame(X):
    """Whether a table has a type for each of its columns, and not one for all."""
    if isinstance(X, np.ndarray) or issparse(X):
        return False
    return isinstance(as_pandas(X), pd.DataFrame)
