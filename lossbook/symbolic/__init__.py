"""The losses as SymPy expressions, the functions that keep them stable, and printers of LaTeX and code."""

from ..extras import need

need("sympy")
