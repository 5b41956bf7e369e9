"""What transformers of the package have in common: how they read rows."""

import scipy.sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin

from ._checks import check_table


class RowTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """A transformer of tables with names, text and missing cells, or of images.

    A subclass has `image_shape` and `n_components_`.
    """

    _fitted_on_sparse = False
    _instead_of_sparse = "Pass components of it, as by sklearn.decomposition.TruncatedSVD."

    def _read(self, X, reset):
        """Check the rows; gives a table, or images."""
        if scipy.sparse.issparse(X):
            raise TypeError(
                "Sparse data was passed for X, but dense data is required. "
                + self._instead_of_sparse
            )
        table = check_table(self, X, reset=reset)
        if reset:
            self.image_shape_ = table.shape[1:] if table.ndim == 4 else None
            self._image_shape_given = self.image_shape
        return table

    @property
    def _n_features_out(self):
        return self.n_components_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags
