"""The models that benchmarks/robustness.py attacks, by name."""

from functools import partial

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.losses import Loss
from sklearn_mi.losses._base import observed, weighted_mean
from sklearn_mi.modules import ConvNet

ADVERSARIAL, FLAT = "_adversarial", "_flat"
POOL = "pool"
PLACES = 7  # maps of images of 28 x 28 have so many rows and columns


class SmoothedCrossEntropyLoss(Loss):
    """Cross-entropy towards labels of which a share is spread over all classes.

    Parameters
    ----------
    smoothing : float, default=0.1
    """

    def __init__(self, smoothing=0.1):
        super().__init__()
        self.smoothing = smoothing

    def forward(self, scores, target, weight=None):
        log_q = self.log_proba(scores)
        own, all_classes = observed(log_q, target), log_q.mean(-1)
        return weighted_mean(-own.lerp(all_classes, self.smoothing), weight)

    def log_proba(self, scores):
        return scores.log_softmax(-1)


LOSSES = {"ce": "ce", "ce_smoothed": SmoothedCrossEntropyLoss(), "gccs": "gccs"}
MODELS = [*LOSSES, "ce" + ADVERSARIAL, "gccs" + ADVERSARIAL]
OF_IMAGES = ["ce" + FLAT, "ce" + FLAT + ADVERSARIAL]
ALSO = {"tables": [POOL], "images": OF_IMAGES, "art": OF_IMAGES}


def check_names(names, task):
    allowed = [*MODELS, *ALSO[task]]
    if unknown := [name for name in names if name not in allowed]:
        raise SystemExit(f"no models {unknown} among {', '.join(allowed)}")


def full_name(name, training_eps):
    """The name with the radius of adversarial training, if there is any."""
    return f"{name}_{training_eps:g}" if name.endswith(ADVERSARIAL) else name


def make_model(name, training_eps, **options):
    """A classifier that is to be fitted; networks alone, but for "pool"."""
    if name == POOL:
        return MutualInfoClassifier("ce", **options)
    if name.endswith(ADVERSARIAL):
        name, options["adversarial_training"] = name.removesuffix(ADVERSARIAL), training_eps
    if name.endswith(FLAT):
        name, options["module"] = name.removesuffix(FLAT), partial(ConvNet, pooled_size=PLACES)
    return MutualInfoClassifier(LOSSES[name], estimators=None, **options)
