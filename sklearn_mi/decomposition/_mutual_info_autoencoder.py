"""An autoencoder of mixed tables and images, of which the information in the code is known."""

from numbers import Integral

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from .._classifier import MutualInfoClassifier
from .._version import LinksToDocumentation
from ._autoencoder_answers import AutoencoderAnswers
from ._autoencoder_loss import OBJECTIVES
from ._autoencoder_rows import AutoencoderRows
from ._autoencoder_task import make_task, unit_rates
from ._autoencoder_training import train_autoencoders
from ._background import audit_background
from ._fitted_autoencoder import FittedAutoencoder
from ._information_bottleneck import OF_NETWORKS
from ._restored_images import ImageForm
from ._restored_table import TableForm

OF_BACKGROUND = (
    "background_mutual_info_",
    "background_mutual_info_stderr_",
    "background_rate_",
)
ACTIVE = 0.01  # variance of the mean of a component from which it counts


class MutualInfoAutoencoder(LinksToDocumentation, AutoencoderAnswers):
    r"""Code rows in a few numbers from which their cells can be restored.

    An encoder gives each row a code with noise, :math:`z = \mu(x) + \sigma(x) \epsilon`, and a
    decoder the probabilities of its cells [1]_. What the code holds is a quantity of information:

    .. math:: I(X; Z) \le E[KL(p(z \mid x) \,\|\, N(0, 1))] \quad \text{(the rate)}, \qquad
              I(X; Z) \ge H(X) - E[-\log p(x \mid z)] \quad \text{(of the distortion)}

    Columns are of any kind, each with a distribution of its own: numbers of whatever shape, levels
    of categories, and missing cells, which are restored as missing. X may be images, too.

    Parameters
    ----------
    n_components : int, default=2
    objective : {"info_vae", "vae", "info_max", "reconstruction"}, default="info_vae"
        What the code is asked for besides restoring rows. "vae" makes the rate as dear as the
        distortion: a decoder that is able then does without the code, which collapses.
        "info_vae" [2]_ lets each code be far from the prior as long as all together look like it.
        "info_max" rewards a lower bound on I(X; Z). "reconstruction" asks for nothing else, and its
        codes have no noise.
    decoder : {"factorized", "autoregressive"}, default="factorized"
        Whether cells are independent given the code, or each also depends on the cells before it,
        in the order of numbers and then categories. The latter makes better samples, and is slow
        at it where there are hundreds of columns.
    n_bins : int, default=32
        Most quantile bins of a number, in one of which its value is to be found.
    module : "auto", nn.Module, class or callable, default="auto"
        The encoder, as for :class:`~sklearn_mi.MutualInfoClassifier`, with 2 * `n_components`
        outputs in the place of scores: means and logarithms of standard deviations.
    hidden_layer_sizes : tuple of int or int, default=(128, 128)
        Of the encoder; the decoder has the same in reverse.
    activation : {"relu", "gelu", "mish", "silu", "tanh"}, default="silu"
    dropout : float, default=0.0
    alpha, learning_rate_init, batch_size, max_iter, n_iter_no_change, tol
        How networks are trained, as for :class:`~sklearn_mi.MutualInfoClassifier`.
    cv : int, cross-validation splitter or iterable of splits, default=5
        Networks of these folds give `rate_` and `distortion_`, and say when to stop.
    image_shape, device, n_threads, verbose
        As for :class:`~sklearn_mi.MutualInfoClassifier`.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    rate_ : float
        Mean rate of held-out rows in nats, an upper bound on the information of code and row; inf
        for codes without noise.
    distortion_ : float
        Mean of -log p(x | z) over held-out rows in nats, of numbers as bins.
    component_rates_ : ndarray of shape (n_components,)
        The rate of each component over the rows of the fit, the largest first.
    active_units_ : int
        Components whose mean varies over the rows of the fit, by more than .01 [3]_.
    background_mutual_info_, background_mutual_info_stderr_ : float
        Information of the code and the background, in nats, and its standard error: by classifiers
        that are cross-fitted among the rows that the networks of a fold have not seen, mean over
        folds. That they find nothing is no proof that there is nothing.
    background_rate_ : float
        Upper bound on the information of the noisy code and the background, in nats; the entropy of
        the background for codes without noise.
    classes_ : ndarray of shape (n_classes,) or None
        Of a y that is given and is no number.
    n_components_ : int
    n_iter_ : int
        Epochs.
    loss_curve_, validation_curve_ : list of float
        Mean loss after each epoch, of batches and of held-out rows.
    image_shape_ : tuple of int or None
        Channels, height and width.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Where all names are strings.

    See Also
    --------
    InformationBottleneck : Keeps what tells of y alone.
    sklearn.decomposition.PCA : The same by a linear map, of numbers.
    sklearn.mixture.GaussianMixture : Samples and densities without a code.

    Notes
    -----
    Rows are sampled, and their densities are, with a mixture of Gaussians as the distribution of
    codes, fitted when the networks are trained.

    Dependence on a background is a price of training, a maximum mean discrepancy as for
    :class:`InformationBottleneck`, that is raised until tests of independence find nothing in the
    codes of held-out rows, or to its end. What is said of the rows that a fold holds out is by the
    price that all other folds choose.

    One network learns all rows; it codes, restores and samples. Those of the folds learn beside it,
    in one stack, and no row has a say in the figures of the network that holds it out.

    With y, the decoder is also to tell the label, which the encoder does not see; `sample` then
    gives labels as well. As the codes of rows of the fit depend on their labels, what a code tells
    of y is to be asked of other rows:
    :func:`~sklearn_mi.model_selection.cross_val_mutual_info` of a pipeline does.

    References
    ----------
    .. [1] D. P. Kingma and M. Welling, "Auto-encoding variational Bayes", ICLR 2014.
    .. [2] S. Zhao, J. Song and S. Ermon, "InfoVAE: balancing learning and inference in variational
       autoencoders", AAAI 2019.
    .. [3] Y. Burda, R. Grosse and R. Salakhutdinov, "Importance weighted autoencoders", ICLR 2016.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_mi.decomposition import MutualInfoAutoencoder
    >>> X = load_iris(as_frame=True).data
    >>> X["petals"] = pd.cut(X["petal length (cm)"], [0, 2, 5, 7], labels=["small", "mid", "large"])
    >>> autoencoder = MutualInfoAutoencoder(2, max_iter=20, cv=2, random_state=0).fit(X)
    >>> autoencoder.transform(X).shape
    (150, 2)
    >>> rows, _ = autoencoder.sample(3)
    >>> rows.columns.equals(X.columns)
    True
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "objective": [StrOptions(set(OBJECTIVES))],
        "decoder": [StrOptions({"factorized", "autoregressive"})],
        "n_bins": [Interval(Integral, 2, None, closed="left")],
        "cv": ["cv_object"],
        "random_state": ["random_state"],
        **{name: MutualInfoClassifier._parameter_constraints[name] for name in OF_NETWORKS},
    }

    def __init__(
        self,
        n_components=2,
        *,
        objective="info_vae",
        decoder="factorized",
        n_bins=32,
        module="auto",
        hidden_layer_sizes=(128, 128),
        activation="silu",
        dropout=0.0,
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
        self.objective = objective
        self.decoder = decoder
        self.n_bins = n_bins
        self.module = module
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
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

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, background=None, sample_weight=None, groups=None):
        """Train encoder and decoder.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            As for :class:`~sklearn_mi.MutualInfoClassifier`; or images.
        y : array-like of shape (n_samples,), default=None
            Labels or numbers that the code is to tell, too.
        background : array-like of shape (n_samples, ...), default=None
            What the code is to hold nothing of: labels or numbers in up to four columns, or images
            or more numbers, which become 16 clusters.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of rows; 0 leaves a row out.
        groups : array-like of shape (n_samples,), default=None
            Rows of a group are held out together.

        Returns
        -------
        self : MutualInfoAutoencoder
        """
        vars(self).pop("_fitted", None)  # a fit that fails must not leave half of the last
        table = self._read(X, reset=True)
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        given = y, background, sample_weight, groups
        task = make_task(table, *given, cv=self.cv, n_bins=self.n_bins, seed=seed)
        self.classes_ = None if task.target is None else task.target.classes
        template = MutualInfoClassifier(**{name: getattr(self, name) for name in OF_NETWORKS})
        template.image_shape_, members = self.image_shape_, task.members
        rows = AutoencoderRows(template, table, task, self.n_bins, seed)
        trained = train_autoencoders(self, template, rows, task, seed)
        used = members.train_rows[-1]
        form = self._form(X, table, rows, used)
        self._fitted = FittedAutoencoder(trained, rows, used, form, self.objective)
        self._conclude(trained, task, rows.read[used], seed)
        return self

    def _form(self, X, table, rows, used):
        if self.image_shape_ is not None:
            return ImageForm(self.image_shape_, np.ndim(X) == 2, rows.encoder.units_)
        own = table.iloc[used] if hasattr(table, "iloc") else table[used]
        return TableForm(own, rows.encoder, rows.read[used][:, : rows.encoder.n_numbers_])

    def _conclude(self, trained, task, rows, seed):
        self.n_iter_ = len(trained.loss_curve)
        self.loss_curve_, self.validation_curve_ = trained.loss_curve, trained.validation_curve
        self.distortion_ = task.mean(trained.distortion)
        noisy = self.objective != "reconstruction"
        rates = unit_rates(trained.mean, trained.log_std).sum(1)
        self.rate_ = task.mean(rates) if noisy else np.inf
        mean, log_std = self._fitted.encode(rows, self.device)
        weight = None if task.weight is None else task.weight[task.members.train_rows[-1]]
        variance = np.cov(mean.T, bias=True, aweights=weight).reshape(mean.shape[1], -1).diagonal()
        rates = np.average(unit_rates(mean, log_std), axis=0, weights=weight) if noisy else variance
        self._fitted.conclude(mean, log_std, rates, weight, seed)
        self.component_rates_ = np.sort(rates)[::-1] if noisy else np.full(len(rates), np.inf)
        self.active_units_ = int((variance > ACTIVE).sum())
        for name in OF_BACKGROUND:
            vars(self).pop(name, None)  # of a fit before
        if task.background is not None:
            params = {"device": self.device, "n_threads": self.n_threads}
            told = audit_background(trained, task, noisy, seed, **params)
            vars(self).update(zip(OF_BACKGROUND, told, strict=True))
