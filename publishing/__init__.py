"""Other forms of the built book and its decks: PDFs."""
