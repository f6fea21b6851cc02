"""What other libraries give where the book's losses have a twin: conventions, errors, and what odd input does.

``python -m benchmarks.conformance record`` measures the installed libraries and writes ``record.json``, which the page
*The libraries, compared* reads; ``verify`` runs what the record holds again.
"""
