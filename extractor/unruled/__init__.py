"""Tables that lack some or all rules: rows from baselines, columns from what is blank and how text is set."""
