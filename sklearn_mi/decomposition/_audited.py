"""A map with estimates of what it tells, by classifiers that have no part in its training."""

from functools import partial

from sklearn.utils.validation import check_is_fitted

from ._audit import audit, interval
from ._codes import classes_to_audit

OF_NUISANCE = "nuisance_mutual_info_", "nuisance_mutual_info_stderr_", "nuisance_rate_"


class AuditedMixin:
    """What the map of a fit, `embedding_`, tells of y and of a nuisance."""

    def _audit_map(self, task, seed):
        ask = partial(
            audit,
            self.embedding_,
            members=task.members,
            weight=task.weight,
            groups=task.groups,
            random_state=seed,
            device=self.device,
            n_threads=self.n_threads,
        )
        self._audit = ask(task.target.labels)
        self.mutual_info_score_, self.mutual_info_stderr_ = self._audit[:2]
        for name in OF_NUISANCE:
            vars(self).pop(name, None)  # of a fit before
        if task.nuisance is not None:
            own = max(map(ask, classes_to_audit(task.nuisance)))
            self._nuisance_audit = own
            self.nuisance_mutual_info_, self.nuisance_mutual_info_stderr_ = own[:2]

    def mutual_info_interval(self, confidence_level=0.95):
        """Two-sided confidence interval around `mutual_info_score_`, in nats.

        Parameters
        ----------
        confidence_level : float, default=0.95

        Returns
        -------
        low, high : float
            By Student's t, `high` at most H(Y).
        """
        check_is_fitted(self)
        return interval(self._audit, confidence_level)

    def nuisance_mutual_info_interval(self, confidence_level=0.95):
        """Two-sided confidence interval around `nuisance_mutual_info_`, in nats.

        Parameters
        ----------
        confidence_level : float, default=0.95

        Returns
        -------
        low, high : float
        """
        check_is_fitted(self, "nuisance_mutual_info_")
        return interval(self._nuisance_audit, confidence_level)
