"""A picture of the information plane: relevance against rate along a path of betas."""

import numpy as np

from ..inspection._pyplot import import_pyplot
from ._displayed import CLASS_COLORS, check_bottleneck

(CURVE, CHOSEN), SOFT = CLASS_COLORS[:2], "0.45"
IN_CURVE = "beta", "rate", "relevance", "relevance_stderr"


class InformationCurveDisplay:
    """The information plane: what codes tell of y against what they hold of X, for each beta.

    The error bars are one standard error of the relevance to both sides. The dotted line is H(Y),
    all there is to know; no code tells more than it holds, nor more than that, so that the shaded
    part of the plane is empty but for errors. A ring marks the beta that was chosen.

    Create it with :meth:`from_estimator`, which plots at once. All parameters are stored as
    attributes.

    Parameters
    ----------
    curve : :class:`~sklearn.utils.Bunch`
        The `information_curve_` of a fitted :class:`InformationBottleneck`: arrays `beta`, `rate`,
        `relevance` and `relevance_stderr`, in nats.

    label_entropy : float
        H(Y) in nats.

    beta : float, default=None
        The one of the curve that was chosen.

    Attributes
    ----------
    figure_ : matplotlib Figure

    ax_ : matplotlib Axes

    errorbar_ : matplotlib ErrorbarContainer
        The curve.

    ceiling_ : matplotlib Line2D
        H(Y).

    chosen_ : matplotlib Line2D or None
        The ring around the chosen beta.

    texts_ : list of matplotlib Annotation
        The betas, in the order of the curve.

    See Also
    --------
    InformationBottleneck : Has the curve.
    EmbeddingDisplay : The map itself.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_mi.decomposition import InformationBottleneck, InformationCurveDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> bottleneck = InformationBottleneck(beta=[0.03, 0.3], cv=2, max_iter=5, random_state=0)
    >>> display = InformationCurveDisplay.from_estimator(bottleneck.fit(X, y))
    >>> [text.get_text() for text in display.texts_]
    ['0.3', '0.03']
    >>> plt.close(display.figure_)
    """

    def __init__(self, curve, label_entropy, beta=None):
        self.curve = curve
        self.label_entropy = label_entropy
        self.beta = beta

    @classmethod
    def from_estimator(cls, bottleneck, *, ax=None):
        """Plot the curve of a fitted bottleneck.

        Parameters
        ----------
        bottleneck : InformationBottleneck
            Fitted, with one or several betas.

        ax
            As in :meth:`plot`.

        Returns
        -------
        display : InformationCurveDisplay
        """
        import_pyplot(cls.__name__)
        check_bottleneck(bottleneck)
        curve = bottleneck.information_curve_
        return cls(curve, bottleneck.label_entropy_, bottleneck.beta_).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None for a new figure.

        Returns
        -------
        self : InformationCurveDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the curve is none, or the chosen beta is not on it.
        """
        plt = import_pyplot(type(self).__name__)
        _check_curve(self.curve, self.beta)
        ax = plt.subplots(figsize=(6, 4.2), layout="constrained")[1] if ax is None else ax
        self.ax_, self.figure_ = ax, ax.figure
        self._draw_bounds()
        self._draw_curve()
        self.chosen_ = None if self.beta is None else self._draw_ring()
        self._label()
        return self

    def _draw_bounds(self):
        entropy, ax = self.label_entropy, self.ax_
        self.ceiling_ = ax.axhline(entropy, color="0.2", linewidth=1, linestyle=":", label="H(Y)")
        right = max(1.08 * np.max(self.curve["rate"]), 0.1 * entropy)
        bound = [0, min(entropy, right), right]
        top = 1.12 * entropy
        ax.fill_between(bound, np.minimum(bound, entropy), top, color="0.5", alpha=0.1, lw=0)
        ax.set_xlim(0, right)
        ax.set_ylim(min(0, np.min(self.curve["relevance"])), top)

    def _draw_curve(self):
        rate, relevance, error = (self.curve[name] for name in IN_CURVE[1:])
        self.errorbar_ = self.ax_.errorbar(
            rate, relevance, yerr=error, color=CURVE, marker="o", markersize=4.5, capsize=3,
            label="relevance of each β, one standard error",
        )  # fmt: skip
        self.texts_ = [
            self.ax_.annotate(
                f"{beta:g}", (x, y), (5, -9), textcoords="offset points", fontsize="x-small",
                color=SOFT, va="top",
            )
            for beta, x, y in zip(self.curve["beta"], rate, relevance, strict=True)
        ]  # fmt: skip

    def _draw_ring(self):
        number = np.argmax(self.curve["beta"] == self.beta)
        x, y = self.curve["rate"][number], self.curve["relevance"][number]
        style = {"markersize": 12, "markerfacecolor": "none", "markeredgewidth": 1.8, "zorder": 4}
        label = f"chosen, β = {self.beta:g}"
        return self.ax_.plot(x, y, "o", markeredgecolor=CHOSEN, label=label, **style)[0]

    def _label(self):
        ax = self.ax_
        ax.set_xlabel("rate, upper bound on I(X; Z), nats")
        ax.set_ylabel("relevance, lower bound on I(Z; Y), nats")
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(loc="lower right", framealpha=0.9, edgecolor="none", fontsize="small")


def _check_curve(curve, beta):
    if not isinstance(curve, dict) or any(name not in curve for name in IN_CURVE):
        raise ValueError(
            f"curve={curve!r:.80} must be the information_curve_ of a fitted "
            "InformationBottleneck, with beta, rate, relevance and relevance_stderr."
        )
    if beta is not None and beta not in curve["beta"]:
        raise ValueError(
            f"beta={beta!r} must be one of the curve, which has {list(map(float, curve['beta']))}. "
            "Pass the beta_ of the same fit, or None."
        )
