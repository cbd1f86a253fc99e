"""A page's light and ink: paper made white, seals and fills told apart, what of the ink is characters."""
