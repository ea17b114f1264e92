"""What comes in: a pipeline of any kind, read as training would for a few epochs, and left as it was."""
