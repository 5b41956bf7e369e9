"""What a search certifies of its choice, as attributes of the search."""

import warnings

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._inputs._checks import check_groups
from ..metrics._estimate import information_interval, label_entropy
from ._certified import certified_information
from ._cross_val import estimate


class CertifiedChoiceMixin:
    """For a search whose results have what each candidate says of held-out labels."""

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
        estimate = self.best_mutual_info_, self.best_mutual_info_stderr_, self._n_units
        return information_interval(*estimate, confidence_level, self._label_entropy)

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
        pointwise = certified_information(said, splits, of_labels, choose)
        if pointwise is None:
            return
        groups = check_groups(groups, len(pointwise))
        self.best_mutual_info_, self.best_mutual_info_stderr_, *_ = estimate(pointwise, groups, 0.5)
        held = ~np.isnan(pointwise)
        self._n_units = held.sum() if groups is None else len(np.unique(groups[held]))
        self._label_entropy = label_entropy(of_labels.class_prior)
