"""Scorers, for the `scoring` parameter of cross-validation and search.

:func:`sklearn.metrics.make_scorer` cannot tell a metric which class each column stands for, so a
metric over probabilities fails on a fold that lacks a class. These scorers pass on the estimator's
`classes_`.
"""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import UNUSED

from .._inputs._open_rows import is_source, labels_of
from ..exceptions import warn
from ._determinant import determinant_mutual_info_score
from ._validation import check_labels, check_weights
from ._variational import variational_mutual_info_score

METRICS = {
    "variational": variational_mutual_info_score,
    "determinant": determinant_mutual_info_score,
}


class MutualInfoScorer(BaseEstimator):
    """Score a fitted classifier by what it says about the labels.

    A scorer is no estimator: it has no `fit`. `BaseEstimator` gives it parameters, `clone`, a
    representation and the requests of metadata routing.

    Parameters
    ----------
    metric : {"variational", "determinant"}
        :func:`~sklearn_mi.metrics.variational_mutual_info_score` or
        :func:`~sklearn_mi.metrics.determinant_mutual_info_score`.

    normalize : bool, default=False
        Passed to the metric.

    response_method : {"predict_proba", "predict"}, default="predict_proba"
        What is scored. The variational score needs probabilities.

    Notes
    -----
    The class frequencies are those of the scored rows. Under metadata routing, request weights on
    a copy, for a request changes the scorer that it is made on::

        scorer = clone(mutual_info_scorer).set_score_request(sample_weight=True)

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn_mi.metrics import normalized_mutual_info_scorer
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = LogisticRegression(max_iter=1000)
    >>> scores = cross_val_score(classifier, X, y, scoring=normalized_mutual_info_scorer)
    >>> print(f"{scores.mean():.2f} of H(Y)")
    0.87 of H(Y)
    """

    # Routing reads the requests of `score` off its signature; the estimator is no metadata.
    __metadata_request__score = {"estimator": UNUSED}

    def __init__(self, metric, *, normalize=False, response_method="predict_proba"):
        self.metric = metric
        self.normalize = normalize
        self.response_method = response_method

    def __call__(self, estimator, X, y, sample_weight=None):
        """Score `estimator` on `X` and `y`; see :meth:`score`."""
        return self.score(estimator, X, y, sample_weight=sample_weight)

    def score(self, estimator, X, y, sample_weight=None):
        """Score `estimator` on `X` and `y`.

        Parameters
        ----------
        estimator : object
            A fitted classifier with `classes_` and the response method, or a pipeline or search
            that ends in one.

        X : array-like of shape (n_samples, n_features)
            Rows that the estimator was not trained on.

        y : array-like of shape (n_samples,), or str
            Their labels; where X is a path or a Dataset, the name of their column. Classes of the
            estimator may be missing, and it may lack some of them.

        sample_weight : array-like of shape (n_samples,), or str, default=None
            Non-negative weights, likewise.

        Returns
        -------
        score : float
            Greater is better.

        Raises
        ------
        TypeError
            If `estimator` lacks the response method or `classes_`.

        Warns
        -----
        UserWarning
            If rows have a class that the estimator has never seen. Its frequency among the scored
            rows is then taken for its probability, so that they tell 0 nats, and the other classes
            share what is left. The determinant of predictions is 0, as for any class that is never
            predicted.
        """
        for attribute in (self.response_method, "classes_"):
            if not hasattr(estimator, attribute):
                raise TypeError(
                    f"{self!r} needs a fitted classifier with {self.response_method} and "
                    f"classes_, but {estimator!r} has no {attribute}; wrap a classifier without "
                    "probabilities in sklearn.calibration.CalibratedClassifierCV."
                )
        if is_source(X):
            y, sample_weight = labels_of(X, y, sample_weight)
        answer, labels = getattr(estimator, self.response_method)(X), estimator.classes_
        unknown = _unknown_classes(check_labels(y), labels)
        if len(unknown):
            answer, labels = _with_classes(answer, labels, unknown, y, sample_weight)
        return METRICS[self.metric](
            y,
            answer,
            labels=labels,
            normalize=self.normalize,
            sample_weight=sample_weight,
        )

    # What TunedThresholdClassifierCV takes from a scorer; it scores labels, not probabilities.
    _sign = 1

    @property
    def _score_func(self):
        if self.response_method != "predict":
            raise ValueError(
                f"{self!r} scores probabilities, which no threshold of decisions changes. Use "
                "determinant_mutual_info_scorer, which scores decisions."
            )
        return METRICS[self.metric]

    @property
    def _kwargs(self):
        return {"normalize": self.normalize}

    def _accept_sample_weight(self):
        # Searches ask this of a scorer before they pass it weights without metadata routing.
        return True


def _unknown_classes(y, labels):
    """Classes of y that are none of the estimator's, where both are of one kind."""
    present = np.unique(y)
    unknown = np.array([label not in set(labels.tolist()) for label in present.tolist()])
    if unknown.all() and present.dtype.kind != labels.dtype.kind:
        return []  # for the metric to refuse
    return present[unknown]


def _with_classes(answer, labels, unknown, y, sample_weight):
    """An answer, and the classes it is about, with those that the estimator has never seen."""
    y = np.asarray(y).ravel()
    rows = np.isin(y, unknown).sum()
    warn(
        f"{rows} of {len(y)} scored row(s), of class {unknown.tolist()[0]!r} among others, have a "
        "class that the training rows of the estimator lack. No classifier can know it: its "
        "frequency among the scored rows is taken for its probability, so that they tell 0 nats "
        "(a determinant of predictions is 0). Use fewer or stratified splits, or merge rare "
        "classes.",
    )
    if np.ndim(answer) == 2:
        weight = check_weights(sample_weight, len(y))
        share = np.array([weight[y == label].sum() for label in unknown]) / weight.sum()
        share = np.tile(share, (len(answer), 1)).astype(answer.dtype)
        answer = np.hstack([answer * (1 - share.sum(axis=1, keepdims=True)), share])
    return answer, np.concatenate([labels, unknown])


#: Mutual information I(X; Y) in nats.
mutual_info_scorer = MutualInfoScorer("variational")

#: Mutual information as a share of the label entropy: I(X; Y) / H(Y).
normalized_mutual_info_scorer = MutualInfoScorer("variational", normalize=True)

#: Normalized determinant of labels and predicted classes, for choosing a model on noisy labels. The
#: plain determinant carries the product of the class shares, so folds with other shares would count
#: differently. That of probabilities rewards those that are confident: on noisy labels it ranks by
#: the clean determinant, but not by accuracy.
determinant_mutual_info_scorer = MutualInfoScorer(
    "determinant", normalize=True, response_method="predict"
)
