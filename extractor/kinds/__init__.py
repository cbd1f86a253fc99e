"""What printed texts are: numbers, titles, units, headings, header rows, statutory forms."""
