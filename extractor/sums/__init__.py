"""What a table's numbers promise to add up to, what that says of each, and what it corrects."""
