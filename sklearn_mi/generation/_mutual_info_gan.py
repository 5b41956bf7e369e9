"""A generator of rows whose code tells as much of them as it does of the rows it has seen."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if

from .._classifier import MutualInfoClassifier
from .._inputs._checks import check_labels, check_weights, with_weight
from .._inputs._image_space import ImageSpace
from .._inputs._table_space import TableSpace
from .._version import LinksToDocumentation
from ._fit import train_generator
from ._generator_base import GeneratorBase
from ._resampling import NAMES, rows_to_make, with_new_rows


class MutualInfoGAN(LinksToDocumentation, GeneratorBase):
    r"""Make rows like those of a table, or images like those of a set, by codes that tell of them.

    A generator draws a row for noise and a code, :math:`x = G(z, c)`; a discriminator sees the row
    and its code, and is trained to tell such pairs from those of rows of the fit. The code of a row
    is learnt first, as clusters of the rows of each class; and the generator is asked for rows that
    tell as much of their codes as those of the fit do, by a recognition network Q [1]_:

    .. math:: I(c; G(z, c)) \ge H(c) + E[\log Q(c \mid G(z, c))]

    So the generator cannot leave out what the codes tell apart, which is how generators collapse.

    Parameters
    ----------
    n_codes : int, default=32
        Codes, shared out among the classes by the square roots of their rows; a class has at most
        one for ten rows, and at least one.
    information_weight : float, default=0.03
        The price of a nat that drawn rows tell less of their codes than rows of the fit. 0 is a
        generator without codes, but for one of each class.
    slope_weight : float, default=0.1
        The price of a steep discriminator.
    hidden_layer_sizes : tuple of int, default=(128, 128, 128)
        Of generator and discriminator each.
    n_noise : int, default=16
        Dimensions of the noise beyond those of the numbers.
    batch_size : int, default=256
    learning_rate_init : float, default=0.001
        Of all networks; it falls to a twentieth.
    max_iter : int, default=2000
        Steps, of a batch each.
    sampling_strategy : str, float, dict or callable, default=None
        For `fit_resample`, in the words of imbalanced-learn: "auto", "minority", "not minority",
        "not majority", "all", a ratio of two classes, or the rows wanted of each. None is "auto";
        what is given makes a sampler of this, which a pipeline of imbalanced-learn takes for one as
        it has no `transform` then.
    image_shape, device, n_threads, verbose
        As for :class:`~sklearn_mi.MutualInfoClassifier`.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    mutual_info_score_ : float
        Lower bound on the information of codes and drawn rows, in nats, by Q on rows that are drawn
        after the training.
    code_entropy_ : float
        H(c) in nats, the most it could be.
    n_codes_ : int
    classes_ : ndarray of shape (n_classes,) or None
        None after a fit without y.
    n_iter_ : int
        Steps.
    loss_curve_ : list of float
        Mean loss of the generator in each fiftieth of the training.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Where all names are strings.

    See Also
    --------
    sklearn.mixture.GaussianMixture : Another that has `sample`.

    Notes
    -----
    Numbers are centred and scaled, or go to normal scores by rank where they repeat or have heavy
    tails; what is drawn has the range, the decimals and the type of the fit. Columns of at most
    twelve numbers, text and categories are drawn as levels. Images are drawn as up to 128 principal
    components, which suits small ones.

    The generator starts at a Gaussian for each code. Discriminators compare rows in pairs and
    are kept from steepness at rows and at drawn rows [2]_; what is kept is an average of the
    generator over its last steps. Rare classes are seen more often than they are: by the square
    root of their frequency.

    A generator tells what it knows of single rows: it is no means to make private data public.

    References
    ----------
    .. [1] X. Chen et al., "InfoGAN: interpretable representation learning by information maximizing
       generative adversarial nets", NeurIPS 2016.
    .. [2] Y. Huang, A. Gokaslan, V. Kuleshov and J. Tompkin, "The GAN is dead; long live the GAN! A
       modern GAN baseline", NeurIPS 2024.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_mi.generation import MutualInfoGAN
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> gan = MutualInfoGAN(max_iter=20, random_state=0).fit(X, y)
    >>> rows, labels = gan.sample(5, y=2)
    >>> rows.shape, labels.tolist()
    ((5, 4), [2, 2, 2, 2, 2])
    """

    _parameter_constraints = {
        "n_codes": [Interval(Integral, 1, None, closed="left")],
        "information_weight": [Interval(Real, 0, None, closed="left")],
        "slope_weight": [Interval(Real, 0, None, closed="left")],
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "n_noise": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "sampling_strategy": [
            StrOptions(set(NAMES)),
            Interval(Real, 0, 1, closed="right"),
            dict,
            callable,
            None,
        ],
        "random_state": ["random_state"],
        **{
            name: MutualInfoClassifier._parameter_constraints[name]
            for name in ("image_shape", "device", "n_threads", "verbose")
        },
    }

    def __init__(
        self,
        n_codes=32,
        *,
        information_weight=0.03,
        slope_weight=0.1,
        hidden_layer_sizes=(128, 128, 128),
        n_noise=16,
        batch_size=256,
        learning_rate_init=0.001,
        max_iter=2000,
        sampling_strategy=None,
        image_shape=None,
        device="auto",
        n_threads="auto",
        random_state=None,
        verbose=0,
    ):
        self.n_codes = n_codes
        self.information_weight = information_weight
        self.slope_weight = slope_weight
        self.hidden_layer_sizes = hidden_layer_sizes
        self.n_noise = n_noise
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.sampling_strategy = sampling_strategy
        self.image_shape = image_shape
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, sample_weight=None):
        """Learn the codes of the rows, and train the networks.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            As for :class:`~sklearn_mi.MutualInfoClassifier`; or images.
        y : array-like of shape (n_samples,), default=None
            Labels of classes, of which rows can then be drawn.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of rows; 0 leaves a row out.

        Returns
        -------
        self : MutualInfoGAN
        """
        vars(self).pop("n_codes_", None)  # a fit that fails must not leave half of the last
        table = self._read(X, reset=True)
        rng = check_random_state(self.random_state)
        self._rows_of_pixels = table.ndim == 4 and np.ndim(X) == 2
        self.classes_, labels = None, np.zeros(len(table), dtype=int)
        if y is not None:
            self.classes_, labels = check_labels(y, len(table))
        classes = np.arange(1) if self.classes_ is None else self.classes_
        weight = check_weights(sample_weight, table, labels, classes)
        kept = slice(None) if weight is None else weight > 0
        table, labels = with_weight(table, weight), labels[kept]
        weight = np.ones(len(labels)) if weight is None else weight[kept] / weight[kept].mean()
        self._space = (TableSpace if self.image_shape_ is None else ImageSpace)()
        self._space.fit(table, weight)
        train_generator(self, table, labels, weight, rng)
        return self

    def fit_resample(self, X, y):
        """Train on the rows, and add new ones of rare classes.

        Parameters
        ----------
        X : as in `fit`
        y : array-like of shape (n_samples,)
            Labels.

        Returns
        -------
        X : as it was passed, or a DataFrame of pandas where it was a frame of another library
            The rows, and after them the new ones.
        y : array-like
            Their labels.
        """
        self.fit(X, y)
        strategy = "auto" if self.sampling_strategy is None else self.sampling_strategy
        return with_new_rows(self, X, y, rows_to_make(strategy, np.asarray(y)))


def _is_no_sampler(gan):
    if gan.sampling_strategy is None:
        return True
    raise AttributeError(
        f"sampling_strategy={gan.sampling_strategy!r} makes a sampler of this, which has no "
        "transform, since pipelines take one or the other. Set sampling_strategy=None for the "
        "codes of rows."
    )


# Only now, since scikit-learn wraps the methods of a class when it is made.
for method in ("transform", "fit_transform"):
    setattr(MutualInfoGAN, method, available_if(_is_no_sampler)(getattr(MutualInfoGAN, method)))
