"""Loss functions with PyTorch's names and arguments: put ``torch.nn.`` in front to get its twin."""

from .base import ElementwiseLoss, Facts, Loss, ResidualLoss
from .classification import NLLLoss
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
    "CauchyLoss", "ElementwiseLoss", "EpsilonInsensitiveLoss", "Facts", "GeneralRobustLoss", "HuberLoss", "L1Loss",
    "LogCoshLoss", "Loss", "MSELoss", "NLLLoss", "PseudoHuberLoss", "QuantileLoss", "ResidualLoss", "SmoothL1Loss",
    "TukeyBiweightLoss",
]  # fmt: skip
