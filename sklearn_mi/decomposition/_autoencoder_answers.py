"""What a fitted autoencoder gives: codes of rows, rows of codes, densities and samples."""

from functools import partial

from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_array, check_is_fitted

from .._engine._state import pack, unpack
from .._inputs._row_transformer import RowTransformer
from .._inputs._wanted_labels import check_n_samples, places_wanted
from ._fitted_autoencoder import FittedAutoencoder
from ._samples import draw_of_labels

N_DRAWS = 64  # of the code of a row whose density is asked for


def _has_noise(estimator):
    if estimator.objective == "reconstruction":
        raise AttributeError(
            'objective="reconstruction" has codes without noise, and so no densities. Use '
            '"info_vae", "info_max" or "vae".'
        )
    return True


class AutoencoderAnswers(RowTransformer):
    """What `MutualInfoAutoencoder` answers by `_fitted`, a `FittedAutoencoder`."""

    # --- codes and back -------------------------------------------------------------------------

    def transform(self, X):
        """Code rows: the means of their codes, the component with the largest rate first.

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        Z : ndarray of shape (n_samples, n_components)
        """
        check_is_fitted(self)
        rows = self._fitted.encoder.read(self._read(X, reset=False))
        return self._fitted.encode(rows, self.device)[0]

    def inverse_transform(self, Z):
        """Restore rows from codes.

        Parameters
        ----------
        Z : array-like of shape (n_samples, n_components)

        Returns
        -------
        X : as in `fit`, or a DataFrame of pandas where it was a frame of another library
            Numbers are means, rounded in columns of whole numbers; categories are the level that is
            most likely.
        """
        check_is_fitted(self)
        Z = check_array(Z, dtype=float)
        if Z.shape[1] != self.n_components_:
            raise ValueError(
                f"Z has {Z.shape[1]} columns, but the codes have {self.n_components_} components. "
                "Pass what transform gives."
            )
        fitted = self._fitted
        return self._restored(*fitted.decoding(self.device).expected(fitted.inner_codes(Z)))

    def _restored(self, numbers, levels):
        return self._fitted.form.restore(*self._fitted.cells.without_label(numbers, levels))

    # --- the distribution -----------------------------------------------------------------------

    @available_if(_has_noise)
    def score_samples(self, X):
        """Log density of rows, in nats: of numbers per unit, of levels and missing cells as such.

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        log_density : ndarray of shape (n_samples,)
            By 64 codes of each row, weighted by importance: in expectation a lower bound on the log
            density of the model. Within a bin a number has the same density everywhere, but for
            tails. Rows of the fit have more than new ones.
        """
        check_is_fitted(self)
        rows = self._fitted.encoder.read(self._read(X, reset=False))
        return self._fitted.log_density(rows, self.device, N_DRAWS)

    @available_if(_has_noise)
    def score(self, X, y=None):
        """Mean log density of rows.

        Parameters
        ----------
        X : as in `fit`
        y : ignored

        Returns
        -------
        score : float
        """
        return float(self.score_samples(X).mean())

    def sample(self, n_samples=1, y=None):
        """Make rows, of codes drawn from a mixture of Gaussians, fitted to codes of the fit.

        Parameters
        ----------
        n_samples : int, default=1
        y : scalar or array-like of shape (n_samples,), default=None
            Labels that they are to have; of a fit with labels.

        Returns
        -------
        X : as in `fit`, or a DataFrame of pandas where it was a frame of another library
            Values are those of rows of the fit, or between two of them in columns whose values are
            mostly different.
        y : ndarray of shape (n_samples,) or None
            Their labels, of a fit with y.
        """
        check_is_fitted(self)
        check_n_samples(n_samples)
        rng = check_random_state(self.random_state)
        draw = partial(self._fitted.draw, rng=rng, device=self.device)
        if y is None:
            numbers, levels = draw(n_samples)
        else:
            wanted = places_wanted(self.classes_, n_samples, y)
            numbers, levels = draw_of_labels(wanted, draw, self._fitted.cells)
        label = self._fitted.cells.label_of(numbers, levels)
        if self.classes_ is not None:
            label = self.classes_[label]
        return self._restored(numbers, levels), label

    @property
    def n_components_(self):
        return len(self._fitted.components)

    def __getstate__(self):
        state = super().__getstate__()
        if hasattr(self, "_fitted"):
            state = {**state, "_fitted": self._fitted.to_state()}
        return pack(state)

    def __setstate__(self, state):
        super().__setstate__(unpack(state, type(self).__name__))
        if hasattr(self, "_fitted"):
            self._fitted = FittedAutoencoder.from_state(self._fitted)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_fitted")
