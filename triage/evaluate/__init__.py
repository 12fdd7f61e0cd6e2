"""How well the classifier reads: the corpus, the figures, the report."""
