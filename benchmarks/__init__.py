"""Measurements: what figures, pages and imports cost, how fast and how right the losses are beside other libraries."""
