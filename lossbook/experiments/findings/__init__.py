"""What the records say: one module for each experiment, one function for each number that the text speaks of.

Chapters call them in cells; decks and pages without cells name them in the role ``recorded``.
"""
