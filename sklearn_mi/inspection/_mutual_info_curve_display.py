"""A picture of information against rows, with the asymptote and its interval."""

import numpy as np

from ._feature_drawing import COLORS
from ._mutual_info_curve import mutual_info_curve
from ._pyplot import import_pyplot


class MutualInfoCurveDisplay:
    """Information against rows: estimates, the fitted curve beyond them, its asymptote, and H(Y).

    Create it with :meth:`from_estimator` or :meth:`from_results`, which plot at once.

    Parameters
    ----------
    result : :class:`~sklearn.utils.Bunch`
        What :func:`mutual_info_curve` returns.

    Attributes
    ----------
    figure_ : matplotlib Figure

    ax_ : matplotlib Axes

    line_ : matplotlib Line2D
        The fitted curve.

    errorbar_ : matplotlib ErrorbarContainer
        The estimates with their intervals.

    See Also
    --------
    mutual_info_curve : The figures.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_mi.inspection import MutualInfoCurveDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> display = MutualInfoCurveDisplay.from_estimator(GaussianNB(), X, y, random_state=0)
    >>> display.ax_.get_xlabel()
    'rows that were learnt from'
    >>> plt.close(display.figure_)
    """

    def __init__(self, result):
        self.result = result

    @classmethod
    def from_estimator(cls, estimator, X, y, *, ax=None, **options):
        """Ask how information grows with rows, and plot it.

        Parameters
        ----------
        estimator, X, y
            As in :func:`mutual_info_curve`.

        ax
            As in :meth:`plot`.

        **options
            As in :func:`mutual_info_curve`.

        Returns
        -------
        display : MutualInfoCurveDisplay
        """
        import_pyplot(cls.__name__)
        return cls(mutual_info_curve(estimator, X, y, **options)).plot(ax=ax)

    @classmethod
    def from_results(cls, result, *, ax=None):
        """Plot what :func:`mutual_info_curve` returned.

        Parameters
        ----------
        result
            As in the constructor.

        ax
            As in :meth:`plot`.

        Returns
        -------
        display : MutualInfoCurveDisplay
        """
        return cls(result).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None for a new figure.

        Returns
        -------
        self : MutualInfoCurveDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the result is none.
        """
        plt = import_pyplot(type(self).__name__)
        _check_result(self.result)
        ax = plt.subplots(figsize=(7, 4.2), layout="constrained")[1] if ax is None else ax
        self.ax_, self.figure_ = ax, ax.figure
        self._draw_ceiling()
        self._draw_fit()
        self._draw_estimates()
        self._label()
        return self

    @property
    def _infinity(self):
        """Where the asymptote stands: beyond the curve, as far as the sizes reach."""
        return 1.25 * self.result["fitted_sizes"][-1]

    def _draw_ceiling(self):
        entropy = self.result["label_entropy"]
        self.ax_.axhline(entropy, color="0.2", linewidth=1, linestyle=":", label="H(Y)")

    def _draw_fit(self):
        r, color = self.result, COLORS["marginal"]
        self.ax_.fill_between(
            r["fitted_sizes"], r["fitted_low"], r["fitted_high"], color=color, alpha=0.25, lw=0
        )
        (self.line_,) = self.ax_.plot(r["fitted_sizes"], r["fitted"], color=color, label="fitted")
        low, high = r["asymptote"] - r["asymptote_low"], r["asymptote_high"] - r["asymptote"]
        self.ax_.errorbar(
            [self._infinity],
            [r["asymptote"]],
            yerr=np.maximum([[low], [high]], 0),
            fmt="D",
            color=COLORS["conditional"],
            capsize=4,
            label="asymptote",
        )

    def _draw_estimates(self):
        r = self.result
        away = [r["mutual_info"] - r["mutual_info_low"], r["mutual_info_high"] - r["mutual_info"]]
        self.errorbar_ = self.ax_.errorbar(
            r["train_sizes"],
            r["mutual_info"],
            yerr=np.maximum(away, 0),
            fmt="o",
            color="0.15",
            capsize=3,
            label="estimate",
        )

    def _label(self):
        r, ax = self.result, self.ax_
        ax.set_xscale("log")
        ax.set_xlabel("rows that were learnt from")
        ax.set_ylabel("mutual information, nats")
        ax.set_ylim(min(0, r["mutual_info_low"].min()), 1.05 * r["label_entropy"])
        ax.spines[["top", "right"]].set_visible(False)
        ticks = [*r["train_sizes"], self._infinity]
        ax.set_xticks(ticks, [*(f"{size:,}" for size in r["train_sizes"]), "∞"])
        ax.minorticks_off()
        ax.legend(loc="lower right", framealpha=0.9, edgecolor="none", fontsize="small")


def _check_result(result):
    if not isinstance(result, dict) or "fitted_sizes" not in result:
        raise ValueError(
            f"result={result!r:.80} must be what mutual_info_curve returns, a Bunch with "
            "train_sizes, mutual_info and the fitted curve."
        )
