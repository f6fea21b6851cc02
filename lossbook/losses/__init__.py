"""Loss functions with PyTorch's names and arguments: put ``torch.nn.`` in front to get its twin."""

from .adaptive import AdaptiveRobustLoss
from .base import ElementwiseLoss, Facts, Loss, ResidualLoss
from .binary import BCELoss, BCEWithLogitsLoss, SigmoidFocalLoss
from .binned import BinnedCrossEntropyLoss
from .classification import ClassLoss, CrossEntropyLoss, NLLLoss
from .divergence import BrierLoss, KLDivLoss
from .gan import (
    GANLoss,
    HingeGANLoss,
    LeastSquaresGANLoss,
    LossSensitiveGANLoss,
    MinimaxGANLoss,
    NonSaturatingGANLoss,
    WassersteinGANLoss,
)
from .large_margin import LargeMarginSoftmaxLoss
from .margin import ExponentialLoss, HingeLoss, LogisticLoss, MarginLoss, SquaredHingeLoss, ZeroOneLoss
from .multimargin import MultiMarginLoss
from .perceptual import PerceptualLoss
from .regression import (
    EpsilonInsensitiveLoss,
    HuberLoss,
    L1Loss,
    LogCoshLoss,
    MSELoss,
    PseudoHuberLoss,
    QuantileLoss,
    RMSELoss,
    SmoothL1Loss,
)
from .robust import CauchyLoss, GeneralRobustLoss, TukeyBiweightLoss
from .softmax import DistillationLoss, Poly1Loss, SoftmaxFocalLoss

__all__ = [
    "AdaptiveRobustLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BinnedCrossEntropyLoss",
    "BrierLoss",
    "CauchyLoss",
    "ClassLoss",
    "CrossEntropyLoss",
    "DistillationLoss",
    "ElementwiseLoss",
    "EpsilonInsensitiveLoss",
    "ExponentialLoss",
    "Facts",
    "GANLoss",
    "GeneralRobustLoss",
    "HingeGANLoss",
    "HingeLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "LargeMarginSoftmaxLoss",
    "LeastSquaresGANLoss",
    "LogCoshLoss",
    "LogisticLoss",
    "Loss",
    "LossSensitiveGANLoss",
    "MSELoss",
    "MarginLoss",
    "MinimaxGANLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "NonSaturatingGANLoss",
    "PerceptualLoss",
    "Poly1Loss",
    "PseudoHuberLoss",
    "QuantileLoss",
    "RMSELoss",
    "ResidualLoss",
    "SigmoidFocalLoss",
    "SmoothL1Loss",
    "SoftmaxFocalLoss",
    "SquaredHingeLoss",
    "TukeyBiweightLoss",
    "WassersteinGANLoss",
    "ZeroOneLoss",
]
