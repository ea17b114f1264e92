"""Questions 8, 9 and 10 of data/results/questions.md: their data, runs, programs and rules."""
