"""How the book is installed and built, and its other forms: PDFs of it and of its decks, what a class is handed."""
