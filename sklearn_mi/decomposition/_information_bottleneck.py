"""A supervised map of rows that keeps what tells of y, and forgets the rest."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from .. import _recipe as recipe
from .._classifier import MutualInfoClassifier
from .._version import LinksToDocumentation
from ..inspection._row_means import RowMeans
from ._audit import nuisance_bound
from ._audited import AuditedMixin
from ._bottleneck_task import make_path, make_task
from ._bottleneck_training import train_path
from ._codes import joint_code
from ._encoder_base import EncoderBase
from ._information_curve import InformationCurve

CONFIDENCE = 0.95
OF_NETWORKS = (  # and of their training, as of a classifier
    "module",
    "hidden_layer_sizes",
    "activation",
    "dropout",
    "alpha",
    "batch_size",
    "learning_rate_init",
    "max_iter",
    "n_iter_no_change",
    "tol",
    "image_shape",
    "device",
    "n_threads",
    "verbose",
)


class InformationBottleneck(LinksToDocumentation, AuditedMixin, EncoderBase):
    r"""Map rows to a few components that keep what tells of y, and forget the rest.

    A network codes each row with noise, :math:`z = \mu(x) + \sigma(x) \epsilon`, and is trained to
    keep the *relevance* I(Z; Y) at a low *rate* I(X; Z) [1]_ [2]_, and to tell nothing of a
    `nuisance` such as a batch, a site or a background:

    .. math:: \min \; E[-\log q(y \mid z)] + \beta \, E[KL(p(z \mid x) \,\|\, N(0, 1))]
              + \lambda D(z; s)

    The networks of all folds and of a path of betas are trained as one stack. `fit_transform`
    places each row by networks that have not seen its label, in one map; and what the map tells of
    y, and of the nuisance, is estimated by classifiers that no part of the training has met.

    Parameters
    ----------
    n_components : int, default=2
    beta : "auto", float or array-like, default="auto"
        The price of a nat of rate. "auto" is a path of five from .003 to .3, or .03 where weights
        of a nuisance are tried. Of a path, this or one that is passed, the choice is the smallest
        rate whose relevance is within one standard error of the most.
    nuisance_weight : "auto" or float, default="auto"
        The price of dependence on the nuisance, see Notes. "auto" is the least of 1, 10 and 100, or
        of 1, 3 and 10 on a line, with which a test finds codes of held-out rows independent of it.
    module : "auto", nn.Module, class or callable, default="auto"
        As for :class:`~sklearn_mi.MutualInfoClassifier`, with 2 * `n_components` outputs in the
        place of scores: means and logarithms of standard deviations.
    hidden_layer_sizes : tuple of int or int, default=(128, 128)
    activation : {"relu", "gelu", "mish", "silu", "tanh"}, default="silu"
    dropout : float, default=0.1
        These three of the default module.
    n_bins : int, default=16
        Of a y that is a number: the code is to tell its quantile bin. Of thousands of rows 64 bins
        lose .002 nats of .41 where 16 lose .013.
    alpha, learning_rate_init, batch_size, max_iter, n_iter_no_change, tol
        How networks are trained, as for :class:`~sklearn_mi.MutualInfoClassifier`. With a nuisance
        a batch is a quarter of the rows, from 64 to 128, or to 512 where y is a number.
    cv : int, cross-validation splitter or iterable of splits, default=5
        Each row has to be held out by one of the splits.
    image_shape, device, n_threads, verbose
        As for :class:`~sklearn_mi.MutualInfoClassifier`.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    mutual_info_score_, mutual_info_stderr_ : float
        Information of the map of `fit_transform` and y, in nats, and its standard error, by a
        default `MutualInfoClassifier` on the folds that have placed the rows. A lower bound but for
        its error.
    nuisance_mutual_info_, nuisance_mutual_info_stderr_ : float
        The same of the map and the nuisance, all of its columns together; or, where combinations of
        their values are mostly rare, the largest of the columns. What a classifier finds is there;
        that it finds nothing is no proof that there is nothing.
    rate_ : float
        Upper bound on the information of the noisy code and X, in nats, mean over held-out rows.
    nuisance_rate_ : float
        Upper bound on the information of the noisy code and the nuisance, in nats, over held-out
        rows; not of its mean, which `transform` gives.
    information_curve_ : Bunch
        Arrays `beta`, `rate`, `relevance` and `relevance_stderr` along the path, on held-out rows:
        the relevance is a lower bound on I(Z; Y) of the noisy code, by the network's own head.
    beta_, nuisance_weight_ : float
        What was chosen.
    embedding_ : ndarray of shape (n_samples, n_components)
        What `fit_transform` gives.
    label_entropy_ : float
        H(Y) in nats.
    classes_ : ndarray of shape (n_classes,) or None
        None if y is a number.
    n_components_ : int
    n_iter_ : int
        Epochs.
    loss_curve_, validation_curve_ : list of float
        Mean loss after each epoch, of batches and of held-out rows.
    image_shape_ : tuple of int or None
        Channels, height and width; None for a table.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Where all names are strings.

    See Also
    --------
    sklearn.discriminant_analysis.LinearDiscriminantAnalysis : The same by a linear map.
    sklearn.neighbors.NeighborhoodComponentsAnalysis : A linear map for nearest neighbours.

    Notes
    -----
    *Where a class stands says nothing*: places are fixed beforehand, in the plane on a circle in
    the order of the classes, so that the networks of all folds draw the same map without a look at
    labels that they hold out. What does say something: the distance from the middle, where codes
    are of which nothing is known, and between which classes a row is placed.

    What is chosen for rows that a part holds out is chosen by all others.

    :math:`D` is a maximum mean discrepancy between the codes of each value of the nuisance and all
    codes. An adversary that is trained along gives a lower bound on I(Z; S), which the encoder
    learns to evade; this does not. A nuisance that is a number is cut into eight quantile bins.
    Where y is a number codes are on a line, the first component, and others are 0. There D is half
    the share of the variance of the nuisance that a regression on waves of the code explains, about
    I(Z; S) in nats.

    References
    ----------
    .. [1] N. Tishby, F. C. Pereira and W. Bialek, "The information bottleneck method", Allerton
       1999.
    .. [2] A. A. Alemi, I. Fischer, J. V. Dillon and K. Murphy, "Deep variational information
       bottleneck", ICLR 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_mi.decomposition import InformationBottleneck
    >>> X, y = load_iris(return_X_y=True)
    >>> bottleneck = InformationBottleneck(beta=0.03, cv=3, max_iter=20, random_state=0)
    >>> bottleneck.fit_transform(X, y).shape
    (150, 2)
    >>> bool(bottleneck.mutual_info_score_ > 0.8)  # of log 3 = 1.1 nats
    True
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "beta": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left"), "array-like"],
        "nuisance_weight": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "n_bins": [Interval(Integral, 2, None, closed="left")],
        "cv": ["cv_object"],
        "random_state": ["random_state"],
        **{name: MutualInfoClassifier._parameter_constraints[name] for name in OF_NETWORKS},
    }

    def __init__(
        self,
        n_components=2,
        *,
        beta="auto",
        nuisance_weight="auto",
        module="auto",
        hidden_layer_sizes=(128, 128),
        activation="silu",
        dropout=0.1,
        n_bins=16,
        alpha=0.01,
        batch_size="auto",
        learning_rate_init="auto",
        max_iter="auto",
        n_iter_no_change="auto",
        tol=1e-4,
        cv=5,
        image_shape=None,
        device="auto",
        n_threads="auto",
        random_state=None,
        verbose=0,
    ):
        self.n_components = n_components
        self.beta = beta
        self.nuisance_weight = nuisance_weight
        self.module = module
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.n_bins = n_bins
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.cv = cv
        self.image_shape = image_shape
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    # --- fit ------------------------------------------------------------------------------------

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, nuisance=None, sample_weight=None, groups=None):
        """Train the encoders, choose beta and audit the map.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            As for :class:`~sklearn_mi.MutualInfoClassifier`; or images.
        y : array-like of shape (n_samples,)
            Labels, or numbers that are not whole.
        nuisance : array-like of shape (n_samples,) or (n_samples, n_nuisances), default=None
            Labels or numbers of which the map is to tell nothing.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of rows; 0 leaves a row out.
        groups : array-like of shape (n_samples,), default=None
            Rows of a group are held out together, and groups, not rows, are independent.

        Returns
        -------
        self : InformationBottleneck
        """
        vars(self).pop("embedding_", None)  # a fit that fails must not leave half of the last
        table = self._read(X, reset=True)
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        given = y, nuisance, sample_weight, groups
        task = make_task(table, *given, cv=self.cv, n_bins=self.n_bins, seed=seed)
        self.classes_, self.label_entropy_ = task.target.classes, task.entropy
        template = MutualInfoClassifier(**{name: getattr(self, name) for name in OF_NETWORKS})
        template.image_shape_ = self.image_shape_
        learnt = task.members.train_rows
        self._encoder = recipe.make_encoder(template, table, seed)
        self._encoder.fit(table, [*learnt, np.unique(np.concatenate(learnt))])
        rows = self._encoder.read(table, check=False)
        path = make_path(self.beta, self.nuisance_weight, task)
        trained = train_path(template, self._encoder, rows, task, path, self.n_components, seed)
        curve = InformationCurve(trained, task, path)
        n_folds, chosen = task.members.n_members, curve.choose()
        own = slice(chosen * n_folds, (chosen + 1) * n_folds)
        self._keep_encoders(trained.network.encoder, trained.description, own, task.n_used)
        self.loss_curve_, self.validation_curve_ = trained.loss_curve, trained.validation_curve
        self.n_iter_ = len(self.loss_curve_)
        self.beta_, self.nuisance_weight_ = (float(own[chosen]) for own in path)
        self.information_curve_ = curve.summary(self._means(task), chosen)
        self._conclude(curve, task, rows, seed)
        return self

    def fit_transform(self, X, y, nuisance=None, sample_weight=None, groups=None):
        """Train, and place each row by networks that have not seen its label.

        Parameters
        ----------
        X, y, nuisance, sample_weight, groups
            As in `fit`.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_components)
            Not what `transform` gives of the same rows: networks that know them are in that.
        """
        return self.fit(X, y, nuisance, sample_weight, groups).embedding_

    def _means(self, task):
        return RowMeans(task.members, task.weight, task.groups, CONFIDENCE, self.label_entropy_)

    def _conclude(self, curve, task, rows, seed):
        """Place the rows, and say what the map tells."""
        place, log_std, rates = curve.held_out()
        self.rate_ = self._means(task).of(rates)[0]
        held = ~np.isnan(rates)
        self.embedding_ = place.copy()
        if not held.all():  # rows of no weight, which no network has trained on
            self.embedding_[~held] = self._encode(rows[~held])
        self._audit_map(task, seed)
        if task.nuisance is not None:
            weight = None if task.weight is None else task.weight[held]
            codes = joint_code(task.nuisance)[held]
            self.nuisance_rate_ = nuisance_bound(place[held], log_std[held], codes, weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
