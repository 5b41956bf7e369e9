"""What a fitted classifier says: posteriors, decisions, information, its interval and its parts."""

import numpy as np
from scipy.special import log_softmax
from sklearn.utils.validation import check_is_fitted

from ._engine._input_gradient import raw_slope
from ._engine._resources import repeatable, resolve_threads, torch_threads, trainable
from ._engine._scoring import scoring_rows
from ._inputs._checks import check_priors, check_table
from ._pool._companions import NETWORKS
from .metrics._estimate import confidence_interval, information_interval, label_entropy


class PosteriorMixin:
    """Methods of a classifier that holds an encoder, a fitted ensemble and an estimate."""

    def predict_log_proba(self, X):
        """Log posterior of each class under the training class frequencies.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_samples, n_features)
            Or, as for `fit`, a path, a Dataset or a memory map, of which some rows at a time are
            read; columns that are none of the fit are left alone.

        Returns
        -------
        log_proba : ndarray of shape (n_samples, n_classes)
            Of the true class for "dmi", "forward" and "gce". The mean over the networks.
        """
        return self._ask_some_at_a_time(X, "log_posterior")

    def predict_proba(self, X):
        """Posterior of each class under the training class frequencies.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
        """
        return np.exp(self.predict_log_proba(X))

    def decision_function(self, X):
        """Log posterior with the class frequencies replaced by `priors`.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        decision : ndarray of shape (n_samples, n_classes) or (n_samples,)
            Log probabilities. For two classes the log odds of ``classes_[1]``.
        """
        decision = self._under_priors(self.predict_log_proba(X))
        return decision[:, 1] - decision[:, 0] if len(self.classes_) == 2 else decision

    def predict(self, X):
        """The most probable class under `priors`.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_samples, n_features)
            New rows. Of rows of the fit, `oof_log_proba_` holds what others than these labels say.

        Returns
        -------
        y : ndarray of shape (n_samples,)
        """
        decision = self._under_priors(self.predict_log_proba(X))
        return self.classes_[decision.argmax(axis=1)]

    def pointwise_mutual_info(self, X):
        r"""Pointwise mutual information of each row and each label, in nats.

        .. math:: \log q(y | x) - \log p(y)

        The mean over fresh rows, each at its label, estimates I(X; Y). For "dmi", "forward" and
        "gce" labels are the observed ones. The pool holds nothing to be impossible, so that there
        is a least value, of some nats below zero.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        pmi : ndarray of shape (n_samples, n_classes)
        """
        return self._ask_some_at_a_time(X, "log_observed") - np.log(self.class_prior_)

    def mutual_info_interval(self, confidence_level=0.95):
        """Two-sided confidence interval around `mutual_info_score_`, in nats.

        Parameters
        ----------
        confidence_level : float, default=0.95
            Between 0 and 1, both excluded.

        Returns
        -------
        low, high : float
            By Student's t, `high` at most H(Y). The interval is about what the networks certify.
            That is no more than I(X; Y), so only `low` is a limit on I(X; Y) itself, of
            confidence ``(1 + confidence_level) / 2``. It is the error of these networks on a
            sample of rows; that other networks would come out of another `random_state` is not
            in it, which matters on small tables.
        """
        check_is_fitted(self)
        estimate = self.mutual_info_score_, self.mutual_info_stderr_, self._n_units
        return information_interval(*estimate, confidence_level, self.label_entropy_)

    def _under_priors(self, log_proba):
        """Log posterior (n, K) with the class frequencies replaced by `priors`."""
        return log_softmax(log_proba + self._log_tilt(), axis=1)

    def _log_tilt(self):
        """Log of the class distribution to decide under, less that of the frequencies, (K,)."""
        frequencies = self._ensemble.calibration.class_prior_
        usual = self._ensemble.loss.default_priors
        shift = check_priors(self.priors, frequencies, usual)
        balanced_twice = usual == "uniform" and self._balanced
        if self.priors is not None or balanced_twice:
            return shift
        return shift + np.log(self._class_weight)

    def _ask(self, X, question):
        """Put a question to the ensemble about rows of a table."""
        check_is_fitted(self)
        with np.errstate(invalid="ignore"):  # of NaN, which are refused
            answer = self._ask_read(self._read(X)[1], question)
        _refuse_nan(answer)
        return answer

    def _read(self, X):
        """Rows as they were checked, and as the encoder reads them."""
        table = check_table(self, X, reset=False)
        return table, self._encoder.read(table)

    def _ask_read(self, rows, question, *arguments):
        n_rows = min(len(rows), scoring_rows(rows))
        ensemble = self._ensemble
        n_threads = resolve_threads(self.n_threads, ensemble.module, n_rows)
        with trainable(), torch_threads(n_threads), repeatable(ensemble.device):
            return getattr(ensemble, question)(rows, *arguments)

    def _input_slope(self, X, codes, objective, unit):
        """Values (n,) of an objective of `inspection.adversarial_robustness`, and derivatives.

        These are in the raw rows, (n, d), or the images; one `unit` of each column, or of pixels,
        is a move of one. By the networks alone.
        """
        check_is_fitted(self)
        if self._fitted_on_sparse:
            raise TypeError(
                f"This {type(self).__name__} was fitted on a sparse matrix, whose classifiers have "
                "no slopes in its columns. Fit it on X.toarray()."
            )
        table, rows = self._read(X)
        values, slope = self._ask_read(rows, "slope", codes, objective, self._log_tilt())
        return values, raw_slope(self._encoder, table, slope, unit)

    def _class_maps(self, X):
        """Maps (n, K, h, w) and offsets (K,) of what images tell, for `inspection.info_cam`."""
        check_is_fitted(self)
        if self.image_shape_ is None:
            raise ValueError(
                f"This {type(self).__name__} was fitted on a table, which has no places to map. "
                "Fit it on images, X of shape (n, channels, height, width), or rows of pixels "
                "with image_shape."
            )
        return self._ask(X, "class_maps")

    # --- its parts --------------------------------------------------------------------------------

    @property
    def net_(self):
        """All networks as one skorch net, which has been trained and answers no rows of X."""
        check_is_fitted(self)
        return self._ensemble.net

    @property
    def estimators_(self):
        """By its name each of `estimators` that has a weight in the pool, fitted to all rows."""
        check_is_fitted(self)
        return self._ensemble.companions.fitted

    @property
    def pool_weights_(self):
        """Weight of the networks and of each of `estimators` in the pool."""
        check_is_fitted(self)
        names = [NETWORKS, *self._ensemble.companions.names]
        return dict(zip(names, self._ensemble.calibration.weights_.tolist(), strict=True))

    # --- for losses that tell the true class from the observed label -----------------------------

    @property
    def noise_matrix_(self):
        """Probability of the observed label (column) given the true class (row)."""
        self._check_models_label_noise("noise_matrix_")
        return self._ensemble.calibration.noise_matrix_

    @property
    def clean_mutual_info_score_(self):
        """Estimate of the mutual information of X and the true class, in nats."""
        self._check_models_label_noise("clean_mutual_info_score_")
        return self._clean_estimate[0]

    @property
    def clean_mutual_info_stderr_(self):
        """Standard error of `clean_mutual_info_score_`: of rows, noise matrix and overlap."""
        self._check_models_label_noise("clean_mutual_info_stderr_")
        return self._noise_error.information(self._clean_estimate[1])

    @property
    def noise_matrix_stderr_(self):
        """Standard errors of `noise_matrix_`, by sampling and by overlap of classes."""
        self._check_models_label_noise("noise_matrix_stderr_")
        return self._noise_error.noise_matrix

    def clean_mutual_info_interval(self, confidence_level=0.95):
        r"""Interval around `clean_mutual_info_score_`, in nats.

        Parameters
        ----------
        confidence_level : float, default=0.95
            Between 0 and 1, both excluded.

        Returns
        -------
        low, high : float
            Of what this posterior r certifies of the true class on clean rows, the mean of
            :math:`\log r(k|x) - \log \pi_k` over true classes k, which is no more than I(X; true
            Y). `high` is at most the entropy of the true class.

        Notes
        -----
        Two errors are added up. The first is of sampling, if noise depends on x through
        the true class alone: the one over rows, and how far the estimate moves while noise matrix,
        weights and offsets stay as good an explanation of the held-out labels, by profile
        likelihood. Where noise and overlap explain labels alike, it is wide, and not even on both
        sides.

        The second allows for noise that follows x where r is not certain, and has no confidence
        level. A row tells of the true class between what it tells of the label, where classes are
        as unclear as they seem, and what it would tell if its most probable class were the true
        one. `low` also allows for networks that are sure and wrong in rows that they hold out,
        which no label can tell from noise: as often as the networks that trained on these rows
        disagree. (There are none with `cv=None`.) Nothing covers labellers who are sure of the same
        mistakes in the same rows.
        """
        self._check_models_label_noise("clean_mutual_info_interval")
        entropy = label_entropy(self._ensemble.calibration.class_prior_)
        return self._clean_interval(confidence_level, entropy)

    def _clean_interval(self, confidence_level, entropy):
        """The same before the fit is complete; `entropy` is that of the true class."""
        score, stderr = self._clean_estimate
        quantile = confidence_interval(0.0, 1.0, self._n_units, confidence_level)[1]
        low, high = self._noise_error.interval(score, stderr, quantile)
        return low, max(min(high, entropy), score)

    def _check_models_label_noise(self, name):
        check_is_fitted(self)
        if not self._ensemble.loss.models_label_noise:
            raise AttributeError(f"loss={self._loss_given!r} takes labels as they are: no {name}.")


def _refuse_nan(answer):
    """Refuse answers (n, K) that rest on scores of a module which are no numbers."""
    if isinstance(answer, np.ndarray) and len(bad := np.flatnonzero(np.isnan(answer).any(axis=1))):
        raise ValueError(
            f"The networks give no finite scores for {len(bad)} row(s), the first of them row "
            f"{bad[0]}. Let the module return finite numbers for every row."
        )
