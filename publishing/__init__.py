"""Other forms of the built book: the PDF, and what a class is handed."""
