"""Loss functions with PyTorch's names and arguments: put ``torch.nn.`` in front to get its twin."""

from .base import ElementwiseLoss, Facts, Loss, ResidualLoss
from .binary import BCELoss, BCEWithLogitsLoss, SigmoidFocalLoss
from .classification import CrossEntropyLoss, NLLLoss
from .divergence import BrierLoss, KLDivLoss
from .margin import ExponentialLoss, HingeLoss, LogisticLoss, MarginLoss, SquaredHingeLoss, ZeroOneLoss
from .regression import (
    EpsilonInsensitiveLoss,
    HuberLoss,
    L1Loss,
    LogCoshLoss,
    MSELoss,
    PseudoHuberLoss,
    QuantileLoss,
    SmoothL1Loss,
)
from .robust import CauchyLoss, GeneralRobustLoss, TukeyBiweightLoss

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "BrierLoss",
    "CauchyLoss",
    "CrossEntropyLoss",
    "ElementwiseLoss",
    "EpsilonInsensitiveLoss",
    "ExponentialLoss",
    "Facts",
    "GeneralRobustLoss",
    "HingeLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "LogCoshLoss",
    "LogisticLoss",
    "Loss",
    "MSELoss",
    "MarginLoss",
    "NLLLoss",
    "PseudoHuberLoss",
    "QuantileLoss",
    "ResidualLoss",
    "SigmoidFocalLoss",
    "SmoothL1Loss",
    "SquaredHingeLoss",
    "TukeyBiweightLoss",
    "ZeroOneLoss",
]
