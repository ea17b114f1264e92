"""What makes tables and figures from stored rows, and trains a row of questions 0, 5, 6 and 7 again."""
