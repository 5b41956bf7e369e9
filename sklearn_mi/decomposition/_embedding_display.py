"""A picture of a map: rows by their class, and beside it the same rows by a nuisance."""

import numpy as np
from sklearn.utils import check_array

from ..inspection._pyplot import import_pyplot
from ._codes import read_target
from ._displayed import check_bottleneck
from ._plane import plane_of, strip_of
from ._points import class_centres, draw_legend, draw_points, write_names
from ._shown_values import values_of_nuisance, values_of_y

PANEL, ROW, TALLEST = (5.4, 4.8), 0.26, 14  # inches: of a map; of each class on a line, and of all
MOST_TICKS = 50


class EmbeddingDisplay:
    """A map out of fold: classes by colour and marker, and what the map tells of them.

    Of two components the map as it is, of more its first two principal axes, of one a strip for
    each class, with some jitter. A y that is a number is a scale of colours. Names stand at the
    medians of the classes where these are apart, otherwise in a legend. Where a nuisance is given,
    each of its columns has a panel beside the first with the same points.

    Create it with :meth:`from_estimator`, which plots at once. All parameters are stored as
    attributes. Maps of other transformers are drawn by the constructor and :meth:`plot`.

    Parameters
    ----------
    embedding : array-like of shape (n_samples, n_components)

    y : array-like of shape (n_samples,)
        Labels, or numbers that are not whole.

    nuisance : array-like of shape (n_samples,) or (n_samples, n_nuisances), default=None
        Labels or numbers; more than eight different numbers are a scale of colours.

    mutual_info : tuple of 3 floats, default=None
        I(Z; Y) of the map Z in nats and both ends of its interval, for the title.

    nuisance_mutual_info : tuple of 3 floats, default=None
        The same of the nuisance, one figure for all of its columns.

    Attributes
    ----------
    figure_ : matplotlib Figure

    ax_ : matplotlib Axes
        Of y.

    axes_ : ndarray of matplotlib Axes, shape (1 + n_nuisances,)

    points_ : list of matplotlib PathCollection
        Of each panel.

    order_ : int ndarray of shape (n_samples,)
        The rows in the order of the points: shuffled, so that no class hides the others.

    texts_ : list of matplotlib Text
        The names of the classes at their medians, if they stand there.

    legends_ : list of matplotlib Legend, Colorbar or None
        Of each panel.

    See Also
    --------
    InformationBottleneck : Draws such maps.
    InformationCurveDisplay : What other betas would tell.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_mi.decomposition import EmbeddingDisplay, InformationBottleneck
    >>> X, y = load_iris(return_X_y=True)
    >>> bottleneck = InformationBottleneck(beta=0.03, cv=2, max_iter=5, random_state=0)
    >>> display = EmbeddingDisplay.from_estimator(bottleneck.fit(X, y), y)
    >>> display.ax_.get_xlabel()
    'component 1'
    >>> plt.close(display.figure_)
    """

    def __init__(self, embedding, y, *, nuisance=None, mutual_info=None, nuisance_mutual_info=None):
        self.embedding = embedding
        self.y = y
        self.nuisance = nuisance
        self.mutual_info = mutual_info
        self.nuisance_mutual_info = nuisance_mutual_info

    @classmethod
    def from_estimator(cls, bottleneck, y, *, nuisance=None, ax=None):
        """Plot where a fitted bottleneck has placed the rows of its fit, out of fold.

        Parameters
        ----------
        bottleneck : InformationBottleneck
            Fitted.

        y : array-like of shape (n_samples,)
            Of its fit, row for row.

        nuisance : array-like of shape (n_samples,) or (n_samples, n_nuisances), default=None
            Of its fit, whose I(Z; S) is in the title; another one is for the constructor.

        ax
            As in :meth:`plot`.

        Returns
        -------
        display : EmbeddingDisplay

        Raises
        ------
        NotFittedError
            If the bottleneck is not fitted.
        TypeError
            If it is none.
        ValueError
            If y or the nuisance cannot be those of the fit.
        """
        import_pyplot(cls.__name__)
        check_bottleneck(bottleneck)
        _check_same_labels(bottleneck, y)
        told = bottleneck.mutual_info_score_, *bottleneck.mutual_info_interval()
        options = {"nuisance": nuisance, "mutual_info": told}
        if hasattr(bottleneck, "nuisance_mutual_info_"):
            left = bottleneck.nuisance_mutual_info_, *bottleneck.nuisance_mutual_info_interval()
            options["nuisance_mutual_info"] = left
        return cls(bottleneck.embedding_, y, **options).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the panels.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of these, default=None
            One for each panel, that of y first; None for a new figure. Legends lie to the right of
            a panel, for which a figure with ``layout="constrained"`` makes room.

        Returns
        -------
        self : EmbeddingDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If y or the nuisance has not as many rows as the map, or there are not as many axes as
            panels.
        """
        plt = import_pyplot(type(self).__name__)
        embedding = check_array(self.embedding, dtype=float, input_name="embedding")
        panels, line = self._read_panels(len(embedding)), embedding.shape[1] == 1
        places, names = strip_of(embedding[:, 0], panels[0]) if line else plane_of(embedding)
        self.axes_ = _axes(ax, panels, line, plt)
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.order_ = np.random.RandomState(0).permutation(len(embedding))
        pairs = list(zip(self.axes_, panels, strict=True))
        self.points_ = [draw_points(own, places, values, self.order_) for own, values in pairs]
        for own, values in pairs:
            _frame(own, names, panels[0] if line else None)
            own.set_title(self._title(values, panels), fontsize="medium")
        self._name(places, panels, line)
        return self

    def _read_panels(self, n_rows):
        panels = [values_of_y(self.y, n_rows)]
        if self.nuisance is not None:
            panels += values_of_nuisance(self.nuisance, n_rows)
        for name in ("mutual_info", "nuisance_mutual_info"):
            _check_told(getattr(self, name), name)
        return panels

    def _title(self, values, panels):
        if values is panels[0]:
            return _told("Y", self.mutual_info)
        several = len(panels) > 2
        told = _told("nuisances" if several else "S", self.nuisance_mutual_info)
        return f"{values.name}\n{told}" if several and told else told or values.name

    def _name(self, places, panels, line):
        """Say which class is where: at the medians, or beside the panel."""
        centres = None if line else class_centres(places, panels[0])
        self.texts_ = [] if centres is None else write_names(self.ax_, centres, panels[0])
        told = line or centres is not None  # by the axis, or by these names
        rest = zip(self.axes_[1:], self.points_[1:], panels[1:], strict=True)
        first = self.ax_, self.points_[0], panels[0]
        self.legends_ = [None if told else _legend(*first), *(_legend(*each) for each in rest)]


def _legend(ax, points, values):
    if values.classes is not None:
        return draw_legend(ax, values, values.name)
    bar = ax.figure.colorbar(points, ax=ax, label=values.name, aspect=30, pad=0.02)
    bar.outline.set_visible(False)
    bar.solids.set_alpha(1)
    return bar


def _frame(ax, names, on_line):
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    ax.spines[["top", "right"]].set_visible(False)
    if on_line is None:
        ax.set_aspect("equal", "datalim")
        ax.locator_params(nbins=6)
    elif on_line.classes is not None:
        n_classes = len(on_line.classes)
        ticks = np.arange(0, n_classes, -(-n_classes // MOST_TICKS))
        ax.set_yticks(ticks, [on_line.classes[k] for k in ticks])
        ax.set_ylim(n_classes - 0.5, -0.5)


def _told(what, told):
    """The information and its interval, in words."""
    if told is None:
        return ""
    score, low, high = told
    return f"I(Z; {what}) = {score:z.3f} nats ({low:z.3f} to {high:z.3f})"


def _axes(ax, panels, line, plt):
    n_panels = len(panels)
    if ax is None:
        width, height = PANEL
        if line and panels[0].classes is not None:
            height = min(max(2.4, 1.2 + ROW * len(panels[0].classes)), TALLEST)
        figure = plt.figure(figsize=(width * n_panels, height), layout="constrained")
        return figure.subplots(1, n_panels, squeeze=False)[0]
    axes = np.asarray(ax, dtype=object).ravel()
    if axes.size != n_panels:
        raise ValueError(
            f"ax has {axes.size} of them, expected {n_panels}, one for y and one for each column "
            f"of the nuisance. Pass plt.subplots(1, {n_panels})[1]."
        )
    return axes


def _check_told(told, name):
    if told is not None and np.shape(told) != (3,):
        raise ValueError(
            f"{name}={told!r:.80} must be three numbers: the estimate and both ends of its "
            "interval. Pass (score, low, high), or None."
        )


def _check_same_labels(bottleneck, y):
    """Refuse a y that the bottleneck cannot have been fitted to."""
    classes, known = read_target(y, len(bottleneck.embedding_), 2).classes, bottleneck.classes_
    if classes is None or known is None:
        found, fitted = ("numbers" if of is None else "labels" for of in (classes, known))
        wrong = "" if found == fitted else f"{found}, but the bottleneck was fitted to {fitted}"
    else:
        new = sorted(set(classes.tolist()) - set(known.tolist()), key=str)
        wrong = f"the label {new[0]!r}, which the bottleneck was not fitted to" if new else ""
    if wrong:
        raise ValueError(f"y has {wrong}. Pass the y of its fit, row for row.")
