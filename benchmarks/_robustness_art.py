"""The attacks of the Adversarial Robustness Toolbox (ART) on a fitted classifier of images.

ART sees a torch module that returns the log posterior of the one network with its temperature, but
without the share of rows of which the pool knows nothing: that would flatten the slopes. What ART
finds is judged by `predict` of the classifier.
"""

import math
from importlib.util import find_spec

import numpy as np
import torch
from torch import nn

NEEDED = (
    "The comparison needs ART: pip install --no-deps adversarial-robustness-toolbox==1.20.*; and, "
    "if they are not there yet, pip install six tqdm setuptools."
)
GRADIENT = {"art_cross_entropy": "cross_entropy", "art_margin": "difference_logits_ratio"}
ATTACKS = [*GRADIENT, "art_square"]


class LogPosterior(nn.Module):
    """Images in [0, 1], (n, channels, height, width), to log posteriors (n, K).

    Parameters
    ----------
    clf : MutualInfoClassifier
        Of images, fitted with `cv=None`.
    """

    def __init__(self, clf):
        super().__init__()
        self.network, self.loss = clf.net_.module_, clf._ensemble.loss
        self.weight = float(clf.pool_weights_["networks"])
        log_prior = torch.as_tensor(np.log(clf.class_prior_), dtype=torch.float32)
        buffers = {
            "mean": clf._encoder.mean_[0],
            "scale": clf._encoder.scale_[0],
            "log_prior": log_prior,
        }
        for name, values in buffers.items():
            self.register_buffer(name, torch.as_tensor(values))

    def forward(self, X):
        scores = self.network(((X - self.mean) / self.scale)[None])
        information = self.loss.log_proba(scores)[0] - self.log_prior
        return (self.log_prior + self.weight * information).log_softmax(-1)


def agreement(clf, X):
    """Share of images of which module and `predict` say the same."""
    module = LogPosterior(clf).eval()
    with torch.no_grad():
        decided = module(torch.as_tensor(X)).argmax(1).numpy()
    return float((clf.classes_[decided] == clf.predict(X)).mean())


def check_installed():
    if find_spec("art") is None:
        raise SystemExit(NEEDED)


def wrap(clf, X):
    """The classifier in the form that ART takes."""
    from art.estimators.classification import PyTorchClassifier

    return PyTorchClassifier(
        model=LogPosterior(clf),
        loss=nn.CrossEntropyLoss(),
        input_shape=X.shape[1:],
        nb_classes=len(clf.classes_),
        clip_values=(0.0, 1.0),
        device_type="cpu",
    )


def make_attack(name, wrapped, eps, steps, restarts, queries):
    """An attack of ART within L-inf balls; steps start at 2 eps, as those of Auto-PGD do."""
    from art.attacks.evasion import AutoProjectedGradientDescent, SquareAttack

    common = {"norm": math.inf, "eps": eps, "batch_size": 128, "verbose": False}
    if name not in GRADIENT:
        return SquareAttack(wrapped, max_iter=queries, nb_restarts=1, **common)
    common |= {"eps_step": 2 * eps, "max_iter": steps, "nb_random_init": restarts}
    return AutoProjectedGradientDescent(wrapped, loss_type=GRADIENT[name], **common)


def still_right(clf, X, y, radii, limits, seed):
    """Whether images are classified right at what each attack found, {name: (n_eps, n)}.

    Radii increase, and what was found at a smaller one counts at a larger one too.
    """
    wrapped, codes = wrap(clf, X), np.searchsorted(clf.classes_, y)
    np.random.seed(seed)  # noqa: NPY002 - the generator that ART draws from
    clean = clf.predict(X) == y
    right = {}
    for name in ATTACKS:
        rows = []
        for eps in radii:
            found = make_attack(name, wrapped, eps, *limits).generate(X.copy(), codes)
            found = found.clip(X - eps, X + eps).clip(0, 1).astype(X.dtype)
            rows.append(clf.predict(found) == y)
        right[name] = clean & np.logical_and.accumulate(rows)
    return right
