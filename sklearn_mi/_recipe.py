"""From the parameters of an estimator and the size of its table to losses, module and settings.

Every choice that ``"auto"`` leaves to the package is made here.
"""

import copy
import inspect
import math
from numbers import Integral

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from ._engine._batches import MemberData
from ._engine._net import check_callbacks
from ._engine._resources import to_device
from ._engine._subsets import SubsetEncoding
from ._engine._training import TrainingSettings
from ._inputs._augmentation import make_augmentation
from ._inputs._image_encoder import ImageEncoder
from ._inputs._repeated_rows import looks_like_table
from ._inputs._sparse_encoder import SparseEncoder
from ._inputs._sparse_rows import SparseRows, of_networks, refuse_adversary
from ._inputs._table_encoder import TableEncoder
from ._pool._boosting import GradualBoosting, brief_boosting
from ._pool._companions_sparse import sparse_estimators
from ._pool._forest import CompactForest
from .losses import LOSSES
from .modules import ConvNet, FrozenFront, StackedMLP, encoded_rows, quantile_edges

BATCHES_PER_EPOCH = 16
BATCH_SIZE_RANGE = (64, 256)
LEARNING_RATE = {False: 6e-3, True: 3e-3}  # of tables and of images
MAX_ITER = 100
PATIENT_STEPS, PATIENCE_RANGE = 200, (10, 20)  # batches without progress; the same in epochs
MAX_ITER_OF_IMAGES = 8, 2000  # at least so many epochs, and steps
PIXELS_PER_BATCH, SMALLEST_BATCH = 128 * 28 * 28, 32  # of images
BINS = 64  # of the piecewise linear embedding, shared out among the numeric columns
BINS_PER_COLUMN_RANGE = (4, 16)
ROWS_PER_BIN = 50
CONV_STAGES = (32, 64, 128)
LARGEST_USUAL_IMAGE = 64  # height or width
N_TREES = (50, 100), (50, 200)  # of a fold, and of the forest that learns all rows
ROWS_TIMES_TREES = 250_000
LEAVES_PER_TREE = 3000  # which bounds the memory of a forest on a large table
N_COMPONENTS = 100  # of a sparse matrix
LINEAR_LOSSES = "ce", "pc_softmax"  # which need no network
MADE_HERE = "n_members", "n_numeric", "edges"  # parameters of the default network
MOST_CLASSES_TO_BOOST = 30  # since every step grows a tree for each class


def make_losses(loss, loss_params, class_prior):
    """The losses of a fit in the order of training: warm start, then the loss itself.

    Parameters
    ----------
    loss : str or Loss
    loss_params : dict or None
        For a loss given by its name.
    class_prior : ndarray of shape (K,)
        Class frequencies under the training weights.

    Returns
    -------
    losses : list of Loss
    """
    if isinstance(loss, str):
        try:
            built = LOSSES[loss](**(loss_params or {}))
        except TypeError as error:
            raise ValueError(
                f"loss_params={loss_params!r} do not fit loss={loss!r}: {error}. Its parameters "
                f"are documented in {LOSSES[loss].__name__}."
            ) from error
    elif loss_params:
        raise ValueError(
            f"loss_params={loss_params!r} goes with the name of a loss, but loss={loss!r} is an "
            "object: set its parameters when you make it."
        )
    else:
        built = copy.deepcopy(loss)
    stages = [built]
    while stages[0].warm_start is not None:
        stages.insert(0, LOSSES[stages[0].warm_start]())
    return [stage.set_class_prior(class_prior) for stage in stages]


def make_data(X, labels, weight, class_weight, members, encoding, device):
    """The rows on the device, with their training weights where these differ.

    Parameters
    ----------
    X : ndarray of shape (n, p), or images
        As an encoder reads them.
    labels : int ndarray of shape (n,)
    weight : ndarray of shape (n,) or None
    class_weight : ndarray of shape (n,)
        Weight of the class of each row.
    members : Members
    encoding : TableEncoding or ImageEncoding
    device : torch.device

    Returns
    -------
    data : MemberData
    """
    weight = class_weight if weight is None else weight * class_weight
    used, tensor = weight[weight > 0], None
    if (used != used[0]).any():
        tensor = torch.as_tensor(weight, dtype=torch.float32, device=device)
    X, y = to_device(of_networks(X), device), torch.as_tensor(labels, device=device)
    return MemberData(X, y, tensor, members, encoding.to(device))


def make_encoder(clf, table, seed, networks=None):
    """What turns rows into numbers for a network: of images, of a sparse matrix, or of a table.

    A frozen first part sees pixels in the units of X, which it was trained on: it is to give all
    members the same, while means and spreads are of the training images of each.
    """
    if clf.image_shape_ is not None:
        return ImageEncoder(standardize=not isinstance(networks, FrozenFront))
    if not isinstance(table, SparseRows):
        return TableEncoder()
    refuse_adversary(clf.adversarial_training)
    return SparseEncoder(0 if _linear_is_enough(clf, table) else N_COMPONENTS, random_state=seed)


def _linear_is_enough(clf, table):
    """Whether networks and trees sit out: of text, to which they added nothing, unless asked."""
    asked = [clf.module, clf.max_iter, clf.estimators] != ["auto"] * 3
    return not asked and clf.loss in LINEAR_LOSSES and not looks_like_table(table.matrix)


def describe_networks(clf, encoding, X, train_rows, n_classes):
    """What `build_networks` takes to make all members as one module.

    Parameters
    ----------
    clf : MutualInfoClassifier
    encoding : TableEncoding or None
        None for images.
    X : ndarray of shape (n, p), or images
        As an encoder reads them, which of images makes no difference.
    train_rows : list of M int arrays
    n_classes : int

    Returns
    -------
    description : dict
    """
    module, params = clf.module, dict(clf.module_params or {})
    shape = tuple(X.shape[1:]) if X.ndim == 4 else (encoding.width,)
    if X.ndim == 4 and module == "auto":
        stages = CONV_STAGES + CONV_STAGES[-1:] * _n_extra_stages(X.shape[2:])
        usual = {"stages": stages, "activation": clf.activation, "dropout": clf.dropout}
        module, params = ConvNet, usual | params
    if isinstance(module, str):
        sizes = check_sizes(clf.hidden_layer_sizes)
        if isinstance(encoding, SubsetEncoding):
            sizes = tuple(-(-size // 2) for size in sizes)
        usual = {
            "hidden_layer_sizes": sizes,
            "activation": clf.activation,
            "dropout": clf.dropout,
        }
        _check_module_params(StackedMLP, params)
        params = usual | params
        if encoding.idle:
            params["hidden_layer_sizes"] = ()
        if encoding.n_numeric:
            edges = make_edges(encoding, X, train_rows).numpy()
            params |= {"n_numeric": encoding.n_numeric, "edges": edges}
    elif params:
        _check_module_params(module, params)
    sizes = {"n_members": len(train_rows), "input_shape": shape, "n_classes": n_classes}
    return {"module": module, "params": params, **sizes}


def _check_module_params(module, params):
    """Refuse parameters that a network does not take, and any for one that is made already."""
    if params and isinstance(module, torch.nn.Module):
        raise ValueError(
            f"module_params={params!r} goes with a class or function, but module is an object of "
            f"{type(module).__name__}: set its parameters when you make it."
        )
    accepted = inspect.signature(module).parameters
    if any(parameter.kind == parameter.VAR_KEYWORD for parameter in accepted.values()):
        return
    known = [name for name in accepted if name not in MADE_HERE]
    if unknown := sorted(set(params) - set(known)):
        raise ValueError(
            f"module_params has {unknown[0]!r}, which {getattr(module, '__name__', module)} does "
            f"not take; it takes {', '.join(known)}."
        )


def _n_extra_stages(size):
    """Stages beyond the usual ones, each for twice the height or width."""
    return max(0, math.ceil(math.log2(min(size) / LARGEST_USUAL_IMAGE)))


def make_edges(encoding, X, train_rows):
    """Edges (M, n_numeric, n_bins + 1) of the piecewise linear embedding, for each member."""
    n_numeric, n_rows = encoding.n_numeric, len(np.unique(np.concatenate(train_rows)))
    n_bins = min(BINS // n_numeric, n_rows // ROWS_PER_BIN)
    n_bins = int(np.clip(n_bins, *BINS_PER_COLUMN_RANGE))
    own = (encoded_rows(encoding, torch.as_tensor(X), m, rows) for m, rows in enumerate(train_rows))
    return torch.stack([quantile_edges(rows[:, :n_numeric], n_bins) for rows in own])


def make_estimators(clf, n_rows, n_classes, seed, images=False, sparse=None, brief=False):
    """The companions of the networks: what `estimators` names, or what "auto" stands for.

    Trees see what networks are slow to learn: steps, and columns that matter only in places.
    Extremely randomised ones are the better the smaller or the more irregular the table is,
    boosted ones on the larger ones. Where a hundred rows are all there is, a straight line may be
    best. The pool weighs them by what held-out rows say. To images they have nothing to add, and of
    networks trained on adversarial rows they would be the weak point. Of `sparse` rows, those of a
    `SparseEncoder`, linear experts and naive Bayes see every column, trees components if any. A
    `brief` answer, one of many, has what adds most to networks: boosting in a few large steps.
    """
    if not isinstance(clf.estimators, str):
        return clf.estimators or []
    if clf.module != "auto" or images or clf.adversarial_training is not None:
        return []
    if sparse is not None and not sparse.n_components:
        return sparse_estimators()
    leaf = max(1, round(n_rows / LEAVES_PER_TREE))
    n_trees, n_final = (int(np.clip(ROWS_TIMES_TREES / n_rows, *r)) for r in N_TREES)
    forest = CompactForest(n_trees, n_final, min_samples_leaf=leaf, random_state=seed)
    boosted = [("boosting", GradualBoosting(random_state=seed))]
    boosted = boosted if n_classes <= MOST_CLASSES_TO_BOOST else []
    if brief:
        return [("boosting", brief_boosting(seed))] if boosted else [("extra_trees", forest)]
    linear = [("logistic", LogisticRegression(tol=1e-3, max_iter=300))]
    linear = linear if sparse is None else sparse_estimators()
    return [("extra_trees", forest), *boosted, *linear]


def check_sizes(hidden_layer_sizes):
    """Sizes of hidden layers as a tuple of int."""
    sizes = np.atleast_1d(np.asarray(hidden_layer_sizes, dtype=object))
    if sizes.ndim > 1 or not all(isinstance(size, Integral) and size > 0 for size in sizes):
        raise ValueError(
            f"hidden_layer_sizes={hidden_layer_sizes!r} must be positive whole numbers, one for "
            "each hidden layer, such as (128, 128)."
        )
    return tuple(map(int, sizes))


def make_settings(clf, loss, n_rows, n_classes, bounds=None, idle=False):
    """How to train on `n_rows` rows per member with `loss`, within the `bounds` of an adversary.

    Networks that are `idle` see nothing, and have nothing to learn.
    """
    images, max_iter, batch_size = clf.image_shape_ is not None, clf.max_iter, clf.batch_size
    optimizer_params = dict(clf.optimizer_params or {})
    rate = optimizer_params.pop("lr", clf.learning_rate_init)
    rate = LEARNING_RATE[images] if rate == "auto" else rate
    if batch_size == "auto":
        batch_size = _usual_batch(clf.image_shape_, loss, n_rows, n_classes)
    if max_iter == "auto":
        max_iter = 0 if idle else _usual_epochs(images, n_rows / batch_size, loss)
    patience = clf.n_iter_no_change
    if patience == "auto":
        patience = int(np.clip(PATIENT_STEPS * batch_size / n_rows, *PATIENCE_RANGE))
    return TrainingSettings(
        learning_rate_init=rate * loss.learning_rate_factor,
        alpha=clf.alpha,
        batch_size=int(batch_size),
        max_iter=int(max_iter),
        n_iter_no_change=patience,
        tol=clf.tol,
        optimizer=clf.optimizer,
        optimizer_params=optimizer_params,
        callbacks=check_callbacks(clf.callbacks or []),
        verbose=clf.verbose,
        augment=make_augmentation(clf.augmentation, clf.image_shape_),
        bounds=bounds,
    )


def _usual_batch(image_shape, loss, n_rows, n_classes):
    """A sixteenth of the rows, within bounds, or what the loss asks for.

    Of images fewer, which a cache can hold; losses do well with them too.
    """
    size = int(np.clip(n_rows // BATCHES_PER_EPOCH, *BATCH_SIZE_RANGE))
    if image_shape is None:
        return loss.auto_batch_size(n_rows, n_classes) or size
    return min(size, max(SMALLEST_BATCH, PIXELS_PER_BATCH // math.prod(image_shape[1:])))


def _usual_epochs(images, n_batches, loss):
    if not images:
        return MAX_ITER * loss.max_iter_factor
    n_epochs, n_steps = MAX_ITER_OF_IMAGES
    return min(MAX_ITER, max(n_epochs, math.ceil(n_steps / n_batches)))
