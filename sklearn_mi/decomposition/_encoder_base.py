"""What a fitted encoder answers, and what is stored of it."""

from sklearn.utils.validation import check_is_fitted

from .._engine._networks import arrays_of, made_again
from .._engine._resources import answering_device, to_device
from .._engine._scoring import score_rows
from .._engine._state import pack, unpack
from .._inputs._row_transformer import RowTransformer
from .._inputs._sparse_rows import of_networks


class EncoderBase(RowTransformer):
    """A transformer that places rows by the networks of all folds.

    A subclass calls `_keep_encoders` in its fit.
    """

    def _keep_encoders(self, encoders, description, own, n_used=None):
        """Keep some members of a stack of encoders, a slice, as what makes them and arrays.

        Of `n_used` components, if not all, a code consists; the others are 0.
        """
        self._n_used = n_used
        arrays = arrays_of(encoders).items()
        self._description = {**description, "n_members": own.stop - own.start}
        self._arrays = {k: v if k.startswith("front.") else v[own].copy() for k, v in arrays}
        self._made = made_again(self._description, self._arrays)

    def transform(self, X):
        """Place new rows, each at the mean of where the networks of all folds place it.

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        Z : ndarray of shape (n_samples, n_components)
        """
        check_is_fitted(self)
        return self._encode(self._encoder.read(self._read(X, reset=False)))

    def _encode(self, rows):
        device = answering_device(self.device)
        encoder, n_members = self._made.to(device), self._description["n_members"]
        encoding = self._encoder.encoding.of_members(slice(n_members))
        X = to_device(of_networks(rows), device)
        told = score_rows(encoder, encoding.to(device), X, n_members)
        place = told[..., : self.n_components_].mean(0).cpu().double().numpy()
        if self._n_used is not None:
            place[:, self._n_used :] = 0
        return place

    @property
    def n_components_(self):
        return self._description["n_classes"] // 2

    def __getstate__(self):
        state = super().__getstate__()
        return pack({name: value for name, value in state.items() if name != "_made"})

    def __setstate__(self, state):
        super().__setstate__(unpack(state, type(self).__name__))
        if hasattr(self, "_arrays"):
            self._made = made_again(self._description, self._arrays)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "embedding_")
