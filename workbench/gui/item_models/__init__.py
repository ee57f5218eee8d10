"""Qt models over lists of records."""
