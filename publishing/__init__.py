"""Other forms of the built book: PDFs of it and of its decks, and what a class is handed."""
