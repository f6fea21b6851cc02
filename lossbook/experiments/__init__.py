"""PyTorch runs that chapters show; with `lossbook.crosscheck` the only rooms that import PyTorch."""
