"""The losses and likelihoods as SymPy expressions, derivations whose steps are checked, and printers of code."""
