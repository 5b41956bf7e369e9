"""The losses: one file each, one line each in `LOSSES`."""

from ._base import Loss
from ._cross_entropy import CrossEntropyLoss
from ._dmi import DeterminantMutualInfoLoss
from ._forward import ForwardCorrectionLoss
from ._gccs import GaussianSimplexLoss
from ._gce import GeneralizedCrossEntropyLoss
from ._pc_softmax import ProbabilityCorrectedSoftmaxLoss

LOSSES = {
    "ce": CrossEntropyLoss,
    "pc_softmax": ProbabilityCorrectedSoftmaxLoss,
    "dmi": DeterminantMutualInfoLoss,
    "gce": GeneralizedCrossEntropyLoss,
    "forward": ForwardCorrectionLoss,
    "gccs": GaussianSimplexLoss,
}

__all__ = [
    "LOSSES",
    "CrossEntropyLoss",
    "DeterminantMutualInfoLoss",
    "ForwardCorrectionLoss",
    "GaussianSimplexLoss",
    "GeneralizedCrossEntropyLoss",
    "Loss",
    "ProbabilityCorrectedSoftmaxLoss",
]
