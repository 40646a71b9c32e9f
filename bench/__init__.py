"""Benchmarks: each figure as a ratio against a baseline in the same run, or as a count that must be zero."""
