"""A picture of what columns tell: bars on the scale of the label's entropy, and a matrix."""

import numpy as np

from ._feature_drawing import LABELS, draw_bars, draw_matrix, interaction_matrix
from ._feature_mutual_info import feature_mutual_info
from ._pyplot import import_pyplot


class FeatureMutualInfoDisplay:
    """What each column tells, alone, beyond the others and shared out; and which need each other.

    Horizontal bars with their intervals, on an axis that ends at H(Y), all there is to know; the
    dashed line is what all columns tell together. Where the result has interactions, a matrix
    beside them: one colour for columns that need each other (synergy), the other for columns that
    repeat each other (redundancy).

    Create it with :meth:`from_estimator` or :meth:`from_results`, which plot at once. All
    parameters are stored as attributes.

    Parameters
    ----------
    result : :class:`~sklearn.utils.Bunch`
        What :func:`feature_mutual_info` returns.

    Attributes
    ----------
    figure_ : matplotlib Figure

    axes_ : ndarray of matplotlib Axes, shape (n_panels,)
        Of bars, if there are any, and of the matrix, if there is one.

    bars_ : dict of {str: matplotlib BarContainer}
        By kind.

    image_ : matplotlib AxesImage or None

    order_ : int ndarray
        The columns that are drawn, from top to bottom, by their place in `result`.

    See Also
    --------
    feature_mutual_info : The figures.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_mi.inspection import FeatureMutualInfoDisplay
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> display = FeatureMutualInfoDisplay.from_estimator(GaussianNB(), X, y)
    >>> sorted(display.bars_)
    ['conditional', 'marginal']
    >>> plt.close(display.figure_)
    """

    def __init__(self, result):
        self.result = result

    @classmethod
    def from_estimator(cls, estimator, X, y, *, ax=None, max_features=20, **options):
        """Ask what the columns tell, and plot it.

        Parameters
        ----------
        estimator, X, y
            As in :func:`feature_mutual_info`; `estimator` may be None.

        ax, max_features
            As in :meth:`plot`.

        **options
            As in :func:`feature_mutual_info`.

        Returns
        -------
        display : FeatureMutualInfoDisplay
        """
        import_pyplot(cls.__name__)
        result = feature_mutual_info(X, y, estimator=estimator, **options)
        return cls(result).plot(ax=ax, max_features=max_features)

    @classmethod
    def from_results(cls, result, *, ax=None, max_features=20):
        """Plot what :func:`feature_mutual_info` returned.

        Parameters
        ----------
        result
            As in the constructor.

        ax, max_features
            As in :meth:`plot`.

        Returns
        -------
        display : FeatureMutualInfoDisplay
        """
        return cls(result).plot(ax=ax, max_features=max_features)

    def plot(self, *, ax=None, max_features=20):
        """Draw the panels.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of these, default=None
            One for each panel, the bars first; None for a new figure.

        max_features : int or None, default=20
            Of the bars those of the columns that tell most, by their largest figure; None is all.
            The matrix is of all columns that pairs were asked of.

        Returns
        -------
        self : FeatureMutualInfoDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the result is none, or there are not as many axes as panels.
        """
        plt = import_pyplot(type(self).__name__)
        kinds = _check_result(self.result)
        self.order_ = _largest(self.result, kinds, max_features)
        paired = interaction_matrix(self.result)
        self.axes_ = _axes(ax, bool(kinds), paired is not None, len(self.order_), plt)
        self.figure_, self.image_, self.bars_ = self.axes_[0].figure, None, {}
        if kinds:
            self.bars_ = draw_bars(self.axes_[0], self.result, kinds, self.order_)
        if paired is not None:
            self.image_ = draw_matrix(self.axes_[-1], *paired)
        return self


def _check_result(result):
    """The kinds of bars that a result has figures for."""
    if not isinstance(result, dict) or "total" not in result:
        raise ValueError(
            f"result={result!r:.80} must be what feature_mutual_info returns, a Bunch with total, "
            "names and what was asked."
        )
    return [kind for kind in LABELS if kind in result]


def _largest(result, kinds, most):
    """Numbers of the columns that tell most, in falling order."""
    if not kinds:
        return np.empty(0, int)
    return np.argsort(-np.max([result[kind] for kind in kinds], axis=0), kind="stable")[:most]


def _axes(ax, bars, matrix, n_rows, plt):
    n_panels = bars + matrix
    if ax is None:
        size = (6.5 * bars + 5.5 * matrix, max(2.6, 5 * matrix, 1.2 + 0.4 * n_rows))
        ratios = [1.2, 1][-n_panels:]
        figure = plt.figure(figsize=size, layout="constrained")
        return figure.subplots(1, n_panels, squeeze=False, width_ratios=ratios)[0]
    axes = np.asarray(ax, dtype=object).ravel()
    if axes.size != n_panels:
        raise ValueError(
            f"ax has {axes.size} of them, expected {n_panels}, one for each panel: bars, and a "
            f"matrix where there are interactions. Pass plt.subplots(1, {n_panels})[1]."
        )
    return axes
