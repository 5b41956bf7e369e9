"""What a fitted generator answers, and what is stored of it."""

import numpy as np
import torch
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._engine._resources import answering_device, seeded
from .._engine._state import pack, unpack
from .._inputs._row_transformer import RowTransformer
from ._labels_wanted import codes_to_draw
from ._made_networks import networks_again

ROWS_AT_ONCE = 8_192


class GeneratorBase(RowTransformer):
    """Draws rows, and recognises the codes of rows.

    A subclass sets `_space`, `_description`, `_arrays` and the public attributes in its fit.
    """

    _instead_of_sparse = "Pass X.toarray() where it fits in memory."

    def sample(self, n_samples=1, y=None):
        """Make rows.

        Parameters
        ----------
        n_samples : int, default=1
        y : label or array-like of shape (n_samples,), default=None
            The class of all of them, or of each; None draws classes by their frequencies. Only
            after a fit with y.

        Returns
        -------
        X : DataFrame or ndarray of shape (n_samples, n_features), or images
            Of the kind and the types of the rows of the fit.
        y : ndarray of shape (n_samples,)
            Labels; after a fit without y the codes, from 0.
        """
        check_is_fitted(self)
        rng = check_random_state(self.random_state)
        codes = codes_to_draw(self, n_samples, y, rng)
        coordinates, levels = self._draw(codes, rng)
        X = self._space.from_points(coordinates, levels, rng)
        if self._rows_of_pixels:
            X = X.reshape(len(X), -1)
        return X, codes if self.classes_ is None else self.classes_[self._class_of[codes]]

    def _draw(self, codes, rng):
        """Points for codes: coordinates, and codes of levels."""
        device = answering_device(self.device)
        generator = self._networks[0].to(device)
        coordinates, levels = [], []
        with seeded(rng.randint(np.iinfo(np.int32).max), device), torch.no_grad():
            for own in torch.as_tensor(codes, device=device).split(ROWS_AT_ONCE):
                white, drawn = generator(own)
                coordinates.append(generator.place(white, own).cpu().double().numpy())
                each = drawn.split(generator.sizes, dim=1) if generator.sizes else ()
                chosen = [levels_of.argmax(1).cpu().numpy() for levels_of in each]
                levels.append(np.reshape(chosen, (len(chosen), len(own))).T.astype(int))
        return np.concatenate(coordinates), np.concatenate(levels)

    def transform(self, X):
        """How probable each code is for rows.

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        Z : ndarray of shape (n_samples, `n_codes_`)
            Rows sum to 1.
        """
        check_is_fitted(self)
        coordinates, levels = self._space.to_points(self._read(X, reset=False), None)
        return self._recognise(coordinates, indicators_of(levels, self._space.n_levels))

    def _recognise(self, coordinates, indicators):
        device = answering_device(self.device)
        recognizer = self._networks[1].to(device)
        with torch.no_grad():
            both = [
                torch.as_tensor(part, dtype=torch.float32, device=device).split(ROWS_AT_ONCE)
                for part in (coordinates, indicators)
            ]
            logits = torch.cat([recognizer(*parts) for parts in zip(*both, strict=True)])
            return logits.double().softmax(1).cpu().numpy()

    @property
    def _n_features_out(self):
        return self.n_codes_

    def __getstate__(self):
        state = super().__getstate__()
        return pack({name: value for name, value in state.items() if name != "_networks"})

    def __setstate__(self, state):
        super().__setstate__(unpack(state, type(self).__name__))
        if hasattr(self, "_arrays"):
            self._networks = networks_again(self._arrays, **self._description)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_codes_")


def indicators_of(levels, sizes):
    """Codes of levels (n, q) as indicators, all columns beside each other."""
    each = [np.eye(size)[own] for own, size in zip(levels.T, sizes, strict=True)]
    return np.concatenate([np.zeros((len(levels), 0)), *each], axis=1)
