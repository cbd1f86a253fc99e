"""What speaks for and against a cell, and the probability of its being right."""
