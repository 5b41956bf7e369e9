"""MutualInfoClassifier: a neural classifier that knows how much its inputs tell about y."""

import os
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
import torch
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from . import _recipe as recipe
from ._engine._bounds import make_bounds
from ._engine._checkpoint import checkpoint_of
from ._engine._ensemble import MemberEnsemble
from ._engine._fit_tasks import CallbackSupportMixin, begin_tasks, storable_tasks
from ._engine._frozen_features import keep_features
from ._engine._many_fits import ManyFitsMixin
from ._engine._members import FOLDS, fold_count, make_members, usual_folds
from ._engine._nested import NestedParameters, takes_nested
from ._engine._net import storable
from ._engine._networks import build_networks
from ._engine._partial_fit import PartialFitMixin
from ._engine._passes_fit import PassesMixin
from ._engine._rare_classes import open_frequencies, unknown_classes, warn_of_rare_classes
from ._engine._resources import (
    repeatable,
    resolve_device,
    resolve_threads,
    seeded,
    torch_threads,
    trainable,
)
from ._engine._state import pack, unpack
from ._engine._subsets import (
    SubsetMembers,
)
from ._engine._together import fit_together
from ._engine._training import Training
from ._inputs._checks import (
    check_class_weight,
    check_groups,
    check_labels,
    check_priors,
    check_table,
    check_weights,
)
from ._inputs._fingerprint import SAME_ROWS, Fingerprint
from ._inputs._open_rows import is_source
from ._inputs._repeated_rows import warn_of_repeated_rows
from ._inputs._sparse_rows import SparseRows
from ._pool._companions import Companions
from ._posterior import PosteriorMixin
from ._version import LinksToDocumentation
from .exceptions import DataWarning, warn
from .losses import LOSSES, Loss
from .metrics._estimate import (
    label_entropy,
    mean_and_standard_error,
    means_of_groups,
)
from .modules import ACTIVATIONS, encoded_rows

TO_GO_ON = "_members", "_groups"  # what a further fit needs and an answer does not


class Prepared(NamedTuple):
    """What a fit has made of its rows before it trains."""

    training: Training
    description: dict
    companions: Companions
    rows: np.ndarray
    labels: np.ndarray
    weight: np.ndarray


class MutualInfoClassifier(
    LinksToDocumentation,
    PosteriorMixin,
    PartialFitMixin,
    ManyFitsMixin,
    PassesMixin,
    ClassifierMixin,
    CallbackSupportMixin,
    NestedParameters,
):
    r"""Neural classifier that estimates the mutual information of inputs and labels.

    The networks of a cross-validation are trained together, as one stack, and pooled with
    trees and a linear model fitted on the same rows. Each row is scored by those that never saw it,
    and the mean of

    .. math:: \log q(y_i | x_i) - \log p(y_i)

    over the rows, with p the class frequencies, is an estimate of I(X; Y) in nats. In expectation
    it is a lower bound, whatever the classifier [1]_. To classify new rows the networks are
    averaged, and trees and linear model are fitted once more, to all rows.

    Parameters
    ----------
    loss : {"ce", "pc_softmax", "dmi", "forward", "gce", "gccs"} or Loss, default="ce"
        - "ce": cross-entropy.
        - "pc_softmax": probability-corrected softmax [2]_. Decides as if all classes were equally
          frequent, so that rare classes are not outvoted; probabilities stay those of the data.
        - "dmi": determinant-based mutual information [3]_, for labels of which many are wrong.
          `predict_proba` then speaks of the true class, `mutual_info_score_` of the observed one.
        - "forward": cross-entropy through a noise matrix [5]_, one that "dmi" finds or a known one
          (`loss_params`). Slower than "dmi", often a little better.
        - "gce": generalised cross-entropy [6]_, the usual baseline for wrong labels.
        - "gccs": Gaussian class-conditional simplex [8]_: classes become Gaussians at equal
          distances. Said to be harder to fool, which our attacks do not bear out.
    loss_params : dict, default=None
        Parameters of the loss, where `loss` is a name.
    image_shape : tuple of int, default=None
        Channels, height and width, or height and width, where the rows of a two-dimensional X are
        the pixels of images. Not needed for X of shape (n_samples, channels, height, width).
    augmentation : list of {"shift", "flip"}, default=None
        Random changes of training images: shifts by up to a fourteenth of height and width, left
        and right interchanged.
    adversarial_training : float, default=None
        Train on adversarial rows: in every batch each row is replaced by one within this distance
        that the networks find harder, found by projected gradient ascent [7]_. A number moves by at
        most so many standard deviations of its column, a pixel by at most such a share of the range
        of pixels, which is [0, 1] for uint8 and for floats within it. Text, categories, booleans,
        dates and missing cells stay. Held-out rows are not moved, so that stopping, calibration and
        `mutual_info_score_` speak of rows as they come. An epoch takes four to five times as long.
    module : "auto", torch.nn.Module, class or callable, default="auto"
        "auto" is a multi-layer perceptron with periodic embeddings of the numeric columns; for
        images it is :class:`~sklearn_mi.modules.ConvNet`. An instance is copied for every member,
        weights included; a class or function is called with the number of columns of the encoded
        table, or of channels, and of classes. The output is one score per class, without a
        softmax. If the first part of a network for images is frozen (``requires_grad_(False)``) and
        the same for all members, they share it: it stays in evaluation mode, sees pixels in the
        units of X, uint8 divided by 255, instead of standardised ones, and is computed once for
        each image, but where `augmentation` or `adversarial_training` change them. Its outputs are
        kept during the fit unless they take more than 2 GiB and than X.
    module_params : dict, default=None
        Further arguments of `module`, where it is a class or function, or of the default network.
        Also set one at a time, as ``module__width``.
    hidden_layer_sizes : tuple of int or int, default=(128, 128)
        Units of the hidden layers of the default module for tables.
    activation : {"relu", "gelu", "mish", "silu", "tanh"}, default="silu"
        Of the default module.
    dropout : float, default=0.1
        Share of hidden units that the default module drops in training; of pooled channels, for
        images.
    estimators : "auto", list of (str, classifier) or None, default="auto"
        Classifiers of other kinds that are pooled with the networks. Each is fitted on the rows
        that a network trains on, encoded, and scores those that it holds out; the pool weighs the
        information that each sees in a row by what held-out rows say of it. Those with a weight
        are fitted once more, to all rows, and answer new ones. "auto" is extremely randomised
        trees, gradient boosting (for at most 30 classes, as many steps as the pool gains by) and
        logistic regression where `module` is "auto", else none; none too with
        `adversarial_training`, which trees cannot have and would undo; for sparse matrices see the
        notes. None leaves the networks alone. Companions always learn the observed label; for
        "dmi", "forward" and "gce" their posterior is led back to the true class by way of the noise
        matrix.
    optimizer : class, default=torch.optim.AdamW
        A torch optimiser class, used with the learning rate `learning_rate_init` and, where it
        takes one, the weight decay `alpha`.
    optimizer_params : dict, default=None
        Options of the optimiser, such as ``{"momentum": 0.9}``; "lr" and "weight_decay" go before
        `learning_rate_init` and `alpha`. Also set one at a time, as ``optimizer__momentum``.
    learning_rate_init : float or "auto", default="auto"
        Learning rate at the start; it falls to zero along half a cosine over `max_iter` epochs,
        unless `callbacks` or `optimizer` bring a schedule. "auto" is 0.006 for tables and 0.003 for
        images.
    alpha : float, default=0.01
        Weight decay.
    batch_size : int or "auto", default="auto"
        Rows of a batch, for each network. "auto" is a sixteenth of the rows, at least 64 and at
        most 256; more for losses that need it, fewer for images, 128 of 28 x 28 pixels.
    max_iter : int or "auto", default="auto"
        The most epochs; for "dmi" and "forward", of every loss that comes before and of the loss
        itself each. "auto" is 100 for tables, 300 with "gccs"; for images it is 8 or, if they are
        few, as many as make 2,000 batches, but no more than 100; for sparse texts it is 0, see the
        notes.
    n_iter_no_change : int or "auto", default="auto"
        A network stops when the loss over the rows that others hold out has not improved by `tol`
        for so many epochs. Its best weights are kept. "auto" is as many as make 200 batches, at
        least 10 and at most 20.
    tol : float, default=1e-4
    cv : int, splitter, iterable of splits, None or "auto", default="auto"
        Each split trains a network on its training rows and scores the others. None trains a
        single network and holds out a share `validation_fraction` of the rows. Classes with fewer
        rows than folds are spread as far as they go. "auto" is five folds of tables of 2,000 rows
        or more and of images; up to twelve of smaller tables, as many as make 10,000 rows, unless
        a class has fewer rows.
    validation_fraction : float, default=0.2
        Used where `cv` is None.
    priors : {"uniform", "empirical"}, array-like of shape (n_classes,) or None, default=None
        The class distribution under which `predict` decides. None is the choice of the loss:
        uniform for "pc_softmax", else empirical. `predict_proba` does not depend on it.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes in the training loss and, unless `priors` is given, in decisions: a
        class of weight 2 counts as twice as frequent. "balanced" weights are inverse to the
        frequencies, those of weighted rows where there is a `sample_weight`; decisions are then as
        if classes were equally frequent, also with "pc_softmax". Probabilities and estimates are
        corrected for the weights and speak of the class frequencies of the data.
    warm_start : bool, default=False
        Whether a further `fit`, on the same rows, goes on from the networks of the last one. They
        may come in other types, and with other positive weights. Folds and networks stay as they
        are, whatever `cv`, `module` and its parameters say by then, as do companions while
        `estimators` has the same names and the last fit had `warm_start` too. Which rows are in
        which fold is stored, by pickle or otherwise, only where this is set, for no answer needs
        it.
    callbacks : list of skorch callbacks, default=None
        They join the training, also as classes or (name, callback); they find "train_loss" and
        "valid_loss" in the history, means over the networks, and may end it as
        `skorch.callbacks.EarlyStopping` does. One that sets the learning rate, such as
        `skorch.callbacks.LRScheduler`, takes the place of the usual schedule, and of the climb at
        the start of "gccs". One that cannot be pickled is left out where a fitted classifier is.
    checkpoint : str or path, default=None
        A folder, made if it is missing, where a fit keeps how far its networks are. After a kill
        the same call goes on from there, on one thread to the same bits as if nothing had been; its
        file is removed when the fit has ended. Every fit that runs at the same time, and every
        clone in a search, needs a folder of its own.
    device : str or torch.device, default="auto"
        "auto" is CUDA where there is one, else the CPU. A stored classifier answers on this device
        where it is opened, or on the CPU if there is none.
    n_threads : int or "auto", default="auto"
        Threads of torch during a fit, and companions that are fitted at a time, at most 1024.
        "auto" is one for small networks, which are fastest so, and another for companions while
        these train; or else at most the idle cores.
    random_state : int, RandomState instance or None, default=None
        Determines splits, initial weights and batches. The global generators of torch are left as
        they were. On CUDA too, unless `module` does what torch has no fixed order for there.
    verbose : int, default=0
        1 prints a line per epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    class_prior_ : ndarray of shape (n_classes,)
        Frequencies of the observed labels.
    mutual_info_score_ : float
        Estimate of I(X; Y) in nats, from rows that what scores them never saw, with stopping epoch
        and pool weights chosen on still others. May be negative. It is what the classifier of one
        fold certifies; `predict_proba`, to which all folds contribute, mostly certifies a little
        more.
    mutual_info_stderr_ : float
        Its standard error, over the rows or, where there are any, over the groups.
    label_entropy_ : float
        H(Y) in nats.
    oof_log_proba_ : ndarray of shape (n_samples, n_classes)
        Log posterior of every row by the networks that held it out; NaN in rows that none did.
    oof_pointwise_mutual_info_ : ndarray of shape (n_samples,)
        Pointwise mutual information of every row and its label, likewise; its mean is
        `mutual_info_score_`.
    noise_matrix_ : ndarray of shape (n_classes, n_classes)
        For "dmi", "forward" and "gce", as what follows: probability of the observed label (column)
        given the true class (row), by penalised likelihood of the labels of held-out rows. Where
        those speak for it, it is drawn towards noise that is the same for all classes, or towards
        the noise matrix that "forward" is given.
    clean_mutual_info_score_ : float
        Estimate of the information about the true class, in nats: the mean of
        :math:`\log r(k|x) - \log \pi_k` over held-out rows and over the true classes k that their
        labels leave possible. It rests on the noise matrix, and is no lower bound.
    clean_mutual_info_stderr_ : float
        Its standard error: over rows, for the noise matrix, and for noise that may follow x where
        classes overlap. `clean_mutual_info_interval` is more exact.
    noise_matrix_stderr_ : ndarray of shape (n_classes, n_classes)
        Standard errors of `noise_matrix_`, likewise.
    n_iter_ : int
        Epochs trained, a warm start by another loss included.
    n_samples_seen_ : int
        Rows that have come, after :meth:`partial_fit`.
    mutual_info_history_ : dict of str to ndarray of shape (n_chunks,)
        Likewise what each chunk told before it was learnt: "n_samples", "mutual_info" and "stderr",
        in nats.
    loss_curve_, validation_curve_ : list of float
        Mean loss of the networks on training and held-out rows after every epoch of `loss`.
    net_ : skorch.NeuralNet
        All networks as one skorch net, which answers no rows of X; ``net_.module_.member(0)`` is
        the first network, a torch module of encoded rows. It has `history` and the callbacks of the
        user, and no longer what trained it. A stored classifier makes it again when it is asked.
    estimators_ : dict of str to classifier
        By its name each of `estimators` that has a weight in the pool, fitted to all rows that any
        network trains on; of encoded rows.
    pool_weights_ : dict of str to float
        Weight of the pointwise mutual information of "networks" and of each of `estimators`; 0 for
        those that are left out, since their weight would be below 0.1.
    image_shape_ : tuple of int or None
        Channels, height and width of the images of the fit; None for a table.
    n_features_in_ : int
        Columns of X; of X with four axes the channels, or pixels where `image_shape` is given.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)

    See Also
    --------
    sklearn.feature_selection.mutual_info_classif : One column at a time; this class is about all
        columns jointly.

    Notes
    -----
    Where the training rows of a network lack a class, it gives that class its frequency for a
    probability, whatever the row, as one does that knows nothing of it. Its held-out rows then tell
    0 nats and the others pay for the share, so that the estimate remains a lower bound.

    Images are standardised by the mean and the spread of each channel, uint8 divided by 255 before;
    0 and 1 alone are a mask, of whatever type. Images in other units than those of the fit are
    refused, as far as type and range tell.

    A sparse matrix of up to 300 columns is read as the table that it is. Of a wider one logistic
    regression and naive Bayes see all columns; networks and trees see 100 components, by a
    truncated singular value decomposition of their training rows, and sit out by default where rows
    are texts, with cells as many as they come, and the loss is "ce" or "pc_softmax".

    Tables are taken as they are: numbers are scaled by their quartiles, strings, categories and
    booleans are one-hot encoded, missing values are visible to the network. Scales, bins and levels
    of each network, and the mean and spread of channels, are those of its own training rows: so a
    held-out row is to it what a fresh row will be. A level that a single training row has shares
    its place with those that training has not seen; a column in which nearly every row has a level
    of its own is left out, with a warning.

    The labels of a fold do reach its scores indirectly: they train the classifiers of the other
    folds, on whose held-out losses its stopping epoch, steps of boosting and pool weights are
    chosen. On labels that were independent of the inputs this has not led to false alarms.

    Rows that are read in passes (see `fit`) take memory that does not depend on their number. Five
    folds, or `cv` of them, follow from a hash of the cells of a row; encoders, companions, pool and
    stopping learn from a uniform sample of 100,000 rows, networks from all. An epoch is as many
    batches as that sample makes; there are no fewer than make a pass. Of at most about a million
    rows each is scored by what held out its fold. `oof_log_proba_` and
    `oof_pointwise_mutual_info_` are not kept; the noise matrix and what is said of the true class
    are of the sample. Splitters and `warm_start` are refused.

    On the rows of the fit, `predict` mostly repeats the observed labels, right or wrong, for the
    trees among the companions know them by heart. To clean a table, ask `oof_log_proba_` or
    :func:`~sklearn_mi.inspection.label_quality`.

    With noisy labels the true class is told from the label by the shape of what networks say: if
    noise depends on x through the true class alone, there are rows whose class is certain and whose
    label is not. Where classes overlap everywhere, noise and overlap look alike; no data can tell.
    The errors say how much that may be. Labellers who all mistake the same rows for the same other
    class cannot be found out by their labels at all, and no error covers them.

    Ctrl-C ends the training of the networks, with a warning: the best weights so far are kept, and
    companions and pool are fitted as usual. A second one ends the fit. Where there is a
    `checkpoint`, the first one does, and the same call goes on later.

    Predictions depend on the parameters of the last fit, on `priors` and on `n_threads` only.

    A process that is forked after the import works on one thread, since those that the parent had
    are lost to it. For more, and on CUDA, which cannot be forked at all, start processes by "spawn"
    or by joblib.

    The pool adds up the pointwise mutual information that networks and companions see, each times
    its weight [4]_. Set `estimators` to None for the information that the networks alone certify.

    References
    ----------
    .. [1] D. Barber and F. Agakov, "The IM algorithm: a variational approach to information
       maximization", NeurIPS 2003.
    .. [2] Z. Qin, D. Kim and T. Gedeon, "Neural network classifier as mutual information
       evaluator", arXiv 2106.10471, 2021.
    .. [3] Y. Xu, P. Cao, Y. Kong and Y. Wang, "L_DMI: a novel information-theoretic loss function
       for training deep nets robust to label noise", NeurIPS 2019.
    .. [4] C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an
       annotated bibliography", Statistical Science, 1986.
    .. [5] G. Patrini, A. Rozza, A. K. Menon, R. Nock and L. Qu, "Making deep neural networks robust
       to label noise: a loss correction approach", CVPR 2017.
    .. [6] Z. Zhang and M. R. Sabuncu, "Generalized cross entropy loss for training deep neural
       networks with noisy labels", NeurIPS 2018.
    .. [7] A. Madry, A. Makelov, L. Schmidt, D. Tsipras and A. Vladu, "Towards deep learning models
       resistant to adversarial attacks", ICLR 2018.
    .. [8] A. Ali, A. Migliorati, T. Bianchi and E. Magli, "Gaussian class-conditional simplex loss
       for accurate, adversarially robust deep classifier training", EURASIP Journal on Information
       Security, 2023.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_mi import MutualInfoClassifier
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> clf = MutualInfoClassifier(random_state=0).fit(X, y)
    >>> bool(0.8 < clf.mutual_info_score_ <= clf.label_entropy_)
    True
    >>> clf.predict_proba(X[:2]).shape
    (2, 3)
    """

    _parameter_constraints = {
        "loss": [StrOptions(set(LOSSES)), Loss],
        "loss_params": [dict, None],
        "image_shape": ["array-like", None],
        "augmentation": [list, tuple, set, None],
        "adversarial_training": [Interval(Real, 0, None, closed="neither"), None],
        "module": [StrOptions({"auto"}), torch.nn.Module, callable],
        "module_params": [dict, None],
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "estimators": [StrOptions({"auto"}), list, None],
        "optimizer": [callable],
        "optimizer_params": [dict, None],
        "learning_rate_init": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "max_iter": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "n_iter_no_change": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "cv": ["cv_object", StrOptions({"auto"})],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "priors": [StrOptions({"uniform", "empirical"}), "array-like", None],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "warm_start": ["boolean"],
        "callbacks": [list, None],
        "checkpoint": [str, os.PathLike, None],
        "device": [str, torch.device],
        "n_threads": [StrOptions({"auto"}), Interval(Integral, 1, 1024, closed="both")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    _fitted_on_sparse = False  # but for what a fit finds
    checkpoint = None  # of those that were stored before there was one

    @takes_nested
    def __init__(
        self,
        loss="ce",
        *,
        loss_params=None,
        image_shape=None,
        augmentation=None,
        adversarial_training=None,
        module="auto",
        module_params=None,
        hidden_layer_sizes=(128, 128),
        activation="silu",
        dropout=0.1,
        estimators="auto",
        optimizer=torch.optim.AdamW,
        optimizer_params=None,
        learning_rate_init="auto",
        alpha=1e-2,
        batch_size="auto",
        max_iter="auto",
        n_iter_no_change="auto",
        tol=1e-4,
        cv="auto",
        validation_fraction=0.2,
        priors=None,
        class_weight=None,
        warm_start=False,
        callbacks=None,
        checkpoint=None,
        device="auto",
        n_threads="auto",
        random_state=None,
        verbose=0,
    ):
        self.loss = loss
        self.loss_params = loss_params
        self.image_shape = image_shape
        self.augmentation = augmentation
        self.adversarial_training = adversarial_training
        self.module = module
        self.module_params = module_params
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.estimators = estimators
        self.optimizer = optimizer
        self.optimizer_params = optimizer_params
        self.learning_rate_init = learning_rate_init
        self.alpha = alpha
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.cv = cv
        self.validation_fraction = validation_fraction
        self.priors = priors
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.checkpoint = checkpoint
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    # --- what is stored, by pickle or otherwise --------------------------------------------------

    def __getstate__(self):
        state = storable_tasks(super().__getstate__())
        if self.__sklearn_is_fitted__():
            state["callbacks"] = storable(self.callbacks) if self.callbacks else self.callbacks
            left_out = () if self.warm_start else TO_GO_ON
            state = {name: value for name, value in state.items() if name not in left_out}
        return pack(state)

    def __setstate__(self, state):
        super().__setstate__(unpack(state, type(self).__name__))
        if self.__sklearn_is_fitted__():
            self._ensemble.settle(self._encoder, self.device)

    # --- fit, from the table to the attributes -------------------------------------------------

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, groups=None):
        """Train the networks and estimate the mutual information of X and y.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_samples, n_features)
            A frame of pandas, polars, pyarrow or another library that narwhals reads, records, rows
            or an array. Text columns are read by all of their cells, see the warning below.
            At least 10 rows. Missing values are welcome; in rows that are dicts an absent key is
            one. Or images, of shape (n_samples, channels,
            height, width), uint8 or numbers. What does not fit into memory is read in passes, see
            the notes: the path of a Parquet file or of a folder of such, a list of such paths, a
            pyarrow Dataset, or a memory map of 64 MiB or more, of numbers or images.
        y : array-like of shape (n_samples,) or str
            Labels of any type that can be sorted; the name of their column where X is a path or a
            Dataset.
        sample_weight : array-like of shape (n_samples,) or str, default=None
            A weight of 2 counts as two such rows in every loss and mean, though not in the
            standard error; 0 leaves the row out. Their scale does not matter. Where X is a path or
            a Dataset, the name of a column, which then is none of X.
        groups : array-like of shape (n_samples,) or str, default=None
            Rows of a group, of one patient for example, are held out together: by an integer `cv`
            or None, and by a splitter that heeds groups. Standard errors and intervals then take
            groups for independent, not rows. Where X is a path or a Dataset, the name of a column
            likewise.

        Returns
        -------
        self : MutualInfoClassifier

        Raises
        ------
        ValueError
            If X, y, the weights or the groups cannot be used; or the folder `checkpoint` cannot be
            written to, is in use, or holds a fit of other rows, parameters or versions.
        FileNotFoundError
            If X is a path to nothing.
        ImportError
            If X is a path and pyarrow is not installed.

        Warns
        -----
        ColumnWarning
            If a column of text is read as numbers, dates or durations, or looks like them and stays
            text; with the conversion that decides otherwise.
        RareClassWarning
            If a class has fewer rows than there are folds. Its rows are spread over the folds as
            far as they go. With `cv` None, if all rows of a class are trained on.
        LeakageWarning
            If many held-out rows stand in the training rows of their split as well, and not by
            chance: rows that were copied, which `groups` hold out together
            (:func:`~sklearn_mi.model_selection.group_repeated_rows`). If a column counts the rows.
        RuntimeWarning
            If a split of the user's, or groups, hold out rows of a class that its training rows
            lack. What trained on those gives the class its frequency for a probability, whatever
            the row: it tells 0 nats of such rows.
        DataWarning
            If the loss tells the true class from the label, and labels cannot tell noise from
            overlap of classes. If rows of files come in the order of their labels.
        CheckpointWarning
            If a checkpoint cannot be written, once, or cannot keep all of what `callbacks` hold.
        ConvergenceWarning
            If Ctrl-C has ended the training of the networks.
        """
        self._forget_stream()
        if is_source(X):
            return self._fit_in_passes(X, y, sample_weight, groups)
        tasks = begin_tasks(self, X, y, sample_weight)
        with checkpoint_of(self) as checkpoint:
            prepared = self._prepare(X, y, sample_weight, groups)
            if checkpoint is not None:
                checkpoint.join(self, prepared.training)
            with trainable(), repeatable(prepared.training.data.X.device):
                self._finish(prepared, *tasks.train(prepared))
        tasks.end()
        return self

    _fit_together = staticmethod(fit_together)

    def _prepare(self, X, y, sample_weight=None, groups=None, classes=None):
        """All of a fit that comes before training; `classes` are those of a stream."""
        going_on = classes is None and self._goes_on()
        table = check_table(self, X, reset=not going_on)
        classes, labels = check_labels(y, len(table), classes)
        weight = check_weights(sample_weight, table, labels, classes)
        groups = check_groups(groups, len(table))
        self._start(table, classes, labels, weight, going_on)
        if not going_on:
            # By number, for a stored classifier is not to carry what patients are called.
            self._groups = None if groups is None else np.unique(groups, return_inverse=True)[1]
            keep = None if weight is None else weight > 0
            cv = self._choose_cv(labels if keep is None else labels[keep], groups)
            self._members = make_members(
                labels,
                cv=cv,
                validation_fraction=self.validation_fraction,
                groups=groups,
                keep=keep,
                seed=self._seed,
            )
            warn_of_rare_classes(labels, self._members, classes, fold_count(cv))
            repeated = table.matrix if self._fitted_on_sparse else table
            if not hasattr(self, "_recent_rows"):  # which have a warning of their own
                warn_of_repeated_rows(repeated, self._members, groups)
        device = resolve_device(self.device)
        rows, *networks = self._rows_and_networks(table, going_on, device)
        self._remember_rows((rows, classes, labels, weight, groups), going_on)
        with trainable(), repeatable(device):
            return self._make_training(*networks, rows, labels, weight, going_on)

    def _goes_on(self):
        """Whether a fit is to start from the networks of the last one."""
        going_on = self.warm_start and self.__sklearn_is_fitted__()
        if going_on and not all(hasattr(self, name) for name in TO_GO_ON):
            raise ValueError(
                "warm_start=True goes on with the folds of the last fit, but this classifier was "
                "stored with warm_start=False, which leaves them out. Set warm_start=True before "
                "it is stored, or fit with warm_start=False."
            )
        return going_on

    def _start(self, table, classes, labels, weight, going_on):
        """Set what does not depend on training."""
        if not going_on:
            vars(self).pop("_ensemble", None)  # a fit that fails must not leave half of the last
            drawn = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
            self._seed = vars(self).pop("_kept_seed", drawn)
            self.image_shape_ = table.shape[1:] if table.ndim == 4 else None
            self._image_shape_given = self.image_shape
            self._fitted_on_sparse = isinstance(table, SparseRows)
        self.classes_ = classes
        self.class_prior_ = open_frequencies(labels, len(classes), weight)
        self.label_entropy_ = float(label_entropy(self.class_prior_))
        check_priors(self.priors, self.class_prior_, "empirical")
        self._class_weight = check_class_weight(self.class_weight, classes, self.class_prior_)
        # What predict is to know of the parameters as they were.
        self._balanced, self._loss_given = isinstance(self.class_weight, str), self.loss

    def _choose_cv(self, labels, groups):
        if not isinstance(self.cv, str):
            return self.cv
        return usual_folds(labels, groups) if self.image_shape_ is None else min(FOLDS)

    def _rows_and_networks(self, table, going_on, device):
        """Rows as the encoder reads them, and all networks, by a description and as one module."""
        if going_on:
            module = self._ensemble.module.to(device)
            return self._encoder.read(table, check=False), self._ensemble.description, module
        images, networks = self.image_shape_ is not None, (None, None)
        if images:  # networks for images say how these are encoded, tables what networks see
            networks = self._make_networks(None, table, device)
        encoder = self._make_encoder(table, networks[1])
        learnt = self._members.train_rows
        self._encoder = encoder.fit(table, [*learnt, np.unique(np.concatenate(learnt))])
        rows = self._encoder.read(table, check=False)
        if not images:
            of_networks = self._encoder.encoding.of_members(slice(self._members.n_members))
            networks = self._make_networks(of_networks, rows, device)
        return rows, *networks

    def _make_encoder(self, table, networks=None):
        return recipe.make_encoder(self, table, self._seed, networks)

    def _remember_rows(self, rows, going_on):
        rows = self._fingerprint(*rows)
        changed = self._rows.differences(rows) if going_on else []
        self._rows = self._rows if going_on else rows
        if changed:
            raise ValueError(
                "warm_start=True goes on with the rows of the last fit, but "
                f"{' and '.join(changed)} changed: the networks have seen rows that they would now "
                "be scored on. Pass the same rows, or fit with warm_start=False."
            )

    def _was_fitted_on(self, X, y):
        """Whether these are the rows of the last fit with their labels, in the same order."""
        table = check_table(self, X, reset=False)
        classes, labels = check_labels(y, len(table))
        rows = self._fingerprint(self._encoder.read(table, check=False), classes, labels)
        return SAME_ROWS not in self._rows.differences(rows)

    def _fingerprint(self, rows, classes, labels, weight=None, groups=None):
        """Of rows as the first network sees them, in which all columns are of one size."""
        if self._fitted_on_sparse:
            seen = rows.matrix / self._encoder.unit_
        else:
            seen = encoded_rows(self._encoder.encoding, torch.as_tensor(rows), member=0)
        return Fingerprint(seen, classes, labels, weight, groups)

    def _make_training(self, description, module, rows, labels, weight, going_on, data=None):
        """How all members are trained, on `data` if made before, and what is to be known after."""
        device, n_classes = resolve_device(self.device), len(self.classes_)
        losses = recipe.make_losses(self.loss, self.loss_params, self._training_prior())
        encoding = self._encoder.encoding
        of_networks = encoding.of_members(slice(self._members.n_members))
        of_rows = (labels, weight, self._class_weight[labels])
        if data is None:
            data = recipe.make_data(rows, *of_rows, self._members, of_networks, device)
        adversary = self.adversarial_training, self.image_shape_
        bounds = make_bounds(*adversary, self._encoder, data, self._members)
        size = (len(data), n_classes)
        options = {"bounds": bounds, "idle": encoding.idle}
        settings = [recipe.make_settings(self, loss, *size, **options) for loss in losses]
        trained = keep_features(data, module, settings[-1], self.n_threads)
        n_threads = resolve_threads(self.n_threads, trained, settings[-1].batch_size)
        companions = self._make_companions(data, weight, n_threads)
        before = vars(self).pop("_ensemble", None)  # what is trained on fits it no longer
        if going_on and before.companions.names == companions.names:
            companions = before.companions
        training = Training(module, losses, data, settings, self._seed, n_threads)
        return Prepared(training, description, companions, rows, labels, weight)

    def _finish(self, prepared, trained, done=None):
        """All of a fit that comes after training; `done` is what companions have learnt before."""
        net, stopping, self.n_iter_ = trained
        self.loss_curve_ = [epoch["train_loss"] for epoch in net.history]
        self.validation_curve_ = list(stopping.curve_)
        ensemble = self._make_ensemble(prepared, net)
        _, _, companions, rows, labels, weight = prepared
        self._calibrate_and_estimate(ensemble, stopping.scores_, rows, labels, weight, done)
        if not self.warm_start:
            companions.held_out = None
        self._ensemble = ensemble

    def _make_ensemble(self, prepared, net):
        """Networks that are trained, and all that turns their scores into probabilities."""
        training, description, companions, _, labels, _ = prepared
        unknown = unknown_classes(labels, self._members, len(self.classes_))
        of_rows = self._encoder, self._encoder.encoding, training.data
        priors = self.class_prior_, self._class_weight
        with torch_threads(training.n_threads):
            return MemberEnsemble(net, description, *of_rows, *priors, companions, unknown)

    def _make_companions(self, data, weight, n_threads):
        weighted = weight is not None and np.ptp(weight[weight > 0]) > 0
        size = (len(data), len(self.classes_))
        images = self.image_shape_ is not None
        sparse = self._encoder if self._fitted_on_sparse else None
        brief = isinstance(self._members, SubsetMembers)
        estimators = recipe.make_estimators(self, *size, self._seed, images, sparse, brief)
        return Companions(estimators, self.class_prior_, weighted, n_threads, self._seed)

    def _make_networks(self, encoding, rows, device):
        """The description of all networks, and the module that it makes."""
        arguments = (encoding, rows, self._members.train_rows, len(self.classes_))
        with trainable(), seeded(self._seed, device):
            description = recipe.describe_networks(self, *arguments)
            return description, build_networks(**description).to(device)

    def _training_prior(self):
        """Class frequencies under the training weights, class weights included."""
        prior = self.class_prior_ * self._class_weight
        return prior / prior.sum()

    def _calibrate_and_estimate(self, ensemble, scores, rows, labels, weight, done):
        """Set the calibration and every attribute that comes from held-out rows."""
        members, row = self._members, self._members.entry_row
        log_posterior, log_observed, clean = ensemble.calibrate(
            scores, rows, labels, weight, members, done
        )
        pointwise = log_observed - np.log(self.class_prior_)
        pointwise = pointwise[np.arange(len(row)), labels[row]]
        of_entries = pointwise.var() / len(pointwise)
        pointwise = members.average_by_row(pointwise, len(labels))
        clean = members.average_by_row(clean, len(labels))
        # A pool that knows nothing differs from log p by rounding errors, which are no information.
        pointwise = np.round(pointwise, 12)
        with np.errstate(divide="ignore"):
            self.oof_log_proba_ = np.log(members.average_by_row(np.exp(log_posterior), len(labels)))
        self.oof_pointwise_mutual_info_ = pointwise
        scored = np.isfinite(pointwise)
        weight, groups = (None if v is None else v[scored] for v in (weight, self._groups))
        units, unit_weight = means_of_groups(pointwise[scored], weight, groups)
        self.mutual_info_score_, self.mutual_info_stderr_ = mean_and_standard_error(
            units, unit_weight
        )
        self._n_units = len(units)
        clean = means_of_groups(clean[scored], weight, groups)
        self._clean_estimate = mean_and_standard_error(*clean)
        if ensemble.loss.models_label_noise:
            self._noise_error = ensemble.noise_error.for_design(
                self.mutual_info_stderr_**2, of_entries
            )
            self._warn_of_open_noise(ensemble.calibration.class_prior_)

    def _warn_of_open_noise(self, class_prior):
        entropy = label_entropy(class_prior)
        interval = self._clean_interval(0.95, entropy)
        if text := self._noise_error.warning(self.classes_, interval, entropy):
            warn(text, DataWarning)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_ensemble")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.sparse = True
        return tags
