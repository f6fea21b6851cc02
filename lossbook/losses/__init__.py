"""Loss functions with PyTorch's names and arguments: put ``torch.nn.`` in front to get its twin."""

from .base import ElementwiseLoss, Facts, Loss
from .classification import NLLLoss
from .regression import L1Loss, MSELoss

__all__ = ["ElementwiseLoss", "Facts", "L1Loss", "Loss", "MSELoss", "NLLLoss"]
