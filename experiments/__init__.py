"""What computes the stored tables of data/results, and any run of them again."""
