"""What makes the stored tables of data/results: ``python -m experiments`` computes what they lack."""
