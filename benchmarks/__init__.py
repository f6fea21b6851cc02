"""Measurements of the book: what figures, pages and imports cost."""
