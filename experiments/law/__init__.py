"""The law of repeated pictures: its registered runs, how they are trained, their points and their verdicts."""
