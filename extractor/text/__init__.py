"""What is read where: the ink of a cell, lines into its text, and the marks that a reader misses."""
