"""Curves of the accuracy and the information that survive an adversary."""

import numpy as np

from ._adversarial_robustness import adversarial_robustness
from ._pyplot import import_pyplot
from ._robustness_curves import (
    attack_styles,
    draw_attacks,
    draw_band,
    draw_frames,
    draw_legend,
    draw_lines,
)

# Okabe and Ito's palette, told apart with any colour vision; the shapes say it again in print.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
MARKERS = ["o", "D", "s", "^", "v", "P", "X"]
FIGURES = ("accuracy", "mutual_info", "mutual_info_stderr")
RADIUS = {
    None: r"radius $\epsilon$",
    "inf": r"radius $\epsilon$, $\ell_\infty$ norm",
    "2": r"radius $\epsilon$, $\ell_2$ norm",
}


class RobustnessDisplay:
    r"""Accuracy and information that survive an adversary, against its radius.

    Two panels side by side, with a line for each model: the accuracy, and the information in nats
    with a band of one standard error to both sides. Below the dashed line at 0 nats, probabilities
    are worse than the class frequencies.

    Create it with :meth:`from_estimator` or :meth:`from_results`, which plot at once. All
    parameters are stored as attributes.

    Parameters
    ----------
    results : :class:`~sklearn.utils.Bunch`, or list or dict of these
        What :func:`adversarial_robustness` returns, for one or several models; a dict has it by
        their names. For a comparison all should be of the same rows and options.

    names : str or list of str, default=None
        Names of the models for the legend. None for the keys of a dict, for numbers where results
        are a list, and for no legend where it is a single one.

    norm : {"inf", "2"}, default=None
        With which the results were made, for the label of the axes; None leaves it out.

    Attributes
    ----------
    figure_ : matplotlib Figure

    axes_ : ndarray of matplotlib Axes, shape (2,)
        Of accuracy and of information.

    lines_ : ndarray of matplotlib Line2D, shape (n_models, 2)

    bands_ : list of matplotlib PolyCollection
        Of one standard error, model by model.

    attack_lines_ : list of dict
        For each model, the two lines of each attack by its name; empty dicts without
        `plot_attacks`.

    legend_ : matplotlib Legend or None
        None where there is nothing to tell apart.

    See Also
    --------
    adversarial_robustness : The figures.

    Notes
    -----
    With `plot_attacks`, a model whose accuracy under "square" lies below that under a gradient
    attack masks its gradients: it seems robust because slopes do not show the way, which other
    attacks may find all the same. The information says less of that, as "square" leaves rows once
    they are misclassified.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_mi.inspection import RobustnessDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> models = {"logistic": LogisticRegression(max_iter=1000), "Bayes": GaussianNB()}
    >>> models = {name: clf.fit(X[::2], y[::2]) for name, clf in models.items()}
    >>> display = RobustnessDisplay.from_estimator(
    ...     models, X[1::2], y[1::2], eps=[0, 0.2, 0.4], max_queries=50, random_state=0
    ... )
    >>> display.lines_.shape
    (2, 2)
    >>> plt.close(display.figure_)
    """

    def __init__(self, results, *, names=None, norm=None):
        self.results = results
        self.names = names
        self.norm = norm

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        eps,
        name=None,
        ax=None,
        plot_attacks=False,
        colors=None,
        **options,
    ):
        """Attack one or several classifiers, and plot what survives.

        Parameters
        ----------
        estimator : classifier, or dict of str to such
            Fitted. A dict has a line for each entry, under its name.

        X, y, eps
            As in :func:`adversarial_robustness`; the same for all.

        name : str, default=None
            Name of a single classifier for the legend; None for that of its class.

        ax, plot_attacks, colors
            As in :meth:`plot`.

        **options
            As in :func:`adversarial_robustness`: `norm`, `attacks`, `feature_scale`, `frozen`,
            `max_iter`, `n_restarts`, `max_queries` and `random_state`.

        Returns
        -------
        display : RobustnessDisplay
            Its `results` are a dict with an entry for each classifier.
        """
        import_pyplot(cls.__name__)
        estimators = _named_estimators(estimator, name)
        results = {
            key: adversarial_robustness(each, X, y, eps=eps, **options)
            for key, each in estimators.items()
        }
        display = cls(results, norm=options.get("norm", "inf"))
        return display.plot(ax=ax, plot_attacks=plot_attacks, colors=colors)

    @classmethod
    def from_results(
        cls, results, *, names=None, norm=None, ax=None, plot_attacks=False, colors=None
    ):
        """Plot what :func:`adversarial_robustness` returned.

        Parameters
        ----------
        results, names, norm
            As in the constructor.

        ax, plot_attacks, colors
            As in :meth:`plot`.

        Returns
        -------
        display : RobustnessDisplay
        """
        display = cls(results, names=names, norm=norm)
        return display.plot(ax=ax, plot_attacks=plot_attacks, colors=colors)

    def plot(self, *, ax=None, plot_attacks=False, colors=None):
        """Draw both panels.

        Parameters
        ----------
        ax : array-like of 2 matplotlib Axes, default=None
            To draw into, accuracy first; None for a new figure. The legend lies to the right of
            the second one, for which a figure with ``layout="constrained"`` makes room.

        plot_attacks : bool, default=False
            Whether to add a thin line for what each attack leaves by itself.

        colors : list of matplotlib colours, default=None
            One for each model.

        Returns
        -------
        self : RobustnessDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the results are none, or names, colours or axes are not as many as they have to be.
        """
        plt = import_pyplot(type(self).__name__)
        results, names = _named_results(self.results, self.names)
        radius = _radius(self.norm)
        colors = _check_colors(colors, len(results))
        styles = attack_styles(results) if plot_attacks else {}
        if ax is None:
            ax = plt.figure(figsize=(9, 3.1), layout="constrained").subplots(1, 2)
        self.axes_ = _check_axes(ax)
        self.figure_ = self.axes_[0].figure
        draw_frames(self.axes_, radius, np.unique(np.concatenate([r["eps"] for r in results])))
        self._draw_models(results, colors, styles)
        self.legend_ = draw_legend(self.axes_[1], self.lines_[:, 1], names, styles)
        return self

    def _draw_models(self, results, colors, styles):
        looks = [
            {"color": color, "marker": MARKERS[k % len(MARKERS)]} for k, color in enumerate(colors)
        ]
        pairs = list(zip(results, looks, strict=True))
        self.bands_ = [draw_band(self.axes_[1], *pair) for pair in pairs]
        self.attack_lines_ = [draw_attacks(self.axes_, *pair, styles) for pair in pairs]
        self.lines_ = np.array([draw_lines(self.axes_, *pair) for pair in pairs], dtype=object)


# --- what can be drawn ----------------------------------------------------------------------------


def _named_estimators(estimator, name):
    if not isinstance(estimator, dict):
        return {name or type(estimator).__name__: estimator}
    if not estimator or name is not None:
        raise ValueError(
            f"estimator is a dict of {len(estimator)} and name is {name!r}; expected at least one "
            "entry, and no name beside the keys. Name the classifiers by the keys alone."
        )
    return estimator


def _named_results(given, names):
    """A list of results, and their names or None."""
    if _is_result(given):
        results, names = [given], [names] if isinstance(names, str) else names
    elif isinstance(given, dict):
        results, names = list(given.values()), list(given) if names is None else names
    else:
        results = list(given) if isinstance(given, (list, tuple)) else []
        names = range(1, len(results) + 1) if names is None else names
    _check_results(given, results, names)
    return results, names


def _check_results(given, results, names):
    if not results or not all(map(_is_result, results)):
        raise ValueError(
            f"results={given!r:.80} must be what adversarial_robustness returns, or a list or dict "
            "of at least one of these; pass Bunches with eps, accuracy, mutual_info and its "
            "standard error."
        )
    if names is not None and (isinstance(names, str) or len(names) != len(results)):
        raise ValueError(
            f"names={names!r} must be as many as the results, {len(results)}; pass one for each."
        )


def _is_result(value):
    return isinstance(value, dict) and {"eps", *FIGURES} <= set(value)


def _radius(norm):
    if norm not in RADIUS:
        raise ValueError(f'norm={norm!r} must be "inf" or "2", or None to leave it out.')
    return RADIUS[norm]


def _check_colors(colors, n_models):
    colors = COLORS if colors is None else list(colors)
    if len(colors) < n_models:
        raise ValueError(
            f"There are {n_models} models, but {len(colors)} colours; pass `colors`, one for each, "
            "or fewer models."
        )
    return colors[:n_models]


def _check_axes(ax):
    axes = np.asarray(ax, dtype=object).ravel()
    if axes.size != 2:
        raise ValueError(
            f"ax has {axes.size} of them, expected 2, for accuracy and information; pass "
            "plt.subplots(1, 2)[1]."
        )
    return axes
