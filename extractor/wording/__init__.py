"""Texts settled by the rest of the document: names said elsewhere, codes, labels, separators."""
