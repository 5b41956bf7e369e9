"""A search for hyper-parameters whose candidates are trained together."""

import time
import warnings
from numbers import Integral

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.metrics._scorer import _MultimetricScorer
from sklearn.model_selection import ParameterGrid, ParameterSampler, check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import (
    _insert_error_scores,
    _warn_or_raise_about_fit_failures,
)
from sklearn.utils import indexable
from sklearn.utils._param_validation import Interval
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_method_params, check_is_fitted

from .._inputs._checks import check_groups
from .._version import LinksToDocumentation
from ..metrics._estimate import class_frequencies, confidence_interval, label_entropy
from ._certified import certified_information
from ._cross_val import check_classes, estimate
from ._evaluate import LabelScores, can_be_stacked, evaluate


class StackedSearchCV(LinksToDocumentation, BaseSearchCV):
    """TODO."""

    _parameter_constraints = {
        **BaseSearchCV._parameter_constraints,
        "param_grid": [dict, list],
        "n_candidates": [Interval(Integral, 1, None, closed="left"), None],
        "factor": [Interval(Integral, 2, None, closed="left"), None],
        "random_state": ["random_state"],
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
        scorers, metric = self._get_scorers()
        X, y = indexable(X, y)
        routed = self._get_routed_params_for_fit(_check_method_params(X, params=params))
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        splits = list(cv.split(X, y, **routed.splitter.split))
        self.n_splits_ = len(splits)
        candidates, of_labels = list(self._candidates()), self._label_scores(X, y)
        results = self._evaluate(candidates, (X, y), splits, scorers, routed, of_labels)
        self.multimetric_ = isinstance(results[0]["test_scores"], dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(results[0]["test_scores"])
            metric = self.refit
        self.cv_results_ = self._format_results(candidates, len(splits), results)
        if self.refit or not self.multimetric_:
            self._choose(metric)
            groups = routed.splitter.split.get("groups")
            self._certify(candidates, splits, results, metric, of_labels, groups)
        if self.refit:
            self._refit(X, y, routed.estimator.fit)
        several = isinstance(scorers, _MultimetricScorer)
        self.scorer_ = scorers._scorers if several else scorers
        return self

    def best_mutual_info_interval(self, confidence_level=0.95):
        """Two-sided confidence interval around `best_mutual_info_`, in nats.

        Parameters
        ----------
        confidence_level : float, default=0.95
            Between 0 and 1, both excluded.

        Returns
        -------
        low, high : float
            By Student's t, `high` at most H(Y). Only `low` is a limit on I(X; Y) itself, of
            confidence ``(1 + confidence_level) / 2``.
        """
        check_is_fitted(self, "best_mutual_info_")
        score, error = self.best_mutual_info_, self.best_mutual_info_stderr_
        low, high = confidence_interval(score, error, self._n_units, confidence_level)
        return low, max(min(high, self._label_entropy), score)

    def _candidates(self):
        """What `param_grid` stands for, as dictionaries."""
        if self.n_candidates is not None:
            return ParameterSampler(
                self.param_grid, self.n_candidates, random_state=self.random_state
            )
        grids = [self.param_grid] if isinstance(self.param_grid, dict) else self.param_grid
        for name, values in ((name, of[name]) for of in grids for name in of):
            if hasattr(values, "rvs"):
                raise ValueError(
                    f"param_grid has a distribution for {name!r}, but n_candidates is None: a "
                    "grid has lists only. Set n_candidates to how many candidates to draw."
                )
        return ParameterGrid(self.param_grid)

    def _label_scores(self, X, y):
        """What tells of labels, where there are single ones of several classes; else None."""
        if not is_classifier(self.estimator):
            return None
        try:
            classes, codes = check_classes(y, X)
        except (TypeError, ValueError):  # which is for the classifier to say
            return None
        return LabelScores(classes, codes, class_frequencies(codes, len(classes)))

    def _evaluate(self, candidates, rows, splits, scorers, routed, of_labels):
        """Results of all candidates on all splits, those of a candidate one after the other."""
        estimator, n_splits = clone(self.estimator), len(splits)
        options = {
            "factor": self.factor,
            "fit_params": routed.estimator.fit,
            "score_params": routed.scorer.score,
            "scorer": scorers,
            "return_train_score": self.return_train_score,
            "return_n_test_samples": True,
            "return_times": True,
            "error_score": self.error_score,
            "verbose": self.verbose,
        }
        stacked = can_be_stacked(estimator)
        n_jobs = 1 if self.factor else effective_n_jobs(self.n_jobs)  # halving wants all at once
        tasks = _tasks(len(candidates), n_splits, n_jobs, stacked)
        answers = Parallel(n_jobs=self.n_jobs, pre_dispatch=self.pre_dispatch)(
            delayed(evaluate)(
                estimator, [candidates[c] for c in some], rows, splits[k], of_labels, **options
            )
            for k, some in tasks
        )
        found = {}
        for (k, some), own in zip(tasks, answers, strict=True):
            found |= {(c, k): result for c, result in zip(some, own, strict=True)}
        results = [found[c, k] for c in range(len(candidates)) for k in range(n_splits)]
        if not results:
            raise ValueError(
                f"param_grid={self.param_grid!r} with cv={self.cv!r} has {len(candidates)} "
                f"candidates and {n_splits} splits; both must have some."
            )
        _warn_or_raise_about_fit_failures(results, self.error_score)
        if callable(self.scoring):
            _insert_error_scores(results, self.error_score)
        return results

    def _choose(self, metric):
        self.best_index_ = self._select_best_index(self.refit, metric, self.cv_results_)
        if not callable(self.refit):
            self.best_score_ = self.cv_results_[f"mean_test_{metric}"][self.best_index_]
        self.best_params_ = self.cv_results_["params"][self.best_index_]

    def _certify(self, candidates, splits, results, metric, of_labels, groups):
        """Set the information of the choice, on rows that had no part in it."""
        for name in ("best_mutual_info_", "best_mutual_info_stderr_"):
            vars(self).pop(name, None)  # of a fit before
        if of_labels is None:
            return
        n_splits = len(splits)

        def choose(some):
            own = [results[c * n_splits + k] for c in range(len(candidates)) for k in some]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of scores that are not finite, shown before
                table = self._format_results(candidates, len(some), own)
            return self._select_best_index(self.refit, metric, table)

        said = [result["log_proba"] for result in results]
        said = [said[i : i + n_splits] for i in range(0, len(said), n_splits)]
        pointwise = certified_information(said, splits, of_labels, choose)
        if pointwise is None:
            return
        groups = check_groups(groups, len(pointwise))
        self.best_mutual_info_, self.best_mutual_info_stderr_, *_ = estimate(pointwise, groups, 0.5)
        held = ~np.isnan(pointwise)
        self._n_units = held.sum() if groups is None else len(np.unique(groups[held]))
        self._label_entropy = label_entropy(of_labels.class_prior)

    def _refit(self, X, y, params):
        """Fit the best candidate to all rows."""
        best = clone(self.best_params_, safe=False)  # for a parameter may be an estimator
        self.best_estimator_ = clone(self.estimator).set_params(**best)
        start = time.time()
        self.best_estimator_.fit(X, y, **params)
        self.refit_time_ = time.time() - start
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_


def _tasks(n_candidates, n_splits, n_jobs, stacked):
    """Pairs of a split and the candidates that are evaluated on it in one go.

    Stacked candidates stay together as far as all jobs have something to do.
    """
    everything = list(range(n_candidates))
    if not stacked:
        return [(k, [c]) for c in everything for k in range(n_splits)]
    n_left = n_splits % n_jobs
    n_chunks = min(-(-n_jobs // max(n_left, 1)), n_candidates)
    chunks = [everything[i::n_chunks] for i in range(n_chunks)]
    whole = [(k, everything) for k in range(n_splits - n_left)]
    return whole + [(k, some) for k in range(n_splits - n_left, n_splits) for some in chunks]
