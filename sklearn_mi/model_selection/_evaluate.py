"""Candidates of a search: drawn, fitted to splits, together where they can be, and scored."""

from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.model_selection import ParameterGrid, ParameterSampler
from sklearn.model_selection._validation import _fit_and_score
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_method_params


def can_be_stacked(estimator):
    """Whether clones of an estimator can be fitted together, unless they have a `fit` of others.

    Callbacks of scikit-learn that are set on the estimator want to hear of each fit alone.
    """
    owner = next((kind for kind in type(estimator).__mro__ if "fit" in vars(kind)), None)
    return "_fit_together" in vars(owner) and not getattr(estimator, "_skl_callbacks", [])


def draw_candidates(param_grid, n_candidates, random_state):
    """What a grid stands for, or so many random draws, as a list of dictionaries."""
    if n_candidates is not None:
        return list(ParameterSampler(param_grid, n_candidates, random_state=random_state))
    grids = [param_grid] if isinstance(param_grid, dict) else param_grid
    for name, values in (item for grid in grids for item in grid.items()):
        if hasattr(values, "rvs"):
            raise ValueError(
                f"param_grid has a distribution for {name!r}, but n_candidates is None: a grid has "
                "lists only. Set n_candidates to how many candidates to draw."
            )
    return list(ParameterGrid(param_grid))


def evaluate_all(
    estimator,
    candidates,
    rows,
    splits,
    of_labels,
    kept,
    listeners,
    *,
    n_jobs,
    pre_dispatch,
    factor,
    **options,
):
    """Results of all candidates on all splits, those of a candidate one after the other.

    Those that are `kept` from before are not made again, `listeners` are told of all. See
    `evaluate` for what is not said by the names.
    """
    stacked = can_be_stacked(estimator)
    n_busy = 1 if factor else effective_n_jobs(n_jobs)  # halving wants all candidates at once
    tasks = _tasks(len(candidates), len(splits), n_busy, stacked)
    run = Parallel(n_jobs=n_jobs, pre_dispatch=pre_dispatch, return_as=listeners.return_as)
    answers = run(
        delayed(kept.call)(
            [k, some],
            evaluate,
            estimator,
            [candidates[c] for c in some],
            *rows,  # by themselves, for a cluster to send them once
            *splits[k],
            of_labels,
            factor=factor,
            **options,
        )
        for k, some in tasks
    )
    found, answers = {}, listeners.tell_of(answers, len(tasks))
    for (k, some), own in zip(tasks, answers, strict=True):
        found |= {(c, k): result for c, result in zip(some, own, strict=True)}
    return [found[c, k] for c in range(len(candidates)) for k in range(len(splits))]


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


def evaluate(estimator, candidates, X, y, train, test, of_labels, *, factor, fit_params, **options):
    """Fit clones with the parameters of each candidate to a split, and score them.

    Parameters
    ----------
    estimator : estimator
    candidates : list of dict
    X, y : rows and their labels
    train, test : int arrays
    of_labels : LabelScores or None
    factor : int or None
        Of successive halving, where candidates can be fitted together.
    fit_params : dict
        For `fit`; what has one value a row is split as X is.
    **options
        As scikit-learn's searches score.

    Returns
    -------
    results : list of dict
        As those of scikit-learn's searches, and what `of_labels` says of each, as "log_proba".
    """
    fitted = [clone(estimator).set_params(**clone(each, safe=False)) for each in candidates]
    seconds = [0.0] * len(fitted)
    if can_be_stacked(estimator):
        own = _check_method_params(X, params=fit_params, indices=train)
        some = _safe_split(estimator, X, y, train)
        errors, seconds = estimator._fit_together(fitted, *some, own, factor)
        for each, error in zip(fitted, errors, strict=True):
            each.fit = _Done(each, error)
    results = []
    for each, taken in zip(fitted, seconds, strict=True):
        options |= {"train": train, "test": test, "fit_params": fit_params}
        told = {"return_n_test_samples": True, "return_times": True}
        result = _fit_and_score(each, X, y, parameters=None, **told, **options)
        vars(each).pop("fit", None)
        known = of_labels is not None and result["fit_error"] is None
        result["log_proba"] = of_labels(each, X, y, train, test) if known else None
        result["fit_time"] += taken
        results.append(result)
    return results


class _Done:
    """In the place of `fit` where that has been done, or failed."""

    def __init__(self, clf, error):
        self.clf, self.error = clf, error

    def __call__(self, X, y, **params):
        if self.error is not None:
            raise self.error
        return self.clf
