"""Other forms of the built book: the PDF."""
