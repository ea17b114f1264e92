"""Freeze or renew: what a network learns from frozen changes and from renewed ones, registered in data/results."""
