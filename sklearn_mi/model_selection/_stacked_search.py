"""A search for hyper-parameters whose candidates are trained together."""

import time
from numbers import Integral

import numpy as np
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.metrics._scorer import _MultimetricScorer
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import (
    _insert_error_scores,
    _warn_or_raise_about_fit_failures,
)
from sklearn.utils import indexable
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_method_params

from .._engine._kept_answers import CHECKPOINT, identity_of, kept_answers
from .._version import LinksToDocumentation
from ._certified import label_scores
from ._certified_choice import CertifiedChoiceMixin
from ._evaluate import draw_candidates, evaluate_all
from ._search_tasks import SearchTasks


class StackedSearchCV(LinksToDocumentation, CertifiedChoiceMixin, BaseSearchCV):
    """Search for hyper-parameters whose candidates and folds are trained together.

    It has the scores and attributes of :class:`~sklearn.model_selection.GridSearchCV`. Networks of
    a :class:`~sklearn_mi.MutualInfoClassifier` for all candidates on the same rows are one stack,
    companions in common are fitted once. Other estimators are searched as by scikit-learn.

    Parameters
    ----------
    estimator : estimator
        It is cloned, not fitted.
    param_grid : dict or list of dict
        Values to try for each parameter, by its name; lists of them or, with `n_candidates`,
        distributions with a method ``rvs``.
    n_candidates : int, default=None
        Candidates to draw at random; None tries the whole grid.
    factor : int, default=None
        Successive halving, of candidates that share a stack with others: after 2 epochs only the
        best one in `factor` goes on, after ``2 * factor`` epochs one in `factor` of these, until no
        more than `factor` are left. The others are scored as they were then. They are compared, in
        each split on its own, by the log likelihood of rows that their networks hold out, never by
        rows that the search scores. 3 is a good value. None trains all to their end, and then each
        score is that of a search by scikit-learn.
    scoring : str, callable, list, tuple or dict, default=None
        As in `GridSearchCV`, several scores included; None is the accuracy of a classifier. For
        information, pass :data:`~sklearn_mi.metrics.mutual_info_scorer`.
    n_jobs : int, default=None
        Processes, each of which takes the candidates of one split, or some of them.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate to all rows; with several scores, by which one to choose.
        Or a function of `cv_results_` that gives the number of the best.
    cv : int, cross-validation splitter or iterable of splits, default=5
        The splits of the search, as in `GridSearchCV`; not the folds of the estimator itself.
    verbose : int, default=0
    pre_dispatch : int or str, default="2*n_jobs"
    random_state : int, RandomState instance or None, default=None
        Of the draws where there is `n_candidates`. Fits have that of the estimator.
    error_score : "raise" or float, default=nan
        The score of a candidate where a fit fails.
    return_train_score : bool, default=False
    checkpoint : str or path, default=None
        A folder, made if it is missing, for the results of each split, or of a part of the
        candidates on it where `n_jobs` are more than splits. After a kill the same call, with the
        same rows and parameters, does what is missing. Its files are removed in the end. Splits and
        draws must be the same again, so give those that shuffle a `random_state`.

    Attributes
    ----------
    cv_results_ : dict of ndarrays
        As of `GridSearchCV`. The time of what was done for several candidates is shared equally.
    best_estimator_ : estimator
        The best candidate, fitted to all rows; with `refit`.
    best_score_ : float
        Mean score of the best candidate over the splits. Optimistic, for it is the best of many
        on the rows by which it was chosen.
    best_mutual_info_ : float
        What the choice certifies of I(X; Y) in nats, on rows that chose nothing: each split is
        scored by the candidate that the *other* splits choose. It belongs to the search, not to the
        parameters that were chosen in the end. Of a classifier with `predict_proba`, where each
        split has others that hold out other rows. In expectation a lower bound.
    best_mutual_info_stderr_ : float
        Its standard error, over rows or, where there are any, over groups.
    best_params_ : dict
    best_index_ : int
    scorer_ : function or dict
    n_splits_ : int
    refit_time_ : float
        Seconds.
    multimetric_ : bool
    classes_, n_features_in_, feature_names_in_
        Of `best_estimator_`.

    See Also
    --------
    cross_val_mutual_info : The estimate for one classifier, or for a search as a whole.

    Notes
    -----
    Candidates share a stack if they differ only in `learning_rate_init`, `alpha`, `dropout`, `loss`
    ("ce", "pc_softmax" and "gce", with any `loss_params`), `n_iter_no_change` and `tol`. Others,
    such as those of other widths, batches or seeds, make further stacks. What cannot share one is
    fitted alone: images, networks of the user's, "dmi", "forward" and "gccs", callbacks,
    `adversarial_training`, and optimisers that are not among torch's elementwise ones. Its
    companions are shared all the same, where `estimators`, folds and seed are equal.

    In a stack each network sees the batches, and draws the random numbers, that it would alone, and
    no sum mixes networks. On a CPU scores equal those of `GridSearchCV` to the last bit or, where
    widths and batches are no multiples of 32, to rounding; on a GPU to rounding, which grows as
    training goes on. The estimator must have a `random_state`, for both to be the same.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_mi import MutualInfoClassifier
    >>> from sklearn_mi.metrics import mutual_info_scorer
    >>> from sklearn_mi.model_selection import StackedSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MutualInfoClassifier(cv=None, estimators=None, max_iter=20, random_state=0)
    >>> grid = {"learning_rate_init": [0.0001, 0.01], "alpha": [0.01, 0.1]}
    >>> search = StackedSearchCV(clf, grid, scoring=mutual_info_scorer, cv=3).fit(X, y)
    >>> search.best_params_["learning_rate_init"]
    0.01
    >>> low, high = search.best_mutual_info_interval()
    >>> bool(0.5 < low < search.best_mutual_info_ < high < 1.1)
    True
    """

    _parameter_constraints = {
        **BaseSearchCV._parameter_constraints,
        "param_grid": [dict, list],
        "n_candidates": [Interval(Integral, 1, None, closed="left"), None],
        "factor": [Interval(Integral, 2, None, closed="left"), None],
        "random_state": ["random_state"],
        "checkpoint": CHECKPOINT,
    }

    def __init__(
        self,
        estimator,
        param_grid,
        *,
        n_candidates=None,
        factor=None,
        scoring=None,
        n_jobs=None,
        refit=True,
        cv=5,
        verbose=0,
        pre_dispatch="2*n_jobs",
        random_state=None,
        error_score=np.nan,
        return_train_score=False,
        checkpoint=None,
    ):
        super().__init__(
            estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.param_grid = param_grid
        self.n_candidates = n_candidates
        self.factor = factor
        self.random_state = random_state
        self.checkpoint = checkpoint

    @_fit_context(prefer_skip_nested_validation=False)  # the estimator is not validated yet
    def fit(self, X, y=None, **params):
        """Try all candidates, and fit the best one to all rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            As the estimator takes it.
        y : array-like of shape (n_samples,)
        **params : dict of str to object
            For the `fit` of the estimator, the splitter and the scorer, as in `GridSearchCV`:
            `groups` go to the splitter, unless metadata routing says otherwise.

        Returns
        -------
        self : StackedSearchCV
        """
        if (folder := getattr(self.estimator, "checkpoint", None)) is not None:
            raise ValueError(
                f"The estimator has checkpoint={folder!r}, in which its clones would meet. Give "
                "the folder to the search: StackedSearchCV(checkpoint=...)."
            )
        scorers, metric = self._get_scorers()
        X, y = indexable(X, y)
        routed = self._get_routed_params_for_fit(_check_method_params(X, params=params))
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        splits = list(cv.split(X, y, **routed.splitter.split))
        self.n_splits_ = len(splits)
        candidates = draw_candidates(self.param_grid, self.n_candidates, self.random_state)

        def identity():
            asked = [candidates, splits, self.scoring, self.factor, self.error_score]
            options = [routed.estimator.fit, routed.scorer.score, self.return_train_score]
            about = {"estimator": self.estimator, "search": asked, "options": options}
            return identity_of(X, y, **about)

        tasks = SearchTasks(self, X, y)
        with kept_answers(self.checkpoint, "search", identity) as kept:
            self._search(candidates, (X, y), splits, scorers, metric, routed, kept, tasks)
        several = isinstance(scorers, _MultimetricScorer)
        self.scorer_ = scorers._scorers if several else scorers
        tasks.end()
        return self

    def _search(self, candidates, rows, splits, scorers, metric, routed, kept, tasks):
        """All of `fit` that takes time."""
        of_labels = label_scores(self.estimator, *rows)
        of_parts = of_labels, kept, tasks
        results = self._evaluate(candidates, rows, splits, scorers, routed, *of_parts)
        first = results[0]["test_scores"]
        self.multimetric_ = isinstance(first, dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(first)
            metric = self.refit
        self.cv_results_ = self._format_results(candidates, len(splits), results)
        if self.refit or not self.multimetric_:
            self._choose(metric)
            groups = routed.splitter.split.get("groups")
            self._certify(candidates, splits, results, metric, of_labels, groups)
        if self.refit:
            self._refit(*rows, routed.estimator.fit, tasks)

    def _evaluate(self, candidates, rows, splits, scorers, routed, *of_parts):
        """Results of all candidates on all splits, those of a candidate one after the other."""
        results = evaluate_all(
            clone(self.estimator),
            candidates,
            rows,
            splits,
            *of_parts,
            n_jobs=self.n_jobs,
            pre_dispatch=self.pre_dispatch,
            factor=self.factor,
            fit_params=routed.estimator.fit,
            score_params=routed.scorer.score,
            scorer=scorers,
            return_train_score=self.return_train_score,
            error_score=self.error_score,
            verbose=self.verbose,
        )
        if not results:
            found = f"{len(candidates)} candidates and {len(splits)} splits"
            raise ValueError(
                f"param_grid={self.param_grid!r}, cv={self.cv!r} gave {found}; expected some."
            )
        _warn_or_raise_about_fit_failures(results, self.error_score)
        if callable(self.scoring):
            _insert_error_scores(results, self.error_score)
        return results

    def _choose(self, metric):
        self.best_index_ = self._select_best_index(self.refit, metric, self.cv_results_)
        vars(self).pop("best_score_", None)  # of a fit before
        if not callable(self.refit):
            self.best_score_ = self.cv_results_[f"mean_test_{metric}"][self.best_index_]
        self.best_params_ = self.cv_results_["params"][self.best_index_]

    def _refit(self, X, y, params, tasks):
        """Fit the best candidate to all rows."""
        best = clone(self.best_params_, safe=False)  # for a parameter may be an estimator
        self.best_estimator_ = clone(self.estimator).set_params(**best)
        start = time.time()
        with tasks.refit(self.best_estimator_):
            self.best_estimator_.fit(X, y, **params)
        self.refit_time_ = time.time() - start
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_
